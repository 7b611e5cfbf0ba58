//! The one-line mini-languages: addresses, routes and rules.
//!
//! Each has an entry for the static lists at the root of the file and one for the lists of an instance. They share
//! the rows of their options and differ in a few: `track_group` is for static entries, `use_vmac` for virtual ones.
//!
//! Order counts in two places that the rows cannot say: a route's destination may stand anywhere, with its type
//! right before it, and `nexthop` ends a route.

pub mod address;
pub mod route;
pub mod rule;
