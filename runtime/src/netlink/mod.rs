//! Interfaces and addresses, by way of the kernel's netlink.
//!
//! Three sockets, so that none waits for another: events and dumps belong to the thread of VRRP and never block it
//! ([`Monitor`]); changes are made in batches by the kernel lane, which may block ([`Batch`]). `netlink-packet-route`
//! reads and writes the messages, `netlink-sys` has the sockets.

pub mod address;
mod batch;
mod interfaces;
mod monitor;
pub mod names;
pub mod route;

pub use batch::{Batch, Edit, PIECE};
pub use interfaces::{Change, Interface, Interfaces};
pub use monitor::{Heard, Monitor};

use netlink_packet_core::{NetlinkDeserializable, NetlinkMessage};
use std::io;

/// Every message of what one call of `recv` gave. One that cannot be read is left out: later kernels may say more than
/// this crate knows, and nothing that is needed here.
pub(crate) fn messages<T: NetlinkDeserializable>(mut bytes: &[u8], mut each: impl FnMut(NetlinkMessage<T>)) {
    while let Some(length) = bytes.first_chunk::<4>().map(|length| u32::from_ne_bytes(*length) as usize) {
        let Some(message) = bytes.get(..length).filter(|_| length >= 16) else { return };
        if let Ok(message) = NetlinkMessage::deserialize(message) {
            each(message);
        }
        // Messages begin at multiples of four.
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
}

/// Raises the receive buffer beyond what the host allows to others; without the right to do so, as far as it goes.
pub(crate) fn enlarge(socket: &netlink_sys::Socket, bytes: usize) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    if setsockopt(socket, sockopt::RcvBufForce, &bytes).is_err() {
        setsockopt(socket, sockopt::RcvBuf, &bytes)?;
    }
    Ok(())
}
