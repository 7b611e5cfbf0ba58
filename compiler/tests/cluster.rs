//! Who is whose peer: the cases that operators meet, from configurations to virtual routers.

use kalc_compiler::check::{check_fleet, check_given};
use kalc_compiler::cluster::face::Face;
use kalc_compiler::cluster::peers::weigh;
use kalc_compiler::fleet::{Fleet, Given};
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;

/// An instance in few words.
#[derive(Clone, Copy)]
struct Instance<'t> {
    name: &'t str,
    vrid: u8,
    vip: &'t str,
    secret: &'t str,
    source: &'t str,
    peers: &'t [&'t str],
    more: &'t str,
}

const WEB: Instance =
    Instance { name: "VI_1", vrid: 51, vip: "192.0.2.80/24", secret: "kX9uTr2b", source: "", peers: &[], more: "" };

fn host(name: &str, instances: &[Instance<'_>]) -> Host {
    let mut text = String::new();
    for i in instances {
        text.push_str(&format!(
            "vrrp_instance {} {{\n interface eth0\n virtual_router_id {}\n garp_master_delay 1\n priority {}\n {}\n",
            i.name,
            i.vrid,
            // Host a is the preferred one.
            200 - 10 * (name.as_bytes()[0] - b'a'),
            i.more
        ));
        if !i.secret.is_empty() {
            text.push_str(&format!(" authentication {{\n auth_type PASS\n auth_pass {}\n }}\n", i.secret));
        }
        if !i.source.is_empty() {
            text.push_str(&format!(
                " {} {}\n",
                if i.peers.is_empty() { "mcast_src_ip" } else { "unicast_src_ip" },
                i.source
            ));
        }
        if !i.peers.is_empty() {
            text.push_str(&format!(" unicast_peer {{\n {}\n }}\n", i.peers.join("\n ")));
        }
        if !i.vip.is_empty() {
            text.push_str(&format!(" virtual_ipaddress {{\n {}\n }}\n", i.vip));
        }
        text.push_str("}\n");
    }
    Host::read(SourceFile::new(name, text.into_bytes()), &MemoryFiles::default(), &Profile::default())
}

/// Names of the members of each virtual router, and the codes that the cluster rules give.
fn check(hosts: &[Host], routers: &[&[&str]], codes: &[&str]) {
    let fleet = Fleet::new(hosts, Given::default());
    let found: Vec<Vec<String>> = fleet
        .routers
        .iter()
        .map(|router| {
            router.iter().map(|&face| format!("{}:{}", fleet.host(face).name(), fleet.faces[face].name)).collect()
        })
        .collect();
    assert_eq!(found, routers);
    let found: Vec<&str> = check_fleet(hosts).iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(found, codes);
}

fn points(left: &Host, right: &Host) -> i32 {
    let faces = [Face::new(0, 0, &left.ir.vrrp_instances[0]), Face::new(1, 0, &right.ir.vrrp_instances[0])];
    weigh(&faces[0], &faces[1]).points()
}

#[test]
fn a_plain_pair_is_one_virtual_router() {
    let sources = |source| Instance { source, ..WEB };
    let pair = [host("a", &[sources("192.0.2.1")]), host("b", &[sources("192.0.2.2")])];
    // Address, id, near, name, secret.
    assert_eq!(points(&pair[0], &pair[1]), 50 + 25 + 5 + 8 + 8);
    check(&pair, &[&["a:VI_1", "b:VI_1"]], &[]);
}

#[test]
fn a_sample_secret_says_nothing() {
    let web = Instance { secret: "1111", ..WEB };
    assert_eq!(points(&host("a", &[web]), &host("b", &[web])), 50 + 25 + 5 + 8);
}

#[test]
fn one_changed_id_leaves_them_peers() {
    let pair = [host("a", &[Instance { vrid: 52, ..WEB }]), host("b", &[WEB])];
    assert_eq!(points(&pair[0], &pair[1]), 50 + 5 + 8 + 8);
    check(&pair, &[&["a:VI_1", "b:VI_1"]], &["KA605"]);
}

#[test]
fn half_an_edit_is_no_collision() {
    // Same id, name and a real secret, another address: the id is not what is wrong.
    let pair = [host("a", &[WEB]), host("b", &[Instance { vip: "192.0.2.90/24", ..WEB }])];
    assert_eq!(points(&pair[0], &pair[1]), 25 + 8 + 8 - 30);
    check(&pair, &[], &["KA604"]);
}

#[test]
fn mutual_unicast_makes_peers() {
    let one = Instance { source: "10.0.0.5", peers: &["10.0.0.6"], secret: "1111", ..WEB };
    let two = Instance { source: "10.0.0.6", peers: &["10.0.0.5"], secret: "1111", ..WEB };
    let pair = [host("a", &[one]), host("b", &[two])];
    assert_eq!(points(&pair[0], &pair[1]), 50 + 50 + 25 + 5 + 8);
    check(&pair, &[&["a:VI_1", "b:VI_1"]], &[]);
}

#[test]
fn two_unicast_clusters_from_one_how_to_are_strangers() {
    let one = Instance { source: "10.0.0.5", peers: &["10.0.0.6"], ..WEB };
    let two = Instance { source: "10.0.0.15", peers: &["10.0.0.16"], vip: "192.0.2.90/24", ..WEB };
    check(&[host("a", &[one]), host("b", &[two])], &[], &[]);
}

#[test]
fn two_clusters_with_one_id_on_one_segment_collide() {
    let web = Instance { name: "WEB", ..WEB };
    let db = Instance { name: "DB", vip: "192.0.2.90/24", secret: "other", ..WEB };
    let hosts = [host("a", &[web]), host("b", &[web]), host("c", &[db]), host("d", &[db])];
    check(&hosts, &[&["a:WEB", "b:WEB"], &["c:DB", "d:DB"]], &["KA606"]);
}

#[test]
fn clusters_from_one_how_to_are_told_apart() {
    // The same name and id on one network, without an address in common and without a secret of their own.
    let one = |source, vip| Instance { source, vip, secret: "1111", ..WEB };
    let (web, db) = ("192.0.2.80/24", "192.0.2.90/24");
    let hosts = [
        host("a", &[one("192.0.2.1", web)]),
        host("b", &[one("192.0.2.2", web)]),
        host("c", &[one("192.0.2.3", db)]),
        host("d", &[one("192.0.2.4", db)]),
    ];
    assert_eq!(points(&hosts[0], &hosts[2]), 25 + 5 + 8 - 30);
    check(&hosts, &[&["a:VI_1", "b:VI_1"], &["c:VI_1", "d:VI_1"]], &["KA606"]);
}

#[test]
fn a_name_that_everybody_has_says_nothing() {
    // One address in common and different ids: peers by the name alone, if that is theirs.
    let strangers = |name: &'static str| {
        let mut hosts =
            vec![host("a", &[Instance { secret: "", ..WEB }]), host("b", &[Instance { vrid: 7, secret: "", ..WEB }])];
        for n in 0..7 {
            let vip = format!("198.51.{n}.1/24");
            hosts.push(host("c", &[Instance { name, vrid: 100 + n, vip: &vip, secret: "", ..WEB }]));
        }
        hosts
    };
    let routers = |hosts: &[Host]| Fleet::new(hosts, Given::default()).routers.len();
    assert_eq!(routers(&strangers("OTHER")), 1);
    assert_eq!(routers(&strangers("VI_1")), 0);
}

