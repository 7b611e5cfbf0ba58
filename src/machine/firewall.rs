//! Whether the nftables of this machine drop adverts: the ruleset as `nft --json list ruleset` gives it.
//!
//! It looks at chains for incoming packets only, and says something where it is sure: a rule that drops the protocol, or a
//! chain that drops what no rule accepts, and no rule of it could accept the protocol.

use serde_json::Value;
use std::process::{Command, Stdio};

/// VRRP and the authentication header.
const PROTOCOLS: [(u8, &str); 2] = [(112, "vrrp"), (51, "ah")];

/// Protocols that are dropped, with what does it.
pub fn dropped() -> Vec<(u8, String)> {
    let nft =
        Command::new("nft").args(["--json", "list", "ruleset"]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    // Without nft, or without the right to ask it, nothing is known.
    let Ok(output) = nft else { return Vec::new() };
    match serde_json::from_slice(&output.stdout) {
        Ok(ruleset) if output.status.success() => from_ruleset(&ruleset),
        Ok(_) | Err(_) => Vec::new(),
    }
}

fn from_ruleset(ruleset: &Value) -> Vec<(u8, String)> {
    let items = ruleset["nftables"].as_array().map_or(&[][..], Vec::as_slice);
    let mut found: Vec<(u8, String)> = Vec::new();
    for chain in items.iter().map(|item| &item["chain"]).filter(|chain| chain["hook"] == "input") {
        let same = |rule: &&Value| {
            ["family", "table"].iter().all(|key| rule[key] == chain[key]) && rule["chain"] == chain["name"]
        };
        let rules: Vec<&Value> = items.iter().map(|item| &item["rule"]).filter(same).collect();
        for (protocol, name) in PROTOCOLS {
            if found.iter().any(|(known, _)| *known == protocol) {
                continue;
            }
            let chain_name = chain["name"].as_str().unwrap_or("");
            match first_verdict(&rules, protocol, name) {
                Some(Verdict::Drops) => {
                    found.push((protocol, format!("a rule of the nftables chain `{chain_name}` drops IP protocol {protocol}")));
                }
                None if chain["policy"] == "drop" => found.push((
                    protocol,
                    format!("the nftables chain `{chain_name}` drops what no rule accepts, and none accepts IP protocol {protocol}"),
                )),
                Some(Verdict::MayAccept) | None => {}
            }
        }
    }
    found
}

/// What becomes of a protocol.
#[derive(PartialEq, Eq)]
enum Verdict {
    Drops,
    /// It is accepted, or by something that is not worked out here: a jump, a match on addresses or interfaces.
    MayAccept,
}

/// What the first rule does that could be about the protocol.
fn first_verdict(rules: &[&Value], protocol: u8, name: &str) -> Option<Verdict> {
    for rule in rules {
        let parts = rule["expr"].as_array().map_or(&[][..], Vec::as_slice);
        let matches: Vec<&Value> = parts.iter().map(|part| &part["match"]).filter(|part| part.is_object()).collect();
        let verdict = parts.iter().find_map(|part| {
            let word = |key: &str| part.get(key).is_some();
            if word("drop") || word("reject") {
                Some(Verdict::Drops)
            } else if word("accept") || word("jump") || word("goto") || word("vmap") {
                Some(Verdict::MayAccept)
            } else {
                None
            }
        });
        let Some(verdict) = verdict else { continue };
        if matches.iter().any(|part| excludes(part, protocol, name)) {
            continue;
        }
        let about_it = matches.iter().any(|part| names(&part["right"], protocol, name));
        match verdict {
            Verdict::MayAccept => return Some(Verdict::MayAccept),
            // A drop that also asks for an address or an interface is about some packets only.
            Verdict::Drops if matches.is_empty() || (about_it && matches.len() == 1) => return Some(Verdict::Drops),
            Verdict::Drops => {}
        }
    }
    None
}

/// Whether a match cannot be true of an advert: another protocol, a port, a known connection, the loopback interface.
fn excludes(part: &Value, protocol: u8, name: &str) -> bool {
    let left = &part["left"];
    let is_equal = part["op"] == "==" || part["op"] == "in";
    let payload = (left["payload"]["protocol"].as_str().unwrap_or(""), left["payload"]["field"].as_str().unwrap_or(""));
    let is_protocol = left["meta"]["key"] == "l4proto" || matches!(payload, ("ip", "protocol") | ("ip6", "nexthdr"));
    let other_header = matches!(payload.0, "tcp" | "udp" | "icmp" | "icmpv6" | "th" | "sctp");
    let is_state = left["ct"]["key"] == "state" && !lists(&part["right"], "new");
    let is_loopback = matches!(left["meta"]["key"].as_str(), Some("iif" | "iifname")) && lists(&part["right"], "lo");
    is_equal && (is_protocol && !names(&part["right"], protocol, name) || is_state || is_loopback) || other_header
}

/// Whether a value or set has the protocol, as a number or by its name.
fn names(right: &Value, protocol: u8, name: &str) -> bool {
    let is_it = |value: &Value| value.as_u64() == Some(u64::from(protocol)) || value == name;
    is_it(right) || right["set"].as_array().is_some_and(|set| set.iter().any(is_it))
}

fn lists(right: &Value, word: &str) -> bool {
    let list = right.as_array().or_else(|| right["set"].as_array());
    right == word || list.is_some_and(|list| list.iter().any(|value| value == word))
}

#[cfg(test)]
mod tests {
    use super::from_ruleset;
    use serde_json::{Value, json};

    fn ruleset(policy: &str, rules: &[Value]) -> Vec<u8> {
        let chain =
            json!({"chain": {"family": "inet", "table": "filter", "name": "input", "hook": "input", "policy": policy}});
        let rule =
            |expr: &Value| json!({"rule": {"family": "inet", "table": "filter", "chain": "input", "expr": expr}});
        let all: Vec<Value> = std::iter::once(chain).chain(rules.iter().map(rule)).collect();
        from_ruleset(&json!({ "nftables": all })).into_iter().map(|(protocol, _)| protocol).collect()
    }

    fn proto(right: &Value, verdict: &str) -> Value {
        json!([{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": right}}, {verdict: null}])
    }

    fn state() -> Value {
        json!([{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}}, {"accept": null}])
    }

    fn port() -> Value {
        json!([{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}, {"accept": null}])
    }

    #[test]
    fn a_chain_that_drops_all_but_some_ports_drops_adverts() {
        assert_eq!(ruleset("drop", &[state(), port()]), [112, 51]);
        assert_eq!(ruleset("drop", &[state(), port(), proto(&json!(112), "accept")]), [51]);
        assert_eq!(ruleset("drop", &[proto(&json!({"set": ["vrrp", "ah"]}), "accept")]), Vec::<u8>::new());
        assert_eq!(ruleset("accept", &[state(), port()]), Vec::<u8>::new());
    }

    #[test]
    fn what_is_not_worked_out_is_not_told() {
        let peer = json!([{"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "192.0.2.2"}}, {"accept": null}]);
        assert_eq!(ruleset("drop", &[peer]), Vec::<u8>::new());
        assert_eq!(ruleset("drop", &[json!([{"jump": {"target": "more"}}])]), Vec::<u8>::new());
    }

    #[test]
    fn a_rule_that_drops_the_protocol_is_told() {
        assert_eq!(ruleset("accept", &[proto(&json!("vrrp"), "drop")]), [112]);
        assert_eq!(ruleset("accept", &[state(), json!([{"reject": null}])]), [112, 51]);
    }
}
