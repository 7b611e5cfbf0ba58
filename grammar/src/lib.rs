//! The language of keepalived.conf.
pub mod schema;
