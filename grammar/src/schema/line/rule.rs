//! Entries of rule lists.

use crate::schema::prelude::*;

words! {
    /// Stub.
    STATIC_ENTRY = entry(&[many(text(0))]);
    /// Stub.
    VIRTUAL_ENTRY = entry(&[many(text(0))]);
}
