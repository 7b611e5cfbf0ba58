//! The kernel's load balancer (IPVS), by way of generic netlink.
//!
//! `netlink-packet-generic` has the headers and asks for the number of the family; the attributes are ours ([`wire`],
//! after the kernel's `ip_vs.h`), since the one crate that has them knows neither marks nor the netlink crates of today.
//! Edits go out in batches with one acknowledgement each ([`Ipvs::run`]). Whatever the kernel answers, reading it does
//! not panic: what cannot be understood is left out.

mod decode;
mod encode;
mod family;
mod socket;
mod wire;

pub use decode::{Counters, destination, service};
pub use family::OpenError;
pub use socket::{Found, Ipvs};

/// The attributes of the message that asks for an edit.
pub fn attributes_of(edit: &kalc_core::kernel::Edit) -> Vec<u8> {
    encode::edit(edit).attributes
}
