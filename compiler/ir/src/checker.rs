//! Health checks of real servers.

use crate::id::{BfdId, OriginId, Origins, TrackFileId};
use crate::notify::Command;
use crate::raw::{Dropped, Raw, Unknown};
use crate::track::Weight;
use crate::vrrp::Secret;
use serde::Serialize;
use std::net::IpAddr;

/// One check of a real server, with everything it inherits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checker {
    /// What is done.
    pub kind: CheckerKind,
    /// Tries after a first failure (`retry`; 1, DNS 3, MISC 0).
    pub retry: u32,
    /// Time before such a try (`delay_before_retry`; 1 s, HTTP and SSL 3 s, DNS as `delay_loop`).
    pub delay_before_retry_us: u64,
    /// Time between two checks (`delay_loop`).
    pub delay_loop_us: u64,
    /// Longest random wait before the first one (`warmup`, as `delay_loop`).
    pub warmup_us: u64,
    /// Failed until it first succeeds (`alpha`).
    pub alpha: bool,
    /// `log_all_failures`
    pub log_all_failures: bool,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

/// Where a check connects to, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connection {
    /// `connect_ip`, else the address of the real server.
    pub address: IpAddr,
    /// `connect_port`, else the port of the real server.
    pub port: u16,
    /// `bindto`
    pub source: Option<IpAddr>,
    /// `bind_port`
    pub source_port: Option<u16>,
    /// `bind_if`
    pub interface: Option<String>,
    /// Time for a connection or an answer (`connect_timeout`, 5 s).
    pub timeout_us: u64,
    /// Firewall mark of its packets (`fwmark`, 0).
    pub fwmark: u32,
}

/// What a check does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckerKind {
    /// `TCP_CHECK`: opens a connection.
    Tcp {
        /// Where.
        connection: Connection,
    },
    /// `HTTP_GET` and `SSL_GET`: asks for pages.
    Http(Http),
    /// `SMTP_CHECK`: speaks SMTP as far as HELO.
    Smtp {
        /// Where.
        connection: Connection,
        /// `helo_name` (smtpchecker.keepalived.org).
        helo_name: String,
    },
    /// `DNS_CHECK`: asks a name server.
    Dns {
        /// Where.
        connection: Connection,
        /// `type` (SOA), in capitals.
        record: &'static str,
        /// `name` (the root, `.`).
        name: String,
    },
    /// `PING_CHECK`: ICMP echo.
    Ping {
        /// Where.
        connection: Connection,
    },
    /// `UDP_CHECK`: sends a datagram.
    Udp {
        /// Where.
        connection: Connection,
        /// `payload` as bytes.
        payload: Vec<u8>,
        /// Whether an answer must come (`require_reply`).
        requires_reply: bool,
        /// How it must begin: value and mask of each byte.
        reply: Vec<ReplyByte>,
        /// `min_reply_length` (0), in bytes.
        min_reply_bytes: u16,
        /// `max_reply_length` (255), in bytes.
        max_reply_bytes: u16,
    },
    /// `MISC_CHECK`: runs a command.
    Misc {
        /// `misc_path`; `None` if only the running daemon knows it.
        command: Option<Command>,
        /// `misc_timeout` (as `delay_loop`).
        timeout_us: u64,
        /// Whether the exit status sets the weight (`misc_dynamic`).
        is_dynamic: bool,
    },
    /// `FILE_CHECK`: follows the number in a file.
    File {
        /// The file.
        file: TrackFileId,
        /// Factor of the number.
        weight: Weight,
    },
    /// `BFD_CHECK`: follows a session.
    Bfd {
        /// The session.
        bfd: BfdId,
    },
}

impl CheckerKind {
    /// Where it connects to, if it does.
    pub fn connection(&self) -> Option<&Connection> {
        match self {
            CheckerKind::Tcp { connection }
            | CheckerKind::Http(Http { connection, .. })
            | CheckerKind::Smtp { connection, .. }
            | CheckerKind::Dns { connection, .. }
            | CheckerKind::Ping { connection }
            | CheckerKind::Udp { connection, .. } => Some(connection),
            CheckerKind::Misc { .. } | CheckerKind::File { .. } | CheckerKind::Bfd { .. } => None,
        }
    }
}

/// One byte of an expected answer: `answer & mask == value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ReplyByte {
    /// The bits that are wanted.
    pub value: u8,
    /// The bits that count.
    pub mask: u8,
}

/// `SSL`: who the checks of `SSL_GET` are, for servers that ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TlsClient {
    /// File with the certificate and those that lead to its authority; counts with a key only.
    pub certificate: Option<String>,
    /// File with the private key; counts with a certificate only.
    pub key: Option<String>,
    /// What the key is encrypted with.
    pub password: Option<Secret>,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Statements by field.
    pub origins: Origins,
}

/// A check by web pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Http {
    /// Where.
    pub connection: Connection,
    /// Whether it speaks TLS (`SSL_GET`).
    pub tls: bool,
    /// `http_protocol`
    pub protocol: HttpProtocol,
    /// `enable_sni`
    pub sni: bool,
    /// `sni_name`
    pub sni_name: Option<String>,
    /// `fast_recovery`
    pub fast_recovery: bool,
    /// `tls_compliant`
    pub tls_compliant: bool,
    /// Its pages; never empty.
    pub urls: Vec<Url>,
}

/// Version of HTTP in requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum HttpProtocol {
    /// HTTP/1.0.
    #[serde(rename = "1.0")]
    V1_0,
    /// HTTP/1.0, and asks to close the connection.
    #[serde(rename = "1.0C")]
    V1_0Close,
    /// HTTP/1.1.
    #[serde(rename = "1.1")]
    V1_1,
}

/// One page of a web check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Url {
    /// `path`
    pub path: String,
    /// `digest`: MD5 as 32 hexadecimal digits in lower case.
    pub digest: Option<String>,
    /// `status_code` (200-299): first and last status of each range.
    pub status_codes: Vec<(u16, u16)>,
    /// Host name to ask for: that of the page, the check, the real server or the virtual server.
    pub virtualhost: Option<String>,
    /// `regex`
    pub regex: Option<String>,
    /// Whether a match is a failure (`regex_no_match`).
    pub regex_no_match: bool,
    /// `tls_compliant`, else that of the check.
    pub tls_compliant: bool,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}
