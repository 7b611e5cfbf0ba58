//! Routes and rules of the kernel that an instance holds while it is master, or the daemon while it runs: entries of
//! `virtual_routes`, `virtual_rules`, `static_routes` and `static_rules`.

use crate::id::OriginId;
use crate::net::Family;
use crate::raw::RawValue;
use serde::Serialize;
use std::fmt;
use std::net::IpAddr;

/// Protocol of keepalived's routes and rules (`RTPROT_KEEPALIVED`, `linux/rtnetlink.h`).
pub const PROTOCOL: u8 = 18;

/// A number of the kernel, or a name that the host's tables in `/etc/iproute2` may know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Named {
    /// The number.
    Number(u32),
    /// The name.
    Name(String),
}

/// A network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Network {
    /// Its address.
    pub address: IpAddr,
    /// Its prefix length.
    pub prefix: u8,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// Its family.
    pub family: Family,
    /// Where packets go; `None` is everywhere (`default`).
    pub destination: Option<Network>,
    /// What happens to them.
    pub kind: RouteKind,
    /// Source address that the host prefers (`src`).
    pub source: Option<IpAddr>,
    /// Gateway (`via`).
    pub gateway: Option<IpAddr>,
    /// Interface (`dev`).
    pub interface: Option<String>,
    /// Gateway is reached by the interface whatever the addresses say (`onlink`).
    pub is_onlink: bool,
    /// Several ways instead of one (`nexthop`).
    pub hops: Vec<Hop>,
    /// Table; `None` is main.
    pub table: Option<Named>,
    /// Whose route it is (`protocol`, 18); another one only if it is not tracked.
    pub protocol: Named,
    /// Of which packets it is asked: those from there (`from`, IPv6 only).
    pub from: Option<Network>,
    /// `realms`, of IPv4.
    pub realms: Option<Realms>,
    /// `encap`
    pub encapsulation: Option<Encapsulation>,
    /// Seconds after which the kernel removes it (`expires`, IPv6 only).
    pub expires: Option<u32>,
    /// `congctl`
    pub congestion: Option<Congestion>,
    /// `ttl-propagate`
    pub propagates_ttl: Option<bool>,
    /// Where it goes among others to the same destination.
    pub place: Place,
    /// VRF device whose table takes it (`vrf`); it counts before `table`.
    pub vrf: Option<String>,
    /// `scope`; `None` leaves it to what the route is.
    pub scope: Option<Named>,
    /// `metric`; `None` leaves it to the kernel.
    pub metric: Option<u32>,
    /// `tos`
    pub tos: Option<Named>,
    /// `pref`, of IPv6 (RFC 4191): 0 medium, 1 high, 3 low.
    pub preference: Option<u8>,
    /// What TCP and others are told about the way.
    pub metrics: Vec<Metric>,
    /// Whether a loss of it, or of its interface, counts. Without an interface it does not.
    pub is_tracked: bool,
    /// Group whose instances it takes part in (`track_group`), of static ones with an interface.
    pub track_group: Option<String>,
    /// Words that are not worked out.
    pub others: Vec<RawValue>,
    /// The entry.
    pub origin: OriginId,
}

/// One of several ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// Gateway (`via`).
    pub gateway: Option<IpAddr>,
    /// Interface (`dev`).
    pub interface: Option<String>,
    /// Share (`weight`, 1 to 256).
    pub weight: u16,
    /// `onlink`
    pub is_onlink: bool,
    /// `realms`
    pub realms: Option<Realms>,
    /// `encap`
    pub encapsulation: Option<Encapsulation>,
}

impl Default for Hop {
    fn default() -> Self {
        Hop { gateway: None, interface: None, weight: 1, is_onlink: false, realms: None, encapsulation: None }
    }
}

/// Realms of where packets come from and where they go (`[FROM/]TO`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Realms {
    /// Of the source.
    pub source: Option<Named>,
    /// Of the destination.
    pub destination: Named,
}