#[test]
fn interfaces_may_have_different_names() {
    let text = "interface ens33";
    check(&[host("a", &[WEB]), host("b", &[Instance { more: text, ..WEB }])], &[&["a:VI_1", "b:VI_1"]], &[]);
}

#[test]
fn a_common_excluded_address_makes_peers() {
    let more = "virtual_ipaddress_excluded {\n 192.0.2.81/24\n }";
    let pair = [host("a", &[Instance { vip: "", more, ..WEB }]), host("b", &[Instance { vip: "", more, ..WEB }])];
    check(&pair, &[&["a:VI_1", "b:VI_1"]], &[]);
}

#[test]
fn the_odd_one_of_three_is_told_with_one_finding() {
    let odd = Instance { more: "advert_int 5", ..WEB };
    let trio = [host("a", &[WEB]), host("b", &[odd]), host("c", &[WEB])];
    check(&trio, &[&["a:VI_1", "b:VI_1", "c:VI_1"]], &["KA602"]);
    let found = check_fleet(&trio);
    assert_eq!((&*found[0].place.file, &*found[0].related[0].place.file), ("b", "a"));
}

#[test]
fn unknown_values_are_not_compared() {
    let secret = Instance { secret: "${_ENV SECRET}", ..WEB };
    check(&[host("a", &[WEB]), host("b", &[secret])], &[&["a:VI_1", "b:VI_1"]], &[]);
    let interval = Instance { more: "advert_int ${_ENV INTERVAL}", ..WEB };
    check(&[host("a", &[WEB]), host("b", &[interval])], &[&["a:VI_1", "b:VI_1"]], &[]);
}

