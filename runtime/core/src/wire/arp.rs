//! Gratuitous ARP (RFC 5227 section 3: an ARP announcement), as keepalived sends it: a broadcast request for the address
//! by the address.

use kalc_ir::net::Mac;
use std::net::Ipv4Addr;

/// Length of a frame; the network card adds what Ethernet wants on top.
pub const FRAME_LENGTH: usize = 42;
/// Ethernet's broadcast address.
const BROADCAST: [u8; 6] = [0xff; 6];
/// EtherType of ARP.
const ETHERTYPE: [u8; 2] = [0x08, 0x06];
/// Ethernet, IPv4, lengths of their addresses, request (RFC 826).
const REQUEST: [u8; 8] = [0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01];

/// An announcement: who has the address now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GratuitousArp {
    /// The interface's or the virtual router's hardware address; also the source of the frame.
    pub mac: Mac,
    /// The address.
    pub address: Ipv4Addr,
}

/// Why a frame is no gratuitous ARP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotGratuitousArp {
    /// It is shorter than [`FRAME_LENGTH`].
    #[error("it is cut short")]
    Truncated,
    /// It was not sent to everybody.
    #[error("it is no broadcast")]
    NoBroadcast,
    /// It is of another EtherType.
    #[error("it is not ARP")]
    EtherType,
    /// It is not a request about IPv4 over Ethernet.
    #[error("it is no ARP request of IPv4 over Ethernet")]
    NoRequest,
    /// The frame's source is not the sender in it.
    #[error("its source is not its sender")]
    Sender,
    /// It asks for another address than its sender's.
    #[error("it asks for an address that its sender does not announce")]
    Target,
}

impl GratuitousArp {
    /// The whole Ethernet frame.
    pub fn encode(&self) -> [u8; FRAME_LENGTH] {
        let mut frame = [0; FRAME_LENGTH];
        let address = self.address.octets();
        let mut rest = &mut frame[..];
        // keepalived fills the target's hardware address with ones, where RFC 5227 section 2.1.1 has zeros; both are
        // ignored.
        for piece in [&BROADCAST[..], &self.mac.0, &ETHERTYPE, &REQUEST, &self.mac.0, &address, &BROADCAST, &address] {
            let (to, after) = rest.split_at_mut(piece.len());
            to.copy_from_slice(piece);
            rest = after;
        }
        frame
    }

    /// Reads a frame; padding behind it is skipped.
    ///
    /// # Errors
    /// What it is not.
    pub fn decode(frame: &[u8]) -> Result<Self, NotGratuitousArp> {
        let frame: &[u8; FRAME_LENGTH] = frame.first_chunk().ok_or(NotGratuitousArp::Truncated)?;
        if frame[..6] != BROADCAST {
            return Err(NotGratuitousArp::NoBroadcast);
        }
        if frame[12..14] != ETHERTYPE {
            return Err(NotGratuitousArp::EtherType);
        }
        if frame[14..22] != REQUEST {
            return Err(NotGratuitousArp::NoRequest);
        }
        if frame[6..12] != frame[22..28] {
            return Err(NotGratuitousArp::Sender);
        }
        if frame[28..32] != frame[38..42] {
            return Err(NotGratuitousArp::Target);
        }
        let [a, b, c, d, e, f, g, h, i, j] = *frame[22..32].first_chunk().ok_or(NotGratuitousArp::Truncated)?;
        Ok(GratuitousArp { mac: Mac([a, b, c, d, e, f]), address: Ipv4Addr::new(g, h, i, j) })
    }
}
