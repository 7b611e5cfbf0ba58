//! Metrics, health, state and page over HTTP, with a test in the place of the driver.

mod stand;

use kalc_runtime::side::SideEvent;
use kalc_runtime::starter::Starter;
use kalc_runtime::status::{
    AddressStatus, InstanceStatus, KernelStatus, LastFailure, RealServerStatus, SorryStatus, Stats, Status,
    TrackerStatus, VirtualServerStatus,
};
use kalc_runtime::web;
use stand::Stand;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// A port that nobody uses now.
fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}

fn status() -> Status {
    let instance = InstanceStatus {
        name: "VI \"1\" <b>".to_owned(),
        state: "MASTER".to_owned(),
        interface: "eth0".to_owned(),
        vrid: 51,
        base_priority: 100,
        effective_priority: 80,
        vips: vec!["192.0.2.10/24".to_owned(), "192.0.2.11/24".to_owned()],
        addresses: vec![AddressStatus {
            address: "192.0.2.10/24".to_owned(),
            interface: "eth0".to_owned(),
            held: true,
        }],
        master_address: None,
        last_transition: "2026-01-01T00:00:00Z".to_owned(),
        since_ms: 61_042,
        faults: Vec::new(),
        sync_group: None,
        stats: Stats {
            adverts_sent: 7,
            became_master: 1,
            refused: BTreeMap::from([("password".to_owned(), 3), ("ttl".to_owned(), 2)]),
            ..Stats::default()
        },
    };
    let script = TrackerStatus {
        kind: "script".to_owned(),
        name: "chk".to_owned(),
        state: "down".to_owned(),
        value: None,
        runs: Some(9),
        failures: Some(4),
        session: None,
    };
    Status {
        pid: 42,
        virtual_servers: vec![virtual_server()],
        version: "0.1.0".to_owned(),
        instances: vec![instance],
        trackers: vec![script],
        ..Status::default()
    }
}

fn virtual_server() -> VirtualServerStatus {
    let server = RealServerStatus {
        name: "[192.0.2.20]:tcp:80".to_owned(),
        address: "192.0.2.20".parse().expect("an address"),
        port: 80,
        state: "down".to_owned(),
        since: "2026-01-01T00:00:00Z".to_owned(),
        since_ms: 5_000,
        weight: 3,
        weight_in_kernel: None,
        forwarding: "NAT".to_owned(),
        last_failure: Some(LastFailure { check: "HTTP_GET".to_owned(), reason: "HTTP status 503".to_owned() }),
        probes: 20,
        failures: 4,
        stats: KernelStatus { connections: 11, ..KernelStatus::default() },
    };
    VirtualServerStatus {
        name: "[192.0.2.10]:tcp:80".to_owned(),
        state: "sorry".to_owned(),
        since: "2026-01-01T00:00:00Z".to_owned(),
        since_ms: 5_000,
        services: vec!["192.0.2.10:80".to_owned()],
        scheduler: "wlc".to_owned(),
        weight: 0,
        quorum: 1,
        hysteresis: 0,
        is_suspended: false,
        sorry_server: Some(SorryStatus {
            address: "192.0.2.30".parse().expect("an address"),
            port: 80,
            is_active: true,
        }),
        real_servers: vec![server],
        stats: KernelStatus { connections: 12, ..KernelStatus::default() },
    }
}

#[test]
fn metrics_have_the_names_of_the_usual_exporter() {
    let text = web::metrics(&status());
    let labels = r#"iname="VI \"1\" <b>",intf="eth0",vrid="51""#;
    for line in [
        "keepalived_up 1".to_owned(),
        format!("keepalived_vrrp_state{{{labels},ip_address=\"192.0.2.11/24\"}} 2"),
        format!("keepalived_advertisements_sent_total{{{labels}}} 7"),
        format!("keepalived_become_master_total{{{labels}}} 1"),
        format!("keepalived_ip_ttl_errors_total{{{labels}}} 2"),
        format!("keepalived_authentication_failure_total{{{labels}}} 3"),
        format!("kalc_vrrp_effective_priority{{{labels}}} 80"),
        format!("kalc_vrrp_address_held{{{labels},ip_address=\"192.0.2.10/24\"}} 1"),
        format!("kalc_vrrp_state_seconds{{{labels}}} 61.042"),
        "keepalived_script_status{name=\"chk\"} 0".to_owned(),
        "kalc_script_failures_total{name=\"chk\"} 4".to_owned(),
        "kalc_virtual_server_up{virtual_server=\"[192.0.2.10]:tcp:80\"} 0".to_owned(),
        "kalc_virtual_server_sorry{virtual_server=\"[192.0.2.10]:tcp:80\"} 1".to_owned(),
        "keepalived_lvs_vip_conn{virtual_server=\"[192.0.2.10]:tcp:80\"} 12".to_owned(),
        "keepalived_lvs_rs_conn{virtual_server=\"[192.0.2.10]:tcp:80\",real_server=\"[192.0.2.20]:tcp:80\"} 11".to_owned(),
        "kalc_real_server_up{virtual_server=\"[192.0.2.10]:tcp:80\",real_server=\"[192.0.2.20]:tcp:80\"} 0".to_owned(),
        "kalc_real_server_check_failures_total{virtual_server=\"[192.0.2.10]:tcp:80\",real_server=\"[192.0.2.20]:tcp:80\"} 4"
            .to_owned(),
    ] {
        assert!(text.lines().any(|have| have == line), "{line} is not in\n{text}");
    }
    // Each family is described once, before its samples, and each sample belongs to the family above it.
    let mut families = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            Some((name, _)) => {
                assert!(!families.contains(&name), "{name} is described twice");
                families.push(name);
            }
            None if line.starts_with("# HELP ") => {}
            None => {
                let name = line.split(['{', ' ']).next();
                assert_eq!(name, families.last().copied(), "{line}");
            }
        }
    }
}

