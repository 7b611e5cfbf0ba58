//! Any frame: a gratuitous ARP that is understood is encoded to the same bytes, but for what means nothing.
#![no_main]

use kalc_core::wire::arp::{FRAME_LENGTH, GratuitousArp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(announcement) = GratuitousArp::decode(input) else { return };
    let frame = announcement.encode();
    assert_eq!(frame[..32], input[..32]);
    assert_eq!(frame[38..], input[38..FRAME_LENGTH]);
    assert_eq!(GratuitousArp::decode(&frame), Ok(announcement));
});
