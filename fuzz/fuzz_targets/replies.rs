//! Any bytes as what a mail server says, as a datagram of a name server, and as a request to the daemon's own page.
#![no_main]

use kalc_runtime::probe::dns::{self, Answer};
use kalc_runtime::probe::smtp::{self, Reply};
use kalc_runtime::web;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let reply = smtp::reply(input);
    // What is decided stays so, whatever follows.
    let longer = smtp::reply(&[input, b"220 x\r\n"].concat());
    assert!(reply == Reply::Unfinished || reply == longer);
    if let Reply::Code(code) = reply {
        assert!(code < 1000);
    }
    if let Answer::Code(code) = dns::answer(input, 0x1234) {
        assert!(code < 16 && input.len() >= 12);
    }
    if let Ok(name) = std::str::from_utf8(input)
        && let Some(query) = dns::Question::new(name, "A").query(1)
    {
        assert!(query.len() <= 12 + 255 + 4);
    }
    let _ = web::parse(input);
});
