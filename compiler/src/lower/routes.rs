//! Entries of route and rule lists.
//!
//! keepalived drops an entry with a word that it cannot read. Words that nothing here works out are kept as they are.

use super::block::{dropped, int, ip, options, text};
use super::raw;
use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::line::{route as row, rule as rule_row};
use kalc_grammar::value::Data;
use kalc_ir::route::{
    Congestion, Encapsulation, Hop, Metric, MetricKind, Named, Network, PROTOCOL, Place, Realms, Route, RouteKind,
    Rule, RuleAction, Tunnel,
};
use kalc_ir::{Dropped, Family, OriginId, RawValue, Reason};
use std::iter::Peekable;
use std::net::IpAddr;

/// Metrics of routes by their words.
const METRICS: [(&Keyword, MetricKind); 15] = [
    (&row::MTU, MetricKind::Mtu),
    (&row::WINDOW, MetricKind::Window),
    (&row::RTT, MetricKind::Rtt),
    (&row::RTTVAR, MetricKind::Rttvar),
    (&row::SSTHRESH, MetricKind::Ssthresh),
    (&row::CWND, MetricKind::Cwnd),
    (&row::ADVMSS, MetricKind::Advmss),
    (&row::REORDERING, MetricKind::Reordering),
    (&row::HOPLIMIT, MetricKind::Hoplimit),
    (&row::INITCWND, MetricKind::Initcwnd),
    (&row::RTO_MIN, MetricKind::RtoMin),
    (&row::INITRWND, MetricKind::Initrwnd),
    (&row::QUICKACK, MetricKind::Quickack),
    (&row::FASTOPEN_NO_COOKIE, MetricKind::FastopenNoCookie),
    (&row::FEATURES, MetricKind::Features),
];

/// Families that the words of an entry speak of.
#[derive(Default)]
struct Families {
    seen: Option<Family>,
    is_mixed: bool,
}

impl Families {
    fn note(&mut self, family: Family) {
        self.is_mixed |= self.seen.is_some_and(|seen| seen != family);
        self.seen = Some(family);
    }

    fn note_ip(&mut self, ip: IpAddr) {
        self.note(Family::of(ip));
    }
}

