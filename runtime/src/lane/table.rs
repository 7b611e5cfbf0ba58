//! Which addresses are to be on which interfaces, and which are. Pure: the kernel's answers are handed in.
//!
//! What is wanted is set at once; what is there follows in pieces. A release in the middle of a long list of additions
//! is therefore no queue to wait for: what has not been added yet never is.

use super::ledger::Entry;
use kalc_ir::Address;
use nix::libc;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

/// An address on an interface: what the kernel tells apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Name of the interface.
    pub interface: Arc<str>,
    /// The address.
    pub address: IpAddr,
    /// Its prefix length.
    pub prefix: u8,
}

/// Something to do about an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// It is to be added.
    Add(Box<Address>),
    /// It is to be removed.
    Remove,
}

/// All addresses that instances hold, or held until now.
#[derive(Debug, Default)]
pub struct Table {
    entries: BTreeMap<Key, Held>,
    lists: BTreeMap<Arc<str>, Vec<Key>>,
    /// Whose state may differ from what is wanted.
    queue: VecDeque<Key>,
}

#[derive(Debug)]
struct Held {
    address: Address,
    /// How many lists it is in.
    users: u32,
    presence: Presence,
    /// It is there in another form than the configuration says now.
    is_stale: bool,
    is_queued: bool,
    /// It was there before and belongs to the host: the instance owns its addresses.
    belongs_to_host: bool,
    /// Somebody else took it away.
    is_lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Absent,
    Present,
}

/// What came of an [`Op`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be.
    Done,
    /// It is back after somebody else took it away.
    Restored,
    /// The kernel refused, for the reason with that number.
    Failed(i32),
}

impl Table {
    /// From now on an instance holds these addresses. `is_owner` says that those which are there already are the host's
    /// own, and stay when they are released.
    pub fn hold(&mut self, name: &Arc<str>, addresses: impl Iterator<Item = (Key, Address)>, is_owner: bool) {
        let addresses: Vec<(Key, Address)> = addresses.collect();
        let old = self.lists.remove(name).unwrap_or_default();
        let mut list = Vec::with_capacity(addresses.len());
        let mut seen = BTreeSet::new();
        for (key, address) in addresses {
            if !seen.insert(key.clone()) {
                continue;
            }
            let held = self.entries.entry(key.clone()).or_insert_with(|| Held {
                address: address.clone(),
                users: 0,
                presence: Presence::Absent,
                is_stale: false,
                is_queued: false,
                belongs_to_host: is_owner,
                is_lost: false,
            });
            held.users += 1;
            held.is_stale |= held.presence == Presence::Present && held.address != address;
            held.address = address;
            Self::touch(&mut self.queue, &key, held);
            list.push(key);
        }
        self.lists.insert(Arc::clone(name), list);
        self.let_go(old);
    }

    /// An instance holds nothing any more.
    pub fn release(&mut self, name: &str) {
        let old = self.lists.remove(name).unwrap_or_default();
        self.let_go(old);
    }

    fn let_go(&mut self, keys: Vec<Key>) {
        for key in keys {
            if let Some(held) = self.entries.get_mut(&key) {
                held.users -= 1;
                Self::touch(&mut self.queue, &key, held);
            }
        }
    }

    /// The addresses that an instance holds, in the order of the configuration.
    pub fn list(&self, name: &str) -> &[Key] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    /// Somebody else took an address away; false if it is none of those that are held.
    pub fn lost(&mut self, key: &Key) -> bool {
        let Some(held) = self.entries.get_mut(key).filter(|held| held.users > 0) else { return false };
        held.presence = Presence::Absent;
        held.is_lost = true;
        Self::touch(&mut self.queue, key, held);
        true
    }

    /// An interface is another one than before, or is up again: what is on it is not known.
    pub fn forget_interface(&mut self, interface: &str) {
        for (key, held) in self.entries.iter_mut().filter(|(key, held)| &*key.interface == interface && held.users > 0)
        {
            held.presence = Presence::Absent;
            Self::touch(&mut self.queue, key, held);
        }
    }

    fn touch(queue: &mut VecDeque<Key>, key: &Key, held: &mut Held) {
        let is_right = (held.users > 0) == (held.presence == Presence::Present) && !held.is_stale;
        if !is_right && !held.is_queued {
            held.is_queued = true;
            queue.push_back(key.clone());
        }
    }

    /// Whether something is to be done.
    pub fn has_work(&self) -> bool {
        !self.queue.is_empty()
    }

    /// The next things to do, at most `most`: removals before additions, as an address may only change its form.
    pub fn take(&mut self, most: usize) -> Vec<(Key, Op)> {
        let (mut removals, mut additions) = (Vec::new(), Vec::new());
        while removals.len() + additions.len() + 2 <= most {
            let Some(key) = self.queue.pop_front() else { break };
            let Some(held) = self.entries.get_mut(&key) else { continue };
            held.is_queued = false;
            let is_wanted = held.users > 0;
            match (is_wanted, held.presence) {
                (true, Presence::Absent) => additions.push((key, Op::Add(Box::new(held.address.clone())))),
                (true, Presence::Present) if held.is_stale => {
                    held.is_stale = false;
                    removals.push((key.clone(), Op::Remove));
                    additions.push((key, Op::Add(Box::new(held.address.clone()))));
                }
                (true, Presence::Present) => {}
                (false, Presence::Present) if held.belongs_to_host => {
                    self.entries.remove(&key);
                }
                (false, Presence::Present) => removals.push((key, Op::Remove)),
                (false, Presence::Absent) => {
                    self.entries.remove(&key);
                }
            }
        }
        removals.extend(additions);
        removals
    }

    /// What the kernel said to something that [`take`](Table::take) gave: an error number, or 0.
    pub fn done(&mut self, key: &Key, op: &Op, error: i32) -> Outcome {
        let Some(held) = self.entries.get_mut(key) else { return Outcome::Done };
        match (op, error) {
            (Op::Add(_), 0) => {
                held.presence = Presence::Present;
                held.belongs_to_host = false;
                if std::mem::take(&mut held.is_lost) { Outcome::Restored } else { Outcome::Done }
            }
            // It is there: that is what was wanted.
            (Op::Add(_), libc::EEXIST) => {
                held.presence = Presence::Present;
                held.is_lost = false;
                Outcome::Done
            }
            (Op::Add(_), error) => Outcome::Failed(error),
            // Not there, or the interface with all that was on it is gone.
            (Op::Remove, 0 | libc::EADDRNOTAVAIL | libc::ENODEV | libc::ENXIO) => {
                held.presence = Presence::Absent;
                if held.users == 0 {
                    self.entries.remove(key);
                }
                Outcome::Done
            }
            (Op::Remove, error) => {
                held.presence = Presence::Absent;
                if held.users == 0 {
                    self.entries.remove(key);
                }
                Outcome::Failed(error)
            }
        }
    }

    /// What would have to be removed if this process ended now.
    pub fn ledger(&self) -> Vec<Entry> {
        let is_ours = |held: &Held| !held.belongs_to_host && (held.users > 0 || held.presence == Presence::Present);
        self.entries.iter().filter(|(_, held)| is_ours(held)).map(|(key, _)| Entry::from(key)).collect()
    }
}
