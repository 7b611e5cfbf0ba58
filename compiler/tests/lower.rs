//! What small configurations mean.
//!
//! Each case is a text, a path into the IR as JSON without origins, and what must stand there. The values were compared
//! with what keepalived 2.2.7 says in its dump of effective settings, where it has a say.

use kalc_compiler::ir_json::{self, Origins};
use kalc_compiler::lower::lower;
use kalc_grammar::config::{self, Config};
use kalc_grammar::expand::{Logical, Profile, expand};
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::lex::lex;
use kalc_grammar::source::{SourceFile, Sources};
use kalc_grammar::syntax;
use kalc_ir::Ir;
use serde_json::{Value, json};

struct Read {
    sources: Sources,
    logical: Logical,
    config: Config,
    ir: Ir,
}

fn read_as(text: &str, profile: &Profile) -> Read {
    let mut sources = Sources::default();
    let id = sources.add(SourceFile::new("a.conf", text.as_bytes().to_vec()));
    let logical = expand(&mut sources, id, &MemoryFiles::default(), profile);
    let tokens = lex(&logical.text);
    let (tree, _) = syntax::parse(&logical.text, &tokens);
    let (config, _) = config::read(&logical, &tokens, &tree);
    let ir = lower(&config, &logical, profile);
    Read { sources, logical, config, ir }
}

fn ir(text: &str) -> Ir {
    read_as(text, &Profile::default()).ir
}

fn plain(text: &str) -> Value {
    ir_json::to_json(&ir(text), Origins::Stripped)
}

/// A case: what is written, where to look, what must be there.
fn check(text: &str, path: &str, expected: Value) {
    let value = plain(text);
    let found = value.pointer(path).unwrap_or(&Value::Null);
    assert_eq!(found, &expected, "{path} of\n{text}");
}

/// An instance with these settings; `|` ends a line.
fn instance(settings: &str) -> String {
    let lines = settings.replace('|', "\n");
    format!("vrrp_instance A {{\ninterface eth0\nvirtual_router_id 1\n{lines}\n}}\n")
}

fn with_vip(settings: &str) -> String {
    instance(&format!("virtual_ipaddress {{|192.0.2.1/24|}}|{settings}"))
}

/// A field of an instance with one IPv4 address.
fn field(settings: &str, name: &str, expected: Value) {
    check(&with_vip(settings), &format!("/vrrp_instances/0/{name}"), expected);
}

/// A field of an instance below these `global_defs`.
fn inherited(global: &str, settings: &str, name: &str, expected: Value) {
    let text = format!("global_defs {{\n{}\n}}\n{}", global.replace('|', "\n"), with_vip(settings));
    check(&text, &format!("/vrrp_instances/0/{name}"), expected);
}

/// A field of an instance behind these blocks.
fn behind(blocks: &str, settings: &str, name: &str, expected: Value) {
    let text = format!("{}\n{}", blocks.replace('|', "\n"), with_vip(settings));
    check(&text, &format!("/vrrp_instances/0/{name}"), expected);
}

fn v6(settings: &str) -> String {
    instance(&format!("virtual_ipaddress {{|fe80::1|}}|{settings}"))
}

#[test]
fn state_follows_priority_and_priority_follows_state() {
    for (settings, state, priority) in [
        ("", "backup", 100),
        ("state MASTER", "master", 255),
        ("state MASTER|priority 150", "master", 150),
        ("priority 255", "master", 255),
        ("state BACKUP|priority 255", "backup", 255),
        ("state MASTER|state BACKUP", "master", 255),
        ("state BACKUP|state MASTER", "master", 255),
        ("state FOO", "backup", 100),
        ("state MASTER|state FOO", "backup", 100),
        ("state FOO|priority 255", "backup", 255),
        ("state MASTER|priority 0", "master", 100),
        ("priority 50|priority 300", "backup", 100),
        ("priority 50|priority 60", "backup", 60),
        ("priority 010", "backup", 10),
        ("state MASTER|priority 200|strict_mode", "backup", 200),
        ("state BACKUP|priority 255|strict_mode", "master", 255),
        ("state MASTER|priority 50|authentication {|auth_type AH|auth_pass x|}", "backup", 50),
    ] {
        field(settings, "state", json!(state));
        field(settings, "priority", json!(priority));
    }
}

#[test]
fn version_comes_from_family_then_instance_then_global() {
    field("", "version", json!(2));
    field("version 3", "version", json!(3));
    field("version 3|version 2", "version", json!(3));
    field("version 4|version 3", "version", json!(3));
    inherited("vrrp_version 3", "", "version", json!(3));
    inherited("vrrp_version 3", "version 2", "version", json!(2));
    let after = format!("{}global_defs {{\nvrrp_version 3\n}}\n", with_vip(""));
    check(&after, "/vrrp_instances/0/version", json!(3));
    check(&v6(""), "/vrrp_instances/0/version", json!(3));
    check(&v6("version 2"), "/vrrp_instances/0/version", json!(3));
    check(&instance("version 2|virtual_ipaddress {|fe80::1|}"), "/vrrp_instances/0/version", json!(2));
    check(&instance("version 2|strict_mode|virtual_ipaddress {|fe80::1|}"), "/vrrp_instances/0/version", json!(3));
}

#[test]
fn intervals_are_rounded_to_what_adverts_can_say() {
    for (settings, micros) in [
        ("", 1_000_000),
        ("advert_int 1.5", 2_000_000),
        ("advert_int 2.49", 2_000_000),
        ("advert_int 2.5", 3_000_000),
        ("advert_int 0.4", 1_000_000),
        ("advert_int 255", 255_000_000),
        ("advert_int 3|advert_int 700", 3_000_000),
        ("version 3|advert_int 0.014", 10_000),
        ("version 3|advert_int 0.025", 30_000),
        ("version 3|advert_int 1.005", 1_010_000),
        ("version 3|advert_int 40.96", 40_950_000),
        ("version 3|advert_int 100", 40_950_000),
        ("version 3|advert_int 0.001", 1_000_000),
    ] {
        field(settings, "advert_interval_us", json!(micros));
    }
}

#[test]
fn preemption_counts_only_where_it_can() {
    for (settings, preempts, delay) in [
        ("", true, 0),
        ("nopreempt", false, 0),
        ("nopreempt off", false, 0),
        ("nopreempt|preempt", true, 0),
        ("preempt|nopreempt", false, 0),
        ("nopreempt|state MASTER|priority 100", true, 0),
        ("nopreempt|priority 255|state BACKUP", true, 0),
        ("nopreempt|state MASTER|priority 100|strict_mode", false, 0),
        ("preempt_delay 4.5", true, 4_500_000),
        ("preempt_delay 4|nopreempt", false, 0),
        ("preempt_delay 4|state MASTER|priority 9", true, 0),
        ("preempt_delay 4|strict_mode", true, 0),
        ("preempt_delay 2000", true, 0),
    ] {
        field(settings, "preempts", json!(preempts));
        field(settings, "preempt_delay_us", json!(delay));
    }
    field("timer_expired_backup 200", "timer_expired_backup", json!(null));
    field("nopreempt|timer_expired_backup 200", "timer_expired_backup", json!(200));
    field("nopreempt|timer_expired_backup", "timer_expired_backup", json!(254));
}

