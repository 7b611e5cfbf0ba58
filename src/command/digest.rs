//! `kalc ctl digest`: asks a server for a page as a web check does, and prints its digest.

use crate::cli::DigestArgs;
use crate::error::{Error, Status};
use kalc_ir::checker::{Connection, Http, HttpProtocol, Url};
use kalc_ir::{OriginId, Origins};
use kalc_runtime::probe::http;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};

/// Runs the command.
pub fn run(args: &DigestArgs) -> Result<Status, Error> {
    let place = Place::parse(&args.url).ok_or_else(|| fault(format!("{} is no URL of a page", args.url)))?;
    let target = match &args.connect {
        Some(address) => connect(address, place.port).ok_or_else(|| fault(format!("{address} is no address")))?,
        None => resolve(&place)?,
    };
    let check = check(args, &place, target);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| fault(format!("cannot start: {error}")))?;
    let page = runtime.block_on(http::digest(&check)).map_err(|failure| fault(format!("{target}: {failure}")))?;
    if !(200..300).contains(&page.status) {
        eprintln!("kalc: {target} answers with status {}; a check takes that only with status_code", page.status);
    }
    println!("{}", page.digest);
    Ok(Status::Clean)
}

fn fault(message: String) -> Error {
    Error::Digest { message }
}

fn check(args: &DigestArgs, place: &Place<'_>, target: SocketAddr) -> Http {
    let named = (place.host.parse::<IpAddr>().is_err()).then(|| place.authority.to_owned());
    let url = Url {
        path: place.path.to_owned(),
        digest: None,
        status_codes: Vec::new(),
        virtualhost: args.virtualhost.clone().or(named),
        regex: None,
        regex_no_match: false,
        tls_compliant: false,
        unknown: Vec::new(),
        settings: Vec::new(),
        origin: OriginId::default(),
        origins: Origins::new(),
    };
    Http {
        connection: Connection {
            address: target.ip(),
            port: target.port(),
            source: None,
            source_port: None,
            interface: None,
            timeout_us: u64::from(args.timeout) * 1_000_000,
            fwmark: args.fwmark,
        },
        tls: place.tls,
        protocol: http::protocol(&args.http_protocol).unwrap_or(HttpProtocol::V1_0),
        sni: args.sni,
        sni_name: None,
        fast_recovery: false,
        tls_compliant: false,
        urls: vec![url],
    }
}

fn resolve(place: &Place<'_>) -> Result<SocketAddr, Error> {
    let found = (place.host, place.port).to_socket_addrs();
    let mut found = found.map_err(|error| fault(format!("{}: {error}", place.host)))?;
    found.next().ok_or_else(|| fault(format!("{} has no address", place.host)))
}

/// An address, perhaps with a port.
fn connect(text: &str, port: u16) -> Option<SocketAddr> {
    let with_port = text.parse().ok();
    with_port.or_else(|| Some(SocketAddr::new(text.trim_matches(['[', ']']).parse().ok()?, port)))
}

/// What a URL says.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    tls: bool,
    /// Host with its port, as written.
    authority: &'a str,
    /// Without port and brackets.
    host: &'a str,
    port: u16,
    path: &'a str,
}

impl Place<'_> {
    fn parse(url: &str) -> Option<Place<'_>> {
        let (tls, rest) = match (url.strip_prefix("http://"), url.strip_prefix("https://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            (None, None) => return None,
        };
        // A fragment is the reader's business and never sent.
        let rest = rest.split('#').next().unwrap_or(rest);
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host_end = if authority.starts_with('[') {
            authority.find(']')? + 1
        } else {
            authority.find(':').unwrap_or(authority.len())
        };
        let (host, port) = authority.split_at(host_end);
        let port = match port.strip_prefix(':') {
            Some(port) => port.parse().ok()?,
            None if port.is_empty() => {
                if tls {
                    443
                } else {
                    80
                }
            }
            None => return None,
        };
        let host = host.trim_matches(['[', ']']);
        let is_plain = |text: &str| !text.bytes().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control());
        let is_good = !host.is_empty() && !authority.contains('@') && is_plain(authority) && is_plain(path);
        is_good.then_some(Place { tls, authority, host, port, path: if path.is_empty() { "/" } else { path } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_a_host_and_a_path() {
        let place = |url| Place::parse(url).map(|place| (place.tls, place.host, place.port, place.path));
        assert_eq!(place("http://www.example"), Some((false, "www.example", 80, "/")));
        assert_eq!(place("https://www.example/a?b=c#d"), Some((true, "www.example", 443, "/a?b=c")));
        assert_eq!(place("http://[2001:db8::1]:8080/x"), Some((false, "2001:db8::1", 8080, "/x")));
        assert_eq!(place("http://192.0.2.1:81/"), Some((false, "192.0.2.1", 81, "/")));
        for wrong in [
            "www.example/",
            "ftp://a/",
            "http://",
            "http:///p",
            "http://a:b/",
            "http://[::1",
            "http://u@h/",
            "http://a/b c",
        ] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
