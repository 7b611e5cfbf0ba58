//! What the kernel holds for us, as data: the table of IPVS, how it should be, and the way from one to the other.
//!
//! Both sides are ordered maps keyed by identity. [`diff`] gives edits that never leave a service without a server
//! that takes clients if it has one before and has one after; an attribute that changes is an edit, never a removal and
//! an addition, so that connections survive. [`Edit::apply`] is the kernel's part as far as the laws need it.

mod diff;
mod table;

pub use diff::{Edit, diff};
pub(crate) use table::protocol_word;
pub use table::{
    Destination, DestinationKey, DestinationSettings, Service, ServiceKey, ServiceSettings, Table, Takes, flag,
};
