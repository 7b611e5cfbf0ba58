//! Everything here has a limit. Each is far above what people write and low enough that hostile input costs seconds at
//! most; reaching one is a fault, never a crash.

/// Bytes of a line, without its end, that keepalived 2.4.3 reads at once.
pub const LINE_BYTES: usize = 1022;

/// Bytes that keepalived throws away at a time while a line is too long.
pub const LINE_BYTES_DROPPED: usize = 1023;

/// Bytes that a line may have once its definitions are put in.
pub const EXPANDED_LINE_BYTES: usize = 1023;

/// How deep files may include files.
pub const INCLUDE_DEPTH: usize = 32;

/// Alternatives that the braces of one include pattern may make.
pub const INCLUDE_ALTERNATIVES: usize = 1024;

/// How deep definitions and sequences may stand in each other.
pub const EXPANSION_DEPTH: usize = 64;

/// Lines that included files, sequences and definitions of several lines may add.
pub const LOGICAL_LINES: usize = 1_000_000;

/// Bytes of the logical text.
pub const LOGICAL_BYTES: usize = 256 << 20;

/// Uses of definitions that are carried out for one line.
pub const LINE_SUBSTITUTIONS: usize = 10_000;

/// Uses of definitions inside values of definitions, over the whole run.
pub const NESTED_SUBSTITUTIONS: usize = 2_000_000;
