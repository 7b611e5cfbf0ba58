//! Whole clusters in virtual time: hosts with their [`Node`](crate::Node)s, a network between them, faults, and laws
//! that must hold after every event.
//!
//! Nothing here is left to chance but what the seed says: the same [`Setup`] gives the same [`World`], event by event.
//!
//! | module | |
//! | --- | --- |
//! | [`world`] | the queue of events, hosts, carrying out what nodes want |
//! | `hosts` | what is made up about hosts: their addresses, their names in timelines |
//! | [`network`] | who hears whom: segments, loss, delay, duplicates, cuts |
//! | [`fault`] | what may go wrong, and how it is written (`kill web1 at 5s`) |
//! | [`oracle`] | the laws |
//! | [`random`] | faults drawn from a seed |
//! | [`timeline`] | what happened, as text |

pub mod fault;
mod hosts;
pub mod network;
pub mod oracle;
pub mod random;
pub mod timeline;
pub mod world;

pub use fault::Fault;
pub use network::Network;
pub use oracle::{Law, Violation};
pub use timeline::Entry;
pub use world::{HostSetup, Setup, World};