#[test]
fn secrets_are_compared_as_they_go_on_the_wire() {
    let long = |secret| Instance { secret, ..WEB };
    check(&[host("a", &[long("12345678a")]), host("b", &[long("12345678b")])], &[&["a:VI_1", "b:VI_1"]], &[]);
    check(&[host("a", &[long("abc")]), host("b", &[long("abd")])], &[&["a:VI_1", "b:VI_1"]], &["KA601"]);
}

#[test]
fn a_missing_edge_of_three_is_told_once() {
    let node = |source, peers| Instance { source, peers, ..WEB };
    let trio = [
        host("a", &[node("10.0.0.1", &["10.0.0.2"])]),
        host("b", &[node("10.0.0.2", &["10.0.0.1", "10.0.0.3"])]),
        host("c", &[node("10.0.0.3", &["10.0.0.1", "10.0.0.2"])]),
    ];
    check(&trio, &[&["a:VI_1", "b:VI_1", "c:VI_1"]], &["KA611"]);
}

#[test]
fn a_version_hides_what_follows_from_it() {
    let other = Instance { more: "version 3\n advert_int 5", secret: "", vip: "192.0.2.80/24\n 192.0.2.81/24", ..WEB };
    let pair = [host("a", &[Instance { secret: "", ..WEB }]), host("b", &[other])];
    check(&pair, &[&["a:VI_1", "b:VI_1"]], &["KA603"]);
}

#[test]
fn files_named_together_may_be_strangers() {
    let one = Instance { vip: "192.0.2.80/24", ..WEB };
    let two = Instance { name: "OTHER", vrid: 7, vip: "198.51.100.1/24", secret: "", ..WEB };
    let pair = [host("a", &[one]), host("b", &[two])];
    check(&pair, &[], &[]);
    // In a folder of two hosts each is expected to have a peer.
    let found = check_given(&pair, Given { is_whole: true, ..Given::default() });
    assert!(found.iter().all(|diagnostic| diagnostic.code == "KA627") && !found.is_empty());
}

#[test]
fn an_address_alone_asks_about_the_id() {
    let other = Instance { name: "OTHER", vrid: 7, secret: "", ..WEB };
    check(&[host("a", &[WEB]), host("b", &[other])], &[], &["KA605"]);
}

#[test]
fn said_to_be_no_peers() {
    let pair = [host("a", &[WEB]), host("b", &[WEB])];
    let given = Given { not_peers: vec![("a:VI_1".to_owned(), "b:VI_1".to_owned())], ..Given::default() };
    assert!(Fleet::new(&pair, given).routers.is_empty());
}

/// A host whose own address `kalc.toml` says.
fn at(name: &'static str, address: &str, instances: &[Instance]) -> Host {
    let mut host = host(name, instances);
    host.settings.addresses.push(address.parse().expect("an address"));
    host
}

#[test]
fn addresses_of_hosts_tell_segments_apart() {
    let web = Instance { name: "WEB", ..WEB };
    let db = Instance { name: "DB", vip: "192.0.2.90/24", secret: "other", ..WEB };
    let four = |third: &str, fourth: &str| {
        [at("a", "10.0.0.1/24", &[web]), at("b", "10.0.0.2/24", &[web]), at("c", third, &[db]), at("d", fourth, &[db])]
    };
    let routers: [&[&str]; 2] = [&["a:WEB", "b:WEB"], &["c:DB", "d:DB"]];
    check(&four("10.0.0.3/24", "10.0.0.4/24"), &routers, &["KA606"]);
    // The virtual addresses are near each other and the hosts are not.
    check(&four("10.0.1.3/24", "10.0.1.4/24"), &routers, &[]);
    // One id and one address on two segments are two clusters.
    let pair = [at("a", "10.0.0.1/24", &[WEB]), at("b", "10.0.1.1/24", &[WEB])];
    check(&pair, &[], &[]);
    let pair = [at("a", "10.0.0.1/24", &[WEB]), at("b", "10.0.0.2/24", &[WEB])];
    check(&pair, &[&["a:VI_1", "b:VI_1"]], &[]);
}

#[test]
fn an_own_address_stands_for_a_source_that_is_not_written() {
    let node = |peers, vip| Instance { peers, vip, source: "", ..WEB };
    let pair = |a: &str| {
        [
            at("a", a, &[node(&["10.0.0.2"], "192.0.2.80/24")]),
            at("b", "10.0.0.2", &[node(&["10.0.0.1"], "192.0.2.80/24")]),
        ]
    };
    check(&pair("10.0.0.1"), &[&["a:VI_1", "b:VI_1"]], &[]);
}
