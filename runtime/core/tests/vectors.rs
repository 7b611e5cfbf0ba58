//! Frames of a real keepalived: kalc sends the same bytes, and accepts them.

mod support;

use kalc_core::wire::arp::GratuitousArp;
use kalc_core::wire::ndisc::NeighbourAdvertisement;
use kalc_core::wire::{Expect, Outgoing, Packet, Refusal, receive};
use kalc_ir::net::{Family, Mac};
use kalc_ir::vrrp::Auth;
use std::net::{IpAddr, Ipv6Addr};
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
    for section in sections().iter().filter(|section| !matches!(section.auth, Auth::Hmac(_))) {
        for (advert, frame) in section.adverts() {
            let mut out = Vec::new();
            outgoing(section, advert).encode(&mut out);
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
    for section in sections().iter().filter(|section| !matches!(section.auth, Auth::Hmac(_))) {
        for (advert, frame) in section.adverts() {
            let accepted = receive(&expect(section, advert), &packet(frame));
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
fn signed_adverts_are_never_accepted_unverified() {
    let mut count = 0;
    for section in sections().iter().filter(|section| matches!(section.auth, Auth::Hmac(_))) {
        for (advert, frame) in section.adverts() {
            let expect = expect(section, advert);
            assert_eq!(receive(&expect, &packet(frame)), Err(Refusal::Hmac), "{}", section.name);
            let without = Expect { auth: &Auth::None, ..expect };
            assert_eq!(receive(&without, &packet(frame)), Err(Refusal::HmacUnexpected), "{}", section.name);
            let mut out = vec![1];
            outgoing(section, advert).encode(&mut out);
            assert_eq!(out, [], "nothing unsigned leaves");
            count += 1;
        }
    }
    assert!(count >= 8, "{count} adverts");
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
