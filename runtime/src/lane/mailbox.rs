//! What waits for the lane. Who fills it never waits, and it stays small: what a later command makes void goes.

use super::table::Key;
use crate::netlink::route::Device;
use crate::side::SideCommand;
use kalc_core::Instant;
use kalc_ir::net::Mac;
use kalc_ir::{InstanceId, Ir};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What to do.
#[derive(Debug)]
pub enum Command {
    /// Goes over to a configuration: its pace of announcements counts from now on.
    Configure(Arc<Ir>),
    /// Interfaces are other ones than before.
    Links(Arc<Links>),
    /// An instance holds the addresses of its configuration.
    Hold {
        /// Its name.
        name: Arc<str>,
        /// The configuration.
        ir: Arc<Ir>,
        /// Its place there.
        instance: InstanceId,
    },
    /// An instance holds nothing any more, and announces nothing.
    Release(Arc<str>),
    /// An instance announces its addresses.
    Announce {
        /// Its name.
        name: Arc<str>,
        /// Only those on these interfaces.
        on: Option<Arc<BTreeSet<String>>>,
        /// How many times each.
        rounds: u32,
    },
    /// Passes on to the side thread, once all that came before is done: a script finds the addresses in place.
    Tell(SideCommand),
    /// Somebody took addresses away.
    Lost(Vec<Key>),
    /// The lane ends once all that came before is done.
    Finish,
}

/// The interfaces by name.
pub type Links = BTreeMap<Arc<str>, Link>;

/// What the lane must know of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its number.
    pub index: u32,
    /// Its Ethernet address.
    pub mac: Option<Mac>,
    /// Whether it is up.
    pub is_up: bool,
    /// The table of a VRF device.
    pub vrf_table: Option<u32>,
}

impl Link {
    /// What it is to routes.
    pub fn device(&self) -> Device {
        Device { index: self.index, vrf_table: self.vrf_table }
    }
}

/// The queue.
#[derive(Default)]
pub struct Mailbox {
    contents: Mutex<Contents>,
    filled: Condvar,
}

#[derive(Default)]
struct Contents {
    queue: VecDeque<Command>,
    /// Until when whoever takes stays awake.
    alert: Option<Instant>,
}

impl Mailbox {
    /// A thread that panicked while it held the lock left a queue of whole commands behind.
    fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds commands, in their order.
    pub fn post(&self, commands: impl IntoIterator<Item = Command>) {
        let mut contents = self.lock();
        for command in commands {
            add(&mut contents.queue, command);
        }
        drop(contents);
        self.filled.notify_one();
    }

    /// Wakes whoever takes, and has it stay awake until that time.
    pub fn alert(&self, until: Instant) {
        self.lock().alert = Some(until);
        self.filled.notify_one();
    }

    /// Takes everything; waits for something until that time, or for good.
    pub fn take(&self, until: Option<Instant>) -> VecDeque<Command> {
        let mut contents = self.lock();
        while contents.queue.is_empty() {
            let now = crate::timer::now();
            let left = until.map(|until| until.saturating_since(now));
            if left.is_some_and(|left| left.is_zero()) {
                break;
            }
            if contents.alert.is_some_and(|alert| alert > now) {
                drop(contents);
                std::thread::yield_now();
                contents = self.lock();
                continue;
            }
            contents = match left {
                None => self.filled.wait(contents).unwrap_or_else(PoisonError::into_inner),
                Some(left) => self.filled.wait_timeout(contents, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        std::mem::take(&mut contents.queue)
    }
}

/// Adds one command and takes out what it makes void.
fn add(queue: &mut VecDeque<Command>, command: Command) {
    match &command {
        Command::Hold { name: new, .. } => {
            queue.retain(|old| !matches!(old, Command::Hold { name, .. } | Command::Release(name) if name == new));
        }
        Command::Release(new) => queue.retain(|old| {
            !matches!(old, Command::Hold { name, .. } | Command::Release(name) | Command::Announce { name, .. } if name == new)
        }),
        Command::Announce { name: new, on: new_on, rounds: more } => {
            let same =
                |old: &&mut Command| matches!(old, Command::Announce { name, on, .. } if name == new && on == new_on);
            if let Some(Command::Announce { rounds, .. }) = queue.iter_mut().find(same) {
                *rounds = (*rounds).max(*more);
                return;
            }
        }
        Command::Configure(_) => queue.retain(|old| !matches!(old, Command::Configure(_))),
        Command::Links(_) => queue.retain(|old| !matches!(old, Command::Links(_))),
        Command::Lost(new) => {
            if let Some(Command::Lost(old)) = queue.back_mut() {
                old.extend(new.iter().cloned());
                return;
            }
        }
        Command::Tell(_) | Command::Finish => {}
    }
    queue.push_back(command);
}
