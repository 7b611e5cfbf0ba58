//! Any frame: an unsolicited neighbour advertisement that is understood survives encoding.
//!
//! Half of the inputs get a right checksum first; otherwise hardly one would get behind it.
#![no_main]

use kalc_core::wire::checksum::Checksum;
use kalc_core::wire::ndisc::{FRAME_LENGTH, NeighbourAdvertisement};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut frame = input.to_vec();
    if frame.len() > FRAME_LENGTH {
        frame[56..58].fill(0);
        let pseudo = Checksum::new().with(&frame[22..54]).with(&[0, 0, 0, 32, 0, 0, 0, 58]);
        let checksum = pseudo.with(&frame[54..FRAME_LENGTH]).finish();
        frame[56..58].copy_from_slice(&checksum.to_be_bytes());
    }
    let Ok(announcement) = NeighbourAdvertisement::decode(&frame) else { return };
    let again = announcement.encode();
    assert_eq!(again[..14], frame[..14]);
    assert_eq!(NeighbourAdvertisement::decode(&again), Ok(announcement));
});
