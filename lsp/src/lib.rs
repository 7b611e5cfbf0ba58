//! The language server of kalc.
//!
//! ```text
//! client ──▶ server::Backend ──events──▶ server::world (owns the documents, in order)
//!                  │                            │ job                ▲ outcome
//!                  │ asks for a snapshot        ▼                    │
//!                  └───────▶ ide::* ◀── Snapshot ── server::worker: analysis::Analyst (a thread)
//! ```
//!
//! [`ide`] answers an editor's questions on a [`Host`](kalc_compiler::host::Host) as plain data and knows no protocol;
//! [`analysis`] turns documents and files into hosts and findings; [`server`] speaks the protocol. [`textmate`] makes the
//! grammar with which editors colour the language, [`snippets`] the skeletons of blocks that they insert.

pub mod analysis;
pub mod ide;
pub mod server;
pub mod snippets;
pub mod textmate;
