//! The IPv4 header (RFC 791), as far as adverts need it.
//!
//! Raw sockets hand over whole packets, and take them whole for a source address of one's own choice. Options are
//! skipped when they come and never sent.

use super::checksum::Checksum;
use super::refusal::Refusal;
use std::net::Ipv4Addr;

/// Length of a header without options.
pub const HEADER_LENGTH: usize = 20;
/// TOS of adverts: internetwork control, as keepalived sends it.
pub const TOS: u8 = 0xc0;

/// A header that was received.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The part that every header has.
    pub fixed: &'a [u8; HEADER_LENGTH],
    /// Options.
    pub options: &'a [u8],
    /// Length of the packet as its sender says it, header included; not compared with what has come.
    pub total_length: u16,
    /// `Identification`
    pub identification: u16,
    /// Time to live.
    pub ttl: u8,
    /// Number of the protocol inside.
    pub protocol: u8,
    /// Source address.
    pub source: Ipv4Addr,
    /// Destination address.
    pub destination: Ipv4Addr,
}

/// Splits a packet into its header and all that follows it, padding included.
///
/// # Errors
/// [`Refusal::Truncated`], [`IpHeader`](Refusal::IpHeader), [`IpChecksum`](Refusal::IpChecksum) and
/// [`Fragment`](Refusal::Fragment).
pub fn decode(packet: &[u8]) -> Result<(Header<'_>, &[u8]), Refusal> {
    let fixed: &[u8; HEADER_LENGTH] = packet.first_chunk().ok_or(Refusal::Truncated)?;
    let [
        version_and_words,
        _,
        length_high,
        length_low,
        id_high,
        id_low,
        fragment_high,
        fragment_low,
        ttl,
        protocol,
        _,
        _,
        source @ ..,
    ] = *fixed;
    let length = usize::from(version_and_words & 0x0f) * 4;
    if version_and_words >> 4 != 4 || length < HEADER_LENGTH {
        return Err(Refusal::IpHeader);
    }
    let (options, rest) = packet[HEADER_LENGTH..].split_at_checked(length - HEADER_LENGTH).ok_or(Refusal::Truncated)?;
    if Checksum::new().with(fixed).with(options).finish() != 0 {
        return Err(Refusal::IpChecksum);
    }
    // All but "don't fragment": "more fragments", and where in the packet this one begins.
    if u16::from_be_bytes([fragment_high, fragment_low]) & 0x3fff != 0 {
        return Err(Refusal::Fragment);
    }
    let [a, b, c, d, e, f, g, h] = source;
    let header = Header {
        fixed,
        options,
        total_length: u16::from_be_bytes([length_high, length_low]),
        identification: u16::from_be_bytes([id_high, id_low]),
        ttl,
        protocol,
        source: Ipv4Addr::new(a, b, c, d),
        destination: Ipv4Addr::new(e, f, g, h),
    };
    Ok((header, rest))
}

/// What differs between the headers of adverts.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// Length of the packet, header included.
    pub total_length: u16,
    /// `Identification`
    pub identification: u16,
    /// Time to live.
    pub ttl: u8,
    /// Number of the protocol inside.
    pub protocol: u8,
    /// Source address.
    pub source: Ipv4Addr,
    /// Destination address.
    pub destination: Ipv4Addr,
}

/// The header with its checksum.
pub fn encode(fields: Fields) -> [u8; HEADER_LENGTH] {
    let [length_high, length_low] = fields.total_length.to_be_bytes();
    let [id_high, id_low] = fields.identification.to_be_bytes();
    let [a, b, c, d] = fields.source.octets();
    let [e, f, g, h] = fields.destination.octets();
    let mut header = [
        0x45,
        TOS,
        length_high,
        length_low,
        id_high,
        id_low,
        0,
        0,
        fields.ttl,
        fields.protocol,
        0,
        0,
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
    ];
    [header[10], header[11]] = Checksum::new().with(&header).finish().to_be_bytes();
    header
}