/// Lowers an entry of a list of routes; `Err` says why keepalived leaves it out.
pub(super) fn route(config: &Config, entry: SettingId) -> Result<Route, Dropped> {
    let values = config.values(entry);
    let fault = |reason| dropped(config, entry, reason);
    if values.iter().any(|value| value.data == Data::Bad) {
        return Err(fault(Reason::BadValue));
    }
    let mut families = Families::default();
    let mut route = Route {
        family: Family::Ipv4,
        destination: None,
        kind: RouteKind::Unicast,
        source: None,
        gateway: None,
        interface: None,
        is_onlink: false,
        hops: Vec::new(),
        table: None,
        protocol: Named::Number(PROTOCOL.into()),
        from: None,
        realms: None,
        encapsulation: None,
        expires: None,
        congestion: None,
        propagates_ttl: None,
        place: Place::First,
        vrf: None,
        scope: None,
        metric: None,
        tos: None,
        preference: None,
        metrics: Vec::new(),
        is_tracked: true,
        track_group: None,
        others: Vec::new(),
        origin: OriginId(entry.0),
    };
    let mut has_destination = false;
    let (mut protocol, mut second) = (None, None);
    if let Some(value) = values.first().filter(|value| !matches!(value.data, Data::Option(_))) {
        has_destination = network(value, &mut families, &mut route.destination);
    }
    for (keyword, values) in options(values) {
        let is = |row: &'static Keyword| keyword == row;
        let address = || values.iter().find_map(ip);
        let word = || values.last().and_then(|value| text(config, value));
        let number = || values.last().and_then(int::<u32>);
        if is(&row::INET) {
            families.note(Family::Ipv4);
        } else if is(&row::INET6) {
            families.note(Family::Ipv6);
        } else if is(&row::TO) || is(&row::TYPE) {
            for value in values {
                match kind(value) {
                    Some(kind) => route.kind = kind,
                    None => has_destination |= network(value, &mut families, &mut route.destination),
                }
            }
        } else if is(&row::SRC) {
            route.source = address();
        } else if is(&row::VIA) || is(&row::GW) {
            route.gateway = address();
        } else if is(&row::TOS) || is(&row::DSFIELD_WORD) {
            route.tos = named(config, values);
        } else if is(&row::TABLE) {
            route.table = named(config, values);
        } else if is(&row::PROTOCOL) {
            protocol = named(config, values);
        } else if is(&row::SCOPE) {
            route.scope = named(config, values);
        } else if is(&row::METRIC) || is(&row::PRIORITY) || is(&row::PREFERENCE) {
            route.metric = number();
        } else if is(&row::DEV) || is(&row::OIF) {
            route.interface = word();
        } else if is(&row::ONLINK) {
            route.is_onlink = true;
        } else if is(&row::PREF) {
            route.preference = preference(values);
        } else if is(&row::NO_TRACK) {
            route.is_tracked = false;
        } else if is(&row::FROM) {
            for value in values {
                network(value, &mut families, &mut route.from);
            }
        } else if is(&row::REALMS) {
            route.realms = word().and_then(|word| realms(&word));
        } else if is(&row::ENCAP) {
            // What it is follows in a word of its own.
        } else if is(&row::IP) || is(&row::IP6) || is(&row::MPLS) || is(&row::ILA) {
            let kind = keyword.name;
            route.encapsulation = encapsulation(config, kind, &mut values.iter().peekable());
        } else if is(&row::EXPIRES) {
            route.expires = number();
        } else if is(&row::CONGCTL) {
            let is_locked = values.len() > 1;
            route.congestion = word().map(|algorithm| Congestion { algorithm, is_locked });
        } else if is(&row::TTL_PROPAGATE) {
            route.propagates_ttl = values.first().map(|value| value.data == Data::Choice("enabled"));
        } else if is(&row::ADD) {
            route.place = Place::Alone;
        } else if is(&row::APPEND) {
            route.place = Place::Last;
        } else if is(&row::PREPEND) {
            route.place = Place::First;
        } else if is(&row::TRACK_GROUP) {
            route.track_group = word();
        } else if is(&row::VRF) {
            route.vrf = word();
        } else if is(&row::OR) {
            second = address();
        } else if is(&row::AS) {
            // keepalived makes no MPLS routes and skips it.
        } else if is(&row::NEXTHOP) {
            route.hops.push(hop(config, values, &mut families, &mut route.others));
        } else if let Some((_, kind)) = METRICS.iter().find(|(row, _)| *row == keyword) {
            route.metrics.extend(metric(config, *kind, values));
        } else {
            route.others.push(RawValue::Option(keyword.name));
            route.others.extend(values.iter().map(|value| raw::raw_value(config, value)));
        }
    }
    if let Some(second) = second {
        // The old form: two gateways with equal shares. Differs: with an interface, which is that of both, the kernel refuses
        // what keepalived makes of it.
        let interface = route.interface.take();
        for gateway in [route.gateway.take(), Some(second)] {
            gateway.into_iter().for_each(|ip| families.note_ip(ip));
            route.hops.push(Hop { gateway, interface: interface.clone(), ..Hop::default() });
        }
    }
    [route.source, route.gateway].into_iter().flatten().for_each(|ip| families.note_ip(ip));
    if families.is_mixed {
        return Err(fault(Reason::OtherFamily));
    }
    if !has_destination {
        return Err(fault(Reason::Incomplete));
    }
    route.family = families.seen.unwrap_or(Family::Ipv4);
    // One that cannot be found again by its interface is not watched, whatever is written.
    route.is_tracked &= route.interface.is_some();
    route.track_group = route.track_group.filter(|_| route.interface.is_some());
    if let Some(protocol) = protocol.filter(|_| !route.is_tracked) {
        route.protocol = protocol;
    }
    Ok(route)
}

