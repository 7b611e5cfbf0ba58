//! Health checks against Debian's servers, and beside keepalived: the same servers, the same verdicts.

mod beside;
mod client;
mod servers;
#[path = "../support/mod.rs"]
mod support;

use kalc_compiler::host::Host;
use kalc_core::check::Outcome;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_runtime::probe::Probes;
use std::net::{TcpListener, UdpSocket};
use std::time::{Duration, Instant};

/// Makes one probe of each real server of a configuration, one after the other.
fn probe_all(text: &str) -> Vec<Outcome> {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    let probes = Probes::alone(&host.ir).expect("a thread");
    let count = host.ir.virtual_servers[0].real_servers.len();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let probe = |server| {
        let probe = probes.get(0, server, 0).unwrap_or_else(|| panic!("server {server} has no check in {text}"));
        runtime.block_on(probe.run(0))
    };
    (0..count).map(probe).collect()
}

/// Makes one probe with that check.
fn probe(port: u16, check: &str) -> Outcome {
    let text = format!("virtual_server 192.0.2.1 80 {{\nprotocol TCP\n{}}}\n", real_server(port, check));
    probe_all(&text).remove(0)
}

fn real_server(port: u16, check: &str) -> String {
    format!("real_server 127.0.0.1 {port} {{\n{check}\n}}\n")
}

/// A port that nobody uses now, for TCP and UDP.
fn free_port() -> u16 {
    for _ in 0..100 {
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = tcp.local_addr().expect("an address").port();
        if UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// Waits until something holds, with patience for a machine that does other things, too.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < until, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
