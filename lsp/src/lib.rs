//! The language server of kalc.
