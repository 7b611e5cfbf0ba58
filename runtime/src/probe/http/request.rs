//! What is asked.

use kalc_ir::checker::{Connection, HttpProtocol};
use std::net::SocketAddr;

/// By this name servers know a health check: filters of logs look for it.
const USER_AGENT: &str = "KeepAliveClient";

/// The request for a page, as keepalived 2.2.7 words it.
pub(super) fn of(path: &str, host: Option<&str>, connection: &Connection, protocol: HttpProtocol) -> String {
    let (version, close) = match protocol {
        HttpProtocol::V1_0 => ("1.0", ""),
        HttpProtocol::V1_0Close => ("1.0", "Connection: close\r\n"),
        HttpProtocol::V1_1 => ("1.1", "Connection: close\r\n"),
    };
    let host = host.map_or_else(|| SocketAddr::new(connection.address, connection.port).to_string(), str::to_owned);
    format!("GET {path} HTTP/{version}\r\nUser-Agent: {USER_AGENT}\r\n{close}Host: {host}\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_keepaliveds() {
        let connection = Connection {
            address: "127.0.0.1".parse().expect("an address"),
            port: 8703,
            source: None,
            source_port: None,
            interface: None,
            timeout_us: 0,
            fwmark: 0,
        };
        let plain = "GET /p HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 127.0.0.1:8703\r\n\r\n";
        assert_eq!(of("/p", None, &connection, HttpProtocol::V1_0), plain);
        let close = "GET /p HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www.example\r\n\r\n";
        assert_eq!(of("/p", Some("www.example"), &connection, HttpProtocol::V1_0Close), close);
        let newer = close.replace("1.0", "1.1");
        assert_eq!(of("/p", Some("www.example"), &connection, HttpProtocol::V1_1), newer);
    }
}
