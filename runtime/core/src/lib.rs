//! The pure core of kalc's daemon: state machines without I/O, clock or randomness.
//!
//! A [`Node`] is one host's daemon: it is made from a [`Plan`], which is made from an [`Ir`](kalc_ir::Ir). Whoever owns
//! it feeds [`Input`]s (a packet came, an interface went down, a check ended, time passed), each with the time at which
//! it happened, and carries out the [`Action`]s that come back, in their order. The same code runs in the daemon under
//! tokio, in the simulator and in tests.
//!
//! ```text
//!            Input + now                       Action
//!   driver ───────────────▶ Node ─────────────────────▶ driver
//!                            │ vrrp::Instance   who is master (RFC 9568 section 6.4)
//!                            │ vrrp::group      instances that change together
//!                            │ track            scripts, processes, files: what is up
//!                            └ wire             bytes of packets
//! ```
//!
//! [`announce`] is a machine of its own: it paces gratuitous ARP and may live in another thread. So is a [`Director`]:
//! virtual servers by the health of their real servers ([`check`]), as a table of the [`kernel`]; and so are the sessions of
//! [`bfd`], whose changes are inputs of both.

pub mod action;
pub mod announce;
pub mod bfd;
pub mod chance;
pub mod check;
pub mod director;
pub mod input;
pub mod kernel;
pub mod node;
pub mod plan;
mod schedule;
pub mod sim;
pub mod time;
mod track;
pub mod vrrp;
pub mod wire;

pub use action::{Action, Advertisement, Invocation, Notice, NoticeEvent, Reach, Subject, Trace};
pub use director::Director;
pub use input::{Input, LinkFacts, LinkId, RunId, ScriptOutcome};
pub use node::Node;
pub use plan::{Plan, Refused};
pub use time::Instant;