#[test]
fn passwords_count_in_version_2_only() {
    let pass = |secret: &str, length: u32| json!({ "pass": { "secret": { "bytes": secret.as_bytes(), "written_length": length } } });
    field("", "auth", json!("none"));
    field("authentication {|auth_type PASS|auth_pass abc|}", "auth", pass("abc", 3));
    field("authentication {|auth_type PASS|auth_pass abcdefghij|}", "auth", pass("abcdefgh", 10));
    field("authentication {|auth_type PASS|auth_pass \"a b\"|}", "auth", pass("a b", 3));
    field("authentication {|auth_pass abc|}", "auth", json!("none"));
    field("authentication {|auth_type PASS|}", "auth", json!("none"));
    field("authentication {|auth_type PASS|auth_pass \"\"|}", "auth", json!("none"));
    field("authentication {|auth_type pass|auth_pass abc|}", "auth", json!("none"));
    field("version 3|authentication {|auth_type PASS|auth_pass abc|}", "auth", json!("none"));
    field("strict_mode|authentication {|auth_type PASS|auth_pass abc|}", "auth", json!("none"));
    inherited("vrrp_strict", "authentication {|auth_type PASS|auth_pass abc|}", "auth", json!("none"));
    let twice = "authentication {|auth_type PASS|auth_pass abc|}|authentication {|auth_type AH|}";
    field(twice, "auth", json!({ "ah": { "secret": { "bytes": b"abc", "written_length": 3 } } }));
    let multibyte = "authentication {|auth_type PASS|auth_pass ééééé|}";
    field(multibyte, "auth", pass("éééé", 10));
}

#[test]
fn keyed_hashes_need_their_active_key() {
    let key = "0123456789abcdef0123456789abcdef";
    let hmac = |rest: &str| format!("auth_hmac {{|key 7 {key}|{rest}|}}");
    field(&hmac("active_key 7"), "auth/hmac/active_key", json!(7));
    field(&hmac("active_key 7"), "auth/hmac/time_window_us", json!(5_000_000));
    field(&hmac("active_key 7|time_window 9"), "auth/hmac/time_window_us", json!(9_000_000));
    field(&hmac("active_key 7|mode permissive"), "auth/hmac/mode", json!("permissive"));
    field(&hmac("active_key 7|anti_replay monotonic"), "auth/hmac/is_monotonic", json!(true));
    field(&format!("strict_mode|{}", hmac("active_key 7|mode permissive")), "auth/hmac/mode", json!("enforce"));
    field(&hmac("active_key 8"), "auth", json!("none"));
    field(&hmac(""), "auth", json!("none"));
    let both = format!("{}|authentication {{|auth_type PASS|auth_pass abc|}}", hmac("active_key 7"));
    field(&both, "auth/hmac/active_key", json!(7));
    let hex = "auth_hmac {|key 1 hex:000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f|active_key 1|}";
    field(hex, "auth/hmac/keys/0/source/secret/bytes/15", json!(15));
    let file = "auth_hmac {|key 1 file:/etc/key|active_key 1|}";
    field(file, "auth/hmac/keys/0/source", json!({ "file": "/etc/key" }));
}

#[test]
fn family_is_that_of_what_stands_first() {
    let family = |settings: &str, expected: Value| check(&instance(settings), "/vrrp_instances/0/family", expected);
    family("", json!(null));
    family("virtual_ipaddress {|192.0.2.1|fe80::1|}", json!("ipv4"));
    family("unicast_src_ip fe80::1|virtual_ipaddress {|192.0.2.1|}", json!("ipv6"));
    family("unicast_peer {|192.0.2.2|}|virtual_ipaddress {|fe80::1|}", json!("ipv4"));
    family("mcast_dst_ip 224.0.0.19|virtual_ipaddress {|fe80::1|}", json!("ipv4"));
    family("virtual_ipaddress_excluded {|fe80::1|}|virtual_ipaddress {|192.0.2.1|}", json!("ipv4"));
    family("native_ipv6|virtual_ipaddress {|192.0.2.1|}", json!("ipv6"));
    family("virtual_ipaddress {|foo|}|native_ipv6", json!("ipv6"));
    family("virtual_ipaddress {|fe80::1 brd 192.0.2.9|192.0.2.1|}", json!("ipv4"));
}

#[test]
fn addresses_of_the_other_family_are_dropped() {
    let text = instance("virtual_ipaddress {|192.0.2.1|fe80::1|192.0.2.2|}|virtual_ipaddress_excluded {|fe80::2|}");
    check(&text, "/vrrp_instances/0/virtual_addresses/1/address", json!("192.0.2.2"));
    check(&text, "/vrrp_instances/0/virtual_addresses/2", json!(null));
    check(&text, "/vrrp_instances/0/excluded_addresses/0/address", json!("fe80::2"));
    let dropped = json!([{ "keyword": "virtual_ipaddress", "reason": "other_family", "text": "fe80::1" }]);
    check(&text, "/vrrp_instances/0/dropped", dropped);
}

#[test]
fn entries_of_addresses() {
    let entry = |entry: &str, name: &str, expected: Value| {
        let text = instance(&format!("virtual_ipaddress {{|{entry}|}}"));
        check(&text, &format!("/vrrp_instances/0/virtual_addresses/0/{name}"), expected);
    };
    entry("192.0.2.1", "prefix", json!(32));
    entry("192.0.2.1/24", "prefix", json!(24));
    entry("192.0.2.1/40", "prefix", json!(32));
    entry("192.0.2.1/", "prefix", json!(0));
    entry("192.0.2.1", "interface", json!("eth0"));
    entry("192.0.2.1 dev eth1", "interface", json!("eth1"));
    entry("192.0.2.1 foo bar dev eth1", "interface", json!("eth1"));
    entry("192.0.2.1/24 brd +", "broadcast", json!("192.0.2.255"));
    entry("192.0.2.1/24 brd -", "broadcast", json!("192.0.2.0"));
    entry("192.0.2.1/31 brd +", "broadcast", json!(null));
    entry("192.0.2.1/24 broadcast 192.0.2.9", "broadcast", json!("192.0.2.9"));
    entry("192.0.2.1 scope link", "scope", json!({ "number": 253 }));
    entry("192.0.2.1 scope 0x10", "scope", json!({ "number": 16 }));
    entry("192.0.2.1 scope mine", "scope", json!({ "named": "mine" }));
    entry("fe80::1 scope link", "scope", json!({ "number": 0 }));
    entry("192.0.2.1 label eth0:1", "label", json!("eth0:1"));
    entry("192.0.2.1 label aaaaaaaaaaaaaaaa", "label", json!(null));
    entry("192.0.2.1/24 peer 192.0.2.2", "prefix", json!(32));
    entry("192.0.2.1/24 peer 192.0.2.2", "peer", json!("192.0.2.2"));
    entry("192.0.2.1 peer 192.0.2.2/24", "peer", json!(null));
    entry("192.0.2.1/24 brd + peer 192.0.2.2", "broadcast", json!(null));
    for dropped in ["dev", "dev eth0 dev eth1", "scope", "label", "brd", "brd foo", "brd fe80::1", "preferred_lft"] {
        entry(&format!("192.0.2.1 {dropped}"), "address", json!(null));
    }
    entry("fe80::1", "preferred_lifetime_us", json!(0));
    entry("fe80::1/64", "preferred_lifetime_us", json!(null));
    entry("fe80::1 preferred_lft forever", "preferred_lifetime_us", json!(null));
    entry("fe80::1 preferred_lft 5", "preferred_lifetime_us", json!(5_000_000));
    entry("192.0.2.1 no_track", "is_tracked", json!(false));
    entry("192.0.2.1 use_vmac", "uses_vmac", json!(true));
    entry("fe80::1 -nodad", "detects_duplicates", json!(true));
    entry("fe80::1/64 home mngtmpaddr noprefixroute autojoin", "manages_temporary", json!(true));
}

#[test]
fn an_advert_counts_255_addresses() {
    let lines: String = (0..300).map(|n| format!("10.0.{}.{}|", n / 250, n % 250)).collect();
    let ir = ir(&instance(&format!("virtual_ipaddress {{|{lines}}}")));
    assert_eq!(ir.vrrp_instances[0].virtual_addresses.len(), 255);
    assert_eq!(ir.vrrp_instances[0].excluded_addresses.len(), 45);
}

