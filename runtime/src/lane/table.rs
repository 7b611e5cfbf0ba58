//! Which addresses are to be on which interfaces, and which are. Pure: the kernel's answers are handed in.
//!
//! What is wanted is set at once; what is there follows in pieces. A release in the middle of a long list of additions
//! is therefore no queue to wait for: what has not been added yet never is.

use super::Entry;
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
    /// Whether [`Table::ledger`] may have lost or gained something since it was asked for.
    is_news: bool,
    /// Whether it may have gained something: that must be on disk before it is true.
    has_gained: bool,
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
        (self.is_news, self.has_gained) = (true, true);
        self.let_go(old);
    }

    /// An instance holds nothing any more.
    pub fn release(&mut self, name: &str) {
        let old = self.lists.remove(name).unwrap_or_default();
        self.let_go(old);
    }

    fn let_go(&mut self, keys: Vec<Key>) {
        self.is_news = true;
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
                self.is_news |= std::mem::take(&mut held.belongs_to_host);
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

    /// Whether what would have to be removed has become more since it was asked for.
    pub fn has_gained(&self) -> bool {
        self.has_gained
    }

    /// Whether it has changed at all.
    pub fn is_news(&self) -> bool {
        self.is_news
    }

    /// What would have to be removed if this process ended now.
    pub fn ledger(&mut self) -> Vec<Entry> {
        self.is_news = false;
        self.ledger_to_be()
    }

    /// The same before the next additions are made; the list is news still.
    pub fn ledger_to_be(&mut self) -> Vec<Entry> {
        self.has_gained = false;
        let is_ours = |held: &Held| !held.belongs_to_host && (held.users > 0 || held.presence == Presence::Present);
        self.entries.iter().filter(|(_, held)| is_ours(held)).map(|(key, _)| Entry::from(key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str, label: Option<&str>) -> (Key, Address) {
        let address: IpAddr = text.parse().expect("an address");
        let key = Key { interface: "eth0".into(), address, prefix: 24 };
        let mut address = Address::new(address, 24, kalc_ir::OriginId::default());
        address.label = label.map(str::to_owned);
        (key, address)
    }

    /// Does what is to be done, on a kernel that has `there`; tells what was done.
    fn settle(table: &mut Table, there: &mut BTreeSet<IpAddr>) -> Vec<String> {
        let mut done = Vec::new();
        while table.has_work() {
            for (key, op) in table.take(400) {
                let error = match &op {
                    Op::Add(_) if !there.insert(key.address) => libc::EEXIST,
                    Op::Remove if !there.remove(&key.address) => libc::EADDRNOTAVAIL,
                    Op::Add(_) | Op::Remove => 0,
                };
                let sign = if matches!(op, Op::Add(_)) { '+' } else { '-' };
                let outcome = table.done(&key, &op, error);
                done.push(format!("{sign}{} {outcome:?}", key.address));
            }
        }
        done
    }

    #[test]
    fn a_reload_changes_only_what_differs() {
        let (mut table, mut there) = (Table::default(), BTreeSet::new());
        let name: Arc<str> = "VI_1".into();
        let list = |last: &str| ["10.0.0.1", "10.0.0.2", last].map(|text| address(text, None)).into_iter();
        table.hold(&name, list("10.0.0.3"), false);
        assert_eq!(settle(&mut table, &mut there), ["+10.0.0.1 Done", "+10.0.0.2 Done", "+10.0.0.3 Done"]);
        table.hold(&name, list("10.0.0.4"), false);
        assert_eq!(settle(&mut table, &mut there), ["-10.0.0.3 Done", "+10.0.0.4 Done"]);
        table.hold(&name, [address("10.0.0.1", Some("eth0:x"))].into_iter(), false);
        let done = settle(&mut table, &mut there);
        assert_eq!(done, ["-10.0.0.1 Done", "-10.0.0.2 Done", "-10.0.0.4 Done", "+10.0.0.1 Done"]);
        assert_eq!(table.ledger().len(), 1);
    }

    #[test]
    fn what_is_released_before_it_was_added_never_is() {
        let (mut table, mut there) = (Table::default(), BTreeSet::new());
        table.hold(&"VI_1".into(), [address("10.0.0.1", None)].into_iter(), false);
        table.release("VI_1");
        assert_eq!(settle(&mut table, &mut there), Vec::<String>::new());
        assert_eq!(table.ledger(), []);
    }

    #[test]
    fn an_address_in_two_lists_stays_until_both_are_released() {
        let (mut table, mut there) = (Table::default(), BTreeSet::new());
        for name in ["VI_1", "VI_2"] {
            table.hold(&name.into(), [address("10.0.0.1", None)].into_iter(), false);
        }
        settle(&mut table, &mut there);
        table.release("VI_1");
        assert_eq!(settle(&mut table, &mut there), Vec::<String>::new());
        table.release("VI_2");
        assert_eq!(settle(&mut table, &mut there), ["-10.0.0.1 Done"]);
    }

    #[test]
    fn what_somebody_else_took_comes_back() {
        let (mut table, mut there) = (Table::default(), BTreeSet::new());
        let (key, own) = address("10.0.0.1", None);
        table.hold(&"VI_1".into(), [(key.clone(), own)].into_iter(), false);
        settle(&mut table, &mut there);
        there.clear();
        assert!(table.lost(&key));
        assert_eq!(settle(&mut table, &mut there), ["+10.0.0.1 Restored"]);
        // An event that is out of date.
        assert!(table.lost(&key));
        assert_eq!(settle(&mut table, &mut there), ["+10.0.0.1 Done"]);
        table.release("VI_1");
        settle(&mut table, &mut there);
        assert!(!table.lost(&key));
    }

    #[test]
    fn an_owner_keeps_what_was_there_before() {
        let (mut table, mut there) = (Table::default(), BTreeSet::from(["10.0.0.1".parse().expect("an address")]));
        let addresses = ["10.0.0.1", "10.0.0.2"].map(|text| address(text, None));
        table.hold(&"VI_1".into(), addresses.into_iter(), true);
        settle(&mut table, &mut there);
        assert_eq!(table.ledger().len(), 1, "its own address is not to be removed by the next daemon");
        table.release("VI_1");
        assert_eq!(settle(&mut table, &mut there), ["-10.0.0.2 Done"]);
    }
}
