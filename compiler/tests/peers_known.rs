//! Rules of one file that peers make worse or take back: the same hosts alone and together.

use kalc_compiler::check::{check_host, reconsider};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::fleet::{Fleet, Given};
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;

fn host(name: &str, text: String) -> Host {
    Host::read(SourceFile::new(name, text.into_bytes()), &MemoryFiles::default(), &Profile::default())
}

/// Findings of one rule by host: alone, then together.
fn found(code: &str, hosts: &[Host]) -> (Vec<Severity>, Vec<Diagnostic>) {
    let mut found: Vec<Diagnostic> = hosts.iter().flat_map(check_host).collect();
    found.retain(|d| d.code == code);
    let alone = found.iter().map(|d| d.severity).collect();
    reconsider(&Fleet::new(hosts, Given::default()), &mut found);
    found.retain(|d| d.code == code);
    (alone, found)
}

fn severities(found: &[Diagnostic]) -> Vec<Severity> {
    found.iter().map(|d| d.severity).collect()
}

/// An instance of one virtual router, with a check.
fn member(priority: u8, weight: i32, more: &str) -> String {
    format!(
        "vrrp_script chk {{\n script \"/usr/local/bin/check\"\n weight {weight}\n}}\nvrrp_instance VI_1 {{\n interface eth0\n \
         virtual_router_id 51\n priority {priority}\n {more}\n virtual_ipaddress {{\n 192.0.2.10/24\n }}\n track_script {{\n chk\n }}\n}}\n"
    )
}

#[test]
fn weight_behind_nopreempt_is_certain_if_nobody_preempts() {
    let hosts = [host("a", member(110, -20, "nopreempt")), host("b", member(100, -20, "nopreempt"))];
    let (alone, together) = found("KA501", &hosts);
    assert_eq!(alone, [Severity::Warning; 2]);
    assert_eq!(severities(&together), [Severity::Error; 2]);
    let hosts = [host("a", member(110, -20, "nopreempt")), host("b", member(100, -20, ""))];
    let (alone, together) = found("KA501", &hosts);
    assert_eq!((alone.len(), together.len()), (1, 0), "b takes over");
}

#[test]
fn cut_sum_is_no_matter_where_the_order_stays() {
    let (alone, together) = found("KA503", &[host("a", member(250, 20, "")), host("b", member(100, 20, ""))]);
    assert_eq!((alone.len(), together.len()), (1, 0), "254 is above 120 as 270 is");
    let (alone, together) = found("KA503", &[host("a", member(250, 20, "")), host("b", member(240, 20, ""))]);
    assert_eq!((alone.len(), together.len()), (2, 2), "both are cut to 254");
}

#[test]
fn delay_covers_up_what_peers_watch() {
    let delay = "preempt_delay 60";
    let (alone, together) = found("KA308", &[host("a", member(110, 0, delay)), host("b", member(100, -20, ""))]);
    assert_eq!((alone.len(), severities(&together)), (0, vec![Severity::Info]), "b watches with a weight");
    let (alone, together) = found("KA308", &[host("a", member(110, -20, delay)), host("b", member(100, 0, ""))]);
    assert_eq!((alone.len(), together.len()), (1, 0), "a failure on b is a fault");
}

/// A host with two instances in one sync group.
fn group(one: u8, two: u8) -> String {
    let instance = |name: &str, vrid: u8, priority: u8, vip: &str| {
        format!(
            "vrrp_instance {name} {{\n interface eth{vrid}\n virtual_router_id {vrid}\n priority {priority}\n virtual_ipaddress {{\n {vip}\n }}\n}}\n"
        )
    };
    let group = "vrrp_sync_group G {\n group {\n A\n B\n }\n}\n";
    instance("A", 1, one, "192.0.2.10/24") + &instance("B", 2, two, "198.51.100.10/24") + group
}

#[test]
fn members_of_a_group_rank_the_hosts_in_one_order_or_not() {
    let (alone, together) = found("KA563", &[host("a", group(100, 110)), host("b", group(90, 95))]);
    assert_eq!(alone, [Severity::Info; 2]);
    assert!(together.is_empty(), "every member prefers a");
    let (_, together) = found("KA563", &[host("a", group(100, 90)), host("b", group(90, 100))]);
    assert_eq!(severities(&together), [Severity::Error; 2]);
}

#[test]
fn peers_know_the_missing_source_address() {
    let unicast = |source: &str, peer: &str| {
        format!(
            "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n {source}\n unicast_peer {{\n {peer}\n }}\n \
             virtual_ipaddress {{\n 192.0.2.10/24\n }}\n}}\n"
        )
    };
    let hosts = [host("a", unicast("", "192.0.2.2")), host("b", unicast("unicast_src_ip 192.0.2.2", "192.0.2.1"))];
    let (alone, together) = found("KA318", &hosts);
    assert_eq!(alone, [Severity::Info]);
    let fix = together[0].fix.as_ref().expect("b sends to it");
    assert_eq!(fix.edits[0].text.trim(), "unicast_src_ip 192.0.2.1");
}

#[test]
fn addresses_that_an_advert_has_no_room_for_move_to_the_other_list() {
    let list: String = (0..90).map(|n| format!("  2001:db8::{n:x}/64\n")).collect();
    let text = format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 51\n virtual_ipaddress {{\n  fe80::1/64\n{list} }}\n}}\n"
    );
    let host = host("a", text.clone());
    assert_eq!(
        (host.ir.vrrp_instances[0].virtual_addresses.len(), host.ir.vrrp_instances[0].excluded_addresses.len()),
        (89, 2)
    );
    let mut found = check_host(&host);
    found.retain(|d| d.code == "KA323");
    let mut edits = found[0].fix.clone().expect("it is typed text").edits;
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.start.offset));
    let mut fixed = text;
    for edit in edits {
        fixed.replace_range(edit.place.start.offset as usize..edit.place.end.offset as usize, &edit.text);
    }
    let after = self::host("a", fixed);
    assert_eq!(after.ir.vrrp_instances, host.ir.vrrp_instances, "the daemon does the same");
    assert!(check_host(&after).iter().all(|d| d.code != "KA323"));
}