#[test]
fn only_peers_make_unicast() {
    let multicast = |group: &str| json!({ "multicast": { "group": group } });
    field("", "transport", multicast("224.0.0.18"));
    inherited("vrrp_mcast_group4 224.0.0.5", "", "transport", multicast("224.0.0.5"));
    field("mcast_dst_ip 224.0.0.9", "transport", multicast("224.0.0.9"));
    field("unicast_src_ip 192.0.2.9", "transport", multicast("224.0.0.18"));
    field("unicast_src_ip 192.0.2.9", "source", json!("192.0.2.9"));
    field("unicast_src_ip 192.0.2.9|mcast_src_ip 192.0.2.8", "source", json!("192.0.2.8"));
    field("unicast_src_ip 192.0.2.9|mcast_src_ip fe80::8", "source", json!(null));
    field("unicast_peer {|}", "transport", multicast("224.0.0.18"));
    field("unicast_peer {|fe80::2|foo|}", "transport", multicast("224.0.0.18"));
    check(&v6(""), "/vrrp_instances/0/transport", multicast("ff02::12"));
    check(&v6("unicast_peer {|fe80::2|}"), "/vrrp_instances/0/transport/unicast/ttl", json!(64));
    field("unicast_peer {|192.0.2.2|}", "transport/unicast/ttl", json!(255));
    field("unicast_peer {|192.0.2.2|}|unicast_ttl 9", "transport/unicast/ttl", json!(9));
    let peer = json!({ "address": "192.0.2.2", "min_ttl": 3, "max_ttl": 255 });
    field("unicast_peer {|192.0.2.2 min_ttl 3|}", "transport/unicast/peers/0", peer);
    field("unicast_peer {|192.0.2.2 min_ttl 3|}", "checks_unicast_source", json!(true));
    field("unicast_peer {|192.0.2.2|}", "checks_unicast_source", json!(false));
    field("check_unicast_src", "checks_unicast_source", json!(true));
    inherited("vrrp_check_unicast_src", "", "checks_unicast_source", json!(true));
    field("track_src_ip", "tracks_source", json!(false));
    field("track_src_ip|mcast_src_ip 192.0.2.8", "tracks_source", json!(true));
    field("old_unicast_checksum never", "old_unicast_checksum", json!("never"));
    field("old_unicast_checksum", "old_unicast_checksum", json!("always"));
}

#[test]
fn announcements_are_inherited() {
    for (global, settings, name, expected) in [
        ("", "", "garp_master_delay_us", 5_000_000),
        ("", "", "garp_master_repeat", 5),
        ("", "", "garp_master_refresh_us", 0),
        ("", "", "garp_master_refresh_repeat", 1),
        ("", "", "garp_lower_prio_delay_us", 5_000_000),
        ("", "", "garp_lower_prio_repeat", 5),
        ("vrrp_garp_master_delay 7", "", "garp_master_delay_us", 7_000_000),
        ("vrrp_garp_master_delay 7", "", "garp_lower_prio_delay_us", 7_000_000),
        ("vrrp_garp_master_delay 7", "garp_master_delay 9", "garp_master_delay_us", 9_000_000),
        ("vrrp_garp_master_delay 7", "garp_master_delay 9", "garp_lower_prio_delay_us", 7_000_000),
        ("", "garp_master_delay 0", "garp_master_delay_us", 0),
        ("", "garp_master_delay 9999", "garp_master_delay_us", 5_000_000),
        ("", "garp_master_repeat 0", "garp_master_repeat", 1),
        ("", "garp_master_refresh 60", "garp_master_refresh_us", 60_000_000),
        ("", "garp_master_refresh_repeat 0", "garp_master_refresh_repeat", 1),
        ("", "garp_lower_prio_repeat 0", "garp_lower_prio_repeat", 0),
        ("", "strict_mode|garp_lower_prio_repeat 4", "garp_lower_prio_repeat", 0),
        ("", "strict_mode", "garp_lower_prio_delay_us", 0),
        ("vrrp_garp_extra_if 7", "", "garp_extra_if_us", 7_000_000),
        ("vrrp_garp_extra_if 7", "garp_extra_if 0", "garp_extra_if_us", 0),
        ("", "garp_extra_if all 10", "garp_extra_if_us", 10_000_000),
        ("", "vmac_garp_intvl 10", "garp_extra_if_us", 10_000_000),
        ("vrrp_min_garp", "", "garp_master_delay_us", 0),
        ("vrrp_min_garp", "", "garp_master_repeat", 1),
        ("vrrp_min_garp", "", "garp_master_refresh_repeat", 0),
        ("vrrp_min_garp", "", "garp_lower_prio_repeat", 1),
        ("vrrp_min_garp|vrrp_min_garp off", "", "garp_master_repeat", 1),
        ("vrrp_min_garp off", "", "garp_master_repeat", 5),
        ("vrrp_min_garp|vrrp_garp_master_delay 7", "", "garp_master_delay_us", 7_000_000),
        ("vrrp_garp_master_delay 7|vrrp_min_garp", "", "garp_master_delay_us", 7_000_000),
        ("vrrp_garp_master_delay 5|vrrp_min_garp", "", "garp_master_delay_us", 0),
        ("vrrp_garp_lower_prio_repeat 5|vrrp_min_garp", "", "garp_lower_prio_repeat", 5),
    ] {
        inherited(global, settings, name, json!(expected));
    }
}

#[test]
fn strict_mode_and_switches() {
    for (global, settings, name, expected) in [
        ("", "", "accepts", json!(true)),
        ("", "no_accept", "accepts", json!(false)),
        ("", "no_accept|accept", "accepts", json!(true)),
        ("", "accept|no_accept", "accepts", json!(false)),
        ("", "strict_mode", "accepts", json!(false)),
        ("", "strict_mode|accept", "accepts", json!(false)),
        ("", "strict_mode|accept|version 3", "accepts", json!(true)),
        ("", "strict_mode|priority 255", "accepts", json!(true)),
        ("", "priority 255|no_accept", "accepts", json!(false)),
        ("vrrp_strict", "", "is_strict", json!(true)),
        ("vrrp_strict", "strict_mode off", "is_strict", json!(false)),
        ("", "strict_mode off|strict_mode foo", "is_strict", json!(false)),
        ("", "down_timer_adverts 5", "down_timer_adverts", json!(5)),
        ("vrrp_down_timer_adverts 4", "", "down_timer_adverts", json!(4)),
        ("", "down_timer_adverts 5|strict_mode", "down_timer_adverts", json!(3)),
        ("", "lower_prio_no_advert off|strict_mode", "lower_prio_no_advert", json!(true)),
        ("vrrp_lower_prio_no_advert", "", "lower_prio_no_advert", json!(true)),
        ("", "higher_prio_send_advert|strict_mode", "higher_prio_send_advert", json!(false)),
        ("", "skip_check_adv_addr off", "skips_check_adv_addr", json!(true)),
        ("vrrp_skip_check_adv_addr off", "", "skips_check_adv_addr", json!(false)),
        ("vrrp_owner_ignore_adverts", "", "owner_ignore_adverts", json!(false)),
        ("vrrp_owner_ignore_adverts", "priority 255", "owner_ignore_adverts", json!(true)),
        ("", "priority 255|owner_ignore_adverts off", "owner_ignore_adverts", json!(true)),
        ("v3_checksum_as_v2 off", "", "v3_checksum_as_v2", json!(true)),
        ("smtp_alert", "", "mails", json!(true)),
        ("smtp_alert|smtp_alert_vrrp off", "", "mails", json!(false)),
        ("smtp_alert", "smtp_alert off", "mails", json!(false)),
        ("vrrp_notify_priority_changes", "", "notifies_priority_changes", json!(true)),
    ] {
        inherited(global, settings, name, expected);
    }
}