/// Lowers an entry of a list of rules; `Err` says why keepalived leaves it out. Without a preference it has 0, until
/// [`number_rules`] gives it one.
pub(super) fn rule(config: &Config, entry: SettingId) -> Result<Rule, Dropped> {
    let values = config.values(entry);
    let fault = |reason| dropped(config, entry, reason);
    if values.iter().any(|value| value.data == Data::Bad) {
        return Err(fault(Reason::BadValue));
    }
    let mut families = Families::default();
    let mut action = None;
    let mut protocol = None;
    let mut rule = Rule {
        family: Family::Ipv4,
        preference: 0,
        is_inverted: false,
        from: None,
        to: None,
        tos: None,
        mark: None,
        mask: None,
        input: None,
        output: None,
        action: RuleAction::Other,
        realms: None,
        tunnel: None,
        users: None,
        above: None,
        source_ports: None,
        destination_ports: None,
        suppress_prefix: None,
        suppress_group: None,
        protocol: PROTOCOL,
        is_tracked: true,
        track_group: None,
        others: Vec::new(),
        origin: OriginId(entry.0),
    };
    for (keyword, values) in options(values) {
        let is = |row: &'static Keyword| keyword == row;
        let word = || values.first().and_then(|value| text(config, value));
        let number = || values.first().and_then(int::<u32>);
        if is(&rule_row::INET) {
            families.note(Family::Ipv4);
        } else if is(&rule_row::INET6) {
            families.note(Family::Ipv6);
        } else if is(&rule_row::FROM) || is(&rule_row::TO) {
            let slot = if is(&rule_row::FROM) { &mut rule.from } else { &mut rule.to };
            for value in values {
                network(value, &mut families, slot);
            }
        } else if is(&rule_row::TABLE) || is(&rule_row::LOOKUP) {
            action = named(config, values).map(RuleAction::Table);
        } else if is(&rule_row::NOT) {
            rule.is_inverted = true;
        } else if is(&rule_row::PREFERENCE) || is(&rule_row::ORDER) || is(&rule_row::PRIORITY) {
            rule.preference = number().unwrap_or(0);
        } else if is(&rule_row::TOS) || is(&rule_row::DSFIELD_WORD) {
            rule.tos = named(config, values);
        } else if is(&rule_row::FWMARK) {
            (rule.mark, rule.mask) = word().map_or((None, None), |word| mark(&word));
        } else if is(&rule_row::SUPPRESS_PREFIXLENGTH) || is(&rule_row::SUP_PL) {
            rule.suppress_prefix = number();
        } else if is(&rule_row::SUPPRESS_IFGROUP) || is(&rule_row::SUP_GROUP) {
            rule.suppress_group = named(config, values);
        } else if is(&rule_row::DEV) || is(&rule_row::IIF) {
            rule.input = word();
        } else if is(&rule_row::OIF) {
            rule.output = word();
        } else if is(&rule_row::PROTOCOL) {
            protocol = values.first().and_then(int::<u8>);
        } else if is(&rule_row::NO_TRACK) {
            rule.is_tracked = false;
        } else if is(&rule_row::GOTO) {
            action = number().map(RuleAction::Goto);
        } else if is(&rule_row::BLACKHOLE) {
            action = Some(RuleAction::Blackhole);
        } else if is(&rule_row::UNREACHABLE) {
            action = Some(RuleAction::Unreachable);
        } else if is(&rule_row::PROHIBIT) {
            action = Some(RuleAction::Prohibit);
        } else if is(&rule_row::TRACK_GROUP) {
            rule.track_group = word();
        } else if is(&rule_row::L3MDEV) {
            action = Some(RuleAction::L3mdev);
        } else if is(&rule_row::NOP) {
            action = Some(RuleAction::Nop);
        } else if is(&rule_row::TYPE) {
            action = typed_action(values);
        } else if is(&rule_row::REALMS) {
            rule.realms = word().and_then(|word| realms(&word));
        } else if is(&rule_row::TUNNEL_ID) {
            rule.tunnel = word().and_then(|word| word.parse().ok());
        } else if is(&rule_row::UIDRANGE) {
            rule.users = values.first().and_then(range);
        } else if is(&rule_row::IPPROTO) {
            rule.above = named(config, values);
        } else if is(&rule_row::SPORT) {
            rule.source_ports = values.first().and_then(range).and_then(ports);
        } else if is(&rule_row::DPORT) {
            rule.destination_ports = values.first().and_then(range).and_then(ports);
        } else {
            rule.others.push(RawValue::Option(keyword.name));
            rule.others.extend(values.iter().map(|value| raw::raw_value(config, value)));
        }
    }
    if families.is_mixed {
        return Err(fault(Reason::OtherFamily));
    }
    rule.family = families.seen.unwrap_or(Family::Ipv4);
    if action.is_none() && rule.others.is_empty() {
        return Err(fault(Reason::Incomplete));
    }
    rule.action = action.unwrap_or(RuleAction::Other);
    rule.track_group = rule.track_group.filter(|_| rule.input.is_some());
    if let Some(protocol) = protocol.filter(|_| !rule.is_tracked) {
        rule.protocol = protocol;
    }
    Ok(rule)
}

