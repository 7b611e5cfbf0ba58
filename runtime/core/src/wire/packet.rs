//! A packet as a raw socket gives it, and a cheap look at it.

use super::{PROTOCOL_AH, PROTOCOL_VRRP, ah, ipv4};
use kalc_ir::net::Family;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A packet as a raw socket gives it.
#[derive(Clone, Copy, Debug)]
pub enum Packet<'a> {
    /// A whole IPv4 packet, header included.
    V4 {
        /// The packet.
        bytes: &'a [u8],
    },
    /// What an IPv6 packet carries; the kernel tells the rest.
    V6 {
        /// Source address of the header.
        source: Ipv6Addr,
        /// Destination address of the header.
        destination: Ipv6Addr,
        /// Hop limit of the header.
        hop_limit: u8,
        /// The payload.
        bytes: &'a [u8],
    },
}

/// What leads a packet to its virtual router. None of it is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Peek {
    /// Address family.
    pub family: Family,
    /// Version of the protocol, 0 to 15.
    pub version: u8,
    /// Number of the virtual router, 0 to 255.
    pub vrid: u8,
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
    /// Whether it was sent to a group.
    pub is_multicast: bool,
}

impl Packet<'_> {
    /// Address family.
    pub const fn family(&self) -> Family {
        match self {
            Packet::V4 { .. } => Family::Ipv4,
            Packet::V6 { .. } => Family::Ipv6,
        }
    }

    /// Looks whose packet it is, without a check; `None` if it is too short to tell or not VRRP. Allocates nothing.
    pub fn peek(&self) -> Option<Peek> {
        let (source, destination, pdu): (IpAddr, IpAddr, &[u8]) = match *self {
            Packet::V4 { bytes } => {
                let header: &[u8; ipv4::HEADER_LENGTH] = bytes.first_chunk()?;
                let rest = bytes.get(usize::from(header[0] & 0x0f) * 4..)?;
                let pdu = match header[9] {
                    PROTOCOL_VRRP => rest,
                    PROTOCOL_AH if *rest.first()? == PROTOCOL_VRRP => rest.get(ah::HEADER_LENGTH..)?,
                    _ => return None,
                };
                let [.., a, b, c, d, e, f, g, h] = *header;
                (Ipv4Addr::new(a, b, c, d).into(), Ipv4Addr::new(e, f, g, h).into(), pdu)
            }
            Packet::V6 { source, destination, bytes, .. } => (source.into(), destination.into(), bytes),
        };
        let [version_and_type, vrid] = *pdu.first_chunk()?;
        Some(Peek {
            family: self.family(),
            version: version_and_type >> 4,
            vrid,
            source,
            destination,
            is_multicast: destination.is_multicast(),
        })
    }
}
