//! What happens to interfaces, told to the node, the lane and the sockets.

use super::Daemon;
use super::hands::Wire;
use crate::lane::{Command, Key, Link, Links};
use crate::netlink::{Change, Heard};
use crate::socket::wanted;
use kalc_core::{Input, LinkId};
use kalc_ir::track::Trackers;
use kalc_ir::{Instance, Ir};
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

/// Names of all interfaces that a configuration speaks of.
pub fn interfaces(ir: &Ir) -> BTreeSet<&str> {
    fn tracked(trackers: &Trackers) -> impl Iterator<Item = &str> {
        trackers.interfaces.iter().map(|tracked| tracked.interface.as_str())
    }
    let instances = ir.vrrp_instances.iter().flat_map(|instance| {
        let addresses = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
        let own = instance.interface.as_deref().into_iter().chain(instance.own_interface());
        let routes = instance.virtual_routes.iter().filter_map(|route| route.interface.as_deref());
        own.chain(routes)
            .chain(addresses.filter_map(|address| address.interface.as_deref()))
            .chain(tracked(&instance.trackers))
    });
    instances.chain(ir.sync_groups.iter().flat_map(|group| tracked(&group.trackers))).collect()
}

impl Daemon {
    /// Takes in what the kernel has told since the last turn.
    pub(super) fn hear_interfaces(&mut self) -> io::Result<()> {
        let changes = match self.monitor.read()? {
            Heard::Changes(changes) => changes,
            Heard::Everything => {
                tracing::warn!(
                    "events of interfaces were lost, {} times by now; all is read anew",
                    self.monitor.overruns
                );
                self.everything_changed();
                self.hands.lane.post([Command::Lost(self.missing())]);
                return Ok(());
            }
        };
        let (mut touched, mut lost) = (BTreeSet::new(), Vec::new());
        let mut is_interface_changed = false;
        for change in changes {
            match change {
                Change::Interface { index, old_name } => {
                    is_interface_changed = true;
                    touched.extend(old_name);
                    touched.extend(self.monitor.interfaces().at(index).map(|interface| interface.name.clone()));
                }
                Change::InterfaceGone { name } => {
                    is_interface_changed = true;
                    touched.insert(name);
                }
                Change::Address { index, address } => {
                    let interface = self.monitor.interfaces().at(index);
                    if self.may_speak_from(address) {
                        touched.extend(interface.map(|interface| interface.name.clone()));
                    }
                }
                Change::AddressGone { index, address, prefix } => {
                    let Some(interface) = self.monitor.interfaces().at(index) else { continue };
                    if self.virtual_addresses.contains_key(&address) {
                        lost.push(Key { interface: interface.name.as_str().into(), address, prefix });
                    }
                    if self.may_speak_from(address) {
                        touched.insert(interface.name.clone());
                    }
                }
            }
        }
        if is_interface_changed {
            self.vmacs.make(self.monitor.interfaces());
            self.rewire();
        }
        if !lost.is_empty() {
            self.hands.lane.post([Command::Lost(lost)]);
        }
        if !touched.is_empty() {
            self.tell_node(|name| touched.contains(name));
        }
        self.tell_sources();
        Ok(())
    }

    /// Whether adverts may come from an address, if it is there.
    fn may_speak_from(&self, address: IpAddr) -> bool {
        self.virtual_addresses.get(&address).is_none_or(|is_own| is_own.0)
    }

    /// Takes in all interfaces as if each had changed.
    pub(super) fn everything_changed(&mut self) {
        self.rewire();
        self.tell_node(|_| true);
        self.tell_sources();
    }

    /// Tells the node of source addresses that are watched, as far as it does not know.
    fn tell_sources(&mut self) {
        let watched = self.configuration.ir.vrrp_instances.iter().filter(|instance| instance.tracks_source);
        for address in watched.filter_map(|instance| instance.source).collect::<BTreeSet<_>>() {
            let is_here = self.monitor.interfaces().iter().any(|interface| interface.has(address));
            // The node takes them to be here.
            if self.sources.insert(address, is_here).unwrap_or(true) != is_here {
                self.feed(Input::Source { address, is_here });
            }
        }
    }

    /// Virtual addresses that are not on their interfaces. The lane knows which of them are held.
    fn missing(&self) -> Vec<Key> {
        let mut missing = Vec::new();
        for instance in &self.configuration.ir.vrrp_instances {
            let own = instance.home().unwrap_or_default();
            for address in instance.virtual_addresses.iter().chain(&instance.excluded_addresses) {
                let name = address.interface.as_deref().unwrap_or(own);
                let interface = self.monitor.interfaces().named(name);
                if interface.is_none_or(|interface| !interface.has(address.address)) {
                    missing.push(Key { interface: name.into(), address: address.address, prefix: address.prefix });
                }
            }
        }
        missing
    }

    /// Tells hands and lane which interfaces there are.
    fn rewire(&mut self) {
        let interfaces = self.monitor.interfaces();
        let links: Links = interfaces
            .iter()
            .map(|interface| {
                let link = Link {
                    index: interface.index,
                    mac: interface.mac,
                    is_up: interface.is_up,
                    vrf_table: interface.vrf_table,
                };
                (interface.name.as_str().into(), link)
            })
            .collect();
        self.hands.links = self
            .node
            .links()
            .iter()
            .map(|name| Wire { name: Arc::clone(name), index: links.get(name).map(|link| link.index) })
            .collect();
        self.hands.senders.retain(|index| interfaces.at(index).is_some());
        self.hands.lane.post([Command::Links(Arc::new(links))]);
    }

    /// Tells the node of interfaces, and listens where that is needed now.
    fn tell_node(&mut self, is_touched: impl Fn(&str) -> bool) {
        let mut is_changed =
            self.configuration.ir.vrrp_instances.iter().filter_map(Instance::own_interface).any(&is_touched);
        for (index, name) in (0u32..).zip(self.node.links().to_vec()) {
            if !is_touched(&name) {
                continue;
            }
            let interface = self.monitor.interfaces().named(&name);
            let facts = interface.map(|interface| interface.facts(|address| !self.may_speak_from(address)));
            let link = LinkId(index);
            is_changed = true;
            if facts != self.node.link_facts(link) || self.node.is_unsettled(link) {
                self.feed(Input::Link { link, facts });
            }
        }
        if is_changed {
            self.listen();
        }
    }

    /// Opens and closes sockets as the configuration and the interfaces want it.
    pub(super) fn listen(&mut self) {
        let links = &self.hands.links;
        let interfaces = self.monitor.interfaces();
        let index_of = |name: &str| interfaces.named(name).map(|interface| interface.index);
        let wanted = wanted(&self.node.plan().ir, &self.node, index_of);
        for ear in wanted.keys().filter(|ear| ear.frames_from.is_none()) {
            let Some(wire) = links.get(ear.link.index()) else { continue };
            if let Err(error) = self.hands.senders.prepare(ear.address, ear.index, &wire.name) {
                tracing::debug!("a socket for adverts is opened later on {}: {error}", wire.name);
            }
        }
        let name = |link: LinkId| links.get(link.index()).map(|wire| wire.name.to_string()).unwrap_or_default();
        for problem in self.receivers.set(wanted, name) {
            tracing::error!("{problem}");
        }
    }
}