/// Algorithm of TCP for congestion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Congestion {
    /// Its name, as the kernel knows it.
    pub algorithm: String,
    /// Whether programs cannot choose another one.
    pub is_locked: bool,
}

/// Where a route goes among others to the same destination with the same metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Before them.
    #[default]
    First,
    /// Behind them (`append`).
    Last,
    /// It is not added beside another one (`add`).
    Alone,
}

/// What packets on a route are wrapped into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encapsulation {
    /// A tunnel over IPv4.
    Ip(Tunnel),
    /// A tunnel over IPv6.
    Ip6(Tunnel),
    /// MPLS labels, the outermost first.
    Mpls(Vec<u32>),
    /// The locator that replaces the upper half of the destination.
    Ila(u64),
}

/// A tunnel without an interface of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tunnel {
    /// `id`
    pub id: Option<u64>,
    /// The far end (`dst`).
    pub destination: Option<IpAddr>,
    /// The near end (`src`).
    pub source: Option<IpAddr>,
    /// `tos`, or `tc` of IPv6.
    pub traffic_class: Option<Named>,
    /// `ttl`, or `hoplimit` of IPv6.
    pub hop_limit: Option<u8>,
    /// `flags`
    pub flags: Option<u16>,
}

/// Type of a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// Packets are sent on.
    #[default]
    Unicast,
    /// They are for this host.
    Local,
    /// They are broadcast.
    Broadcast,
    /// They are multicast.
    Multicast,
    /// The next table is asked.
    Throw,
    /// They are dropped, and the sender is told that there is no way.
    Unreachable,
    /// They are dropped, and the sender is told that it may not.
    Prohibit,
    /// They are dropped.
    Blackhole,
    /// `nat`, which no kernel has any more.
    Nat,
    /// They are for any of several hosts.
    Anycast,
    /// `xresolve`, which no kernel has.
    Xresolve,
}

/// One of the metrics of a route (`RTAX_…`, `linux/rtnetlink.h`), in the kernel's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// Which.
    pub kind: MetricKind,
    /// Its value.
    pub value: u32,
    /// Whether the kernel must not change it (`lock`).
    pub is_locked: bool,
}

/// Which metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// `mtu`, bytes.
    Mtu,
    /// `window`, bytes.
    Window,
    /// `rtt`, eighths of a millisecond.
    Rtt,
    /// `rttvar`, quarters of a millisecond.
    Rttvar,
    /// `ssthresh`, segments.
    Ssthresh,
    /// `cwnd`, segments.
    Cwnd,
    /// `advmss`, bytes.
    Advmss,
    /// `reordering`, segments.
    Reordering,
    /// `hoplimit`
    Hoplimit,
    /// `initcwnd`, segments.
    Initcwnd,
    /// `rto_min`, milliseconds.
    RtoMin,
    /// `initrwnd`, segments.
    Initrwnd,
    /// `quickack`
    Quickack,
    /// `fastopen_no_cookie`
    FastopenNoCookie,
    /// `features`, bits; 1 is `ecn`.
    Features,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its family.
    pub family: Family,
    /// Its place: `preference`, or a number that counts down from 16384 in each family.
    pub preference: u32,
    /// Whether it matches what the words do not match (`not`).
    pub is_inverted: bool,
    /// `from`
    pub from: Option<Network>,
    /// `to`
    pub to: Option<Network>,
    /// `tos`
    pub tos: Option<Named>,
    /// `fwmark`
    pub mark: Option<u32>,
    /// Mask of `fwmark`, if one is written.
    pub mask: Option<u32>,
    /// `iif`
    pub input: Option<String>,
    /// `oif`
    pub output: Option<String>,
    /// What follows.
    pub action: RuleAction,
    /// `realms`, of IPv4.
    pub realms: Option<Realms>,
    /// `tunnel-id`
    pub tunnel: Option<u64>,
    /// Users whose processes send (`uidrange`), the first and the last.
    pub users: Option<(u32, u32)>,
    /// Protocol above IP (`ipproto`).
    pub above: Option<Named>,
    /// `sport`, the first and the last.
    pub source_ports: Option<(u16, u16)>,
    /// `dport`, the first and the last.
    pub destination_ports: Option<(u16, u16)>,
    /// `suppress_prefixlength`
    pub suppress_prefix: Option<u32>,
    /// `suppress_ifgroup`
    pub suppress_group: Option<Named>,
    /// Whose rule it is (`protocol`, 18); another one only if it is not tracked.
    pub protocol: u8,
    /// Whether a loss of it counts.
    pub is_tracked: bool,
    /// Group whose instances it takes part in (`track_group`), of static ones with an interface.
    pub track_group: Option<String>,
    /// Words that are not worked out.
    pub others: Vec<RawValue>,
    /// The entry.
    pub origin: OriginId,
}

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleAction {
    /// A table is asked (`table`).
    Table(Named),
    /// Another rule is asked (`goto`).
    Goto(u32),
    /// The packet is dropped.
    Blackhole,
    /// It is dropped, and the sender is told that there is no way.
    Unreachable,
    /// It is dropped, and the sender is told that it may not.
    Prohibit,
    /// The table of its VRF is asked (`l3mdev`).
    L3mdev,
    /// Nothing: others go to it (`nop`).
    Nop,
    /// One of those that are not worked out.
    Other,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Named::Number(number) => write!(f, "{number}"),
            Named::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Realms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            write!(f, "{source}/")?;
        }
        write!(f, "{}", self.destination)
    }
}

