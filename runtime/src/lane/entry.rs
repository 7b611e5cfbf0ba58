//! An address in the ledger.

use super::table::Key;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Name of the ledger in the run folder.
pub const LEDGER: &str = "addresses.json";

/// An address that is to be removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Name of the interface.
    pub interface: String,
    /// The address.
    pub address: IpAddr,
    /// Its prefix length.
    pub prefix: u8,
}

impl From<&Key> for Entry {
    fn from(key: &Key) -> Self {
        Entry { interface: key.interface.to_string(), address: key.address, prefix: key.prefix }
    }
}
