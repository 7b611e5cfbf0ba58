//! Frames of a real keepalived: kalc sends the same bytes, and accepts them.

mod support;

use kalc_core::wire::arp::GratuitousArp;
use kalc_core::wire::hmac::{Heard, Sequence};
use kalc_core::wire::ndisc::NeighbourAdvertisement;
use kalc_core::wire::{Expect, Outgoing, Packet, Refusal, receive};
use kalc_ir::net::{Family, Mac};
use kalc_ir::vrrp::Auth;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use support::{Frame, Section, sections};

const ETHERNET: usize = 14;
const IPV6_HEADER: usize = 40;

/// What the frame carries, as a raw socket would give it.
fn packet(frame: &[u8]) -> Packet<'_> {
    match frame[12..14] {
        [0x08, 0x00] => Packet::V4 { bytes: &frame[ETHERNET..] },
        [0x86, 0xdd] => {
            let address = |at: usize| Ipv6Addr::from(*frame[at..].first_chunk::<16>().expect("a whole header"));
            Packet::V6 {
                source: address(22),
                destination: address(38),
                hop_limit: frame[21],
                bytes: &frame[ETHERNET + IPV6_HEADER..],
            }
        }
        _ => panic!("{frame:02x?}"),
    }
}

fn outgoing<'a>(section: &'a Section, advert: &support::Advert) -> Outgoing<'a> {
    Outgoing {
        family: Family::of(advert.source),
        version: section.version,
        vrid: support::VRID,
        priority: advert.priority,
        interval_us: section.interval_us,
        addresses: &section.addresses,
        auth: &section.auth,
        source: advert.source,
        destination: advert.destination,
        ttl: section.ttl,
        ip_identification: advert.identification,
        ah_sequence: u32::from(advert.identification),
        hmac_sequence: Sequence::default(),
        old_unicast_checksum: section.old_unicast_checksum,
        v3_checksum_as_v2: section.v3_checksum_as_v2,
    }
}

/// A receiver that is configured as the sender is, but for its own address.
fn expect<'a>(section: &'a Section, advert: &support::Advert) -> Expect<'a> {
    Expect { ah_last_sequence: u32::from(advert.identification).saturating_sub(1), ..section.expect(advert.source) }
}

#[test]
fn adverts_are_encoded_as_keepalived_does() {
    let mut count = 0;
    for section in &sections() {
        for (advert, frame) in section.adverts() {
            let mut out = Vec::new();
            Outgoing { hmac_sequence: sequence(frame), ..outgoing(section, advert) }.encode(&mut out);
            let expected = match packet(frame) {
                Packet::V4 { bytes } | Packet::V6 { bytes, .. } => bytes,
            };
            assert_eq!(out, expected, "{}: {advert:?}", section.name);
            count += 1;
        }
    }
    assert!(count > 50, "{count} adverts");
}

#[test]
fn adverts_of_keepalived_are_accepted() {
    for section in &sections() {
        for (advert, frame) in section.adverts() {
            let expect = Expect { utc: time(sequence(frame)), ..expect(section, advert) };
            let accepted = receive(&expect, &packet(frame));
            let accepted = accepted.unwrap_or_else(|refusal| panic!("{}: {advert:?}: {refusal}", section.name));
            assert_eq!(accepted.source, advert.source, "{}", section.name);
            assert_eq!(accepted.advert.version, section.version, "{}", section.name);
            assert_eq!(accepted.advert.vrid, support::VRID.get(), "{}", section.name);
            assert_eq!(accepted.advert.priority, advert.priority, "{}", section.name);
            assert_eq!(accepted.advert.interval.as_micros(), section.interval_us, "{}", section.name);
            assert_eq!(accepted.advert.addresses, section.addresses, "{}", section.name);
            assert_eq!(accepted.used_old_checksum, section.old_unicast_checksum, "{}", section.name);
            let sequence = matches!(section.auth, Auth::Ah { .. }).then_some(u32::from(advert.identification));
            assert_eq!(accepted.ah_sequence, sequence, "{}", section.name);
            let number = matches!(section.auth, Auth::Hmac(_)).then(|| self::sequence(frame));
            assert_eq!(accepted.hmac_sequence, number, "{}", section.name);
        }
    }
}

