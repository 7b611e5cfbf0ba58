//! The same servers under keepalived 2.2.7: what it calls up and down, and what kalc does.
//!
//! keepalived runs with a stand-in for the kernel's load balancer, so that its checks run anywhere.

use super::{free_port, probe_all, real_server, support, wait_until};
use kalc_core::check::Outcome;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;

/// What a web server answers, and who takes it for up.
struct Case {
    name: &'static str,
    url: String,
    answer: Vec<u8>,
    /// Keeps the connection open behind the answer.
    holds: bool,
    keepalived: bool,
    kalc: bool,
}

fn case(name: &'static str, url: &str, answer: &[u8], is_up: bool) -> Case {
    Case { name, url: url.to_owned(), answer: answer.to_vec(), holds: false, keepalived: is_up, kalc: is_up }
}

const OK: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nhello";
/// MD5 of `hello`, of `hel`, and of a chunk with `hello`.
const HELLO: &str = "digest 5d41402abc4b2a76b9719d911017c592";
const HEL: &str = "digest 46356afe55fa3cea9cbe73ad442cad47";

fn cases() -> Vec<Case> {
    let long = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello world";
    let short = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhel";
    let large = [b"HTTP/1.0 200 OK\r\nX: ".to_vec(), vec![b'a'; 8000], b"\r\n\r\nhello".to_vec()].concat();
    let mut cases = vec![
        case("a page", "", OK, true),
        case("its digest", HELLO, OK, true),
        case("another digest", HEL, OK, false),
        case("a wanted status", "status_code 404", b"HTTP/1.0 404 No\r\n\r\nhello", true),
        case("an unwanted status", "", b"HTTP/1.0 302 No\r\n\r\nhello", false),
        case("a digest with an unwanted status", HELLO, b"HTTP/1.0 404 No\r\n\r\nhello", false),
        case("longer than its length", HELLO, long, true),
        case("shorter than its length", "", short, true),
        case("shorter than its length, by digest", HEL, short, true),
        case("a pattern", "regex \"h.l+o\"", OK, true),
        case("a pattern in the headers", "regex \"^HTTP/1.0 200\"", OK, true),
        case("a pattern that is not there", "regex \"h.l+O\"", OK, false),
        case("a pattern behind an offset", "regex \"lo\"\nregex_min_offset 22", OK, true),
        case("a pattern before an offset", "regex \"lo\"\nregex_min_offset 23", OK, false),
        case("a pattern up to an offset", "regex \"lo\"\nregex_max_offset 22", OK, true),
        case("a pattern beyond an offset", "regex \"lo\"\nregex_max_offset 21", OK, false),
        case("no HTTP", "", b"hello", false),
        case("half a head", "", b"HTTP/1.0 200 OK\r\nContent-", false),
        case("nothing", "", b"", false),
        case("another head first", "", b"HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", false),
        case("a status of four digits", "", b"HTTP/1.0 2000 OK\r\n\r\nhello", false),
        // Differs: each is told in the module that does it.
        Case { kalc: true, ..case("a large head", "", &large, false) },
        Case { kalc: true, ..case("a pattern at the end", "regex \"hello$\"", OK, false) },
        Case { kalc: true, ..case("a pattern that could go on", "regex \"h.*o\"", OK, false) },
        Case { holds: true, kalc: true, ..case("a whole page on an open connection", "", long, false) },
    ];
    cases.push(Case { holds: true, ..case("an open connection", "", OK, false) });
    cases
}

/// Serves an answer to everybody, for the life of the test.
fn serve(case: &Case) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (answer, holds) = (case.answer.clone(), case.holds);
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let answer = answer.clone();
            thread::spawn(move || {
                let mut request = Vec::new();
                let mut byte = [0];
                while !request.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                    request.push(byte[0]);
                }
                if stream.write_all(&answer).is_ok() && holds {
                    let _ = stream.read(&mut byte);
                }
            });
        }
    });
    port
}

