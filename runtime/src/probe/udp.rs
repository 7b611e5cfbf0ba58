//! `UDP_CHECK`: a datagram, and perhaps an answer.
//!
//! Silence is success unless an answer is required; an ICMP error is a failure either way.

use super::connect::{self, limit};
use super::{failure, limits};
use kalc_core::check::Failure;
use kalc_ir::checker::{Connection, ReplyByte};
use tokio::time::timeout;

/// What is sent where no `payload` is written: as many bytes as keepalived sends, of our own.
const GREETING: &[u8; 32] = b"kalc health check - kalc health ";

/// `max_reply_length` where none is written.
const LENGTH_MAX: u16 = 255;

/// A `UDP_CHECK`.
#[derive(Debug)]
pub(super) struct Check {
    pub connection: Connection,
    pub payload: Vec<u8>,
    pub requires_reply: bool,
    pub begins: Vec<ReplyByte>,
    pub length_min: u16,
    pub length_max: u16,
}

impl Check {
    pub async fn probe(&self) -> Result<(), Failure> {
        let socket = connect::udp(&self.connection).await?;
        let payload = if self.payload.is_empty() { &GREETING[..] } else { &self.payload };
        socket.send(payload).await.map_err(|error| failure::of(&error))?;
        // One byte more than the longest that is good shows that one is too long.
        let wanted = usize::from(self.length_max).max(self.begins.len()) + 1;
        let mut answer = vec![0; wanted.min(limits::DATAGRAM_MAX)];
        match timeout(limit(&self.connection), socket.recv(&mut answer)).await {
            Ok(Ok(length)) if self.requires_reply => self.judge(&answer[..length]),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failure::of(&error)),
            Err(_) if self.requires_reply => Err(Failure::NoReply),
            Err(_) => Ok(()),
        }
    }

    /// Differs: keepalived 2.2.7 takes every length, and an answer that ends before the expected bytes do. The documented
    /// meaning is done here; only the longest length that nobody wrote is not insisted on.
    fn judge(&self, answer: &[u8]) -> Result<(), Failure> {
        let is_too_long = self.length_max != LENGTH_MAX && answer.len() > usize::from(self.length_max);
        if is_too_long || answer.len() < usize::from(self.length_min) {
            return Err(Failure::ReplyLength(answer.len()));
        }
        let begins = answer.len() >= self.begins.len()
            && self.begins.iter().zip(answer).all(|(wanted, byte)| byte & wanted.mask == wanted.value);
        if begins { Ok(()) } else { Err(Failure::ReplyContent) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    fn check(begins: &[(u8, u8)], length_min: u16, length_max: u16) -> Check {
        let connection = Connection {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 9,
            source: None,
            source_port: None,
            interface: None,
            timeout_us: 1_000_000,
            fwmark: 0,
        };
        let begins = begins.iter().map(|(value, mask)| ReplyByte { value: *value, mask: *mask }).collect();
        Check { connection, payload: Vec::new(), requires_reply: true, begins, length_min, length_max }
    }

    #[test]
    fn the_beginning_and_the_length_count() {
        let wild = check(&[(0x60, 0xf0), (b'b', 0xff)], 2, 4);
        assert_eq!(wild.judge(b"hb"), Ok(()));
        assert_eq!(wild.judge(b"hbxx"), Ok(()));
        assert_eq!(wild.judge(b"xb"), Err(Failure::ReplyContent));
        assert_eq!(wild.judge(b"h"), Err(Failure::ReplyLength(1)));
        assert_eq!(wild.judge(b"hbxxx"), Err(Failure::ReplyLength(5)));
        assert_eq!(check(&[(1, 255), (2, 255)], 0, LENGTH_MAX).judge(&[1]), Err(Failure::ReplyContent));
        assert_eq!(check(&[], 0, LENGTH_MAX).judge(&[0; 256]), Ok(()));
    }
}
