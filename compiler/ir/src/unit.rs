//! Numbers with a meaning: only legal values can be made.

use serde::{Serialize, Serializer};
use std::fmt;
use std::num::NonZeroU8;

/// Priority of a virtual router, 1 to 255 (RFC 9568 section 5.2.4; `priority`). 0 only exists on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Priority(NonZeroU8);

impl Priority {
    /// The owner of the addresses, 255.
    pub const OWNER: Priority = Priority(NonZeroU8::MAX);
    /// The default of a backup, 100.
    pub const DEFAULT: Priority = Priority(NonZeroU8::new(100).expect("100 is not zero"));

    /// A priority; `None` for 0.
    pub const fn new(value: u8) -> Option<Self> {
        match NonZeroU8::new(value) {
            Some(value) => Some(Priority(value)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0.get()
    }

    /// Whether it is 255, which declares the addresses this host's own.
    pub const fn is_owner(self) -> bool {
        self.0.get() == 255
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Number of a virtual router, 1 to 255 (RFC 9568 section 5.2.3; `virtual_router_id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Vrid(NonZeroU8);

impl Vrid {
    /// A VRID; `None` for 0.
    pub const fn new(value: u8) -> Option<Self> {
        match NonZeroU8::new(value) {
            Some(value) => Some(Vrid(value)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0.get()
    }
}

impl fmt::Display for Vrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Version of the protocol; in JSON its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VrrpVersion {
    /// RFC 3768: whole seconds, authentication.
    V2,
    /// RFC 9568: hundredths of a second, IPv6, no authentication.
    V3,
}

impl Serialize for VrrpVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

impl VrrpVersion {
    /// The number on the wire.
    pub const fn number(self) -> u8 {
        match self {
            VrrpVersion::V2 => 2,
            VrrpVersion::V3 => 3,
        }
    }
}
