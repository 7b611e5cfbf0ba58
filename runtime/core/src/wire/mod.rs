//! What is on the wire: adverts of version 2 and 3, gratuitous ARP, neighbour advertisements.
//!
//! Bytes in, values out, and the reverse. Every decoder is total: whatever the bytes, it gives a value or a reason, and
//! allocates no more than the packet is long. Which adverts count is decided in [`receive`](receive::receive), and only
//! there; what they mean for the virtual router is no matter of this module.
//!
//! | module | |
//! | --- | --- |
//! | [`vrrp`] | one advert, without what is around it |
//! | [`receive`] | every check that an advert must pass, in keepalived's order |
//! | [`send`] | an advert as it leaves |
//! | [`arp`], [`ndisc`] | announcements of addresses, whole Ethernet frames |
//! | [`ipv4`], [`ah`], [`hmac`](mod@hmac), [`checksum`] | the layers around and inside |
//!
//! The crates `hmac`, `md-5` and `sha2` compute the proofs of `auth_type AH` and `auth_hmac`.

pub mod ah;
pub mod arp;
pub mod checksum;
pub mod hmac;
pub mod ipv4;
pub mod ndisc;
mod packet;
pub mod receive;
mod refusal;
pub mod send;
pub mod vrrp;

pub use packet::{Packet, Peek};
pub use receive::{Accepted, Expect, receive};
pub use refusal::Refusal;
pub use send::Outgoing;
pub use vrrp::{Advert, AuthField, Interval};

use kalc_ir::vrrp::Secret;
use std::net::{Ipv4Addr, Ipv6Addr};

/// IP protocol number of VRRP (RFC 9568 section 5.1.1.4).
pub const PROTOCOL_VRRP: u8 = 112;
/// IP protocol number of the authentication header (RFC 2402 section 2).
pub const PROTOCOL_AH: u8 = 51;
/// Group of all VRRP routers (RFC 9568 section 5.1.1.2).
pub const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 18);
/// Group of all VRRP routers (RFC 9568 section 5.1.2.2).
pub const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12);

/// A password as the wire has it: cut to 8 bytes, or filled up with zeros.
pub(crate) fn password(secret: &Secret) -> [u8; 8] {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(&secret.bytes) {
        *to = *from;
    }
    bytes
}
