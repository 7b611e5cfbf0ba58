//! Tokens to a tree: statements and blocks, without any knowledge of keywords' meaning.
//!
//! [`grammar`] recognises statements and braces with chumsky and never fails: whatever the tokens, they are items.
//! [`build`] folds the items into the flat [`Tree`] with a stack of its own, so depth costs no call stack, and repairs
//! missing and surplus braces by indentation where the braces of the text do not add up.

mod build;
mod grammar;
mod tree;

pub use tree::{NONE, Node, NodeId, Tree};

use crate::fault::Fault;
use crate::lex::Tokens;

/// Builds the tree of a text. Linear in the number of tokens.
pub fn parse(text: &str, tokens: &Tokens) -> (Tree, Vec<Fault>) {
    grammar::parse(&tokens.significant, build::Builder::new(text, tokens))
}
