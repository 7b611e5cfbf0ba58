//! Scripts, processes and files, and the lists by which instances and groups name them.

use super::Lowerer;
use super::block::{self, Block, Reading, dropped, first, has_trailing_words};
use super::global::default_user;
use super::refs::Names;
use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::track::{file, lists, process, script};
use kalc_grammar::value::Data;
use kalc_ir::track::{
    ArgumentMatch, FileInit, Process, Script, TrackFile, Tracked, TrackedInterface, Trackers, Weight,
};
use kalc_ir::{BfdId, Dropped, OriginId, ProcessId, Reason, ScriptId, TrackFileId, Unknown};
use rustc_hash::FxHashSet;
use std::borrow::Cow;

/// `WEIGHT [reverse]` in a definition. keepalived keeps a number out of range for scripts (`keep_bad`).
fn weight(b: &mut Block<'_>, keyword: &'static Keyword, default: i32, keep_bad: bool) -> Weight {
    let weight = b.read(&[keyword], "weight", |config, _, values| {
        let is_reversed = values.get(1).is_some_and(|value| value.data == Data::Choice("reverse"));
        let number = match values.first() {
            Some(value) if keep_bad && value.data == Data::Bad => match config.text_of(value).parse() {
                Ok(number) => Reading::Known(number),
                Err(_) => Reading::Ignored,
            },
            _ => first(values, block::int),
        };
        number.and(|change| Weight { change, is_reversed })
    });
    weight.unwrap_or(Weight { change: default, is_reversed: false })
}

/// The weight of a tracker in its definition; for `bfd_instance` too.
pub(super) fn definition_weight(b: &mut Block<'_>, keyword: &'static Keyword) -> Weight {
    weight(b, keyword, 0, false)
}