#[test]
fn routes_and_rules() {
    let route = |line: &str, at: &str, expect: Value| {
        check(&format!("static_routes {{\n{line}\n}}"), &format!("/static_routes/0{at}"), expect);
    };
    route("192.0.2.0/24 dev eth0", "/protocol", json!({ "number": 18 }));
    route("192.0.2.0/24 dev eth0", "/is_tracked", json!(true));
    // Without an interface there is nothing to watch.
    route("192.0.2.0/24 via 192.0.2.1 protocol 7", "/is_tracked", json!(false));
    route("192.0.2.0/24 via 192.0.2.1 protocol 7", "/protocol", json!({ "number": 7 }));
    route("192.0.2.0/24 dev eth0 protocol 7", "/protocol", json!({ "number": 18 }));
    route("blackhole 2001:db8::/32", "/kind", json!("blackhole"));
    route("blackhole 2001:db8::/32", "/family", json!("ipv6"));
    route("default via fd00::1", "/destination", Value::Null);
    route("192.0.2.1 dev eth0 rtt 1.5s", "/metrics/0/value", json!(12_000));
    route("192.0.2.1 dev eth0 rttvar 10ms", "/metrics/0/value", json!(40));
    route(
        "192.0.2.1 dev eth0 rto_min lock 250ms",
        "/metrics/0",
        json!({ "kind": "rto_min", "value": 250, "is_locked": true }),
    );
    route("192.0.2.0/24 nexthop via 192.0.2.1 weight 3 nexthop dev eth1 onlink", "/hops/0/weight", json!(3));
    route("192.0.2.0/24 nexthop via 192.0.2.1 weight 3 nexthop dev eth1 onlink", "/hops/1/is_onlink", json!(true));
    route("192.0.2.0/24 dev eth0 encap mpls 100/200", "/encapsulation", json!({ "mpls": [100, 200] }));
    route("2001:db8::/64 dev eth0 encap ila 1:2:3:4a", "/encapsulation", json!({ "ila": 0x0001_0002_0003_004a_u64 }));
    route("192.0.2.0/24 encap ip id 5 dst 192.0.2.9 ttl 9 dev eth0", "/encapsulation/ip/hop_limit", json!(9));
    route("192.0.2.0/24 encap ip id 5 dst 192.0.2.9 ttl 9 dev eth0", "/interface", json!("eth0"));
    let hops =
        "192.0.2.0/24 nexthop via 192.0.2.1 encap ip6 id 7 dst fd00::9 tc 3 weight 2 nexthop dev eth1 realms 1/2";
    route(hops, "/hops/0/encapsulation/ip6/id", json!(7));
    route(hops, "/hops/0/weight", json!(2));
    route(hops, "/hops/1/realms", json!({ "source": { "number": 1 }, "destination": { "number": 2 } }));
    route("192.0.2.0/24 via 192.0.2.1 or 192.0.2.2", "/hops/1/gateway", json!("192.0.2.2"));
    route("192.0.2.0/24 dev eth0 congctl lock bbr", "/congestion", json!({ "algorithm": "bbr", "is_locked": true }));
    route("192.0.2.0/24 dev eth0 append", "/place", json!("last"));
    // A group needs an interface.
    route("192.0.2.0/24 via 192.0.2.1 track_group G", "/track_group", json!(null));
    // One family, or none of it.
    check("static_routes {\n192.0.2.0/24 via fd00::1\n}", "/static_routes", json!([]));
    check("static_rules {\nfrom 192.0.2.0/24\n}", "/static_rules", json!([]));
    // Numbers count down in the order of the text, in each family, wherever the rules stand.
    let text = "static_rules {\nfrom 192.0.2.0/24 table 7\nto 2001:db8::/32 table 7\nto 192.0.2.0/24 prohibit\n\
                from 192.0.2.1 table 7 preference 3\n}";
    for (index, preference) in [16384, 16384, 16383, 3].into_iter().enumerate() {
        check(text, &format!("/static_rules/{index}/preference"), json!(preference));
    }
    check("static_rules {\nfwmark 0x10/0xff table 7\n}", "/static_rules/0/mask", json!(255));
    check("static_rules {\nsport 80-90 table 7\n}", "/static_rules/0/source_ports", json!([80, 90]));
    check("static_rules {\nfrom 192.0.2.1 type goto 600\n}", "/static_rules/0/action", json!({ "goto": 600 }));
    check("static_rules {\nfrom 192.0.2.1 l3mdev\n}", "/static_rules/0/action", json!("l3mdev"));
}

#[test]
fn virtual_interfaces() {
    let vmac = |mac: &str, base: bool| json!({ "vmac": { "name": null, "mac": mac, "transmits_on_base": base, "group": null } });
    field("", "virtual_interface", json!("none"));
    field("use_vmac", "virtual_interface", vmac("00:00:5e:00:01:01", false));
    check(&v6("use_vmac"), "/vrrp_instances/0/virtual_interface", vmac("00:00:5e:00:02:01", false));
    field("use_vmac 02:00:00:00:01", "virtual_interface", vmac("02:00:00:00:01:01", false));
    field("use_vmac 02:00:00:00:01:F", "virtual_interface", vmac("02:00:00:00:01:0f", false));
    field("use_vmac foo|use_vmac bar", "virtual_interface/vmac/name", json!("bar"));
    field("use_vmac name bar", "virtual_interface/vmac/name", json!("bar"));
    field("use_vmac|vmac_xmit_base", "virtual_interface", vmac("00:00:5e:00:01:01", true));
    field("vmac_xmit_base", "virtual_interface", json!("none"));
    let unicast = "unicast_peer {|192.0.2.2|}|use_vmac";
    field(unicast, "virtual_interface", vmac("00:00:5e:00:01:01", true));
    let strict = format!("{unicast} 02:00:00:00:01|strict_mode");
    field(&strict, "virtual_interface", vmac("00:00:5e:00:01:01", false));
    field("use_ipvlan 192.0.2.77/24 private", "virtual_interface/ipvlan/mode", json!("private"));
    field("use_ipvlan 192.0.2.77/24 private", "source", json!("192.0.2.77"));
    field("use_vmac|promote_secondaries", "promotes_secondaries", json!(false));
    field("promote_secondaries", "promotes_secondaries", json!(true));
}

const TRACKERS: &str = "vrrp_script s {|script /bin/true|weight -5 reverse|}|vrrp_script t {|script /bin/true|}|\
    track_file f {|file /f|}|track_file g {|file /g|weight 3|}|vrrp_track_process p {|process x|weight 6|}|\
    bfd_instance b {|neighbor_ip 192.0.2.9|weight 7|}";

fn weight(change: i32, is_reversed: bool) -> Value {
    json!({ "change": change, "is_reversed": is_reversed })
}

#[test]
fn weights_come_from_the_entry_then_from_the_tracker() {
    for (list, entry, path, expected) in [
        ("track_script", "s", "scripts", weight(-5, true)),
        ("track_script", "s weight 9", "scripts", weight(9, true)),
        ("track_script", "s weight 9 noreverse", "scripts", weight(9, false)),
        ("track_script", "t weight 9 reverse", "scripts", weight(9, true)),
        ("track_script", "t weight 254", "scripts", weight(253, false)),
        ("track_script", "s weight 300", "scripts", weight(-5, true)),
        ("track_script", "s weight foo", "scripts", weight(0, true)),
        ("track_script", "t weight 9 foo", "scripts", weight(9, false)),
        ("track_file", "f", "files", weight(1, false)),
        ("track_file", "g weight -254", "files", weight(-254, false)),
        ("track_process", "p", "processes", weight(6, false)),
        ("track_bfd", "b", "bfds", weight(7, false)),
        ("track_interface", "eth1", "interfaces", weight(0, false)),
        ("track_interface", "eth1 weight -254 reverse", "interfaces", weight(-253, true)),
    ] {
        behind(TRACKERS, &format!("{list} {{|{entry}|}}"), &format!("trackers/{path}/0/weight"), expected);
    }
}

