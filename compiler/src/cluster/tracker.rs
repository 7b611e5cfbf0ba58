//! What moves a priority: trackers that can be compared between hosts, and the priority that follows from them.
//!
//! keepalived adds a positive weight while its tracker is fine and takes a negative one away while it has failed;
//! `reverse` turns the sign, not the moment. Weight 0 is a fault: the instance is no candidate at all.

use super::timing::{Bounds, Detection};
use kalc_ir::notify::Command;
use kalc_ir::track::{Trackers, Weight};
use kalc_ir::unit::Priority;
use kalc_ir::vrrp::Instance;
use kalc_ir::{Ir, OriginId};

/// What is watched, so that the same thing on two hosts is equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A command, its words joined by one blank.
    Script(String),
    /// A program with its arguments.
    Process(String),
    /// The path of a file.
    File(String),
    /// An interface; the same name on two hosts is not the same thing.
    Interface(String),
    /// The neighbour of a BFD session.
    Bfd(String),
}

/// One tracker of an instance, its own or its sync group's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tracker {
    /// What is watched.
    pub key: Key,
    /// Its name on this host.
    pub name: String,
    /// What its failure does.
    pub weight: Weight,
    /// How long a failure takes to be noticed.
    pub detection: Detection,
    /// Whether the sync group watches it.
    pub is_inherited: bool,
    /// Whether some of this is known to the running daemon only, such as the number in a weighted file.
    pub is_unknown: bool,
    /// The entry in the list.
    pub origin: OriginId,
}

impl Tracker {
    /// What it is called in text.
    pub fn describe(&self) -> String {
        let kind = match self.key {
            Key::Script(_) => "script",
            Key::Process(_) => "process",
            Key::File(_) => "file",
            Key::Interface(_) => "interface",
            Key::Bfd(_) => "BFD session",
        };
        format!("{kind} `{}`", self.name)
    }

    /// Change of the priority in a state.
    fn change(&self, failed: bool) -> i32 {
        let change = match (self.weight.change > 0, failed) {
            (true, false) | (false, true) => self.weight.change,
            (true, true) | (false, false) => 0,
        };
        let is_number = matches!(self.key, Key::File(_));
        match (is_number, self.weight.is_reversed) {
            // The number in the file decides; without it there is no change.
            (true, _) => 0,
            (false, true) => -change,
            (false, false) => change,
        }
    }

    fn is_fault(&self, failed: bool) -> bool {
        self.weight.is_fault() && failed != self.weight.is_reversed
    }
}

/// The priority of an instance at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effective {
    /// What the weights add up to.
    pub sum: i32,
    /// What is sent.
    pub priority: u8,
    /// Whether the instance is in the fault state.
    pub is_fault: bool,
}

/// The priority that follows from trackers; `failed` says which of them have failed.
pub fn effective(base: Priority, trackers: &[Tracker], failed: impl Fn(usize) -> bool) -> Effective {
    let sum = trackers.iter().enumerate().map(|(index, tracker)| tracker.change(failed(index))).sum::<i32>();
    let sum = i32::from(base.get()) + sum;
    let priority = if base.is_owner() { 255 } else { sum.clamp(1, 254) as u8 };
    let is_fault = trackers.iter().enumerate().any(|(index, tracker)| tracker.is_fault(failed(index)));
    Effective { sum, priority, is_fault }
}

/// The priority with every tracker fine.
pub fn healthy(base: Priority, trackers: &[Tracker]) -> Effective {
    effective(base, trackers, |_| false)
}

/// All trackers of an instance: its own, then those of its sync group that it does not have itself.
pub fn trackers(ir: &Ir, instance: &Instance) -> Vec<Tracker> {
    let mut all = Vec::new();
    collect(ir, &instance.trackers, instance.is_unknown("trackers"), false, &mut all);
    if let Some(group) = instance.sync_group {
        let group = ir.sync_group(group);
        let mut inherited = Vec::new();
        collect(ir, &group.trackers, group.unknown.iter().any(|u| u.is_in("trackers")), true, &mut inherited);
        for mut tracker in inherited {
            if !all.iter().any(|own: &Tracker| own.key == tracker.key && own.name == tracker.name) {
                if instance.priority.is_owner() {
                    tracker.weight = Weight::FAULT;
                }
                all.push(tracker);
            }
        }
    }
    all
}

fn collect(ir: &Ir, trackers: &Trackers, is_unknown: bool, is_inherited: bool, all: &mut Vec<Tracker>) {
    let mut add = |key, name: &str, weight: Weight, detection, unknown: bool, origin| {
        let is_unknown = is_unknown || unknown;
        all.push(Tracker { key, name: name.to_owned(), weight, detection, is_inherited, is_unknown, origin });
    };
    for tracked in &trackers.scripts {
        let script = ir.script(tracked.id);
        let command = script.command.as_ref().map(command_text).unwrap_or_default();
        let detection = Detection::script(script);
        add(Key::Script(command), &script.name, tracked.weight, detection, !script.unknown.is_empty(), tracked.origin);
    }
    for tracked in &trackers.processes {
        let process = ir.process(tracked.id);
        let words: Vec<&str> =
            std::iter::once(process.program.as_str()).chain(process.arguments.iter().map(String::as_str)).collect();
        let detection = Detection::event(process.terminate_delay_us);
        let unknown = !process.unknown.is_empty();
        add(Key::Process(words.join(" ")), &process.name, tracked.weight, detection, unknown, tracked.origin);
    }
    for tracked in &trackers.files {
        let file = ir.file(tracked.id);
        let unknown = !file.unknown.is_empty() || !tracked.weight.is_fault();
        add(Key::File(file.path.clone()), &file.name, tracked.weight, Detection::event(0), unknown, tracked.origin);
    }
    for tracked in &trackers.interfaces {
        let name = &tracked.interface;
        add(Key::Interface(name.clone()), name, tracked.weight, Detection::event(0), false, tracked.origin);
    }
    for tracked in &trackers.bfds {
        let bfd = ir.bfd(tracked.id);
        let neighbour = bfd.neighbor.map_or_else(String::new, |ip| ip.to_string());
        let time = bfd.min_rx_us.saturating_mul(u64::from(bfd.multiplier));
        let detection = Detection { quick: Bounds::exactly(time), hanging: None };
        add(Key::Bfd(neighbour), &bfd.name, tracked.weight, detection, !bfd.unknown.is_empty(), tracked.origin);
    }
}

/// A command with single blanks between its words.
fn command_text(command: &Command) -> String {
    command.arguments.iter().flat_map(|word| word.split_whitespace()).collect::<Vec<_>>().join(" ")
}
