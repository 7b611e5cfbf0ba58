//! Any packet, to an instance of any version, family and authentication: what is accepted is what would be sent.
//!
//! The first byte says who receives, and whether checksums and proofs are mended first: otherwise hardly an input would
//! get behind them.
#![no_main]

use kalc_core::wire::checksum::Checksum;
use kalc_core::wire::hmac::{self, Heard, Sequence, Signed};
use kalc_core::wire::{Expect, GROUP_V4, GROUP_V6, Outgoing, Packet, Refusal, ah, ipv4, receive};
use kalc_ir::id::OriginId;
use kalc_ir::net::Family;
use kalc_ir::unit::{Vrid, VrrpVersion};
use kalc_ir::vrrp::{Auth, Hmac, HmacKey, HmacMode, HmacSource, OldChecksum, Peer, Secret, Transport};
use libfuzzer_sys::fuzz_target;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// What time it is.
const UTC: Duration = Duration::from_secs(1_800_000_000);

const VRID: Vrid = Vrid::new(51).expect("51 is not zero");

/// Bits of the first byte.
const VERSION_3: u8 = 0x01;
const IPV6: u8 = 0x02;
const AUTH: u8 = 0x0c;
const UNICAST: u8 = 0x10;
const ANY_CHECKSUM: u8 = 0x20;
const NEVER_OLD: u8 = 0x40;
const MENDED: u8 = 0x80;

fuzz_target!(|input: &[u8]| {
    let Some((&mode, rest)) = input.split_first() else { return };
    let has = |bits| mode & bits != 0;
    let family = if has(IPV6) { Family::Ipv6 } else { Family::Ipv4 };
    let version = if has(IPV6 | VERSION_3) { VrrpVersion::V3 } else { VrrpVersion::V2 };
    let secret = || Secret { bytes: b"secret12".to_vec(), written_length: 8 };
    let auth = match (mode & AUTH) >> 2 {
        0 => Auth::None,
        1 => Auth::Pass { secret: secret() },
        2 => Auth::Ah { secret: secret() },
        _ => Auth::Hmac(Hmac {
            keys: vec![HmacKey { id: 1, source: HmacSource::Secret(secret()) }],
            active_key: 1,
            time_window_us: 5_000_000,
            is_monotonic: has(NEVER_OLD),
            mode: HmacMode::Permissive,
        }),
    };
    let peer: IpAddr = match family {
        Family::Ipv4 => Ipv4Addr::new(10, 99, 0, 1).into(),
        Family::Ipv6 => Ipv6Addr::new(0xfd99, 0, 0, 0, 0, 0, 0, 1).into(),
    };
    let transport = if has(UNICAST) {
        let peers = vec![Peer { address: peer, min_ttl: 64, max_ttl: 255, origin: OriginId::default() }];
        Transport::Unicast { peers, ttl: 255 }
    } else {
        Transport::Multicast { group: None }
    };
    let expect = Expect {
        family,
        version,
        vrid: VRID,
        auth: &auth,
        interval_us: 1_000_000,
        transport: &transport,
        checks_unicast_source: has(ANY_CHECKSUM),
        v3_checksum_as_v2: has(ANY_CHECKSUM),
        old_unicast_checksum: if has(NEVER_OLD) { OldChecksum::Never } else { OldChecksum::Automatic },
        own_source: None,
        ah_last_sequence: 0,
        utc: UTC,
        hmac_heard: &Heard::default(),
    };
    let mut bytes = rest.to_vec();
    let packet = match family {
        Family::Ipv4 => {
            if has(MENDED) {
                mend(&mut bytes, &auth);
            }
            Packet::V4 { bytes: &bytes }
        }
        Family::Ipv6 => {
            let Some((&hop_limit, rest)) = rest.split_first() else { return };
            let source = Ipv6Addr::new(0xfd99, 0, 0, 0, 0, 0, 0, 1);
            let destination = if has(UNICAST) { Ipv6Addr::LOCALHOST } else { GROUP_V6 };
            bytes = rest.to_vec();
            if has(MENDED) && bytes.len() >= 8 {
                let length = bytes.len() as u32;
                write_checksum(&mut bytes, 6, Checksum::pseudo_v6(source, destination, 112, length));
            }
            Packet::V6 { source, destination, hop_limit, bytes: &bytes }
        }
    };
    let peek = packet.peek();
    let Ok(accepted) = receive(&expect, &packet) else { return };
    let advert = &accepted.advert;
    assert!(matches!(auth, Auth::Hmac(_)) || accepted.hmac_sequence.is_none());
    assert_eq!((advert.version, advert.vrid), (version, VRID.get()));
    let peek = peek.expect("an advert that is accepted can be told");
    assert_eq!((peek.family, peek.version, peek.vrid), (family, version.number(), VRID.get()));
    assert_eq!((peek.source, peek.is_multicast), (accepted.source, !has(UNICAST)));

    // What it says, sent by us, is accepted as well and says the same.
    let mut again = Vec::new();
    let sequence = accepted.ah_sequence.unwrap_or(1);
    Outgoing {
        family,
        version,
        vrid: VRID,
        priority: advert.priority,
        interval_us: advert.interval.as_micros(),
        addresses: &advert.addresses,
        auth: &auth,
        source: accepted.source,
        destination: peek.destination,
        ttl: 255,
        ip_identification: 1,
        ah_sequence: sequence,
        hmac_sequence: accepted.hmac_sequence.unwrap_or_default().next(UTC),
        old_unicast_checksum: accepted.used_old_checksum,
        v3_checksum_as_v2: false,
    }
    .encode(&mut again);
    let again = match packet {
        Packet::V4 { .. } => Packet::V4 { bytes: &again },
        Packet::V6 { source, destination, .. } => Packet::V6 { source, destination, hop_limit: 255, bytes: &again },
    };
    let mut heard = Heard::default();
    if let Some(sequence) = accepted.hmac_sequence {
        heard.note(accepted.source, sequence, 1);
    }
    let expect = Expect { hmac_heard: &heard, ..expect };
    let second = receive(&expect, &again);
    // Unsigned, it may have come from anybody that `HmacMode::Permissive` lets in; with a signature, only from a peer.
    let is_signed_anew = matches!(auth, Auth::Hmac(_)) && accepted.hmac_sequence.is_none();
    if is_signed_anew && has(UNICAST) && accepted.source != peer {
        assert_eq!(second, Err(Refusal::Source));
        return;
    }
    let second = second.expect("it was accepted once");
    assert_eq!(second.advert, *advert);
    if let Some(sequence) = second.hmac_sequence {
        let mut heard = Heard::default();
        heard.note(accepted.source, sequence, 1);
        let replay = Expect { hmac_heard: &heard, ..expect };
        assert_eq!(receive(&replay, &again), Err(Refusal::HmacReplay));
    }
    let replay = Expect { ah_last_sequence: sequence, ..expect };
    match auth {
        Auth::Ah { .. } if version == VrrpVersion::V2 => assert_eq!(receive(&replay, &again), Err(Refusal::Sequence)),
        Auth::None | Auth::Pass { .. } | Auth::Ah { .. } | Auth::Hmac(_) => assert!(receive(&replay, &again).is_ok()),
    }
});

