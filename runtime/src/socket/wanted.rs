//! Which sockets a configuration needs to hear its peers.

use kalc_core::wire::{PROTOCOL_AH, PROTOCOL_VRRP};
use kalc_core::{LinkFacts, LinkId, Node};
use kalc_ir::net::Mac;
use kalc_ir::vrrp::{Auth, Transport, VirtualInterface};
use kalc_ir::{Family, Ir, VrrpVersion};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Where a socket listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ear {
    /// Address family.
    pub family: Family,
    /// 112, or 51 for authentication headers.
    pub protocol: u8,
    /// The group, or the own address that peers send to.
    pub address: IpAddr,
    /// The interface of the virtual router.
    pub link: LinkId,
    /// Number at present of the interface that it listens on; a socket does not survive its interface.
    pub index: u32,
    /// The MAC address of the macvlan that this is, of which only frames from that same address are heard: another host's
    /// that is master of the virtual router as well. The kernel takes them from the interface below and gives them to the
    /// macvlan, and IP drops them there, since it is in no group.
    pub frames_from: Option<Mac>,
}

/// What it is to hear.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Numbers of virtual routers; empty for all.
    pub vrids: BTreeSet<u8>,
    /// Whether all virtual routers are of interest, so that unknown ones can be told of.
    pub hears_all: bool,
    /// `kernel_rx_buf_size`, the largest.
    pub buffer_bytes: Option<u32>,
}

/// All sockets that are needed now. Where an interface or a source address is missing there is none.
pub fn wanted(ir: &Ir, node: &Node, index_of: impl Fn(&str) -> Option<u32>) -> BTreeMap<Ear, Wanted> {
    let mut all: BTreeMap<Ear, Wanted> = BTreeMap::new();
    for view in node.instances() {
        let instance = ir.instance(view.id);
        let (Some(vrid), link) = (instance.vrid, node.link_of(view.id)) else { continue };
        let Some(index) = instance.interface.as_deref().and_then(&index_of) else { continue };
        let family = instance.family.unwrap_or(Family::Ipv4);
        let facts = node.link_facts(link);
        let address = match &instance.transport {
            Transport::Multicast { group } => Some(group.unwrap_or(default_group(ir, family))),
            Transport::Unicast { .. } => instance.source.or_else(|| first(facts?, family)),
        };
        let Some(address) = address else { continue };
        let has_header = instance.version == VrrpVersion::V2 && matches!(instance.auth, Auth::Ah { .. });
        // One that expects an authentication header hears those without as well, to refuse and count them.
        let protocols: &[u8] = if has_header { &[PROTOCOL_VRRP, PROTOCOL_AH] } else { &[PROTOCOL_VRRP] };
        let macvlan = match &instance.virtual_interface {
            VirtualInterface::Vmac { name: Some(name), mac: Some(mac), .. } if address.is_multicast() => {
                index_of(name).map(|index| (index, Some(*mac)))
            }
            VirtualInterface::Vmac { .. } | VirtualInterface::None | VirtualInterface::Ipvlan { .. } => None,
        };
        for (index, frames_from) in std::iter::once((index, None)).chain(macvlan) {
            for &protocol in protocols {
                let wanted = all.entry(Ear { family, protocol, address, link, index, frames_from }).or_default();
                wanted.vrids.insert(vrid.get());
                wanted.hears_all = ir.global.log_unknown_vrids;
                wanted.buffer_bytes = wanted.buffer_bytes.max(instance.receive_buffer_bytes);
            }
        }
    }
    all
}

fn default_group(ir: &Ir, family: Family) -> IpAddr {
    let (group4, group6) = (ir.global.vrrp_mcast_group4, ir.global.vrrp_mcast_group6);
    match family {
        Family::Ipv4 => group4.into(),
        Family::Ipv6 => group6.into(),
    }
}

fn first(facts: LinkFacts, family: Family) -> Option<IpAddr> {
    match family {
        Family::Ipv4 => facts.ipv4.map(IpAddr::V4),
        Family::Ipv6 => facts.ipv6.map(IpAddr::V6),
    }
}