#[test]
fn the_page_shows_names_as_text() {
    let page = web::page(&status());
    assert!(page.contains("VI &quot;1&quot; &lt;b&gt;") && !page.contains("<b>"), "{page}");
    assert!(page.contains("HTTP_GET: HTTP status 503"), "{page}");
    assert!(page.contains("1 min 1 s") && page.contains("80 (100)"), "{page}");
}

/// Asks the daemon of a stand; the test answers for the driver if it is asked.
fn ask(stand: &mut Stand, address: SocketAddr, request: &'static str, reaches_driver: bool) -> String {
    let asked = thread::spawn(move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    });
    if reaches_driver {
        let asker = stand.take(|event| match event {
            SideEvent::Snapshot(asker) => Ok(asker),
            other => Err(other),
        });
        asker.send(status()).expect("somebody waits");
    }
    asked.join().expect("no panic")
}

#[test]
fn four_things_are_served_and_nothing_else() {
    let address = free();
    let mut stand = Stand::with_metrics("", Some(address));
    let metrics = ask(&mut stand, address, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", true);
    assert!(metrics.starts_with("HTTP/1.1 200 OK\r\n") && metrics.contains("version=0.0.4"), "{metrics}");
    assert!(metrics.contains("\nkeepalived_up 1\n"), "{metrics}");
    let health = ask(&mut stand, address, "GET /healthz HTTP/1.0\r\n\r\n", true);
    assert!(health.ends_with("\r\n\r\nok\n"), "{health}");
    let json = ask(&mut stand, address, "GET /status HTTP/1.0\r\n\r\n", true);
    let body = json.split_once("\r\n\r\n").expect("a body").1;
    assert_eq!(serde_json::from_str::<Status>(body).expect("a status"), status());
    let page = ask(&mut stand, address, "GET / HTTP/1.0\r\n\r\n", true);
    assert!(page.contains("text/html") && page.contains("<!doctype html>"), "{page}");
    let head = ask(&mut stand, address, "HEAD / HTTP/1.0\r\n\r\n", true);
    assert!(head.starts_with("HTTP/1.1 200 OK") && head.ends_with("\r\n\r\n"), "{head}");
    for (request, expect) in [
        ("GET /secret HTTP/1.0\r\n\r\n", "404"),
        ("POST /status HTTP/1.0\r\nContent-Length: 4\r\n\r\nstop", "405"),
        ("nonsense\r\n\r\n", "400"),
    ] {
        let answer = ask(&mut stand, address, request, false);
        assert!(answer.starts_with(&format!("HTTP/1.1 {expect} ")), "{request:?}: {answer}");
    }
    stand.end();
}

#[test]
fn too_much_and_too_many_are_turned_away() {
    let address = free();
    let stand = Stand::with_metrics("", Some(address));
    let mut long = TcpStream::connect(address).expect("it listens");
    // The daemon may close before all of it is sent.
    let _ = long.write_all(format!("GET / HTTP/1.1\r\nX: {}", "a".repeat(20_000)).as_bytes());
    let mut answer = Vec::new();
    let _ = long.read_to_end(&mut answer);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431 "), "{answer:?}");
    let mut idle: Vec<_> = (0..80).map(|_| TcpStream::connect(address).expect("it listens")).collect();
    // Those beyond the limit are closed at once, those within it when their time is over.
    let mut closed = 0;
    for stream in &mut idle {
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        closed += usize::from(matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_)));
    }
    assert_eq!(closed, 80);
    stand.end();
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let setup = kalc_runtime::side::Setup {
        run_dir: folder.path().join("run"),
        pid_file: None,
        metrics: Some(address),
        load: std::sync::Arc::new(|| unreachable!("nobody reloads")),
        starter: Starter::in_thread(&stand::loaded("").configuration, None).expect("a thread"),
    };
    let error = kalc_runtime::side::spawn(setup).expect_err("it is taken");
    assert!(error.to_string().contains("--metrics"), "{error}");
}
