//! The commands, one file each.

pub mod check;
pub mod cluster;
pub mod compile;
pub mod explain;
pub mod rules;
pub mod schema;
