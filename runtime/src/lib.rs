//! The daemon of kalc: sockets, netlink and scripts around the pure core.
//!
//! | thread | modules | |
//! | --- | --- | --- |
//! | VRRP | `daemon`, `socket`, `netlink`, `timer` | owns the [`Node`](kalc_core::Node), hears and sends adverts, waits for nothing else |
//! | kernel lane | `lane` | addresses and announcements |
//! | director | `director`, `ipvs`, [`probe`] | virtual servers and the health of their servers, if the configuration has any |
//! | side | [`side`], [`script`], [`control`], [`web`] | checks, commands, tracked files and processes, signals, the control socket, metrics |
//! | log | [`log`] | writes messages |
//!
//! [`probe`] looks at a real server: one async function for each kind of check, without state.
//!
//! A second process, [`starter`], executes what the configuration names; the first one cannot (`confine`).
//!
//! [`load`] is a configuration that is fit to run; who starts the daemon brings it, since reading text is not this
//! crate's. [`status`] is what a daemon tells of itself.

mod bfd;
mod clear;
mod confine;
pub mod control;
mod daemon;
mod director;
pub mod fingerprint;
mod firewall;
pub mod ipvs;
mod keys;
mod lane;
mod ledger;
pub mod load;
pub mod log;
mod netlink;
mod outbox;
pub mod privileges;
pub mod probe;
mod process;
mod run;
pub mod script;
pub mod side;
mod socket;
pub mod starter;
pub mod status;
mod sys;
mod timer;
mod trim;
mod vmac;
mod wall;
pub mod web;

pub use run::{Error, Options, Prepared, prepare, run};
