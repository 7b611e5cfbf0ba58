//! The health checks of a real server.
//!
//! A server with several checks is up when all of them succeed. What the checks share (where they connect, how
//! often they try) is in [`timing`] and [`connection`], the pages of the web checks in [`url`].

pub mod connection;
pub mod dns;
pub mod named;
pub mod script;
pub mod smtp;
pub mod timing;
pub mod udp;
pub mod url;
pub mod web;

use super::prelude::*;

rows! { ROWS:
    /// Runs a script: exit status 0 says that the server is up. A script that needs longer than `misc_timeout` is ended
    /// and counts as failed.
    MISC_CHECK = block("MISC_CHECK", &[script::SETTINGS, timing::ROWS]).runs();

    /// Speaks SMTP with the server as far as HELO. It proves that a mail server answers, not that it accepts mail.
    SMTP_CHECK = block("SMTP_CHECK", &[smtp::SETTINGS, connection::ROWS, timing::ROWS, smtp::HOST_ROWS]).runs();

    /// Opens a TCP connection and closes it. It proves that somebody listens, not that the service works; a program
    /// that hangs may still accept connections. The braces are needed even without settings, and the retry keyword is
    /// `retry`, not `nb_get_retry`.
    TCP_CHECK = block("TCP_CHECK", &[connection::ROWS, timing::ROWS]).runs();

    /// Sends an ICMP echo request and waits for the reply. It proves that the host is there, not the service; the
    /// kernel's `ping_group_range` must allow it.
    PING_CHECK = block("PING_CHECK", &[connection::ROWS, timing::ROWS]).runs();

    /// Sends a datagram; an ICMP error fails the check. Silence counts as success unless `require_reply` is set, so a
    /// firewall that drops packets looks healthy.
    UDP_CHECK = block("UDP_CHECK", &[connection::ROWS, timing::ROWS, udp::SETTINGS]).runs();

    /// Asks for web pages over HTTP and looks at status, digest or text. It needs at least one `url` block: without one
    /// the server is never checked, and 2.2.7 may crash.
    HTTP_GET = block("HTTP_GET", &[connection::ROWS, timing::ROWS, web::SETTINGS, web::HTTP_URL]).runs();

    /// Asks for web pages over HTTPS, as `HTTP_GET` does, with at least one `url` block. The block `SSL` at the
    /// root of the file gives it a client certificate.
    SSL_GET = block("SSL_GET", &[connection::ROWS, timing::ROWS, web::SETTINGS, web::TLS]).runs();

    /// Asks a name server a question; an error code or silence is a failure.
    DNS_CHECK = block("DNS_CHECK", &[connection::ROWS, timing::ROWS, dns::SETTINGS]).runs();

    /// Lets the number in a tracked file decide about weight and life of the server.
    FILE_CHECK = block("FILE_CHECK", &[named::FILE]).runs();

    /// Takes the server for down while a BFD session is down.
    BFD_CHECK = block("BFD_CHECK", &[named::BFD, named::BFD_TIMING]).runs();
}