impl<'c> Lowerer<'c> {
    /// `vrrp_script`; without a command there is none.
    pub(super) fn script(&mut self, id: SettingId) {
        let Some(name) = self.name(id) else { return };
        let mut b = Block::new(self.config, id);
        let mut command = b.command(&script::SCRIPT, "command");
        if command.is_none() && !b.is_unknown("command") {
            return self.drop(id, Reason::Incomplete);
        }
        if !self.scripts.add(name.clone(), self.ir.scripts.len()) {
            return self.drop(id, Reason::Duplicate);
        }
        let user = b.read(&[&script::USER], "command.user", |config, _, values| {
            let group = values.get(1).and_then(|value| block::text(config, value));
            first(values, |value| block::text(config, value)).and(|user| (user, group))
        });
        if let (Some(command), Some((user, group))) = (&mut command, user) {
            (command.user, command.group) = (Some(user), group);
        }
        default_user(command.as_mut(), &self.ir.global);
        let interval_us = b.micros(&script::INTERVAL, "interval_us").unwrap_or(1_000_000);
        let lowered = Script {
            name: name.into_owned(),
            command,
            interval_us,
            timeout_us: b.micros(&script::TIMEOUT, "timeout_us").unwrap_or(interval_us),
            weight: weight(&mut b, &script::WEIGHT, 0, true),
            rise: b.int(&script::RISE, "rise").unwrap_or(1),
            fall: b.int(&script::FALL, "fall").unwrap_or(1),
            init_fail: b.flag(&script::INIT_FAIL, "init_fail"),
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        let notes = b.finish();
        self.ir.scripts.push(super::with_notes!(lowered, notes));
    }

    /// `vrrp_track_process`; without a program there is none.
    pub(super) fn process(&mut self, id: SettingId) {
        let Some(name) = self.name(id) else { return };
        let mut b = Block::new(self.config, id);
        let words = b.read(&[&process::PROCESS], "program", |config, _, values| {
            first(values, |value| block::text(config, value))
                .and(|program| (program, values[1..].iter().filter_map(|value| block::text(config, value)).collect()))
        });
        let (program, arguments): (String, Vec<String>) = match words {
            Some(words) => words,
            None if b.is_unknown("program") => (String::new(), Vec::new()),
            None => return self.drop(id, Reason::Incomplete),
        };
        if !self.processes.add(name.clone(), self.ir.processes.len()) {
            return self.drop(id, Reason::Duplicate);
        }
        let matching =
            b.read(&[&process::PARAM_MATCH], "matching", |_, _, values| match values.first().map(|value| value.data) {
                None => Reading::Known(ArgumentMatch::Exact),
                Some(Data::Choice("initial")) => Reading::Known(ArgumentMatch::Initial),
                Some(Data::Choice(_)) => Reading::Known(ArgumentMatch::Partial),
                Some(Data::Unknown) => Reading::Unknown,
                Some(_) => Reading::Ignored,
            });
        let unmatched = if arguments.is_empty() { ArgumentMatch::Any } else { ArgumentMatch::Exact };
        let (terminate_delay_us, fork_delay_us) = delays(&mut b);
        let lowered = Process {
            name: name.into_owned(),
            program,
            matching: matching.unwrap_or(unmatched),
            arguments,
            weight: weight(&mut b, &process::WEIGHT, 0, false),
            quorum: b.int(&process::QUORUM, "quorum").unwrap_or(1),
            quorum_max: b.int(&process::QUORUM_MAX, "quorum_max"),
            terminate_delay_us,
            fork_delay_us,
            full_command: b.flag(&process::FULL_COMMAND, "full_command"),
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        let notes = b.finish();
        self.ir.processes.push(super::with_notes!(lowered, notes));
    }

    /// `track_file`; without a path there is none.
    pub(super) fn file(&mut self, id: SettingId) {
        let Some(name) = self.name(id) else { return };
        let mut b = Block::new(self.config, id);
        let path = match b.text(&file::FILE, "path") {
            Some(path) => path,
            None if b.is_unknown("path") => String::new(),
            None => return self.drop(id, Reason::Incomplete),
        };
        if !self.files.add(name.clone(), self.ir.files.len()) {
            return self.drop(id, Reason::Duplicate);
        }
        let init = b.read(&[&file::INIT_FILE], "init", |config, _, values| {
            // A number out of range is used all the same.
            let number = values.iter().find_map(|value| match value.data {
                Data::Int(number) => Some(number),
                Data::Bad => config.text_of(value).parse().ok(),
                _ => None,
            });
            let overwrites = values.iter().any(|value| value.data == Data::Choice("overwrite"));
            Reading::Known(FileInit { value: number.unwrap_or(0), overwrites })
        });
        let lowered = TrackFile {
            name: name.into_owned(),
            path,
            weight: weight(&mut b, &file::WEIGHT, 1, false),
            init,
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        let notes = b.finish();
        self.ir.files.push(super::with_notes!(lowered, notes));
    }

    /// The five lists of a block. Names must have been defined before it.
    pub(super) fn trackers(&self, b: &mut Block<'_>) -> Trackers {
        let mut trackers = Trackers::default();
        let mut seen = FxHashSet::default();
        for entry in entries(b, INTERFACES.keyword, INTERFACES.field) {
            trackers.interfaces.extend(interface(b, entry, &mut seen));
        }
        let ir = &self.ir;
        list(b, SCRIPTS, &self.scripts, &mut trackers.scripts, |id| (ScriptId(id), ir.scripts[id as usize].weight));
        list(b, FILES, &self.files, &mut trackers.files, |id| (TrackFileId(id), ir.files[id as usize].weight));
        list(b, PROCESSES, &self.processes, &mut trackers.processes, |id| {
            (ProcessId(id), ir.processes[id as usize].weight)
        });
        list(b, BFDS, &self.bfds, &mut trackers.bfds, |id| (BfdId(id), ir.bfd_instances[id as usize].weight));
        trackers
    }
}

/// `delay` sets both delays, and what stands behind it wins.
fn delays(b: &mut Block<'_>) -> (u64, u64) {
    let (mut terminate, mut fork) = (0, 0);
    for id in b.all_of(&[&process::DELAY, &process::TERMINATE_DELAY, &process::FORK_DELAY]) {
        let keyword = b.config.setting(id).keyword;
        let both = keyword == &process::DELAY;
        let is_terminate = both || keyword == &process::TERMINATE_DELAY;
        let is_fork = both || keyword == &process::FORK_DELAY;
        let reading = first(b.config.values(id), block::micros);
        for (field, is, delay) in
            [("terminate_delay_us", is_terminate, &mut terminate), ("fork_delay_us", is_fork, &mut fork)]
        {
            match reading {
                Reading::Known(micros) if is => {
                    *delay = micros;
                    b.wrote(field, id);
                }
                Reading::Unknown if is => b.unknown(field, id),
                Reading::Known(_) | Reading::Unknown | Reading::Ignored => {}
            }
        }
    }
    (terminate, fork)
}

/// The entries of all lists with that keyword.
pub(super) fn entries(b: &mut Block<'_>, list: &'static Keyword, field: &'static str) -> Vec<SettingId> {
    b.guessed_entries(list, field);
    let lists = b.all(list);
    if let Some(&last) = lists.last() {
        b.wrote(field, last);
    }
    lists.into_iter().flat_map(|list| block::children(b.config, list)).collect()
}

/// A list of trackers.
#[derive(Clone, Copy)]
struct List {
    keyword: &'static Keyword,
    field: &'static str,
    /// The largest weight here.
    most: i32,
    /// What becomes of an entry with an unknown word behind its weight.
    odd_word: OddWord,
}

/// What becomes of an entry with an unknown word behind its weight (measured with 2.2.7).
#[derive(Clone, Copy, PartialEq, Eq)]
enum OddWord {
    IsIgnored,
    DropsEntry,
}

impl List {
    const fn new(keyword: &'static Keyword, field: &'static str, most: i32, odd_word: OddWord) -> Self {
        List { keyword, field, most, odd_word }
    }
}

const INTERFACES: List = List::new(&lists::TRACK_INTERFACE, "trackers.interfaces", 253, OddWord::IsIgnored);
const SCRIPTS: List = List::new(&lists::TRACK_SCRIPT, "trackers.scripts", 253, OddWord::IsIgnored);
const FILES: List = List::new(&lists::TRACK_FILE, "trackers.files", 254, OddWord::DropsEntry);
const PROCESSES: List = List::new(&lists::TRACK_PROCESS, "trackers.processes", 254, OddWord::IsIgnored);
const BFDS: List = List::new(&lists::TRACK_BFD, "trackers.bfds", 253, OddWord::DropsEntry);

/// What an entry says besides its name.
struct EntryWeight {
    change: Option<i32>,
    reverse: Option<bool>,
}

impl EntryWeight {
    /// The weight here: what is said, else what the definition has.
    fn or(&self, defined: Weight) -> Weight {
        Weight {
            change: self.change.unwrap_or(defined.change),
            is_reversed: self.reverse.unwrap_or(defined.is_reversed),
        }
    }
}

/// Reads `NAME [weight WEIGHT [reverse]]`; `None` if keepalived drops the entry. A number out of range leaves the
/// definition's, and a word that is no number is 0 (measured with 2.2.7).
fn entry_weight(b: &mut Block<'_>, entry: SettingId, list: List) -> Option<EntryWeight> {
    let option = block::options(b.config.values(entry)).next();
    let Some((_, values)) = option else {
        if has_trailing_words(b.config, entry) {
            b.drop(entry, Reason::UnknownWord);
            return None;
        }
        return Some(EntryWeight { change: None, reverse: None });
    };
    let Some(number) = values.first() else {
        b.drop(entry, Reason::BadValue);
        return None;
    };
    let odd_word = values.get(1).is_some_and(|value| value.data == Data::Bad);
    if odd_word && list.odd_word == OddWord::DropsEntry {
        b.drop(entry, Reason::UnknownWord);
        return None;
    }
    let change = match number.data {
        Data::Unknown => {
            unknown_entry(b, entry, list.field);
            None
        }
        Data::Bad => b.config.text_of(number).parse::<i64>().is_err().then_some(0),
        _ => block::int(number).map(|number: i32| number.clamp(-list.most, list.most)),
    };
    let reverse = values.get(1).and_then(block::choice).map(|word| word == "reverse");
    Some(EntryWeight { change, reverse })
}

fn unknown_entry(b: &mut Block<'_>, entry: SettingId, field: &'static str) {
    let text = b.config.slice(b.config.setting(entry).span).to_owned();
    b.notes.unknown.push(Unknown { field, text, origin: OriginId(entry.0) });
}

fn is_unknown(config: &Config, entry: SettingId) -> bool {
    matches!(config.values(entry).first(), None | Some(Value { data: Data::Unknown, .. }))
}

fn interface<'c>(b: &mut Block<'c>, entry: SettingId, seen: &mut FxHashSet<Cow<'c, str>>) -> Option<TrackedInterface> {
    if is_unknown(b.config, entry) {
        unknown_entry(b, entry, INTERFACES.field);
        return None;
    }
    let name = b.config.name(entry);
    if b.config.values(entry)[0].data == Data::Bad {
        b.drop(entry, Reason::BadName);
        return None;
    }
    if seen.contains(&name) {
        b.drop(entry, Reason::Duplicate);
        return None;
    }
    let weight = entry_weight(b, entry, INTERFACES)?;
    seen.insert(name.clone());
    Some(TrackedInterface { interface: name.into_owned(), weight: weight.or(Weight::FAULT), origin: OriginId(entry.0) })
}

/// One list of names; `found` gives the id and the weight of the definition.
fn list<Id>(
    b: &mut Block<'_>,
    list: List,
    names: &Names<'_>,
    tracked: &mut Vec<Tracked<Id>>,
    found: impl Fn(u32) -> (Id, Weight),
) {
    let mut seen = FxHashSet::default();
    for entry in entries(b, list.keyword, list.field) {
        if is_unknown(b.config, entry) {
            unknown_entry(b, entry, list.field);
            continue;
        }
        let Some(index) = names.get(&b.config.name(entry)) else {
            b.drop(entry, Reason::NotDefined);
            continue;
        };
        if seen.contains(&index) {
            b.drop(entry, Reason::Duplicate);
            continue;
        }
        let Some(weight) = entry_weight(b, entry, list) else { continue };
        seen.insert(index);
        let (id, defined) = found(index);
        tracked.push(Tracked { id, weight: weight.or(defined), origin: OriginId(entry.0) });
    }
}

/// Takes out what a member of a sync group or an owner of the addresses cannot have: see each line (measured with
/// 2.2.7).
pub(super) fn restrict(config: &Config, trackers: &mut Trackers, reason: Reason, out: &mut Vec<Dropped>) {
    let mut drop = |origin: OriginId| {
        out.push(dropped(config, SettingId(origin.0), reason));
    };
    // An interface becomes a fault in a member and is dropped for an owner.
    if reason == Reason::WeightOfOwner {
        trackers.interfaces.retain(|tracked| keep(tracked.weight, tracked.origin, &mut drop));
    } else {
        for tracked in trackers.interfaces.iter_mut().filter(|tracked| !tracked.weight.is_fault()) {
            drop(tracked.origin);
            tracked.weight = Weight::FAULT;
        }
    }
    trackers.scripts.retain(|tracked| keep(tracked.weight, tracked.origin, &mut drop));
    trackers.bfds.retain(|tracked| keep(tracked.weight, tracked.origin, &mut drop));
    // The default weight of a file becomes a fault. Processes keep their weights.
    trackers.files.retain_mut(|tracked| {
        if tracked.weight.change == 1 {
            drop(tracked.origin);
            tracked.weight = Weight::FAULT;
        }
        keep(tracked.weight, tracked.origin, &mut drop)
    });
}

fn keep(weight: Weight, origin: OriginId, drop: &mut impl FnMut(OriginId)) -> bool {
    if !weight.is_fault() {
        drop(origin);
    }
    weight.is_fault()
}
