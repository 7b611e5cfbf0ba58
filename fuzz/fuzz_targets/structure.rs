//! Any text: it has a tree, and the tree's faults lie in the text.
#![no_main]

use kalc_grammar::fault::At;
use kalc_grammar::lex::lex;
use kalc_grammar::source::SourceFile;
use kalc_grammar::syntax::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let file = SourceFile::new("x", input.to_vec());
    let tokens = lex(file.text());
    let (tree, faults) = parse(file.text(), &tokens);
    kalc_fuzz::tree_is_in_bounds(&tree, &tokens);
    for fault in faults {
        match fault.at {
            At::Logical(span) => assert!(file.text().get(span.range()).is_some(), "{fault:?}"),
            At::File(_) => panic!("the tree knows no files: {fault:?}"),
        }
    }
});
