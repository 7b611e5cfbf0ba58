//! What an earlier daemon left behind: found and removed at the start, before anything else happens.

use super::entry::Entry;
use super::routes;
use crate::netlink::{Batch, Edit, Interfaces, PIECE, address};
use kalc_ir::Ir;
use std::collections::BTreeSet;
use std::io;

/// Removes the addresses that a killed daemon wrote down and those that this configuration would put up itself, as far
/// as they are there. Says which.
///
/// keepalived removes those of its configuration, too. Differs: it also takes the host's own address from an owner
/// (priority 255), which then has none to speak from; here that stays.
pub fn sweep(batch: &mut Batch, interfaces: &Interfaces, left: Vec<Entry>, ir: &Ir) -> io::Result<Vec<Entry>> {
    let mut all: BTreeSet<Entry> = left.into_iter().collect();
    all.extend(of_configuration(ir));
    let mut found: Vec<(Entry, u32)> = Vec::new();
    for entry in all {
        let interface = interfaces.named(&entry.interface);
        let there = interface.filter(|interface| interface.has_exactly(entry.address, entry.prefix));
        found.extend(there.map(|interface| (entry, interface.index)));
    }
    for piece in found.chunks(PIECE) {
        let edits =
            piece.iter().map(|(entry, index)| Edit::Remove(address::to_remove(entry.address, entry.prefix, *index)));
        // One that somebody else removed in between is gone as well.
        batch.run(edits.collect())?;
    }
    Ok(found.into_iter().map(|(entry, _)| entry).collect())
}

/// Removes routes and rules that a killed daemon wrote down and those of this configuration, before the addresses that
/// they need. The kernel says which are not there.
pub fn sweep_routes(batch: &mut Batch, interfaces: &Interfaces, left: &[String], ir: &Ir) -> io::Result<()> {
    let find = |name: &str| interfaces.named(name).map(|interface| interface.device());
    let left = left.iter().rev().filter_map(|text| Edit::removal(text));
    let all: Vec<Edit> = left.chain(routes::removals(ir, find)).collect();
    for piece in all.chunks(PIECE) {
        let results = batch.run(piece.to_vec())?;
        let removed = results.iter().filter(|error| **error == 0).count();
        if removed > 0 {
            tracing::warn!("{removed} routes and rules were left; they are removed");
        }
    }
    Ok(())
}

/// What a configuration may put up. An owner's addresses are the host's own.
pub fn of_configuration(ir: &Ir) -> impl Iterator<Item = Entry> {
    let instances = ir.vrrp_instances.iter().filter(|instance| !instance.priority.is_owner());
    instances.flat_map(|instance| {
        let own = instance.home().unwrap_or_default();
        let addresses = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
        addresses.map(move |address| Entry {
            interface: address.interface.as_deref().unwrap_or(own).to_owned(),
            address: address.address,
            prefix: address.prefix,
        })
    })
}
