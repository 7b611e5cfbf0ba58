//! The pure core of kalc's daemon: state machines without I/O, clock or randomness.

pub mod wire;