impl fmt::Display for Encapsulation {
    /// In the words of `ip route`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, tunnel, [class, limit]) = match self {
            Encapsulation::Ip(tunnel) => ("ip", tunnel, ["tos", "ttl"]),
            Encapsulation::Ip6(tunnel) => ("ip6", tunnel, ["tc", "hoplimit"]),
            Encapsulation::Mpls(labels) => {
                let labels: Vec<String> = labels.iter().map(u32::to_string).collect();
                return write!(f, "mpls {}", labels.join("/"));
            }
            Encapsulation::Ila(locator) => {
                let [a, b, c, d] = [48, 32, 16, 0].map(|shift| (locator >> shift) & 0xffff);
                return write!(f, "ila {a:x}:{b:x}:{c:x}:{d:x}");
            }
        };
        f.write_str(kind)?;
        word(f, "id", shown(&tunnel.id))?;
        word(f, "src", shown(&tunnel.source))?;
        word(f, "dst", shown(&tunnel.destination))?;
        word(f, class, shown(&tunnel.traffic_class))?;
        word(f, limit, shown(&tunnel.hop_limit))?;
        word(f, "flags", shown(&tunnel.flags))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// Writes a word and its value, if there is one.
fn word(f: &mut fmt::Formatter<'_>, name: &str, value: Option<&dyn fmt::Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(f, " {name} {value}"))
}

fn shown<T: fmt::Display>(value: &Option<T>) -> Option<&dyn fmt::Display> {
    value.as_ref().map(|value| value as &dyn fmt::Display)
}

fn others(f: &mut fmt::Formatter<'_>, others: &[RawValue]) -> fmt::Result {
    others.iter().try_for_each(|value| write!(f, " {value:?}"))
}

