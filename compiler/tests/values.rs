//! Every kind of bad value is spoken of by one rule, once.

use kalc_compiler::check::check_host;
use kalc_compiler::host::Host;
use kalc_compiler::render::short;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;

/// Blocks around a line; `@` is the line.
const GLOBAL: &str = "global_defs {\n@\n}\n";
const INSTANCE: &str = "vrrp_instance VI {\ninterface eth0\nvirtual_router_id 5\ngarp_master_delay 5\n@\n}\n";
const ADDRESS: &str = "static_ipaddress {\n@\n}\n";
const ROUTE: &str = "static_routes {\n@\n}\n";
const RULE: &str = "static_rules {\n@\n}\n";
const SERVER: &str = "virtual_server 192.0.2.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n@\n\
                      real_server 192.0.2.2 80 {\nTCP_CHECK {\n}\n}\n}\n";
const CHECKER: &str = "virtual_server 192.0.2.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n\
                       real_server 192.0.2.2 80 {\n@\n}\n}\n";
const SCRIPT: &str = "vrrp_script s {\nscript \"/usr/bin/true\"\n@\n}\n";

const CASES: &[(&str, &str, &str)] = &[
    (INSTANCE, "priority 256", "KA201"),
    (INSTANCE, "priority 1.5", "KA201"),
    (INSTANCE, "preempt_delay 5s", "KA201"),
    (INSTANCE, "dont_track_primary off", "KA206"),
    (INSTANCE, "use_vmac no", "KA206"),
    (INSTANCE, "state SLAVE", "KA203"),
    (INSTANCE, "strict_mode 1", "KA203"),
    (INSTANCE, "state Master", "KA115"),
    (INSTANCE, "unicast_src_ip host.example", "KA204"),
    (INSTANCE, "mcast_dst_ip 192.0.2.1", "KA204"),
    (INSTANCE, "use_vmac 01:00:00:00:00:01", "KA204"),
    (INSTANCE, "lvs_sync_daemon_interface interface-with-a-long-name", "KA201"),
    (GLOBAL, "umask IFOO", "KA201"),
    (GLOBAL, "vrrp_rt_priority 0", "KA205"),
    (GLOBAL, "process_name a-name-that-is-too-long", "KA205"),
    (GLOBAL, "vrrp_garp_interval 0", "KA209"),
    (GLOBAL, "vrrp_garp_interval 0.0000001", "KA201"),
    (GLOBAL, "vrrp_garp_interval 0.0000019", "KA205"),
    (GLOBAL, "router_id \"\"", "KA207"),
    (GLOBAL, "vrrp_mcast_group4 ff02::1", "KA204"),
    (GLOBAL, "lvs_flush_on_stop RS", "KA203"),
    (GLOBAL, "lvs_timeouts tcp 5 foo 7", "KA202"),
    (GLOBAL, "smtp_server 192.0.2.1 smtp", "KA201"),
    (ADDRESS, "192.0.2.1/33 dev eth0", "KA204"),
    (ADDRESS, "192.0.2.1/24 brd x dev eth0", "KA204"),
    (ADDRESS, "192.0.2.1/24 dev eth0 scope 256", "KA201"),
    (ADDRESS, "192.0.2.1/24 dev eth0 label a-label-that-is-too-long", "KA201"),
    (ADDRESS, "192.0.2.1 dev eth0 peer 192.0.2.2/24", "KA204"),
    (ADDRESS, "192.0.2.1/24 dev eth0 nodad", "KA202"),
    (ROUTE, "192.0.2.0/24 via host dev eth0", "KA204"),
    (ROUTE, "192.0.2.0/24 via 192.0.2.1 dev eth0 rtt fast", "KA201"),
    (ROUTE, "192.0.2.0/24 via 192.0.2.1 dev eth0 mtu big", "KA201"),
    (ROUTE, "192.0.2.0/24 via 192.0.2.1 dev eth0 realms a/b/c", "KA201"),
    (ROUTE, "192.0.2.0/24 via 192.0.2.1 dev eth0 encap mpls x", "KA201"),
    (ROUTE, "192.0.2.0/24 via 192.0.2.1 dev eth0 encap ila 1:2", "KA204"),
    (RULE, "from 192.0.2.0/24 table 100 priority 5 fwmark x", "KA201"),
    (RULE, "from 192.0.2.0/24 table 100 priority 5 sport 80", "KA201"),
    (RULE, "from 192.0.2.0/24 table 0 priority 5", "KA201"),
    (SERVER, "persistence_timeout 0", "KA201"),
    (SERVER, "persistence_granularity 255.255.255", "KA204"),
    (SERVER, "weight -1", "KA201"),
    (CHECKER, "HTTP_GET {\nurl {\npath /\nstatus_code 99\n}\n}", "KA201"),
    (CHECKER, "HTTP_GET {\nurl {\npath /\ndigest 12\n}\n}", "KA207"),
    (CHECKER, "DNS_CHECK {\ntype PTR\n}", "KA203"),
    (CHECKER, "DNS_CHECK {\nname a..b\n}", "KA207"),
    (CHECKER, "UDP_CHECK {\npayload xyz\n}", "KA207"),
    (SCRIPT, "interval 0.12345", "KA205"),
    (SCRIPT, "weight 300", "KA201"),
    (SCRIPT, "weight 10 backwards", "KA203"),
];

#[test]
fn every_bad_value_is_found_once() {
    let files = MemoryFiles::new(std::iter::empty());
    let mut wrong = Vec::new();
    for (around, line, code) in CASES {
        let text = around.replace('@', line);
        let host = Host::read(SourceFile::new("keepalived.conf", text.into_bytes()), &files, &Profile::default());
        let found: Vec<_> = check_host(&host)
            .into_iter()
            // Nothing uses the script, the mail goes nowhere: not what this is about.
            .filter(|d| d.code.starts_with("KA2") || matches!(d.code, "KA112" | "KA115" | "KA117"))
            .collect();
        if found.len() != 1 || found[0].code != *code {
            wrong.push(format!("{line}: {code} expected\n{}", short::render(&found)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
