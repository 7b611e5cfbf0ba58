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
        default_user(&mut command, &self.ir.global);
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
        for entry in entries(b, &lists::TRACK_INTERFACE, "trackers.interfaces") {
            interface(b, entry, &mut trackers.interfaces);
        }
        let ir = &self.ir;
        list(b, (&lists::TRACK_SCRIPT, "trackers.scripts"), &self.scripts, &mut trackers.scripts, |id| {
            (ScriptId(id), ir.scripts[id as usize].weight, 253)
        });
        list(b, (&lists::TRACK_FILE, "trackers.files"), &self.files, &mut trackers.files, |id| {
            (TrackFileId(id), ir.files[id as usize].weight, 254)
        });
        list(b, (&lists::TRACK_PROCESS, "trackers.processes"), &self.processes, &mut trackers.processes, |id| {
            (ProcessId(id), ir.processes[id as usize].weight, 254)
        });
        list(b, (&lists::TRACK_BFD, "trackers.bfds"), &self.bfds, &mut trackers.bfds, |id| {
            (BfdId(id), ir.bfd_instances[id as usize].weight, 253)
        });
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
    let lists = b.all(list);
    if let Some(&last) = lists.last() {
        b.wrote(field, last);
    }
    lists.into_iter().flat_map(|list| b.config.children(list)).collect()
}

/// What an entry says besides its name.
struct EntryWeight {
    change: Option<i32>,
    reverse: Option<bool>,
}

/// Reads `NAME [weight WEIGHT [reverse]]`; `None` if keepalived drops the entry.
fn entry_weight(b: &mut Block<'_>, entry: SettingId, most: i32, field: &'static str) -> Option<EntryWeight> {
    let values = b.config.values(entry);
    let option = block::options(values).next();
    let Some((_, values)) = option else {
        if has_trailing_words(b.config, entry) {
            b.drop(entry, Reason::UnknownWord);
            return None;
        }
        return Some(EntryWeight { change: None, reverse: None });
    };
    if values.first().is_some_and(|value| value.data == Data::Unknown) {
        unknown_entry(b, entry, field);
    }
    let reverse = values.get(1).and_then(block::choice).map(|word| word == "reverse");
    Some(EntryWeight { change: values.first().and_then(block::int).map(|n: i32| n.clamp(-most, most)), reverse })
}

fn unknown_entry(b: &mut Block<'_>, entry: SettingId, field: &'static str) {
    let text = b.config.slice(b.config.setting(entry).span).to_owned();
    b.notes.unknown.push(Unknown { field, text, origin: OriginId(entry.0) });
}

fn is_unknown(config: &Config, entry: SettingId) -> bool {
    matches!(config.values(entry).first(), None | Some(Value { data: Data::Unknown, .. }))
}

fn interface(b: &mut Block<'_>, entry: SettingId, interfaces: &mut Vec<TrackedInterface>) {
    if is_unknown(b.config, entry) {
        return unknown_entry(b, entry, "trackers.interfaces");
    }
    let name = b.config.name(entry);
    if interfaces.iter().any(|other| other.interface == name) {
        return b.drop(entry, Reason::Duplicate);
    }
    if b.config.values(entry)[0].data == Data::Bad {
        return b.drop(entry, Reason::BadName);
    }
    let Some(weight) = entry_weight(b, entry, 253, "trackers.interfaces") else { return };
    interfaces.push(TrackedInterface {
        interface: name.into_owned(),
        weight: Weight { change: weight.change.unwrap_or(0), is_reversed: weight.reverse.unwrap_or(false) },
        origin: OriginId(entry.0),
    });
}

/// One list of names; `found` gives id, weight in the definition, and the largest weight here.
fn list<Id: Copy + PartialEq>(
    b: &mut Block<'_>,
    (keyword, field): (&'static Keyword, &'static str),
    names: &Names<'_>,
    tracked: &mut Vec<Tracked<Id>>,
    found: impl Fn(u32) -> (Id, Weight, i32),
) {
    for entry in entries(b, keyword, field) {
        if is_unknown(b.config, entry) {
            unknown_entry(b, entry, field);
            continue;
        }
        let Some(id) = names.get(&b.config.name(entry)) else {
            b.drop(entry, Reason::NotDefined);
            continue;
        };
        let (id, defined, most) = found(id);
        if tracked.iter().any(|other| other.id == id) {
            b.drop(entry, Reason::Duplicate);
            continue;
        }
        let Some(weight) = entry_weight(b, entry, most, field) else { continue };
        tracked.push(Tracked {
            id,
            weight: Weight {
                change: weight.change.unwrap_or(defined.change),
                is_reversed: weight.reverse.unwrap_or(defined.is_reversed),
            },
            origin: OriginId(entry.0),
        });
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
