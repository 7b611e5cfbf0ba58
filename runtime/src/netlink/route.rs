//! Routes and rules of the configuration as the kernel wants them (`linux/rtnetlink.h`, `linux/fib_rules.h`).

use super::names::{Folders, Names};
use kalc_ir::Family;
use kalc_ir::route::{
    Congestion, Encapsulation, Hop, Metric, MetricKind, Named, Network, Realms, Route, RouteKind, Rule, RuleAction,
    Tunnel,
};
use netlink_packet_core::DefaultNla;
use netlink_packet_route::AddressFamily;
use netlink_packet_route::route::{
    MplsLabel, RouteAttribute, RouteFlags, RouteHeader, RouteIp6Tunnel, RouteIp6TunnelFlags, RouteIpTunnel,
    RouteIpTunnelFlags, RouteLwEnCapType, RouteLwTunnelEncap, RouteMessage, RouteMetric, RouteMplsIpTunnel,
    RouteMplsTtlPropagation, RouteNextHop, RouteNextHopFlags, RoutePreference, RouteProtocol, RouteRealm, RouteScope,
    RouteType,
};
use netlink_packet_route::rule::{
    RuleAction as KernelAction, RuleAttribute, RuleFlags, RuleHeader, RuleMessage, RulePortRange, RuleUidRange,
};
use std::fmt;
use std::net::IpAddr;

/// The host's names of numbers.
#[derive(Debug, Default)]
pub struct Tables {
    tables: Names,
    protocols: Names,
    scopes: Names,
    dsfields: Names,
    groups: Names,
    realms: Names,
    ip_protocols: Names,
}

impl Tables {
    /// Reads what there is.
    pub fn read(folders: &Folders) -> Tables {
        Tables {
            tables: Names::read("rt_tables", folders),
            protocols: Names::read("rt_protos", folders),
            scopes: Names::read("rt_scopes", folders),
            dsfields: Names::read("rt_dsfield", folders),
            groups: Names::read("group", folders),
            realms: Names::read("rt_realms", folders),
            ip_protocols: Names::protocols(),
        }
    }
}

/// What an interface is to routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its number.
    pub index: u32,
    /// The table of a VRF device.
    pub vrf_table: Option<u32>,
}

/// Why an entry cannot be told to the kernel now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// No interface of that name.
    Interface(String),
    /// The host's tables do not have that name, or its number is too large.
    Name(String),
    /// That interface is no VRF device.
    Vrf(String),
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Obstacle::Interface(name) => write!(f, "there is no interface {name}"),
            Obstacle::Vrf(name) => write!(f, "{name} is no VRF device"),
            Obstacle::Name(name) => write!(f, "the host's tables know no `{name}`"),
        }
    }
}

fn number<N: TryFrom<u32>>(value: &Named, names: &Names) -> Result<N, Obstacle> {
    let number = match value {
        Named::Number(number) => Some(*number),
        Named::Name(name) => names.number(name),
    };
    number.and_then(|number| N::try_from(number).ok()).ok_or_else(|| Obstacle::Name(value.to_string()))
}

fn optional<N: TryFrom<u32>>(value: Option<&Named>, names: &Names) -> Result<Option<N>, Obstacle> {
    value.map(|value| number(value, names)).transpose()
}

fn family(family: Family) -> AddressFamily {
    match family {
        Family::Ipv4 => AddressFamily::Inet,
        Family::Ipv6 => AddressFamily::Inet6,
    }
}

