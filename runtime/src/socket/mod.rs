//! Raw sockets: where adverts come in and go out.
//!
//! `socket2` makes sockets and sets their options; `nix` reads what the kernel tells beside a packet. Every option is
//! spelled out where a socket is opened.

mod filter;
mod receive;
mod send;
mod wanted;

pub use receive::Receivers;
pub use send::Senders;
pub use wanted::wanted;