/// Gives rules without a preference one, in the order of the text: keepalived counts down from 16384 in each family.
pub(super) fn number_rules<'a>(rules: impl Iterator<Item = &'a mut Rule>) {
    let mut rules: Vec<&mut Rule> = rules.filter(|rule| rule.preference == 0).collect();
    rules.sort_by_key(|rule| rule.origin.0);
    let (mut next4, mut next6) = (16384, 16384);
    for rule in rules {
        let next = match rule.family {
            Family::Ipv4 => &mut next4,
            Family::Ipv6 => &mut next6,
        };
        rule.preference = *next;
        *next -= 1;
    }
}

/// Reads a network into a slot; false if the value is none. `default` and its like are everywhere.
fn network(value: &Value, families: &mut Families, slot: &mut Option<Network>) -> bool {
    match value.data {
        Data::Net { ip, prefix } => {
            families.note_ip(ip);
            *slot = Some(Network { address: ip, prefix: prefix.unwrap_or(Family::of(ip).bits()) });
            true
        }
        Data::Choice("default6") => {
            families.note(Family::Ipv6);
            true
        }
        Data::Choice("default" | "any" | "all") => true,
        _ => false,
    }
}

fn kind(value: &Value) -> Option<RouteKind> {
    let Data::Choice(word) = value.data else { return None };
    Some(match word {
        "unicast" => RouteKind::Unicast,
        "local" => RouteKind::Local,
        "broadcast" | "brd" => RouteKind::Broadcast,
        "multicast" => RouteKind::Multicast,
        "throw" => RouteKind::Throw,
        "unreachable" => RouteKind::Unreachable,
        "prohibit" => RouteKind::Prohibit,
        "blackhole" => RouteKind::Blackhole,
        "nat" => RouteKind::Nat,
        "anycast" => RouteKind::Anycast,
        "xresolve" => RouteKind::Xresolve,
        _ => return None,
    })
}

fn named(config: &Config, values: &[Value]) -> Option<Named> {
    let value = values.first()?;
    int(value).map(Named::Number).or_else(|| text(config, value).map(Named::Name))
}

/// `low`, `medium`, `high`, or their number.
fn preference(values: &[Value]) -> Option<u8> {
    match values.first()?.data {
        Data::Choice("low") => Some(3),
        Data::Choice("high") => Some(1),
        Data::Choice(_) => Some(0),
        _ => values.first().and_then(int),
    }
}

/// `[lock] VALUE`. A time with a unit is turned into the kernel's, one without is in it already.
fn metric(config: &Config, kind: MetricKind, values: &[Value]) -> Option<Metric> {
    let value = values.last()?;
    let is_locked = values.len() > 1;
    let number = match kind {
        MetricKind::Rtt => time(&text(config, value)?, 8)?,
        MetricKind::Rttvar => time(&text(config, value)?, 4)?,
        MetricKind::RtoMin => time(&text(config, value)?, 1)?,
        MetricKind::Mtu
        | MetricKind::Window
        | MetricKind::Ssthresh
        | MetricKind::Cwnd
        | MetricKind::Advmss
        | MetricKind::Reordering
        | MetricKind::Hoplimit
        | MetricKind::Initcwnd
        | MetricKind::Initrwnd
        | MetricKind::Quickack
        | MetricKind::FastopenNoCookie => int(value)?,
        // The only word there is.
        MetricKind::Features => u32::from(value.data == Data::Choice("ecn")),
    };
    Some(Metric { kind, value: number, is_locked })
}

/// A time in so many parts of a millisecond.
fn time(text: &str, parts: u64) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<6}").get(..6)?.parse::<u64>().ok()?;
    let millionths = whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(fraction)?;
    let scaled = match &text[digits.len()..] {
        "" => millionths,
        unit if unit.starts_with('m') => millionths.checked_mul(parts)?,
        _ => millionths.checked_mul(parts * 1000)?,
    };
    u32::try_from(scaled / 1_000_000).ok()
}

/// `MARK[/MASK]` in C notation.
fn mark(word: &str) -> (Option<u32>, Option<u32>) {
    let number = |text: &str| match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    };
    match word.split_once('/') {
        Some((mark, mask)) => (number(mark), number(mask)),
        None => (number(word), None),
    }
}