fn write_checksum(bytes: &mut [u8], at: usize, covered: Checksum) {
    bytes[at..at + 2].fill(0);
    let checksum = covered.with(bytes).finish();
    bytes[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
}

/// Makes the checksums of an IPv4 packet right, and its proof, as far as it has any.
fn mend(bytes: &mut [u8], auth: &Auth) {
    let Some(length) = bytes.first().map(|first| usize::from(first & 0x0f) * 4) else { return };
    if length < ipv4::HEADER_LENGTH || bytes.len() < length {
        return;
    }
    write_checksum(&mut bytes[..length], 10, Checksum::new());
    let Ok((header, _)) = ipv4::decode(bytes) else { return };
    let (fixed, protocol, source, destination) = (*header.fixed, header.protocol, header.source, header.destination);
    let before = length + if protocol == 51 { ah::HEADER_LENGTH } else { 0 };
    if bytes.len() < before + 8 {
        return;
    }
    let pdu = &mut bytes[before..];
    let data = if pdu[0] >> 4 == 2 { 8 } else { 0 };
    let end = (8 + usize::from(pdu[3]) * 4 + data).min(pdu.len());
    let covered = match pdu[0] >> 4 {
        3 => Checksum::pseudo_v4(source, if pdu[2] & 1 == 0 { destination } else { GROUP_V4 }, 112, end as u16),
        _ => Checksum::new(),
    };
    write_checksum(&mut pdu[..end], 6, covered);
    if let (Auth::Hmac(hmac_auth), Some(number)) = (auth, pdu.get(end + 4..).and_then(<[u8]>::first_chunk))
        && pdu.len() == end + hmac::LENGTH
    {
        let sequence = Sequence(u64::from_be_bytes(*number));
        let signed = Signed { version: pdu[0] >> 4, vrid: pdu[1], source: source.into(), pdu: &pdu[..end] };
        if let Some(trailer) = hmac::sign(hmac_auth, sequence, &signed) {
            pdu[end..].copy_from_slice(&trailer);
        }
    }
    if protocol == 51 && length == ipv4::HEADER_LENGTH {
        let sequence: [u8; 4] = bytes[length + 8..].first_chunk().copied().unwrap_or_default();
        let secret = Secret { bytes: b"secret12".to_vec(), written_length: 8 };
        let pdu = bytes[before..before + end].to_vec();
        let proof = ah::encode(&secret, &fixed, source, destination, u32::from_be_bytes(sequence), &pdu);
        bytes[length..before].copy_from_slice(&proof);
    }
}