#[test]
fn the_peek_leads_to_the_virtual_router() {
    for section in sections() {
        for (advert, frame) in section.adverts() {
            let peek = packet(frame).peek().unwrap_or_else(|| panic!("{}: {advert:?}", section.name));
            assert_eq!(peek.family, Family::of(advert.source));
            assert_eq!(peek.version, section.version.number());
            assert_eq!(peek.vrid, support::VRID.get());
            assert_eq!((peek.source, peek.destination), (advert.source, advert.destination));
            assert_eq!(peek.is_multicast, section.is_multicast());
        }
    }
}

#[test]
fn signed_adverts_count_only_as_they_were_signed() {
    let mut count = 0;
    for section in sections().iter().filter(|section| matches!(section.auth, Auth::Hmac(_))) {
        for (advert, frame) in section.adverts() {
            let at = time(sequence(frame));
            let expect = Expect { utc: at, ..expect(section, advert) };
            let without = Expect { auth: &Auth::None, ..expect };
            assert_eq!(receive(&without, &packet(frame)), Err(Refusal::HmacUnexpected), "{}", section.name);
            // Once heard it counts no more, and nor does one from before.
            let mut heard = Heard::default();
            heard.note(advert.source, sequence(frame), 1);
            let again = Expect { hmac_heard: &heard, ..expect };
            assert_eq!(receive(&again, &packet(frame)), Err(Refusal::HmacReplay), "{}", section.name);
            for off in [at + Duration::from_secs(6), at.saturating_sub(Duration::from_secs(6))] {
                let late = Expect { utc: off, ..expect };
                assert_eq!(receive(&late, &packet(frame)), Err(Refusal::HmacClock), "{}", section.name);
            }
            // No bit of what is signed may change; those of checksums are not.
            let body = frame.len() - pdu_and_trailer(frame);
            for bit in (body * 8..frame.len() * 8).filter(|bit| !(body + 6..body + 8).contains(&(bit / 8))) {
                let mut other = frame.to_vec();
                other[bit / 8] ^= 1 << (bit % 8);
                assert!(receive(&expect, &packet(&other)).is_err(), "{}: bit {bit}", section.name);
            }
            count += 1;
        }
    }
    assert!(count >= 8, "{count} adverts");
}

/// Length of what follows the headers of IP.
fn pdu_and_trailer(frame: &[u8]) -> usize {
    match packet(frame) {
        Packet::V4 { bytes } => bytes.len() - 20,
        Packet::V6 { bytes, .. } => bytes.len(),
    }
}

/// The number in the last 28 bytes; of an advert without a trailer it is of no use.
fn sequence(frame: &[u8]) -> Sequence {
    Sequence(u64::from_be_bytes(*frame[frame.len() - 24..].first_chunk().expect("a long frame")))
}

/// The time in such a number.
fn time(sequence: Sequence) -> Duration {
    Duration::from_secs(sequence.0 >> 32) + Duration::from_secs(sequence.0 >> 16 & 0xffff) / 65_536
}

#[test]
fn announcements_are_those_of_keepalived() {
    let (mut arp, mut na) = (0, 0);
    for section in sections() {
        for frame in &section.frames {
            match frame {
                Frame::Advert(..) => {}
                &Frame::Announcement(mac, IpAddr::V4(address), ref bytes) => {
                    let announcement = GratuitousArp { mac: Mac(mac), address };
                    assert_eq!(announcement.encode()[..], bytes[..], "{}", section.name);
                    assert_eq!(GratuitousArp::decode(bytes), Ok(announcement), "{}", section.name);
                    arp += 1;
                }
                &Frame::Announcement(mac, IpAddr::V6(address), ref bytes) => {
                    let announcement = NeighbourAdvertisement { mac: Mac(mac), address, is_router: false };
                    assert_eq!(announcement.encode()[..], bytes[..], "{}", section.name);
                    assert_eq!(NeighbourAdvertisement::decode(bytes), Ok(announcement), "{}", section.name);
                    na += 1;
                }
            }
        }
    }
    assert!(arp >= 20 && na >= 10, "{arp} and {na}");
}
