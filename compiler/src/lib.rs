//! The compiler of kalc: what a keepalived.conf means, and what is wrong with it.
//!
//! ```text
//! Host::read: file --grammar--> Config --lower--> Ir
//! check:      Host --rules--> Diagnostic --render--> text, JSON
//! project:    which files are hosts, what kalc.toml says of them, and of them all what is to be shown
//! ```
//!
//! Rules read [`Host`](host::Host)s; they never parse text. [`diagnostic`] is plain data; only [`render`] knows how it is
//! shown, and only `render::human` knows ariadne.

pub mod baseline;
mod canonical;
pub mod check;
pub mod cluster;
pub mod diagnostic;
pub mod edit;
pub mod facts;
pub mod fix;
pub mod fleet;
pub mod format;
pub mod host;
pub mod ir_json;
pub mod lint;
pub mod lower;
pub mod project;
pub mod render;
pub mod settings;
mod share;
pub mod suppress;
