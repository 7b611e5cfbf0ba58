//! The virtual router: RFC 9568 section 6.4 and RFC 3768 section 6.4, with keepalived's behaviour where it differs.
//!
//! Each place that follows keepalived against the standard, or the other way round, is marked `Differs:`.

mod counters;
pub(crate) mod group;
mod instance;
pub(crate) mod priority;
mod state;
pub mod timers;

pub use counters::Counters;
pub(crate) use instance::{Cx, Instance, Wish};
pub use state::{Faults, State, StateName};