impl fmt::Display for Route {
    /// In the words of `ip route`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != RouteKind::Unicast {
            write!(f, "{} ", format!("{:?}", self.kind).to_lowercase())?;
        }
        match &self.destination {
            Some(network) => write!(f, "{network}")?,
            None => f.write_str(if self.family == Family::Ipv6 { "default6" } else { "default" })?,
        }
        word(f, "from", shown(&self.from))?;
        word(f, "tos", shown(&self.tos))?;
        word(f, "encap", shown(&self.encapsulation))?;
        word(f, "via", shown(&self.gateway))?;
        word(f, "dev", shown(&self.interface))?;
        word(f, "table", shown(&self.table))?;
        word(f, "vrf", shown(&self.vrf))?;
        if self.protocol != Named::Number(PROTOCOL.into()) {
            word(f, "protocol", Some(&self.protocol))?;
        }
        word(f, "scope", shown(&self.scope))?;
        word(f, "src", shown(&self.source))?;
        word(f, "metric", shown(&self.metric))?;
        word(f, "pref", shown(&self.preference))?;
        word(f, "realms", shown(&self.realms))?;
        word(f, "expires", shown(&self.expires))?;
        if let Some(Congestion { algorithm, is_locked }) = &self.congestion {
            write!(f, " congctl {}{algorithm}", if *is_locked { "lock " } else { "" })?;
        }
        let propagates = self.propagates_ttl.map(|propagates| if propagates { "enabled" } else { "disabled" });
        word(f, "ttl-propagate", shown(&propagates))?;
        for Metric { kind, value, is_locked } in &self.metrics {
            let lock = if *is_locked { "lock " } else { "" };
            write!(f, " {} {lock}{value}", format!("{kind:?}").to_lowercase())?;
        }
        for Hop { gateway, interface, weight, is_onlink, realms, encapsulation } in &self.hops {
            f.write_str(" nexthop")?;
            word(f, "encap", shown(encapsulation))?;
            word(f, "via", shown(gateway))?;
            word(f, "dev", shown(interface))?;
            word(f, "weight", Some(weight))?;
            word(f, "realms", shown(realms))?;
            f.write_str(if *is_onlink { " onlink" } else { "" })?;
        }
        f.write_str(if self.is_onlink { " onlink" } else { "" })?;
        f.write_str(match self.place {
            Place::First => "",
            Place::Last => " append",
            Place::Alone => " add",
        })?;
        f.write_str(if self.is_tracked { "" } else { " no_track" })?;
        word(f, "track_group", shown(&self.track_group))?;
        others(f, &self.others)
    }
}

impl fmt::Display for Rule {
    /// In the words of `ip rule`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.preference)?;
        f.write_str(if self.is_inverted { " not" } else { "" })?;
        match &self.from {
            Some(network) => write!(f, " from {network}")?,
            None => write!(f, " from {}", if self.family == Family::Ipv6 { "all6" } else { "all" })?,
        }
        word(f, "to", shown(&self.to))?;
        word(f, "tos", shown(&self.tos))?;
        word(f, "fwmark", shown(&self.mark))?;
        word(f, "mask", shown(&self.mask))?;
        word(f, "iif", shown(&self.input))?;
        word(f, "oif", shown(&self.output))?;
        word(f, "tunnel-id", shown(&self.tunnel))?;
        let users = self.users.map(|(first, last)| format!("{first}-{last}"));
        word(f, "uidrange", shown(&users))?;
        word(f, "ipproto", shown(&self.above))?;
        let ports = |range: &Option<(u16, u16)>| range.map(|(first, last)| format!("{first}-{last}"));
        word(f, "sport", shown(&ports(&self.source_ports)))?;
        word(f, "dport", shown(&ports(&self.destination_ports)))?;
        match &self.action {
            RuleAction::Table(table) => write!(f, " table {table}")?,
            RuleAction::Goto(rule) => write!(f, " goto {rule}")?,
            RuleAction::Blackhole => f.write_str(" blackhole")?,
            RuleAction::Unreachable => f.write_str(" unreachable")?,
            RuleAction::Prohibit => f.write_str(" prohibit")?,
            RuleAction::L3mdev => f.write_str(" l3mdev")?,
            RuleAction::Nop => f.write_str(" nop")?,
            RuleAction::Other => {}
        }
        word(f, "realms", shown(&self.realms))?;
        word(f, "suppress_prefixlength", shown(&self.suppress_prefix))?;
        word(f, "suppress_ifgroup", shown(&self.suppress_group))?;
        if self.protocol != PROTOCOL {
            word(f, "protocol", Some(&self.protocol))?;
        }
        f.write_str(if self.is_tracked { "" } else { " no_track" })?;
        word(f, "track_group", shown(&self.track_group))?;
        others(f, &self.others)
    }
}