#[test]
fn trackers_that_are_dropped() {
    for (settings, reason) in [
        ("track_script {|late|}", "not_defined"),
        ("track_script {|t|t weight 4|}", "duplicate"),
        ("track_script {|t foo|}", "unknown_word"),
        ("track_script {|t noreverse|}", "unknown_word"),
        ("track_script {|t weight|}", "bad_value"),
        ("track_interface {|eth1 weight|}", "bad_value"),
        ("track_file {|f weight 3 foo|}", "unknown_word"),
        ("track_bfd {|b weight 3 foo|}", "unknown_word"),
        ("track_interface {|eth0 weight 5|}", "own_interface"),
        ("track_interface {|eth1|eth1|}", "duplicate"),
        ("priority 255|track_script {|s|}", "weight_of_owner"),
        ("priority 255|track_interface {|eth1 weight 4|}", "weight_of_owner"),
        ("priority 255|track_bfd {|b|}", "weight_of_owner"),
    ] {
        behind(TRACKERS, settings, "dropped/0/reason", json!(reason));
    }
    let late = format!("{}vrrp_script late {{\nscript /bin/true\n}}", with_vip("track_script {|late|}"));
    check(&late, "/vrrp_instances/0/trackers/scripts", json!([]));
    behind(TRACKERS, "priority 255|track_file {|f|}", "trackers/files/0/weight", weight(0, false));
    behind(TRACKERS, "priority 255|track_process {|p|}", "trackers/processes/0/weight", weight(6, false));
}

#[test]
fn definitions_of_trackers() {
    let script = |settings: &str, name: &str, expected: Value| {
        let text = format!("vrrp_script s {{\nscript \"/bin/x 'a b' c\"\n{}\n}}", settings.replace('|', "\n"));
        check(&text, &format!("/scripts/0/{name}"), expected);
    };
    script("", "command/arguments", json!(["/bin/x", "a b", "c"]));
    script("", "interval_us", json!(1_000_000));
    script("interval 4", "timeout_us", json!(4_000_000));
    script("interval 4|timeout 9", "timeout_us", json!(9_000_000));
    script("interval 0", "interval_us", json!(1_000_000));
    script("weight 400", "weight", weight(400, false));
    script("weight 4|weight 9", "weight", weight(9, false));
    script("fall 3|rise 2", "fall", json!(3));
    script("fall 0", "fall", json!(1));
    script("init_fail", "init_fail", json!(true));
    script("user a b", "command/user", json!("a"));
    let user = "global_defs {\nscript_user u g\n}\nvrrp_script s {\nscript /bin/x\n}";
    check(user, "/scripts/0/command/group", json!("g"));
    check("vrrp_script s {\nweight 3\n}", "/dropped/0/reason", json!("incomplete"));
    check("track_file f {\nfile /a\nfile /b\n}", "/files/0/path", json!("/a"));
    check("track_file f {\nfile /a\ninit_file 9 overwrite\n}", "/files/0/init/value", json!(9));
    check("vrrp_track_process p {\nprocess x y z\n}", "/processes/0/arguments", json!(["y", "z"]));
    check("vrrp_track_process p {\nprocess x y z\n}", "/processes/0/matching", json!("exact"));
    check(
        "vrrp_track_process p {\nprocess x\ndelay 2\nfork_delay 1\n}",
        "/processes/0/fork_delay_us",
        json!(1_000_000),
    );
    check("bfd_instance b {\nneighbour_ip fe80::1\n}", "/bfd_instances/0/ttl", json!(64));
    check("bfd_instance b {\nneighbor_ip 192.0.2.1\nmin_rx 2.5\n}", "/bfd_instances/0/min_rx_us", json!(2_500));
    check("bfd_instance b {\n}", "/dropped/0/reason", json!("incomplete"));
}

#[test]
fn duplicates() {
    let two = format!("{}{}", with_vip("priority 7"), with_vip("priority 8"));
    check(&two, "/vrrp_instances/0/priority", json!(7));
    check(&two, "/vrrp_instances/1", json!(null));
    check(&two, "/dropped/0", json!({ "keyword": "vrrp_instance", "text": "A", "reason": "duplicate" }));
    let scripts = "vrrp_script s {\nscript /a\n}\nvrrp_script s {\nscript /b\n}";
    check(scripts, "/scripts/0/command/arguments/0", json!("/a"));
    check(scripts, "/scripts/1", json!(null));
    field("notify_master /a|notify_master /b", "notify/master/arguments/0", json!("/a"));
    field("notify_master \"/a b\" u g", "notify/master/user", json!("u"));
    check("vrrp_instance A B {\n}", "/dropped/0/reason", json!("bad_name"));
    check("vrrp_instance {\n}", "/dropped/0/reason", json!("bad_name"));
    check("global_defs {\nrouter_id a\n}\nglobal_defs {\nrouter_id b\n}", "/global/router_id", json!("b"));
}

#[test]
fn what_cannot_run_stays_visible() {
    let text = "vrrp_instance A {\nvirtual_router_id 300\ninterface aaaaaaaaaaaaaaaa\n}";
    check(text, "/vrrp_instances/0/vrid", json!(null));
    check(text, "/vrrp_instances/0/interface", json!(null));
    check(&with_vip("virtual_router_id 5|virtual_router_id 300"), "/vrrp_instances/0/vrid", json!(5));
}

#[test]
fn sync_groups() {
    let groups = "vrrp_sync_group G {|group {|A|Z|}|track_script {|s weight 9|}|}|vrrp_sync_group H {|group {|A|}|}";
    let text = format!("{TRACKERS}|{groups}").replace('|', "\n") + &with_vip("track_script {|t|s|}|track_file {|f|g|}");
    check(&text, "/sync_groups/0/members", json!([0]));
    check(&text, "/sync_groups/0/trackers/scripts/0/weight", weight(9, true));
    check(&text, "/sync_groups/0/dropped/0/text", json!("Z"));
    check(&text, "/sync_groups/1", json!(null));
    check(&text, "/vrrp_instances/0/sync_group", json!(0));
    check(&text, "/vrrp_instances/0/trackers/scripts", json!([{ "id": 1, "weight": weight(0, false) }]));
    check(&text, "/vrrp_instances/0/trackers/files", json!([{ "id": 0, "weight": weight(0, false) }]));
    check(&text, "/vrrp_instances/0/dropped/0/reason", json!("weight_in_sync_group"));
    let permitted = text.replace("vrrp_sync_group G {", "vrrp_sync_group G {\nsync_group_tracking_weight");
    check(&permitted, "/vrrp_instances/0/trackers/scripts/1/weight", weight(-5, true));
    let reports = text.replace("vrrp_sync_group G {", "vrrp_sync_group G {\nnotify_priority_changes");
    check(&reports, "/vrrp_instances/0/notifies_priority_changes", json!(true));
    let interface =
        format!("vrrp_sync_group G {{\ngroup {{\nA\n}}\n}}\n{}", with_vip("track_interface {|eth1 weight 5|}"));
    check(&interface, "/vrrp_instances/0/trackers/interfaces/0/weight", weight(0, false));
    check("vrrp_sync_group G {\n}", "/dropped/0/reason", json!("incomplete"));
    let member = |settings: &str| format!("vrrp_sync_group G {{\ngroup {{\nA\n}}\n}}\n{}", with_vip(settings));
    check(&member("state MASTER|priority 150"), "/vrrp_instances/0/state", json!("backup"));
    check(&member("state MASTER|priority 150|nopreempt"), "/vrrp_instances/0/preempts", json!(true));
    check(&member("state MASTER"), "/vrrp_instances/0/state", json!("master"));
}