/// The message that adds a route, or removes it.
///
/// # Errors
/// If an interface is missing, or a name has no number here.
pub fn route(route: &Route, tables: &Tables, find: impl Fn(&str) -> Option<Device>) -> Result<RouteMessage, Obstacle> {
    let found = |name: &String| find(name).ok_or_else(|| Obstacle::Interface(name.clone()));
    let index = |name: &String| found(name).map(|device| device.index);
    let table: u32 = match &route.vrf {
        Some(name) => found(name)?.vrf_table.ok_or_else(|| Obstacle::Vrf(name.clone()))?,
        None => optional(route.table.as_ref(), &tables.tables)?.unwrap_or(RouteHeader::RT_TABLE_MAIN.into()),
    };
    let mut message = RouteMessage::default();
    message.header = RouteHeader {
        address_family: family(route.family),
        destination_prefix_length: route.destination.map_or(0, |network| network.prefix),
        source_prefix_length: route.from.map_or(0, |network| network.prefix),
        tos: optional(route.tos.as_ref(), &tables.dsfields)?.unwrap_or(0),
        // A number of more than a byte is an attribute.
        table: u8::try_from(table).unwrap_or(RouteHeader::RT_TABLE_UNSPEC),
        protocol: RouteProtocol::from(number::<u8>(&route.protocol, &tables.protocols)?),
        scope: match optional::<u8>(route.scope.as_ref(), &tables.scopes)? {
            Some(scope) => RouteScope::from(scope),
            None => default_scope(route),
        },
        kind: kind(route.kind),
        flags: if route.is_onlink { RouteFlags::Onlink } else { RouteFlags::empty() },
    };
    let attributes = &mut message.attributes;
    attributes.push(RouteAttribute::Table(table));
    attributes.extend(route.destination.map(|network| RouteAttribute::Destination(network.address.into())));
    attributes.extend(route.from.map(|network| RouteAttribute::Source(network.address.into())));
    attributes.extend(route.source.map(|source| RouteAttribute::PrefSource(source.into())));
    attributes.extend(route.gateway.map(|gateway| RouteAttribute::Gateway(gateway.into())));
    if let Some(name) = &route.interface {
        attributes.push(RouteAttribute::Oif(index(name)?));
    }
    attributes.extend(route.metric.map(RouteAttribute::Priority));
    if let Some(preference) = route.preference.filter(|_| route.family == Family::Ipv6) {
        attributes.push(RouteAttribute::Preference(RoutePreference::from(preference)));
    }
    if let Some(encapsulation) = &route.encapsulation {
        attributes.extend(wrapped(encapsulation, tables)?);
    }
    attributes.extend(realms(route.realms.as_ref(), tables)?.map(RouteAttribute::Realm));
    attributes.extend(route.expires.map(RouteAttribute::Expires));
    attributes.extend(route.propagates_ttl.map(|propagates| {
        RouteAttribute::TtlPropagate(if propagates {
            RouteMplsTtlPropagation::Enabled
        } else {
            RouteMplsTtlPropagation::Disabled
        })
    }));
    if !route.hops.is_empty() {
        let hops: Result<Vec<_>, Obstacle> = route.hops.iter().map(|way| hop(way, tables, index)).collect();
        attributes.push(RouteAttribute::MultiPath(hops?));
    }
    if !route.metrics.is_empty() || route.congestion.is_some() {
        attributes.push(RouteAttribute::Metrics(metrics(&route.metrics, route.congestion.as_ref())));
    }
    Ok(message)
}

/// Differs: keepalived leaves 0 here, whatever the type, and the kernel then refuses addresses of the host.
fn default_scope(route: &Route) -> RouteScope {
    match (route.family, route.kind) {
        (Family::Ipv4, RouteKind::Local) => RouteScope::Host,
        (Family::Ipv4 | Family::Ipv6, _) => RouteScope::Universe,
    }
}

fn kind(kind: RouteKind) -> RouteType {
    match kind {
        RouteKind::Unicast => RouteType::Unicast,
        RouteKind::Local => RouteType::Local,
        RouteKind::Broadcast => RouteType::Broadcast,
        RouteKind::Multicast => RouteType::Multicast,
        RouteKind::Throw => RouteType::Throw,
        RouteKind::Unreachable => RouteType::Unreachable,
        RouteKind::Prohibit => RouteType::Prohibit,
        RouteKind::Blackhole => RouteType::BlackHole,
        RouteKind::Nat => RouteType::Nat,
        RouteKind::Anycast => RouteType::Anycast,
        RouteKind::Xresolve => RouteType::ExternalResolve,
    }
}

fn realms(realms: Option<&Realms>, tables: &Tables) -> Result<Option<RouteRealm>, Obstacle> {
    let Some(Realms { source, destination }) = realms else { return Ok(None) };
    let source = optional(source.as_ref(), &tables.realms)?.unwrap_or(0);
    Ok(Some(RouteRealm { source, destination: number(destination, &tables.realms)? }))
}