/// `[FROM/]TO`, each a number or a name.
fn realms(word: &str) -> Option<Realms> {
    let one = |text: &str| text.parse().map_or_else(|_| Named::Name(text.to_owned()), Named::Number);
    match word.split_once('/') {
        Some((source, destination)) => Some(Realms { source: Some(one(source)), destination: one(destination) }),
        None => Some(Realms { source: None, destination: one(word) }),
    }
}

fn range(value: &Value) -> Option<(u32, u32)> {
    match value.data {
        Data::Range(first, last) => Some((first, last)),
        _ => None,
    }
}

fn ports((first, last): (u32, u32)) -> Option<(u16, u16)> {
    Some((u16::try_from(first).ok()?, u16::try_from(last).ok()?))
}

/// The action behind `type`.
fn typed_action(values: &[Value]) -> Option<RuleAction> {
    let Data::Choice(word) = values.first()?.data else { return None };
    match word {
        "goto" => values.get(1).and_then(int).map(RuleAction::Goto),
        "nop" => Some(RuleAction::Nop),
        "blackhole" => Some(RuleAction::Blackhole),
        "unreachable" => Some(RuleAction::Unreachable),
        "prohibit" => Some(RuleAction::Prohibit),
        _ => None,
    }
}

/// The words of an encapsulation, as far as they go.
fn encapsulation<'a>(
    config: &Config,
    kind: &str,
    values: &mut Peekable<impl Iterator<Item = &'a Value>>,
) -> Option<Encapsulation> {
    if let "mpls" | "ila" = kind {
        let word = text(config, values.next()?)?;
        return match kind {
            "mpls" => word.split('/').map(|label| label.parse().ok()).collect::<Option<_>>().map(Encapsulation::Mpls),
            _ => {
                let group = |group| u64::from_str_radix(group, 16).ok();
                let groups: Vec<u64> = word.split(':').map(group).collect::<Option<_>>()?;
                Some(Encapsulation::Ila(groups.iter().fold(0, |locator, group| locator << 16 | group)))
            }
        };
    }
    let mut tunnel = Tunnel::default();
    let is_own = |value: &&Value| {
        matches!(value.data, Data::Choice("id" | "dst" | "src" | "tos" | "tc" | "ttl" | "hoplimit" | "flags"))
    };
    while let Some(word) = values.next_if(is_own) {
        let (Data::Choice(word), Some(value)) = (&word.data, values.next()) else { break };
        match *word {
            "id" => tunnel.id = text(config, value).and_then(|id| id.parse().ok()),
            "dst" => tunnel.destination = ip(value),
            "src" => tunnel.source = ip(value),
            "ttl" | "hoplimit" => tunnel.hop_limit = int(value),
            "flags" => tunnel.flags = int(value),
            _ => tunnel.traffic_class = named(config, std::slice::from_ref(value)),
        }
    }
    Some(if kind == "ip6" { Encapsulation::Ip6(tunnel) } else { Encapsulation::Ip(tunnel) })
}

/// Words of a next hop: `via`, `dev`, `weight`, `onlink`, `realms`, `encap`, each with its values behind it.
fn hop(config: &Config, values: &[Value], families: &mut Families, others: &mut Vec<RawValue>) -> Hop {
    let mut hop = Hop::default();
    let mut word = "";
    let mut values = values.iter().peekable();
    while let Some(value) = values.next() {
        match value.data {
            Data::Choice("onlink") => hop.is_onlink = true,
            Data::Choice("encap") => {
                if let Some(Data::Choice(kind)) = values.next().map(|value| &value.data) {
                    hop.encapsulation = encapsulation(config, kind, &mut values);
                }
            }
            Data::Choice(next @ ("via" | "dev" | "weight" | "realms")) => word = next,
            // The family before a gateway says what that says itself.
            Data::Choice("inet" | "inet6") if word == "via" => {}
            Data::Choice(_) => {
                word = "";
                others.push(raw::raw_value(config, value));
            }
            _ => match word {
                "via" => {
                    hop.gateway = ip(value).or(hop.gateway);
                    hop.gateway.into_iter().for_each(|ip| families.note_ip(ip));
                }
                "dev" => hop.interface = text(config, value),
                "weight" => hop.weight = int(value).unwrap_or(1),
                "realms" => hop.realms = text(config, value).and_then(|word| realms(&word)),
                _ => others.push(raw::raw_value(config, value)),
            },
        }
    }
    hop
}
