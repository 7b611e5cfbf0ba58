//! The commands, one file each.

pub mod check;
pub mod compile;
pub mod explain;
pub mod lsp;
pub mod rules;
pub mod schema;
