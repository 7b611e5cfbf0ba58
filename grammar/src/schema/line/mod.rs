//! The one-line mini-languages: addresses, routes and rules.

pub mod address;
pub mod route;
pub mod rule;
