//! The daemon of kalc: sockets, netlink and scripts around the pure core.
//!
//! * [`side`]: scripts, tracked files and processes, signals and the control socket, on a thread of their own.
//! * [`script`]: commands of the configuration as programs of this host.
//! * [`load`]: a configuration that is fit to run.
//! * [`log`]: messages, written by a thread of its own.
//! * [`status`], [`control`]: what a daemon tells of itself, and how it is asked.

pub mod control;
pub mod load;
pub mod log;
pub mod script;
pub mod side;
pub mod status;
mod wall;
