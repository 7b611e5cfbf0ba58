//! Gratuitous ARP and neighbour advertisements: each reason why a frame is none, provoked by a frame that has no other
//! fault.

use kalc_core::wire::arp::{self, GratuitousArp, NotGratuitousArp};
use kalc_core::wire::checksum::Checksum;
use kalc_core::wire::ndisc::{self, NeighbourAdvertisement, NotNeighbourAdvertisement};
use kalc_ir::net::Mac;
use std::net::{Ipv4Addr, Ipv6Addr};

const MAC: Mac = Mac([2, 0, 0, 0, 0, 1]);

#[test]
fn a_frame_that_is_no_gratuitous_arp_is_told_why() {
    let good = GratuitousArp { mac: MAC, address: Ipv4Addr::new(10, 99, 0, 100) }.encode();
    let check = |at: usize, expected| {
        let mut frame = good;
        frame[at] ^= 1;
        assert_eq!(GratuitousArp::decode(&frame), Err(expected), "byte {at}");
    };
    (0..6).for_each(|at| check(at, NotGratuitousArp::NoBroadcast));
    (6..12).for_each(|at| check(at, NotGratuitousArp::Sender));
    (12..14).for_each(|at| check(at, NotGratuitousArp::EtherType));
    (14..22).for_each(|at| check(at, NotGratuitousArp::NoRequest));
    (22..28).for_each(|at| check(at, NotGratuitousArp::Sender));
    (28..32).for_each(|at| check(at, NotGratuitousArp::Target));
    (38..42).for_each(|at| check(at, NotGratuitousArp::Target));
    for length in 0..arp::FRAME_LENGTH {
        assert_eq!(GratuitousArp::decode(&good[..length]), Err(NotGratuitousArp::Truncated));
    }
    // The target's hardware address means nothing, and a switch may have padded the frame.
    let mut padded = good.to_vec();
    padded[32..38].fill(0);
    padded.resize(60, 0);
    assert!(GratuitousArp::decode(&padded).is_ok());
}

/// A frame with one change, its checksum mended.
fn advertisement(change: impl FnOnce(&mut [u8])) -> Result<NeighbourAdvertisement, NotNeighbourAdvertisement> {
    let address = Ipv6Addr::new(0xfd99, 0, 0, 0, 0, 0, 0, 0x100);
    let mut frame = NeighbourAdvertisement { mac: MAC, address, is_router: true }.encode();
    change(&mut frame);
    frame[56..58].fill(0);
    let pseudo = Checksum::new().with(&frame[22..54]).with(&[0, 0, 0, 32, 0, 0, 0, 58]);
    let checksum = pseudo.with(&frame[54..]).finish();
    frame[56..58].copy_from_slice(&checksum.to_be_bytes());
    NeighbourAdvertisement::decode(&frame)
}

#[test]
fn a_frame_that_is_no_advertisement_is_told_why() {
    use NotNeighbourAdvertisement as Not;
    let good = advertisement(|_| ()).expect("it is right");
    assert!(good.is_router);
    let cases: [(usize, u8, Not); 16] = [
        (0, 1, Not::Destination),
        (5, 1, Not::Destination),
        (12, 1, Not::NotIpv6),
        (14, 0x20, Not::NotIpv6),
        (19, 1, Not::Length),
        (20, 1, Not::NotIcmp),
        (21, 1, Not::HopLimit),
        (22, 1, Not::Source),
        (53, 1, Not::Destination),
        (54, 1, Not::Type),
        (55, 1, Not::Type),
        (58, 0x40, Not::Flags),
        (58, 0x20, Not::Flags),
        (62, 1, Not::Source),
        (78, 1, Not::Option),
        (85, 1, Not::Option),
    ];
    for (at, bit, expected) in cases {
        assert_eq!(advertisement(|frame| frame[at] ^= bit), Err(expected), "byte {at}");
    }
    let frame = good.encode();
    for length in 0..ndisc::FRAME_LENGTH {
        assert_eq!(NeighbourAdvertisement::decode(&frame[..length]), Err(Not::Truncated));
    }
    let mut wrong = frame;
    wrong[57] ^= 1;
    assert_eq!(NeighbourAdvertisement::decode(&wrong), Err(Not::Checksum));
}
