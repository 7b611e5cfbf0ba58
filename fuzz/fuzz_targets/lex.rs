//! Any text: its tokens hold every byte of it.
#![no_main]

use kalc_grammar::lex::lex;
use kalc_grammar::source::SourceFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let file = SourceFile::new("x", input.to_vec());
    assert_eq!(file.text().len(), input.len(), "offsets are those of the file on disk");
    kalc_fuzz::tokens_hold_the_text(file.text(), &lex(file.text()));
});
