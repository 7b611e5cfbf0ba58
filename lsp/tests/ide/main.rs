//! Questions of an editor, with a mark for the cursor in the text.

mod support;

mod allow;
mod completion;
mod hover;
mod lines;
mod names;
