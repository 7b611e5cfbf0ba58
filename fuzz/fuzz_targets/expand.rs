//! Any files: every byte of what they expand to leads back to one of them.
#![no_main]

use kalc_grammar::expand::expand;
use kalc_grammar::source::{Sources, Span};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (main, files) = kalc_fuzz::files(input);
    let mut sources = Sources::default();
    let main = sources.add(main);
    let logical = expand(&mut sources, main, &files, &kalc_fuzz::profile(input));
    kalc_fuzz::pieces_lead_to_files(&sources, &logical);
    // Also for ranges that no piece holds alone.
    let length = logical.text.len() as u32;
    for piece in &logical.pieces {
        let span = Span::new(piece.start.saturating_sub(3), (piece.start + 3).min(length));
        let place = logical.place(span);
        assert!(place.typed.span.end as usize <= sources.file(place.typed.file).text().len(), "{place:?}");
    }
});
