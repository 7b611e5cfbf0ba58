//! The language server of kalc.
//!
//! ```text
//! client ──▶ server::handlers ──events──▶ server::world (owns the documents, in order)
//!                  │                           │ job                 ▲ snapshot, findings
//!                  │ asks                      ▼                     │
//!                  │              server::worker: analysis::Analyst reads, analysis::Checker checks (two threads)
//!                  └───────▶ server::{navigate, show, actions, tokens} ──▶ ide::* ◀── snapshot
//! ```
//!
//! [`ide`] answers an editor's questions on a [`Host`](kalc_compiler::host::Host) and the hosts around it as plain data and
//! knows no protocol; [`analysis`] turns documents and files into hosts and findings; [`server`] speaks the protocol.
//! [`textmate`] makes the grammar with which editors colour the language, [`snippets`] the skeletons of blocks that they
//! insert.

pub mod analysis;
pub mod ide;
pub mod server;
pub mod snippets;
pub mod textmate;