#[test]
fn unknown_values_use_the_default_and_are_listed() {
    field("priority ${PRIORITY}", "priority", json!(100));
    field(
        "priority ${PRIORITY}",
        "unknown",
        json!([{ "field": "priority", "text": "${PRIORITY}" }, { "field": "state", "text": "${PRIORITY}" }]),
    );
    field("state ${STATE}", "unknown/1/field", json!("priority"));
    field("state ${STATE}|priority 5", "unknown/1", json!(null));
    field("unicast_peer {|${PEER}|}", "transport/unicast/peers", json!([]));
    assert!(ir(&with_vip("unicast_peer {|${PEER}|}")).vrrp_instances[0].is_unknown("transport"));
    field("priority ${PRIORITY}|priority 9", "unknown", json!([]));
    field("track_script {|${S}|}", "unknown/0/field", json!("trackers.scripts"));
    field("prioriti 7", "dropped/0/reason", json!("misspelt"));
    field("prioriti 7", "priority", json!(100));
    field("prioriti 7", "unknown/0/field", json!("priority"));
    field("priority = 7", "priority", json!(100));
    field("state BACKUP priority 7", "priority", json!(100));
    field("state BACKUP priority 7", "unknown/0/field", json!("priority"));
    field("track_interface {|eth1 eth2|}", "trackers/interfaces/1", json!(null));
    field("track_interface {|eth1 eth2|}", "unknown/0/field", json!("trackers.interfaces"));
    check(&instance("virtual_ipaddress {|192.0.2.1 192.0.2.2|}"), "/vrrp_instances/0/virtual_addresses/1", json!(null));
    check("vrrp_instnce A {\n}", "/dropped/0/reason", json!("misspelt"));
}

/// A virtual server with one real server; `|` ends a line.
fn server(settings: &str, real: &str) -> String {
    format!(
        "virtual_server 192.0.2.1 80 {{\n{}\nreal_server 192.0.2.9 80 {{\n{}\n}}\n}}\n",
        settings.replace('|', "\n"),
        real.replace('|', "\n")
    )
}

#[test]
fn virtual_server_defaults() {
    for (settings, name, expected) in [
        ("", "service", json!({ "address": { "address": "192.0.2.1", "port": 80 } })),
        ("", "family", json!("ipv4")),
        ("", "protocol", json!("udp")),
        ("protocol tcp", "protocol", json!("tcp")),
        ("protocol HTTP", "protocol", json!("udp")),
        ("", "scheduler", json!("wlc")),
        ("lb_algo RR", "scheduler", json!("wlc")),
        ("lvs_sched rr", "scheduler", json!("rr")),
        ("lb_algo sh|sh-port", "scheduler_flag_2", json!(true)),
        ("sh-port|lb_algo sh", "scheduler_flag_2", json!(false)),
        ("flag-3", "scheduler_flag_3", json!(true)),
        ("ops", "one_packet", json!(true)),
        ("ops|protocol TCP", "one_packet", json!(false)),
        ("", "forwarding", json!("nat")),
        ("lb_kind DR", "forwarding", json!("dr")),
        ("lb_kind nat", "forwarding", json!("nat")),
        ("", "persistence", json!(null)),
        ("persistence_timeout", "persistence/timeout_us", json!(360_000_000)),
        ("persistence_timeout 50", "persistence/timeout_us", json!(50_000_000)),
        ("persistence_granularity 24", "persistence/granularity", json!({ "mask": "0.0.0.24" })),
        ("persistence_granularity 255.255.255.0", "persistence/granularity", json!({ "mask": "255.255.255.0" })),
        ("", "delay_loop_us", json!(60_000_000)),
        ("delay_loop 2.5", "delay_loop_us", json!(2_500_000)),
        ("", "quorum", json!(1)),
        ("quorum 5|hysteresis 7", "quorum", json!(1)),
        ("quorum 5|weight 9|hysteresis 7", "hysteresis", json!(4)),
        ("", "mails", json!(false)),
        ("", "real_servers/0/mails", json!(true)),
        ("", "real_servers/0/weight", json!(1)),
        ("weight 9", "real_servers/0/weight", json!(9)),
        ("alpha", "real_servers/0/alpha", json!(true)),
        ("inhibit_on_failure no", "real_servers/0/inhibit_on_failure", json!(true)),
        ("sorry_server 192.0.2.5", "sorry_server/port", json!(80)),
        ("sorry_server 192.0.2.5 81|lb_kind DR", "sorry_server/port", json!(80)),
        ("sorry_server 192.0.2.5 81|sorry_server_inhibit", "sorry_server/inhibit", json!(true)),
        ("sorry_server_inhibit|sorry_server 192.0.2.5 81", "sorry_server/inhibit", json!(false)),
        ("quorum_up /a", "quorum_up/arguments", json!(["/a"])),
    ] {
        check(&server(settings, ""), &format!("/virtual_servers/0/{name}"), expected);
    }
}

#[test]
fn tunnels() {
    let tunnel = |settings: &str, expected: Value| {
        check(&server(settings, ""), "/virtual_servers/0/forwarding", json!({ "tun": expected }));
    };
    tunnel("lb_kind TUN", json!({ "tunnel": "ipip", "checksum": "none" }));
    tunnel(
        "lb_kind TUN type gue port 5000 csum",
        json!({ "tunnel": { "gue": { "port": 5000 } }, "checksum": "checksum" }),
    );
    tunnel("lvs_method TUN type gre", json!({ "tunnel": "gre", "checksum": "none" }));
    tunnel(
        "lvs_method TUN type gue port 7 remcsum",
        json!({ "tunnel": { "gue": { "port": 7 } }, "checksum": "remote" }),
    );
}

#[test]
fn real_servers() {
    for (settings, real, name, expected) in [
        ("", "weight 0", "weight", json!(0)),
        ("lb_kind DR", "", "forwarding", json!("dr")),
        ("lb_kind DR", "lvs_method NAT", "forwarding", json!("nat")),
        ("inhibit_on_failure", "inhibit_on_failure off", "inhibit_on_failure", json!(false)),
        ("alpha", "alpha no", "alpha", json!(false)),
        ("", "uthreshold 9", "upper_threshold", json!(9)),
        ("", "notify_down \"/a b\"", "notify_down/arguments", json!(["/a", "b"])),
    ] {
        check(&server(settings, real), &format!("/virtual_servers/0/real_servers/0/{name}"), expected);
    }
    let port = |text: &str, expected: u16| check(text, "/virtual_servers/0/real_servers/0/port", json!(expected));
    port("virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.9 {\n}\n}", 80);
    port("virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.9 8080 {\n}\n}", 8080);
    port("virtual_server 192.0.2.1 80 {\nlb_kind DR\nreal_server 192.0.2.9 8080 {\n}\n}", 80);
    port("virtual_server fwmark 7 {\nlb_kind DR\nreal_server 192.0.2.9 8080 {\n}\n}", 0);
    let dropped = |text: &str, reason: &str| check(text, "/virtual_servers/0/dropped/0/reason", json!(reason));
    let more =
        |more: &str| format!("virtual_server 192.0.2.1 80 {{\nreal_server 192.0.2.9 80 {{\n}}\n{more} {{\n}}\n}}");
    dropped(&more("real_server 192.0.2.9 80"), "duplicate");
    dropped(&more("real_server fe80::1 80"), "other_family");
    dropped(&more("real_server foo 80"), "bad_name");
    check("virtual_server 192.0.2.1 80 {\n}", "/dropped/0/reason", json!("incomplete"));
    check("virtual_server foo 80 {\n}", "/dropped/0/reason", json!("bad_name"));
    let mark = "virtual_server fwmark 7 {\nha_suspend\nprotocol TCP\nreal_server fe80::9 80 {\n}\n}";
    check(mark, "/virtual_servers/0/service", json!({ "fwmark": 7 }));
    check(mark, "/virtual_servers/0/family", json!("ipv6"));
    check(mark, "/virtual_servers/0/protocol", json!(null));
    check(mark, "/virtual_servers/0/ha_suspend", json!(false));
    let any = "virtual_server 192.0.2.1 {\nreal_server 192.0.2.9 {\n}\n}";
    check(any, "/virtual_servers/0/persistence/timeout_us", json!(360_000_000));
}

