//! `PING_CHECK`: ICMP echo, as RFC 792 and RFC 4443 have it, over the kernel's unprivileged sockets.
//!
//! The kernel numbers requests, sums them up and hands over only what answers them, so nothing but the type is looked at.

use super::connect::{self, within};
use super::failure;
use kalc_core::check::Failure;
use kalc_ir::checker::Connection;
use std::fs;
use std::io;

/// Bytes of a request behind its header.
const BODY: &[u8; 32] = b"kalc health check - kalc health ";

/// Types of request and reply.
const ECHO_V4: (u8, u8) = (8, 0);
const ECHO_V6: (u8, u8) = (128, 129);

/// Which groups may have such sockets (icmp(7)). In a new network namespace that is none, not even root's.
const RANGE: &str = "/proc/sys/net/ipv4/ping_group_range";

/// This process may ask, where it could not before. Once it is dropped, it is as before.
#[derive(Debug)]
pub struct Permission {
    before: String,
}

impl Drop for Permission {
    fn drop(&mut self) {
        if let Err(error) = fs::write(RANGE, &self.before) {
            tracing::warn!("ping_group_range stays as it was set for PING_CHECK: {error}");
        }
    }
}

/// Sees to it that this process may ask: its group is added to those that may, as keepalived adds it (measured). `None` if
/// it may already.
pub(super) fn permit() -> io::Result<Option<Permission>> {
    let text = fs::read_to_string(RANGE)?;
    let mut numbers = text.split_whitespace().map(str::parse::<u32>);
    let (Some(Ok(first)), Some(Ok(last))) = (numbers.next(), numbers.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let own = nix::unistd::getegid().as_raw();
    if (first..=last).contains(&own) {
        return Ok(None);
    }
    let (first, last) = if first > last { (own, own) } else { (first.min(own), last.max(own)) };
    fs::write(RANGE, format!("{first} {last}"))?;
    Ok(Some(Permission { before: text }))
}

/// Sends a request and waits for the reply.
pub(super) async fn probe(connection: &Connection) -> Result<(), Failure> {
    let socket = connect::icmp(connection).await?;
    let (request, reply) = if connection.address.is_ipv4() { ECHO_V4 } else { ECHO_V6 };
    // Type, code, checksum (the kernel's), identifier (the kernel's), sequence number.
    let mut packet = vec![request, 0, 0, 0, 0, 0, 0, 1];
    packet.extend_from_slice(BODY);
    socket.send(&packet).await.map_err(|error| failure::of(&error))?;
    let mut answer = [0; 8];
    within(connection, Failure::NoReply, async {
        loop {
            let length = socket.recv(&mut answer).await?;
            if length == answer.len() && answer[0] == reply {
                return Ok(());
            }
        }
    })
    .await
}
