//! nginx with and without TLS, and dnsmasq: up, down, other content, other names.

use super::{free_port, probe, support, wait_until};
use kalc_core::check::{Failure, Outcome};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A program that ends with the test.
struct Server(Child);

impl Server {
    fn start(command: &mut Command) -> Option<Server> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok().map(Server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // nginx ends its workers only if it is asked; whoever has ended already hears nothing.
        let _ = Command::new("kill").arg(self.0.id().to_string()).stderr(Stdio::null()).status();
        let _ = self.0.wait();
    }
}

/// nginx on two ports, the second one with TLS, with a page of its own for `www.example`.
fn nginx(folder: &Path, plain: u16, tls: u16) -> Option<Server> {
    let certificate = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=other.example"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .stderr(Stdio::null())
        .status();
    if !certificate.is_ok_and(|status| status.success()) {
        return None;
    }
    for (name, text) in [("default", "<p>default</p>\n"), ("named", "<p>named</p>\n")] {
        fs::create_dir(folder.join(name)).expect("a folder");
        fs::write(folder.join(name).join("index.html"), text).expect("a page");
    }
    let path = folder.display();
    let listen = format!(
        "listen 127.0.0.1:{plain}; listen 127.0.0.1:{tls} ssl; ssl_certificate {path}/cert.pem; ssl_certificate_key {path}/key.pem;"
    );
    let config = format!(
        "daemon off; pid {path}/nginx.pid; error_log {path}/error.log; worker_processes 1;\n\
         events {{ worker_connections 64; }}\n\
         http {{ access_log {path}/access.log; client_body_temp_path {path}/body; proxy_temp_path {path}/proxy;\n\
         fastcgi_temp_path {path}/fastcgi; uwsgi_temp_path {path}/uwsgi; scgi_temp_path {path}/scgi;\n\
         server {{ {listen} server_name _; root {path}/default; location /gone {{ return 503; }} }}\n\
         server {{ {listen} server_name www.example; root {path}/named; }}\n}}\n"
    );
    fs::write(folder.join("nginx.conf"), config).expect("a file");
    // Its workers are somebody else and read these.
    let _ = Command::new("chmod").args(["-R", "a+rX"]).arg(folder).status();
    let program = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
    let server = Server::start(Command::new(program).arg("-c").arg(folder.join("nginx.conf")))?;
    wait_until("nginx", || std::net::TcpStream::connect(("127.0.0.1", tls)).is_ok());
    Some(server)
}

fn digest_of(text: &str, folder: &Path) -> String {
    fs::write(folder.join("text"), text).expect("a file");
    let output = Command::new("md5sum").arg(folder.join("text")).output().expect("coreutils");
    String::from_utf8_lossy(&output.stdout).split(' ').next().expect("a digest").to_owned()
}