/// The two attributes of an encapsulation (`linux/lwtunnel.h`).
fn wrapped(encapsulation: &Encapsulation, tables: &Tables) -> Result<[RouteAttribute; 2], Obstacle> {
    let class = |tunnel: &Tunnel| optional::<u8>(tunnel.traffic_class.as_ref(), &tables.dsfields);
    let (kind, words) = match encapsulation {
        Encapsulation::Ip(tunnel) => {
            let v4 = |address: Option<IpAddr>| match address {
                Some(IpAddr::V4(address)) => Some(address),
                Some(IpAddr::V6(_)) | None => None,
            };
            let words = [
                tunnel.id.map(RouteIpTunnel::Id),
                v4(tunnel.destination).map(RouteIpTunnel::Destination),
                v4(tunnel.source).map(RouteIpTunnel::Source),
                tunnel.hop_limit.map(RouteIpTunnel::Ttl),
                class(tunnel)?.map(RouteIpTunnel::Tos),
                tunnel.flags.map(|flags| RouteIpTunnel::Flags(RouteIpTunnelFlags::from_bits_retain(flags))),
            ];
            (RouteLwEnCapType::Ip, words.into_iter().flatten().map(RouteLwTunnelEncap::Ip).collect())
        }
        Encapsulation::Ip6(tunnel) => {
            let v6 = |address: Option<IpAddr>| match address {
                Some(IpAddr::V6(address)) => Some(address),
                Some(IpAddr::V4(_)) | None => None,
            };
            let words = [
                tunnel.id.map(RouteIp6Tunnel::Id),
                v6(tunnel.destination).map(RouteIp6Tunnel::Destination),
                v6(tunnel.source).map(RouteIp6Tunnel::Source),
                tunnel.hop_limit.map(RouteIp6Tunnel::Hoplimit),
                class(tunnel)?.map(RouteIp6Tunnel::Tc),
                tunnel.flags.map(|flags| RouteIp6Tunnel::Flags(RouteIp6TunnelFlags::from_bits_retain(flags))),
            ];
            (RouteLwEnCapType::Ip6, words.into_iter().flatten().map(RouteLwTunnelEncap::Ip6).collect())
        }
        Encapsulation::Mpls(labels) => {
            let last = labels.len().saturating_sub(1);
            let stack = labels.iter().enumerate().map(|(at, label)| MplsLabel {
                label: *label,
                traffic_class: 0,
                bottom_of_stack: at == last,
                ttl: 0,
            });
            let word = RouteMplsIpTunnel::Destination(stack.collect());
            (RouteLwEnCapType::Mpls, vec![RouteLwTunnelEncap::Mpls(word)])
        }
        // ILA_ATTR_LOCATOR of linux/ila.h, in network order.
        Encapsulation::Ila(locator) => {
            let word = DefaultNla::new(1, locator.to_be_bytes().to_vec());
            (RouteLwEnCapType::Ila, vec![RouteLwTunnelEncap::Other(word)])
        }
    };
    Ok([RouteAttribute::EncapType(kind), RouteAttribute::Encap(words)])
}

/// Differs: keepalived 2.2.7 leaves the encapsulation of a next hop out.
fn hop(way: &Hop, tables: &Tables, index: impl Fn(&String) -> Result<u32, Obstacle>) -> Result<RouteNextHop, Obstacle> {
    let mut hop = RouteNextHop::default();
    // The kernel counts from 0.
    hop.hops = u8::try_from(way.weight.saturating_sub(1)).unwrap_or(u8::MAX);
    if way.is_onlink {
        hop.flags = RouteNextHopFlags::Onlink;
    }
    if let Some(name) = &way.interface {
        hop.interface_index = index(name)?;
    }
    hop.attributes.extend(way.gateway.map(|gateway| RouteAttribute::Gateway(gateway.into())));
    hop.attributes.extend(realms(way.realms.as_ref(), tables)?.map(RouteAttribute::Realm));
    if let Some(encapsulation) = &way.encapsulation {
        hop.attributes.extend(wrapped(encapsulation, tables)?);
    }
    Ok(hop)
}

fn metrics(all: &[Metric], congestion: Option<&Congestion>) -> Vec<RouteMetric> {
    // RTAX_CC_ALGO.
    let own = if congestion.is_some_and(|congestion| congestion.is_locked) { 1 << 16 } else { 0 };
    let lock = all.iter().filter(|metric| metric.is_locked).fold(own, |lock, metric| lock | 1 << bit(metric.kind));
    let values = all.iter().map(|metric| {
        let value = metric.value;
        match metric.kind {
            MetricKind::Mtu => RouteMetric::Mtu(value),
            MetricKind::Window => RouteMetric::Window(value),
            MetricKind::Rtt => RouteMetric::Rtt(value),
            MetricKind::Rttvar => RouteMetric::RttVar(value),
            MetricKind::Ssthresh => RouteMetric::SsThresh(value),
            MetricKind::Cwnd => RouteMetric::Cwnd(value),
            MetricKind::Advmss => RouteMetric::Advmss(value),
            MetricKind::Reordering => RouteMetric::Reordering(value),
            MetricKind::Hoplimit => RouteMetric::Hoplimit(value),
            MetricKind::Initcwnd => RouteMetric::InitCwnd(value),
            MetricKind::RtoMin => RouteMetric::RtoMin(value),
            MetricKind::Initrwnd => RouteMetric::InitRwnd(value),
            MetricKind::Quickack => RouteMetric::QuickAck(value),
            MetricKind::FastopenNoCookie => RouteMetric::FastopenNoCookie(value),
            MetricKind::Features => RouteMetric::Features(value),
        }
    });
    let lock = (lock != 0).then_some(RouteMetric::Lock(lock));
    let algorithm = congestion.map(|congestion| RouteMetric::CcAlgo(congestion.algorithm.clone()));
    lock.into_iter().chain(values).chain(algorithm).collect()
}

