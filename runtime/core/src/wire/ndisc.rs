//! Unsolicited neighbour advertisements (RFC 4861 sections 4.4 and 7.2.6), as keepalived sends them: from the address
//! itself to all nodes.

use super::checksum::Checksum;
use kalc_ir::net::Mac;
use std::net::Ipv6Addr;

/// Length of a frame: Ethernet 14, IPv6 40, ICMPv6 32.
pub const FRAME_LENGTH: usize = 86;
/// `ff02::1`
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
/// The hardware address of that group (RFC 2464 section 7).
const ALL_NODES_MAC: [u8; 6] = [0x33, 0x33, 0, 0, 0, 1];
/// EtherType of IPv6.
const ETHERTYPE: [u8; 2] = [0x86, 0xdd];
/// Length of the ICMPv6 message.
const MESSAGE_LENGTH: u8 = 32;
/// Next header: ICMPv6.
const PROTOCOL: u8 = 58;
/// RFC 4861 section 7.1.2: no router has forwarded it.
const HOP_LIMIT: u8 = 255;
/// ICMPv6 type of a neighbour advertisement, and its code.
const TYPE_AND_CODE: [u8; 2] = [136, 0];
/// Flags: the sender is a router; it answers nobody; the entry is to be replaced.
const ROUTER: u8 = 0x80;
const SOLICITED: u8 = 0x40;
const OVERRIDE: u8 = 0x20;
/// Option: target link-layer address, one unit of 8 bytes.
const OPTION: [u8; 2] = [2, 1];

/// An announcement: who has the address now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NeighbourAdvertisement {
    /// The interface's or the virtual router's hardware address; also the source of the frame.
    pub mac: Mac,
    /// The address.
    pub address: Ipv6Addr,
    /// Whether the interface forwards.
    pub is_router: bool,
}

/// Why a frame is no unsolicited neighbour advertisement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotNeighbourAdvertisement {
    /// It is shorter than [`FRAME_LENGTH`].
    #[error("it is cut short")]
    Truncated,
    /// It was not sent to all nodes.
    #[error("it was not sent to all nodes")]
    Destination,
    /// It is of another EtherType, or its IPv6 header is none.
    #[error("it is not IPv6")]
    NotIpv6,
    /// It carries something else than ICMPv6.
    #[error("it is not ICMPv6")]
    NotIcmp,
    /// Its length is not that of an advertisement with one option.
    #[error("it has another length")]
    Length,
    /// A router has forwarded it.
    #[error("its hop limit is not 255")]
    HopLimit,
    /// The checksum is wrong.
    #[error("its checksum is wrong")]
    Checksum,
    /// It is another message of ICMPv6.
    #[error("it is no neighbour advertisement")]
    Type,
    /// It answers a solicitation, or does not override.
    #[error("its flags are not those of an announcement")]
    Flags,
    /// Its source is not the address that it announces.
    #[error("its source is not the address that it announces")]
    Source,
    /// Its option is not the frame's source.
    #[error("the hardware address in it is not its source")]
    Option,
}

impl NeighbourAdvertisement {
    /// The whole Ethernet frame.
    pub fn encode(&self) -> [u8; FRAME_LENGTH] {
        let mut frame = [0; FRAME_LENGTH];
        let address = self.address.octets();
        let flags = OVERRIDE | if self.is_router { ROUTER } else { 0 };
        let mut rest = &mut frame[..];
        let pieces: [&[u8]; 13] = [
            &ALL_NODES_MAC,
            &self.mac.0,
            &ETHERTYPE,
            &[0x60, 0, 0, 0],
            &[0, MESSAGE_LENGTH, PROTOCOL, HOP_LIMIT],
            &address,
            &ALL_NODES.octets(),
            &TYPE_AND_CODE,
            &[0, 0],
            &[flags, 0, 0, 0],
            &address,
            &OPTION,
            &self.mac.0,
        ];
        for piece in pieces {
            let (to, after) = rest.split_at_mut(piece.len());
            to.copy_from_slice(piece);
            rest = after;
        }
        let checksum = sum(self.address, ALL_NODES, &frame[54..]);
        frame[56..58].copy_from_slice(&checksum.to_be_bytes());
        frame
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// What it is not.
    pub fn decode(frame: &[u8]) -> Result<Self, NotNeighbourAdvertisement> {
        use NotNeighbourAdvertisement as Not;
        let frame: &[u8; FRAME_LENGTH] = frame.first_chunk().ok_or(Not::Truncated)?;
        let address = |at: usize| frame[at..].first_chunk().map(|&octets: &[u8; 16]| Ipv6Addr::from(octets));
        let (source, destination, target) = match (address(22), address(38), address(62)) {
            (Some(source), Some(destination), Some(target)) => (source, destination, target),
            _ => return Err(Not::Truncated),
        };
        let mac: [u8; 6] = frame[6..].first_chunk().copied().ok_or(Not::Truncated)?;
        let flags = frame[58];
        let faults = [
            (frame[12..14] != ETHERTYPE || frame[14] >> 4 != 6, Not::NotIpv6),
            (frame[..6] != ALL_NODES_MAC || destination != ALL_NODES, Not::Destination),
            (frame[20] != PROTOCOL, Not::NotIcmp),
            (frame[18..20] != [0, MESSAGE_LENGTH], Not::Length),
            (frame[21] != HOP_LIMIT, Not::HopLimit),
            (sum(source, destination, &frame[54..]) != 0, Not::Checksum),
            (frame[54..56] != TYPE_AND_CODE, Not::Type),
            (flags & (SOLICITED | OVERRIDE) != OVERRIDE, Not::Flags),
            (source != target, Not::Source),
            (frame[78..80] != OPTION || frame[80..] != mac, Not::Option),
        ];
        match faults.iter().find(|(is_so, _)| *is_so) {
            Some(&(_, fault)) => Err(fault),
            None => Ok(NeighbourAdvertisement { mac: Mac(mac), address: target, is_router: flags & ROUTER != 0 }),
        }
    }
}

/// The checksum of the message.
fn sum(source: Ipv6Addr, destination: Ipv6Addr, message: &[u8]) -> u16 {
    Checksum::pseudo_v6(source, destination, PROTOCOL, u32::from(MESSAGE_LENGTH)).with(message).finish()
}
