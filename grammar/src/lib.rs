//! The language of keepalived.conf: from files to a tree whose words are understood.
//!
//! ```text
//! files --expand--> logical text --lex--> tokens --syntax--> tree --config--> keywords and values
//! ```
//!
//! Every step is total: whatever the bytes, there is a result and a list of [`fault`]s. Nothing here does I/O (files
//! come through [`files::FileSystem`]) and nothing renders messages; that is the compiler's work.

pub mod config;
pub mod expand;
pub mod fault;
pub mod files;
pub mod lex;
pub mod limits;
pub mod schema;
pub mod source;
pub mod syntax;
pub mod value;
