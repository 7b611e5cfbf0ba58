//! What a world must make up about its hosts before anything happens: the addresses of their interfaces, and what the
//! timeline calls them.

use super::timeline::Labels;
use super::world::HostSetup;
use crate::input::{LinkFacts, LinkId};
use crate::node::Node;
use kalc_ir::InstanceId;
use kalc_ir::net::Mac;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an interface has that address.
pub(super) fn owns(facts: &LinkFacts, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => facts.ipv4 == Some(address),
        IpAddr::V6(address) => facts.ipv6 == Some(address),
    }
}

/// What the timeline calls hosts, instances and scripts.
pub(super) fn labels(hosts: &[HostSetup]) -> Labels {
    let names = |of: fn(&HostSetup) -> Vec<String>| hosts.iter().map(of).collect();
    Labels {
        hosts: hosts.iter().map(|host| host.name.clone()).collect(),
        instances: names(|host| host.plan.ir.vrrp_instances.iter().map(|instance| instance.name.clone()).collect()),
        scripts: names(|host| host.plan.ir.scripts.iter().map(|script| script.name.clone()).collect()),
    }
}

/// Addresses of every interface of every host: the one that an instance there speaks from if one is written, the one that
/// others expect it to have if they name peers, or one that is made up.
pub(super) fn addresses(nodes: &[Node]) -> Vec<Vec<LinkFacts>> {
    let ir = |node: &Node, id: InstanceId| node.plan().ir.instance(id).clone();
    let written: BTreeSet<IpAddr> =
        nodes.iter().flat_map(|node| node.instances().filter_map(|view| ir(node, view.id).source)).collect();
    let mut taken = written.clone();
    let mut all = Vec::new();
    for (host, node) in nodes.iter().enumerate() {
        let last = u16::try_from(host + 1).unwrap_or(u16::MAX);
        let mut facts: BTreeMap<LinkId, LinkFacts> = BTreeMap::new();
        for index in 0..node.links().len() {
            let [high, low] = last.to_be_bytes();
            let made_up = LinkFacts {
                is_up: true,
                mac: Some(Mac([2, 0, 0, u8::try_from(index).unwrap_or(255), high, low])),
                ipv4: Some(Ipv4Addr::new(198, 18 + (high & 1), u8::try_from(index).unwrap_or(255), low)),
                ipv6: Some(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, u16::try_from(index).unwrap_or(u16::MAX), last)),
            };
            facts.insert(LinkId(u32::try_from(index).unwrap_or(u32::MAX)), made_up);
        }
        for view in node.instances() {
            let instance = ir(node, view.id);
            let own: BTreeSet<IpAddr> =
                instance.unicast_peers().into_iter().flatten().map(|peer| peer.address).collect();
            let expected = || {
                let peers = nodes.iter().enumerate().filter(|(other, _)| *other != host).flat_map(|(_, other)| {
                    other.instances().filter(|v| ir(other, v.id).vrid == instance.vrid).flat_map(|v| {
                        ir(other, v.id)
                            .unicast_peers()
                            .unwrap_or_default()
                            .iter()
                            .map(|peer| peer.address)
                            .collect::<Vec<_>>()
                    })
                });
                let free: Vec<IpAddr> =
                    peers.filter(|address| !taken.contains(address) && !own.contains(address)).collect();
                free.first().copied()
            };
            let address = instance.source.or_else(|| if own.is_empty() { None } else { expected() });
            let Some(slot) = facts.get_mut(&node.link_of(view.id)) else { continue };
            match address {
                Some(IpAddr::V4(v4)) => slot.ipv4 = Some(v4),
                Some(IpAddr::V6(v6)) => slot.ipv6 = Some(v6),
                None => {}
            }
            taken.extend(address);
        }
        all.push(facts.into_values().collect());
    }
    all
}