#[test]
fn virtual_server_groups() {
    let group = |entries: &str| {
        format!(
            "virtual_server group G {{\nreal_server 192.0.2.9 80 {{\n}}\n}}\nvirtual_server_group G {{\n{}\n}}\n",
            entries.replace('|', "\n")
        )
    };
    let range = json!({ "addresses": { "first": "192.0.2.1", "last": "192.0.2.5", "port": 80 } });
    check(&group("192.0.2.1-5 80"), "/virtual_server_groups/0/entries/0", range);
    let network = json!({ "addresses": { "first": "192.0.2.0", "last": "192.0.2.255", "port": 80 } });
    check(&group("192.0.2.0/24 80"), "/virtual_server_groups/0/entries/0", network);
    check(
        &group("fwmark 7 inet6"),
        "/virtual_server_groups/0/entries/0",
        json!({ "fwmark": { "mark": 7, "family": "ipv6" } }),
    );
    check(&group("192.0.2.1 80"), "/virtual_servers/0/service", json!({ "group": { "name": "G", "group": 0 } }));
    check(&group("192.0.2.1 80"), "/virtual_servers/0/persistence", json!(null));
    check(&group("192.0.2.1"), "/virtual_servers/0/persistence/timeout_us", json!(360_000_000));
    check(&group("fwmark 7"), "/virtual_servers/0/protocol", json!(null));
    check(&group("foo"), "/virtual_servers/0/service", json!({ "group": { "name": "G", "group": null } }));
    check(&group("foo"), "/dropped/0/reason", json!("incomplete"));
}

#[test]
fn checks_inherit_and_have_defaults_of_their_own() {
    let check_of = |settings: &str, real: &str, name: &str, expected: Value| {
        check(&server(settings, real), &format!("/virtual_servers/0/real_servers/0/checkers/0/{name}"), expected);
    };
    for (block, retry, delay) in [
        ("TCP_CHECK {|}", 1, 1_000_000),
        ("HTTP_GET {|url {|path /|}|}", 1, 3_000_000),
        ("SSL_GET {|url {|path /|}|}", 1, 3_000_000),
        ("DNS_CHECK {|}", 3, 60_000_000),
        ("MISC_CHECK {|misc_path /x|}", 0, 1_000_000),
        ("SMTP_CHECK {|}", 1, 1_000_000),
        ("UDP_CHECK {|}", 1, 1_000_000),
        ("PING_CHECK {|}", 1, 1_000_000),
    ] {
        check_of("", block, "retry", json!(retry));
        check_of("", block, "delay_before_retry_us", json!(delay));
        check_of("", block, "warmup_us", json!(60_000_000));
        check_of("retry 7|delay_before_retry 8", block, "retry", json!(7));
        check_of("retry 7|delay_before_retry 8", block, "delay_before_retry_us", json!(8_000_000));
        check_of("retry 7", &format!("retry 9|{block}"), "retry", json!(9));
        check_of("delay_loop 7", block, "delay_loop_us", json!(7_000_000));
        check_of("delay_loop 7", &format!("delay_loop 9|{block}"), "warmup_us", json!(9_000_000));
    }
    check_of("", "retry 9|TCP_CHECK {|retry 0|}", "retry", json!(0));
    check_of("", "TCP_CHECK {|nb_get_retry 4|}", "retry", json!(1));
    check_of("", "HTTP_GET {|nb_get_retry 4|url {|path /|}|}", "retry", json!(4));
    check_of("", "TCP_CHECK {|}", "kind/tcp/connection/timeout_us", json!(5_000_000));
    check_of("connect_timeout 3", "TCP_CHECK {|}", "kind/tcp/connection/timeout_us", json!(3_000_000));
    check_of("", "TCP_CHECK {|}", "kind/tcp/connection/port", json!(80));
    check_of("", "TCP_CHECK {|connect_port 81|}", "kind/tcp/connection/port", json!(81));
    check_of("", "TCP_CHECK {|connect_ip 192.0.2.7|}", "kind/tcp/connection/address", json!("192.0.2.7"));
    check_of("delay_loop 7", "DNS_CHECK {|}", "delay_before_retry_us", json!(7_000_000));
    check_of("", "DNS_CHECK {|type a|}", "kind/dns/record", json!("A"));
    check_of("delay_loop 7", "MISC_CHECK {|misc_path /x|}", "kind/misc/timeout_us", json!(7_000_000));
    check_of("", "MISC_CHECK {|misc_path /x|delay_loop 2|}", "kind/misc/timeout_us", json!(2_000_000));
    check_of("", "MISC_CHECK {|misc_path \"/x y\"|misc_timeout 3|}", "kind/misc/timeout_us", json!(3_000_000));
    check_of(
        "",
        "HTTP_GET {|url {|path /a|status_code 200-204 301|}|}",
        "kind/http/urls/0/status_codes",
        json!([[200, 204], [301, 301]]),
    );
    check_of("", "HTTP_GET {|url {|path /a|}|}", "kind/http/urls/0/status_codes", json!([[200, 299]]));
    check_of("virtualhost v", "virtualhost w|HTTP_GET {|url {|path /a|}|}", "kind/http/urls/0/virtualhost", json!("w"));
    check_of("", "SSL_GET {|enable_sni|url {|path /a|}|}", "kind/http/sni", json!(true));
    check_of("", "UDP_CHECK {|payload 0a ff|require_reply 4x|}", "kind/udp/payload", json!([10, 255]));
    check_of(
        "",
        "UDP_CHECK {|payload 0aff|require_reply 4x|}",
        "kind/udp/reply",
        json!([{ "value": 0x40, "mask": 0xf0 }]),
    );
    let dropped = |real: &str, reason: &str| {
        check(&server("", real), "/virtual_servers/0/real_servers/0/dropped/0/reason", json!(reason));
    };
    dropped("HTTP_GET {|}", "incomplete");
    dropped("HTTP_GET {|url {|status_code 200|}|}", "incomplete");
    dropped("MISC_CHECK {|}", "incomplete");
    dropped("FILE_CHECK {|track_file f|}", "not_defined");
    dropped("BFD_CHECK {|name b|}", "not_defined");
    let trackers = TRACKERS.replace('|', "\n");
    let text = format!("{trackers}\n{}", server("", "FILE_CHECK {|track_file g|}|BFD_CHECK {|name b|}"));
    check(&text, "/virtual_servers/0/real_servers/0/checkers/0/kind/file/weight", weight(3, false));
    check(&text, "/virtual_servers/0/real_servers/0/checkers/1/kind/bfd/bfd", json!(0));
}

