//! Entries of route and rule lists.
//!
//! keepalived drops an entry with a word that it cannot read. Words that nothing here works out are kept as they are.

use super::block::{dropped, int, ip, options, text};
use super::raw;
use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::line::{route as row, rule as rule_row};
use kalc_grammar::value::Data;
use kalc_ir::route::{Hop, Metric, MetricKind, Named, Network, PROTOCOL, Route, RouteKind, Rule, RuleAction};
use kalc_ir::{Dropped, Family, OriginId, RawValue, Reason};
use std::net::IpAddr;

/// Metrics of routes by their words.
const METRICS: [(&Keyword, MetricKind); 14] = [
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
        scope: None,
        metric: None,
        tos: None,
        preference: None,
        metrics: Vec::new(),
        is_tracked: true,
        others: Vec::new(),
        origin: OriginId(entry.0),
    };
    let mut has_destination = false;
    let mut protocol = None;
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
        } else if is(&row::NEXTHOP) {
            route.hops.push(hop(config, values, &mut families, &mut route.others));
        } else if let Some((_, kind)) = METRICS.iter().find(|(row, _)| *row == keyword) {
            route.metrics.extend(metric(config, *kind, values));
        } else if !is(&row::PREPEND) {
            route.others.push(RawValue::Option(keyword.name));
            route.others.extend(values.iter().map(|value| raw::raw_value(config, value)));
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
        suppress_prefix: None,
        suppress_group: None,
        protocol: PROTOCOL,
        is_tracked: true,
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

/// Words of a next hop: `via`, `dev`, `weight`, `onlink`, each with its value behind it.
fn hop(config: &Config, values: &[Value], families: &mut Families, others: &mut Vec<RawValue>) -> Hop {
    let mut hop = Hop { gateway: None, interface: None, weight: 1, is_onlink: false };
    let mut word = "";
    for value in values {
        match value.data {
            Data::Choice("onlink") => hop.is_onlink = true,
            Data::Choice(next @ ("via" | "dev" | "weight")) => word = next,
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
                _ => others.push(raw::raw_value(config, value)),
            },
        }
    }
    hop
}
