//! Checks that take a network of their own: pings, marks, interfaces.

use crate::support::lab::Lab;
use kalc_compiler::host::Host;
use kalc_core::check::Outcome;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_runtime::probe::Probes;
use std::net::TcpListener;

/// Makes the only probe of a configuration with that check, on the first host.
fn probe(lab: &Lab, address: &str, port: u16, check: &str) -> Outcome {
    let service = if address.contains(':') { "2001:db8::1" } else { "192.0.2.1" };
    let text =
        format!("virtual_server {service} 80 {{\nprotocol TCP\nreal_server {address} {port} {{\n{check}\n}}\n}}\n");
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    let probes = Probes::alone(&host.ir).expect("a thread");
    lab.inside(1, || {
        let _permission = probes.permit();
        let probe = probes.get(0, 0, 0).unwrap_or_else(|| panic!("no check in {text}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(probe.run(0))
    })
}

#[test]
fn hosts_are_pinged_in_a_new_namespace_too() {
    let Some(lab) = Lab::new("hosts_are_pinged_in_a_new_namespace_too", 2) else { return };
    let check = "PING_CHECK {\nconnect_timeout 1\n}";
    let range = || lab.inside(1, || std::fs::read_to_string("/proc/sys/net/ipv4/ping_group_range").expect("a file"));
    let before = range();
    for (there, nobody) in [("10.99.0.2", "10.99.0.77"), ("fd99::2", "fd99::77")] {
        assert_eq!(probe(&lab, there, 1, check), Outcome::Passed, "{there}");
        let outcome = probe(&lab, nobody, 1, check);
        assert!(matches!(outcome, Outcome::Failed(_)), "{nobody}: {outcome:?}");
    }
    assert_eq!(range(), before);
}

#[test]
fn marks_and_interfaces_lead_the_way() {
    let Some(lab) = Lab::new("marks_and_interfaces_lead_the_way", 2) else { return };
    let listener = lab.inside(2, || TcpListener::bind("10.99.0.2:0").expect("a port"));
    let port = listener.local_addr().expect("an address").port();
    let with = |lines: &str| probe(&lab, "10.99.0.2", port, &format!("TCP_CHECK {{\nconnect_timeout 1\n{lines}\n}}"));
    assert_eq!(with(""), Outcome::Passed);
    assert_eq!(with("fwmark 7"), Outcome::Passed);
    // What is marked so has no way.
    lab.ip(1, "rule add fwmark 7 unreachable");
    assert!(matches!(with("fwmark 7"), Outcome::Failed(_)));
    assert_eq!(with("fwmark 8"), Outcome::Passed);
    assert_eq!(with("bind_if eth0"), Outcome::Passed);
    assert!(matches!(with("bind_if lo"), Outcome::Failed(_)));
}
