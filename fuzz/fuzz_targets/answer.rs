//! Any bytes as the answer of a web server, in two ways of cutting them: the same comes of it, in bounded memory.
#![no_main]

use kalc_runtime::probe::http::answer::{Answer, Step};
use libfuzzer_sys::fuzz_target;

/// What came of an answer: its status, its length, its digest, or why it is none.
fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Result<(Option<u16>, u64, String), String> {
    let mut answer = Answer::new(&[(100, 599)], true, true);
    for piece in pieces {
        match answer.push(piece) {
            Ok(Step::More) => {}
            Ok(Step::Whole) => break,
            Err(failure) => return Err(failure.to_string()),
        }
    }
    answer.close().map_err(|failure| failure.to_string())?;
    let (status, bytes) = (answer.status(), answer.bytes());
    let digest = answer.finish().0.map(|digest| digest.to_string()).unwrap_or_default();
    Ok((status, bytes, digest))
}

fuzz_target!(|input: &[u8]| {
    let Some((size, text)) = input.split_first() else { return };
    let at_once = read(std::iter::once(text));
    let in_pieces = read(text.chunks(usize::from(*size) + 1));
    assert_eq!(at_once, in_pieces);
});
