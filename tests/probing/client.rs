//! `SSL`: a server that wants to know who asks, under keepalived 2.2.7 and under kalc.

use super::{beside, free_port, probe_all, real_server, support, wait_until};
use kalc_compiler::host::Host;
use kalc_core::check::Outcome;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_runtime::probe::Probes;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn openssl(folder: &Path, line: &str) -> bool {
    let words = line.split_whitespace();
    let status =
        Command::new("openssl").args(words).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// An authority, a client and a server, and keys in all forms.
fn make_keys(folder: &Path) -> bool {
    [
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=authority -keyout ca.key -out ca.pem",
        "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=server -keyout server.key -out server.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=client -keyout client.key -out client.csr",
        "x509 -req -in client.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out client.pem",
        "pkcs8 -topk8 -in client.key -passout pass:sekret -out client.locked",
        "rsa -aes256 -traditional -in client.key -passout pass:sekret -out client.old",
    ]
    .iter()
    .all(|line| openssl(folder, line))
}

/// A web server; a strict one talks to clients of the authority only.
struct Server(Child);

impl Server {
    fn start(folder: &Path, port: u16, is_strict: bool) -> Server {
        let strict = ["-Verify", "1", "-verify_return_error", "-CAfile", "ca.pem"];
        let child = Command::new("openssl")
            .args(["s_server", "-www", "-quiet", "-cert", "server.pem", "-key", "server.key", "-accept"])
            .arg(format!("127.0.0.1:{port}"))
            .args(if is_strict { &strict[..] } else { &[] })
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it made keys");
        wait_until("a server", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        Server(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended; whoever is gone hears nothing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the block says, and what becomes of the strict server; `None` if nothing runs.
const CASES: [(&str, Option<bool>); 11] = [
    ("", Some(false)),
    ("certificate client.pem\nkey client.key", Some(true)),
    ("certificate client.pem\nkey client.locked\npassword sekret", Some(true)),
    ("certificate client.pem\nkey client.key\nca server.pem", Some(true)),
    ("certificate client.pem", Some(false)),
    ("key client.key", Some(false)),
    ("password sekret", Some(false)),
    ("certificate missing.pem\nkey client.key", None),
    ("certificate client.pem\nkey missing.key", None),
    ("certificate client.pem\nkey server.key", None),
    ("certificate client.pem\nkey client.locked\npassword wrong", None),
];

#[test]
fn servers_that_ask_who_checks_them_are_told() {
    const TEST: &str = "servers_that_ask_who_checks_them_are_told";
    if !support::lab::has_keepalived() || !nix::unistd::geteuid().is_root() {
        return support::skip(TEST, "it takes keepalived 2.2.7 and root");
    }
    let folder = tempfile::tempdir().expect("a folder");
    if !make_keys(folder.path()) {
        return support::skip(TEST, "it takes openssl");
    }
    let Some(library) = beside::stand_in(folder.path(), TEST) else { return };
    let ports = [free_port(), free_port()];
    let _servers =
        [(ports[0], true), (ports[1], false)].map(|(port, strict)| Server::start(folder.path(), port, strict));
    let check = "SSL_GET {\nwarmup 0\nretry 0\nconnect_timeout 3\nurl {\npath /\n}\n}";
    let servers: String = ports.iter().map(|port| real_server(*port, check)).collect();
    for (settings, expect) in CASES {
        let settings: String = settings
            .lines()
            .map(|line| match line.split_once(' ') {
                Some(("password", _)) | None => format!("{line}\n"),
                Some((keyword, file)) => format!("{keyword} {}\n", folder.path().join(file).display()),
            })
            .collect();
        let block = if settings.is_empty() { String::new() } else { format!("SSL {{\n{settings}}}\n") };
        let text = format!(
            "global_defs {{\nrouter_id probing\n}}\n{block}virtual_server 192.0.2.1 80 {{\ndelay_loop 60\nlb_algo rr\nlb_kind NAT\n\
             protocol TCP\n{servers}}}\n"
        );
        let Some(is_up) = expect else {
            let mut daemon = beside::start(folder.path(), &library, &text);
            wait_until("keepalived's end", || daemon.try_wait().is_ok_and(|status| status.is_some()));
            let log = fs::read_to_string(folder.path().join("log")).expect("a log");
            assert!(log.contains("Error Initialize SSL"), "{settings}{log}");
            let why = unusable(&text);
            assert!(why.starts_with(&folder.path().display().to_string()), "{settings}{why}");
            continue;
        };
        assert_eq!(beside::keepalived(folder.path(), &library, &text, &ports), [is_up, true], "{settings}");
        let ours: Vec<bool> = probe_all(&text).iter().map(|outcome| *outcome == Outcome::Passed).collect();
        assert_eq!(ours, [is_up, true], "{settings}");
    }
    // Differs: an old form that keepalived opens.
    let old = format!(
        "SSL {{\ncertificate {0}/client.pem\nkey {0}/client.old\npassword sekret\n}}\n",
        folder.path().display()
    );
    let why = unusable(&format!("{old}virtual_server 192.0.2.1 80 {{\nprotocol TCP\n{servers}}}\n"));
    assert!(why.contains("openssl pkcs8 -topk8"), "{why}");
}

/// Why kalc does not run a configuration.
fn unusable(text: &str) -> String {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    Probes::alone(&host.ir).expect_err("a file that cannot be used").to_string()
}
