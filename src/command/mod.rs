//! The commands, one file each.

pub mod check;
pub mod cluster;
pub mod compile;
pub mod completions;
pub mod ctl;
pub mod diff;
pub mod digest;
pub mod explain;
pub mod fmt;
pub mod lsp;
pub mod man;
pub mod reload;
pub mod rules;
pub mod run;
pub mod schema;
pub mod simulate;
pub mod status;