/// `RTAX_…`: which bit of `RTAX_LOCK` is about it.
fn bit(kind: MetricKind) -> u32 {
    match kind {
        MetricKind::Mtu => 2,
        MetricKind::Window => 3,
        MetricKind::Rtt => 4,
        MetricKind::Rttvar => 5,
        MetricKind::Ssthresh => 6,
        MetricKind::Cwnd => 7,
        MetricKind::Advmss => 8,
        MetricKind::Reordering => 9,
        MetricKind::Hoplimit => 10,
        MetricKind::Initcwnd => 11,
        MetricKind::Features => 12,
        MetricKind::RtoMin => 13,
        MetricKind::Initrwnd => 14,
        MetricKind::Quickack => 15,
        MetricKind::FastopenNoCookie => 17,
    }
}

/// The message that adds a rule, or removes it.
///
/// # Errors
/// If a name has no number here.
pub fn rule(rule: &Rule, tables: &Tables) -> Result<RuleMessage, Obstacle> {
    let mut message = RuleMessage::default();
    let prefix = |network: Option<Network>| network.map_or(0, |network| network.prefix);
    message.header = RuleHeader {
        family: family(rule.family),
        dst_len: prefix(rule.to),
        src_len: prefix(rule.from),
        tos: optional(rule.tos.as_ref(), &tables.dsfields)?.unwrap_or(0),
        table: 0,
        action: match rule.action {
            RuleAction::Table(_) | RuleAction::L3mdev => KernelAction::ToTable,
            RuleAction::Nop => KernelAction::Nop,
            RuleAction::Goto(_) => KernelAction::Goto,
            RuleAction::Blackhole => KernelAction::Blackhole,
            RuleAction::Unreachable => KernelAction::Unreachable,
            RuleAction::Prohibit => KernelAction::Prohibit,
            RuleAction::Other => KernelAction::Unspec,
        },
        flags: if rule.is_inverted { RuleFlags::Invert } else { RuleFlags::empty() },
    };
    let attributes = &mut message.attributes;
    attributes.push(RuleAttribute::Priority(rule.preference));
    attributes.push(RuleAttribute::Protocol(RouteProtocol::from(rule.protocol)));
    attributes.extend(rule.from.map(|network| RuleAttribute::Source(network.address)));
    attributes.extend(rule.to.map(|network| RuleAttribute::Destination(network.address)));
    attributes.extend(rule.mark.map(RuleAttribute::FwMark));
    attributes.extend(rule.mask.map(RuleAttribute::FwMask));
    attributes.extend(rule.input.clone().map(RuleAttribute::Iifname));
    attributes.extend(rule.output.clone().map(RuleAttribute::Oifname));
    match &rule.action {
        RuleAction::Table(table) => {
            let table: u32 = number(table, &tables.tables)?;
            message.header.table = u8::try_from(table).unwrap_or(0);
            attributes.push(RuleAttribute::Table(table));
        }
        RuleAction::Goto(target) => attributes.push(RuleAttribute::Goto(*target)),
        RuleAction::L3mdev => attributes.push(RuleAttribute::L3MDev(true)),
        RuleAction::Blackhole
        | RuleAction::Unreachable
        | RuleAction::Prohibit
        | RuleAction::Nop
        | RuleAction::Other => {}
    }
    attributes.extend(realms(rule.realms.as_ref(), tables)?.map(RuleAttribute::Realm));
    attributes.extend(rule.tunnel.map(RuleAttribute::TunId));
    attributes.extend(rule.users.map(|(start, end)| RuleAttribute::UidRange(RuleUidRange { start, end })));
    let above: Option<u8> = optional(rule.above.as_ref(), &tables.ip_protocols)?;
    attributes.extend(above.map(|above| RuleAttribute::IpProtocol(i32::from(above).into())));
    let ports = |(start, end)| RulePortRange { start, end };
    attributes.extend(rule.source_ports.map(ports).map(RuleAttribute::SourcePortRange));
    attributes.extend(rule.destination_ports.map(ports).map(RuleAttribute::DestinationPortRange));
    attributes.extend(rule.suppress_prefix.map(RuleAttribute::SuppressPrefixLen));
    attributes.extend(optional(rule.suppress_group.as_ref(), &tables.groups)?.map(RuleAttribute::SuppressIfGroup));
    Ok(message)
}