#[test]
fn nginx_is_asked_in_all_ways() {
    const TEST: &str = "nginx_is_asked_in_all_ways";
    let folder = tempfile::tempdir().expect("a folder");
    let (plain, tls) = (free_port(), free_port());
    let Some(server) = nginx(folder.path(), plain, tls) else {
        return support::skip(TEST, "nginx or openssl is not installed");
    };
    let url = |url: &str| format!("connect_timeout 5\nurl {{\npath /\n{url}\n}}");
    let (default, named) = (digest_of("<p>default</p>\n", folder.path()), digest_of("<p>named</p>\n", folder.path()));
    for (kind, port) in [("HTTP_GET", plain), ("SSL_GET", tls)] {
        let get = |settings: &str| probe(port, &format!("{kind} {{\n{settings}\n}}"));
        assert_eq!(get(&url("status_code 200")), Outcome::Passed, "{kind}");
        assert_eq!(get(&url(&format!("digest {default}"))), Outcome::Passed, "{kind}");
        for protocol in ["1.0", "1.0C", "1.1"] {
            let by_name = format!(
                "http_protocol {protocol}\nvirtualhost www.example\nenable_sni\n{}",
                url(&format!("digest {named}"))
            );
            assert_eq!(get(&by_name), Outcome::Passed, "{kind} {protocol}");
        }
        assert_eq!(get(&url("regex \"<p>default</p>\"")), Outcome::Passed, "{kind}");
        assert_eq!(get(&url("regex \"named\"")), Outcome::Failed(Failure::NoMatch), "{kind}");
        let other = get(&url(&format!("digest {named}")));
        assert!(matches!(other, Outcome::Failed(Failure::Digest(_))), "{kind}: {other:?}");
        assert_eq!(get("url {\npath /gone\n}"), Outcome::Failed(Failure::Status(503)), "{kind}");
        assert_eq!(get("url {\npath /none\n}"), Outcome::Failed(Failure::Status(404)), "{kind}");
    }
    let insists = format!("SSL_GET {{\ntls_compliant\n{}\n}}", url("status_code 200"));
    assert_eq!(probe(tls, &insists), Outcome::Passed, "nginx ends TLS as the standard demands");
    // TLS where there is none, and none where there is TLS.
    let outcome = probe(plain, &format!("SSL_GET {{\n{}\n}}", url("")));
    assert!(matches!(outcome, Outcome::Failed(Failure::Tls(_))), "{outcome:?}");
    let outcome = probe(tls, &format!("HTTP_GET {{\n{}\n}}", url("")));
    assert_eq!(outcome, Outcome::Failed(Failure::Status(400)));
    digests(plain, tls, TEST);
    drop(server);
    assert_eq!(probe(plain, &format!("HTTP_GET {{\n{}\n}}", url(""))), Outcome::Failed(Failure::Refused));
}

/// `kalc ctl digest` beside genhash.
fn digests(plain: u16, tls: u16, test: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    if Command::new("genhash").arg("-h").output().is_err() {
        return support::skip(test, "genhash is not installed");
    }
    for (scheme, port) in [("http", plain), ("https", tls)] {
        for (protocol, host, path) in
            [("1.0", None, "/"), ("1.1", Some("www.example"), "/"), ("1.0c", Some("www.example"), "/none")]
        {
            let port = port.to_string();
            let mut genhash = Command::new("genhash");
            genhash.args(["-s", "127.0.0.1", "-p", &port, "-u", path, "-P", protocol]);
            genhash.args(host.map(|host| ["-V", host]).into_iter().flatten());
            genhash.args((scheme == "https").then_some("-S"));
            let output = genhash.output().expect("it is there");
            let theirs = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            let url = format!("{scheme}://127.0.0.1:{port}{path}");
            let mut arguments = vec!["ctl", "digest", &url, "--http-protocol", protocol];
            arguments.extend(host.map(|host| ["--virtualhost", host]).into_iter().flatten());
            let ours = support::run(folder.path(), &arguments);
            assert_eq!(ours.stdout.trim(), theirs, "{url} {protocol}: {ours:?}");
            assert_eq!(ours.status, 0, "{ours:?}");
        }
    }
}

#[test]
fn dnsmasq_knows_a_name() {
    let port = free_port();
    let program = if Path::new("/usr/sbin/dnsmasq").exists() { "/usr/sbin/dnsmasq" } else { "dnsmasq" };
    let server = Server::start(Command::new(program).args([
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--bind-interfaces",
        "--listen-address=127.0.0.1",
        "--pid-file=",
        "--address=/www.example/192.0.2.80",
        &format!("--port={port}"),
    ]));
    let Some(server) = server else {
        return support::skip("dnsmasq_knows_a_name", "dnsmasq is not installed");
    };
    let ask = |settings: &str| probe(port, &format!("DNS_CHECK {{\nconnect_timeout 3\n{settings}\n}}"));
    wait_until("dnsmasq", || ask("type A\nname www.example") == Outcome::Passed);
    // It has nobody to ask for others.
    let refused = ask("type A\nname other.example");
    assert!(matches!(refused, Outcome::Failed(Failure::Rcode(_))), "{refused:?}");
    drop(server);
    assert_eq!(ask("type A\nname www.example"), Outcome::Failed(Failure::Refused));
}