#[test]
fn verdicts_are_keepaliveds() {
    const TEST: &str = "verdicts_are_keepaliveds";
    if !support::lab::has_keepalived() || !nix::unistd::geteuid().is_root() {
        return support::skip(TEST, "it takes keepalived 2.2.7 and root");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let Some(library) = stand_in(folder.path(), TEST) else { return };
    let cases = cases();
    let ports: Vec<u16> = cases.iter().map(serve).collect();
    let dead = free_port();
    let mut text = String::from(
        "global_defs {\nrouter_id probing\n}\n\
         virtual_server 192.0.2.1 80 {\ndelay_loop 60\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n",
    );
    for (case, port) in cases.iter().zip(&ports) {
        let check = format!("HTTP_GET {{\nwarmup 0\nretry 0\nconnect_timeout 1\nurl {{\npath /p\n{}\n}}\n}}", case.url);
        text.push_str(&real_server(*port, &check));
    }
    text.push_str(&real_server(dead, "TCP_CHECK {\nwarmup 0\nretry 0\nconnect_timeout 1\n}"));
    text.push_str("}\n");
    let theirs = keepalived(folder.path(), &library, &text, &[&ports[..], &[dead]].concat());
    let ours = probe_all(&text);
    let mut wrong = String::new();
    for ((case, theirs), ours) in cases.iter().zip(&theirs).zip(&ours) {
        if (case.keepalived, case.kalc) != (*theirs, *ours == Outcome::Passed) {
            wrong.push_str(&format!("{}: keepalived says {theirs}, kalc {ours:?}\n", case.name));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(!theirs[cases.len()] && ours[cases.len()] != Outcome::Passed, "a port where nobody listens");
}

/// The stand-in for the kernel's load balancer, built.
pub fn stand_in(folder: &std::path::Path, test: &str) -> Option<std::path::PathBuf> {
    let library = folder.join("ipvs_stand_in.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/probing/ipvs_stand_in.c");
    let built = Command::new("gcc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    if !built.is_ok_and(|status| status.success()) {
        support::skip(test, "it takes gcc and the kernel's headers");
        return None;
    }
    Some(library)
}

/// Which of these servers keepalived calls up, once it has looked at all of them.
pub fn keepalived(folder: &std::path::Path, library: &std::path::Path, text: &str, ports: &[u16]) -> Vec<bool> {
    let mut daemon = start(folder, library, text);
    let verdict = |port: &u16| {
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        let server = format!("[127.0.0.1]:tcp:{port}");
        let mut lines = log.lines().filter(|line| line.contains(&server));
        lines.find_map(|line| {
            let is_up = line.contains("succe");
            (is_up || line.contains("Removing service")).then_some(is_up)
        })
    };
    wait_until("keepalived's verdicts", || ports.iter().all(|port| verdict(port).is_some()));
    let verdicts = ports.iter().filter_map(verdict).collect();
    // It ends its child when it is asked to end.
    let _ = Command::new("kill").arg(daemon.id().to_string()).status();
    wait_until("keepalived's end", || daemon.try_wait().is_ok_and(|status| status.is_some()));
    verdicts
}

/// keepalived with a configuration; what it says is in `log`.
pub fn start(folder: &std::path::Path, library: &std::path::Path, text: &str) -> std::process::Child {
    let config = folder.join("keepalived.conf");
    fs::write(&config, text).expect("a file");
    let log = fs::File::create(folder.join("log")).expect("a file");
    Command::new("keepalived")
        .args(["--dont-fork", "--log-console", "--log-detail", "--check", "--use-file"])
        .arg(&config)
        .arg("--pid")
        .arg(folder.join("pid"))
        .arg("--checkers_pid")
        .arg(folder.join("checkers_pid"))
        .env("LD_PRELOAD", library)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file"))
        .stderr(log)
        .spawn()
        .expect("it is there")
}