#[test]
fn global_settings() {
    for (settings, name, expected) in [
        ("notification_email {|a@b c@d|}|notification_email {|e@f|}", "mail/recipients", json!(["a@b", "c@d", "e@f"])),
        ("smtp_server 192.0.2.5 587", "mail/port", json!(587)),
        ("smtp_server mail.example", "mail/server", json!({ "name": "mail.example" })),
        ("smtp_connect_timeout 0", "mail/connect_timeout_us", json!(1_000_000)),
        ("lvs_sync_daemon eth1 inst A id 5", "lvs_sync_daemon/id", json!(5)),
        ("lvs_sync_daemon eth1 A 5", "lvs_sync_daemon/instance", json!("A")),
        ("lvs_timeouts tcp 3600 udp 5", "lvs_timeouts/udp_us", json!(5_000_000)),
        ("lvs_flush_on_stop VS", "lvs_flush_on_stop", json!("virtual_servers")),
        ("lvs_flush_onstop", "lvs_flush_on_stop", json!("all")),
        ("dynamic_interfaces allow_if_changes", "dynamic_interfaces", json!("allowed_with_changes")),
        ("notify_fifo /f u g|notify_fifo /g", "notify_fifo/path", json!("/f")),
        ("vrrp_garp_interval 0.001", "garp_interval_us", json!(1_000)),
        ("vrrp_garp_interval 0", "garp_interval_us", json!(0)),
        ("vrrp_rt_priority 50", "vrrp_process/rt_priority", json!(50)),
        (
            "vrrp_cpu_affinity 0 2|vrrp_priority -5",
            "vrrp_process",
            json!({ "nice": -5, "rt_priority": null, "cpus": [0, 2] }),
        ),
        ("bfd_no_swap", "locks_memory", json!(true)),
        ("checker_rlimit_rttime 50", "settings/0/values", json!([{ "int": 50 }])),
    ] {
        let text = format!("global_defs {{\n{}\n}}", settings.replace('|', "\n"));
        check(&text, &format!("/global/{name}"), expected);
    }
    check("net_namespace n\ninstance i\nchild_wait_time 9", "/global/child_wait_time_us", json!(9_000_000));
    let garp = "garp_group {\ngarp_interval 0.5\ninterface eth0\ninterfaces {\neth1 eth2\n}\n}";
    check(garp, "/garp_groups/0/interfaces", json!(["eth0", "eth1", "eth2"]));
    check("garp_group {\ninterface eth0\n}", "/dropped/0/reason", json!("incomplete"));
    check("static_ipaddress {\n192.0.2.1/24 dev eth1\n}", "/static_addresses/0/interface", json!("eth1"));
    check("static_routes {\n192.0.2.0/24 via 192.0.2.1\n}", "/static_routes/0/gateway", json!("192.0.2.1"));
    check("SSL {\nca /a\ncertificate /b\n}", "/tls_client/settings/0/keyword", json!("ca"));
    check("SSL {\ncertificate /b\n}\nSSL {\nkey /c\npassword x\n}", "/tls_client/certificate", json!(null));
    check("SSL {\ncertificate /b\n}\nSSL {\nkey /c\npassword x\n}", "/tls_client/key", json!("/c"));
}

#[test]
fn nothing_written_gets_lost() {
    field("debug 3", "settings/0", json!({ "keyword": "debug", "values": [{ "int": 3 }], "children": [] }));
    check(&server("snmp_name x", ""), "/virtual_servers/0/settings/0/keyword", json!("snmp_name"));
    check(
        &server("", "SMTP_CHECK {|host {|connect_port 5|}|}"),
        "/virtual_servers/0/real_servers/0/checkers/0/settings/0/children/0/keyword",
        json!("connect_port"),
    );
}

#[test]
fn every_keyword_changes_the_ir() {
    let base = plain(&with_vip(""));
    for settings in [
        "state MASTER",
        "priority 9",
        "advert_int 3",
        "version 3",
        "nopreempt",
        "preempt_delay 3",
        "strict_mode",
        "down_timer_adverts 4",
        "accept|strict_mode|version 3",
        "no_accept",
        "lower_prio_no_advert",
        "higher_prio_send_advert",
        "skip_check_adv_addr",
        "v3_checksum_as_v2",
        "kernel_rx_buf_size 9",
        "debug 1",
        "lvs_sync_daemon_interface eth1",
        "dont_track_primary",
        "use_vmac",
        "use_vmac_addr",
        "use_ipvlan 192.0.2.3",
        "promote_secondaries",
        "linkbeat_use_polling",
        "unicast_peer {|192.0.2.2|}",
        "unicast_src_ip 192.0.2.3",
        "mcast_src_ip 192.0.2.3",
        "mcast_dst_ip 224.0.0.9",
        "unicast_fault_no_peer",
        "check_unicast_src",
        "old_unicast_checksum",
        "garp_master_delay 1",
        "garp_master_repeat 1",
        "garp_master_refresh 1",
        "garp_master_refresh_repeat 2",
        "garp_lower_prio_delay 1",
        "garp_lower_prio_repeat 1",
        "garp_extra_if 1",
        "authentication {|auth_type PASS|auth_pass x|}",
        "track_interface {|eth1|}",
        "track_script {|x|}",
        "virtual_ipaddress_excluded {|192.0.2.9|}",
        "virtual_routes {|192.0.3.0/24 dev eth0|}",
        "virtual_rules {|from 192.0.3.0/24 table 1|}",
        "notify /x",
        "notify_master /x",
        "notify_backup /x",
        "notify_fault /x",
        "notify_stop /x",
        "notify_master_rx_lower_pri /x",
        "notify_deleted",
        "smtp_alert",
        "notify_priority_changes",
        "no_virtual_ipaddress",
        "virtual_ipaddress {|192.0.2.7|}",
    ] {
        assert_ne!(plain(&with_vip(settings)), base, "{settings}");
    }
}

#[test]
fn the_fingerprint_is_of_the_meaning() {
    let print = |text: &str| ir_json::fingerprint(&ir(text));
    let text = with_vip("priority 100|state BACKUP");
    let same = [
        text.replace('\n', "\n\n  "),
        text.replace("priority", "# comment\n priority   "),
        text.replace("priority 100\nstate BACKUP", "state BACKUP\npriority 100"),
        text.replace("eth0", "\"eth0\""),
        with_vip(""),
    ];
    for other in same {
        assert_eq!(print(&text), print(&other), "{other}");
        assert_eq!(ir(&text), ir(&other));
    }
    assert_ne!(print(&text), print(&text.replace("100", "101")));
    assert_ne!(print(&text), print(&text.replace("vrrp_instance A", "vrrp_instance B")));
    assert_eq!(print(&text).len(), 64);
    let stripped = plain(&text).to_string();
    assert!(!stripped.contains("origin"));
    assert_eq!(print(""), print("# nothing\n"));
}

#[test]
fn the_config_id_counts_only_where_the_file_asks_for_it() {
    let profile = Profile { config_id: Some("one".to_owned()), ..Profile::default() };
    let none = with_vip("priority 7");
    let some = with_vip("@one priority 7");
    assert_eq!(read_as(&none, &profile).ir.config_id, None);
    assert_eq!(read_as(&some, &profile).ir.config_id.as_deref(), Some("one"));
    assert_ne!(ir_json::fingerprint(&read_as(&some, &profile).ir), ir_json::fingerprint(&ir(&some)));
}

#[test]
fn origins_are_places_or_gone() {
    let read = read_as(&with_vip("priority 7"), &Profile::default());
    let places = ir_json::places(&read.config, &read.logical, &read.sources);
    let kept = ir_json::to_json(&read.ir, Origins::Kept { resolve: &places });
    let origin = json!({ "file": "a.conf", "range": {
        "start": { "line": 7, "column": 1, "offset": 88 }, "end": { "line": 7, "column": 11, "offset": 98 } } });
    assert_eq!(kept.pointer("/vrrp_instances/0/origins/priority"), Some(&origin));
    assert_eq!(kept.pointer("/vrrp_instances/0/origins/state"), None);
    assert_eq!(kept.pointer("/vrrp_instances/0/origin/range/start/line"), Some(&json!(1)));
    let stripped = ir_json::to_json(&read.ir, Origins::Stripped).to_string();
    assert!(!stripped.contains("\"origin\"") && !stripped.contains("\"origins\""));
    let nowhere = ir_json::to_json(&read.ir, Origins::Kept { resolve: &|_| None });
    assert_eq!(nowhere.pointer("/vrrp_instances/0/origin"), None);
}

#[test]
fn any_bytes_have_a_meaning() {
    for text in [
        "",
        "{",
        "}",
        "vrrp_instance",
        "vrrp_instance {",
        "vrrp_instance A {\nvirtual_ipaddress\n}",
        "virtual_server {\n}",
        "virtual_server fwmark {\n}",
        "virtual_server group {\n}",
        "bfd_instance {\n}",
        "garp_group",
        "global_defs",
        "vrrp_instance A {\nuse_vmac a:b:c:d:e:f:0:1\npriority\nunicast_peer\ntrack_script\n}",
        "track_file f",
        "\u{1a}",
    ] {
        let _ = ir_json::fingerprint(&ir(text));
    }
}
