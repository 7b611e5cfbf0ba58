//! The authentication header (RFC 2402), as `auth_type AH` uses it: HMAC-MD5 cut to 96 bits (RFC 2403).

use super::ipv4;
use super::refusal::Refusal;
use super::{PROTOCOL_VRRP, password};
use hmac::{Hmac, KeyInit, Mac};
use kalc_ir::vrrp::Secret;
use md5::Md5;
use std::net::Ipv4Addr;

/// Length of the header with its 96 bits of proof.
pub const HEADER_LENGTH: usize = 24;
/// Length of the integrity check value.
pub const ICV_LENGTH: usize = 12;
/// Its length in words of four bytes, minus two (RFC 2402 section 2.2).
const PAYLOAD_LENGTH: u8 = 4;

/// A header that was received.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// All before the integrity check value.
    covered: &'a [u8],
    icv: [u8; ICV_LENGTH],
    /// Security parameters index; VRRP puts the source address here.
    pub spi: Ipv4Addr,
    /// Sequence number.
    pub sequence: u32,
}

/// Splits what follows an IP header into the authentication header and the rest.
///
/// # Errors
/// [`Refusal::Truncated`] and [`AhHeader`](Refusal::AhHeader).
pub fn decode(bytes: &[u8]) -> Result<(Header<'_>, &[u8]), Refusal> {
    let (header, rest) = bytes.split_first_chunk::<HEADER_LENGTH>().ok_or(Refusal::Truncated)?;
    // RFC 2402 section 2.3: the reserved bytes are covered by the proof and otherwise ignored.
    let [next, length, _, _, a, b, c, d, s0, s1, s2, s3, icv @ ..] = *header;
    if next != PROTOCOL_VRRP || length != PAYLOAD_LENGTH {
        return Err(Refusal::AhHeader);
    }
    let sequence = u32::from_be_bytes([s0, s1, s2, s3]);
    let covered = &header[..HEADER_LENGTH - ICV_LENGTH];
    Ok((Header { covered, icv, spi: Ipv4Addr::new(a, b, c, d), sequence }, rest))
}

impl Header<'_> {
    /// Whether its proof holds for the packet of this IP header and PDU.
    pub fn proves(&self, secret: &Secret, ip: &ipv4::Header<'_>, pdu: &[u8]) -> bool {
        digest(secret, ip.fixed, ip.options, ip.destination, self.covered, pdu).verify_truncated_left(&self.icv).is_ok()
    }
}

/// The header for a packet, with its proof. `ip` is the header in front, `pdu` what follows.
pub fn encode(
    secret: &Secret,
    ip: &[u8; ipv4::HEADER_LENGTH],
    source: Ipv4Addr,
    destination: Ipv4Addr,
    sequence: u32,
    pdu: &[u8],
) -> [u8; HEADER_LENGTH] {
    let mut header = [0; HEADER_LENGTH];
    header[0] = PROTOCOL_VRRP;
    header[1] = PAYLOAD_LENGTH;
    header[4..8].copy_from_slice(&source.octets());
    header[8..12].copy_from_slice(&sequence.to_be_bytes());
    let (covered, icv) = header.split_at_mut(HEADER_LENGTH - ICV_LENGTH);
    let proof = digest(secret, ip, &[], destination, covered, pdu).finalize().into_bytes();
    for (to, from) in icv.iter_mut().zip(proof) {
        *to = from;
    }
    header
}

/// The keyed hash of a packet, its integrity check value counted as zeros.
///
/// RFC 2402 section 3.3.3.1.1: fields that change on the way count as zero: TOS, fragmentation, TTL, header checksum.
/// The TTL of multicast is covered as it was sent, unlike there: nobody may forward it, and keepalived proves it.
fn digest(
    secret: &Secret,
    fixed: &[u8; ipv4::HEADER_LENGTH],
    options: &[u8],
    destination: Ipv4Addr,
    covered: &[u8],
    pdu: &[u8],
) -> Hmac<Md5> {
    let mut fixed = *fixed;
    fixed[1] = 0;
    fixed[6..8].fill(0);
    fixed[10..12].fill(0);
    if !destination.is_multicast() {
        fixed[8] = 0;
    }
    let mut mac = Hmac::<Md5>::new_from_slice(&password(secret)).expect("HMAC takes keys of any length");
    for piece in [&fixed, options, covered, &[0; ICV_LENGTH], pdu] {
        mac.update(piece);
    }
    mac
}
