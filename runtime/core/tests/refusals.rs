//! Each reason to refuse a packet, provoked by a packet that has no other fault; and the order of the checks.

mod support;

use kalc_core::wire::checksum::Checksum;
use kalc_core::wire::hmac::{Heard, Sequence, Signed};
use kalc_core::wire::{Accepted, Expect, Outgoing, Packet, Refusal, receive};
use kalc_ir::net::Family;
use kalc_ir::unit::{Vrid, VrrpVersion};
use kalc_ir::vrrp::{Auth, OldChecksum, Peer, Transport};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;
use support::{VRID, hmac, peers, secret};

const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 99, 0, 1));
const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 99, 0, 3));
const ME: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 99, 0, 2));
const GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18));
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 99, 0, 100));

/// Offset of the PDU in a packet without an authentication header.
const PDU: usize = 20;

/// A receiver, and a packet for it that it accepts until something is changed.
#[derive(Clone)]
struct Scene {
    version: VrrpVersion,
    auth: Auth,
    transport: Transport,
    own_source: Option<IpAddr>,
    interval_us: u64,
    checks_unicast_source: bool,
    v3_checksum_as_v2: bool,
    old_unicast_checksum: OldChecksum,
    ah_last_sequence: u32,
    packet: Vec<u8>,
}

fn outgoing(version: VrrpVersion, auth: &Auth) -> Outgoing<'_> {
    Outgoing {
        family: Family::Ipv4,
        version,
        vrid: VRID,
        priority: 100,
        interval_us: 1_000_000,
        addresses: &[ADDRESS],
        auth,
        source: SOURCE,
        destination: GROUP,
        ttl: 255,
        ip_identification: 7,
        ah_sequence: 7,
        hmac_sequence: Sequence::default(),
        old_unicast_checksum: false,
        v3_checksum_as_v2: false,
    }
}

fn encode(outgoing: Outgoing<'_>) -> Vec<u8> {
    let mut packet = Vec::new();
    outgoing.encode(&mut packet);
    packet
}

impl Scene {
    fn new(version: VrrpVersion, auth: Auth, change: impl FnOnce(&mut Outgoing<'_>)) -> Scene {
        let mut advert = outgoing(version, &auth);
        change(&mut advert);
        let packet = encode(advert);
        Scene {
            version,
            auth,
            transport: Transport::Multicast { group: Some(GROUP) },
            own_source: Some(ME),
            interval_us: 1_000_000,
            checks_unicast_source: false,
            v3_checksum_as_v2: false,
            old_unicast_checksum: OldChecksum::Automatic,
            ah_last_sequence: 6,
            packet,
        }
    }

    fn v2() -> Scene {
        Scene::new(VrrpVersion::V2, Auth::None, |_| ())
    }

    fn v3() -> Scene {
        Scene::new(VrrpVersion::V3, Auth::None, |_| ())
    }

    fn pass() -> Scene {
        Scene::new(VrrpVersion::V2, Auth::Pass { secret: secret("secret12") }, |_| ())
    }

    fn ah() -> Scene {
        Scene::new(VrrpVersion::V2, Auth::Ah { secret: secret("secret12") }, |_| ())
    }

    fn unicast(version: VrrpVersion, change: impl FnOnce(&mut Outgoing<'_>)) -> Scene {
        let mut scene = Scene::new(version, Auth::None, |advert| {
            advert.destination = ME;
            change(advert);
        });
        scene.transport = Transport::Unicast { peers: peers(&[SOURCE]), ttl: 255 };
        scene
    }

    /// With bytes changed, and no checksum mended.
    fn with(mut self, change: impl FnOnce(&mut Vec<u8>)) -> Scene {
        change(&mut self.packet);
        self
    }

    /// With bytes changed, and the checksums of the IP header and of a version 2 PDU mended.
    fn mended(self, change: impl FnOnce(&mut Vec<u8>)) -> Scene {
        self.with(|packet| {
            change(packet);
            let length = 28 + usize::from(packet[PDU + 3]) * 4 + 8;
            if packet[9] == 112 && packet[PDU] >> 4 == 2 && packet.len() >= length {
                set_checksum(&mut packet[PDU..length], 6);
            }
            set_checksum(&mut packet[..PDU], 10);
        })
    }

    fn receive(&self) -> Result<Accepted, Refusal> {
        self.receive_as(Family::Ipv4, VRID)
    }

    fn receive_as(&self, family: Family, vrid: Vrid) -> Result<Accepted, Refusal> {
        receive(&self.expect(family, vrid), &Packet::V4 { bytes: &self.packet })
    }

    fn expect(&self, family: Family, vrid: Vrid) -> Expect<'_> {
        Expect {
            family,
            version: self.version,
            vrid,
            auth: &self.auth,
            interval_us: self.interval_us,
            transport: &self.transport,
            checks_unicast_source: self.checks_unicast_source,
            v3_checksum_as_v2: self.v3_checksum_as_v2,
            old_unicast_checksum: self.old_unicast_checksum,
            own_source: self.own_source,
            ah_last_sequence: self.ah_last_sequence,
            utc: UTC,
            hmac_heard: &support::NOTHING_HEARD,
        }
    }
}

fn set_checksum(bytes: &mut [u8], at: usize) {
    bytes[at..at + 2].fill(0);
    let checksum = Checksum::new().with(bytes).finish();
    bytes[at..at + 2].copy_from_slice(&checksum.to_be_bytes());
}

/// A byte counted from the end, the last one being 1.
fn from_end(packet: &mut [u8], at: usize) -> &mut u8 {
    let length = packet.len();
    &mut packet[length - at]
}

/// What time it is here.
const UTC: Duration = Duration::from_secs(1_800_000_000);

/// Puts a trailer of `auth_hmac` behind a packet.
fn sign(packet: &mut Vec<u8>) {
    sign_at(packet, UTC);
}

fn sign_at(packet: &mut Vec<u8>, utc: Duration) {
    let Auth::Hmac(auth) = hmac() else { unreachable!() };
    let signed = Signed { version: packet[PDU] >> 4, vrid: packet[PDU + 1], source: SOURCE, pdu: &packet[PDU..] };
    let trailer = kalc_core::wire::hmac::sign(&auth, Sequence::default().next(utc), &signed).expect("it has a key");
    packet.extend(trailer);
    packet[3] += 28;
}

/// A signed advert and a receiver with the key.
fn signed(change: impl FnOnce(&mut Vec<u8>)) -> Scene {
    let signed = Scene::v2().mended(|packet| {
        sign(packet);
        change(packet);
    });
    Scene { auth: hmac(), ..signed }
}

/// What a receiver makes of a packet that gives it this reason, and no other.
fn provoke(refusal: Refusal) -> Result<Accepted, Refusal> {
    let scene = match refusal {
        Refusal::Family => return Scene::v2().receive_as(Family::Ipv6, VRID),
        Refusal::Vrid => return Scene::v2().receive_as(Family::Ipv4, Vrid::new(52).expect("not zero")),
        Refusal::Truncated => Scene::v2().mended(|packet| {
            packet.pop();
            packet[3] -= 1;
        }),
        Refusal::IpHeader => Scene::v2().mended(|packet| packet[0] = 0x44),
        Refusal::IpChecksum => Scene::v2().with(|packet| packet[10] ^= 1),
        Refusal::Fragment => Scene::v2().mended(|packet| packet[6] = 0x20),
        Refusal::Protocol => Scene::v2().mended(|packet| packet[9] = 113),
        Refusal::OwnAdvert => Scene { own_source: Some(SOURCE), ..Scene::v2() },
        Refusal::AhMissing => Scene { auth: Scene::ah().auth, ..Scene::v2() },
        Refusal::AhUnexpected => Scene { auth: Auth::None, ..Scene::ah() },
        Refusal::AhHeader => Scene::ah().with(|packet| packet[21] = 5),
        Refusal::Length => Scene::v2().mended(|packet| {
            packet.extend([0; 7]);
            packet[3] += 7;
        }),
        Refusal::Ttl => Scene::v2().mended(|packet| packet[8] = 254),
        Refusal::Version => Scene { version: VrrpVersion::V3, ..Scene::v2() },
        Refusal::HmacMissing => Scene { auth: hmac(), ..Scene::v2() },
        Refusal::HmacTrailer => signed(|packet| *from_end(packet, 26) = 1),
        Refusal::HmacClock => {
            let old = Scene::v2().mended(|packet| sign_at(packet, UTC - Duration::from_secs(6)));
            Scene { auth: hmac(), ..old }
        }
        Refusal::HmacKey => signed(|packet| *from_end(packet, 27) = 2),
        Refusal::Hmac => signed(|packet| *from_end(packet, 1) ^= 1),
        Refusal::HmacReplay => {
            let mut heard = Heard::default();
            heard.note(SOURCE, Sequence::default().next(UTC), 1);
            let scene = signed(|_| ());
            let expect = Expect { hmac_heard: &heard, ..scene.expect(Family::Ipv4, VRID) };
            return receive(&expect, &Packet::V4 { bytes: &scene.packet });
        }
        Refusal::HmacUnexpected => Scene::v2().mended(sign),
        Refusal::AuthType => Scene { auth: Auth::None, ..Scene::pass() },
        Refusal::Password => Scene { auth: Auth::Pass { secret: secret("secret13") }, ..Scene::pass() },
        Refusal::Icv => Scene { auth: Auth::Ah { secret: secret("secret13") }, ..Scene::ah() },
        Refusal::Spi => Scene::new(VrrpVersion::V2, Scene::ah().auth, |_| ()).with(|packet| {
            // What a sender with another idea of the index would prove.
            let Auth::Ah { secret } = Scene::ah().auth else { unreachable!() };
            let header = *packet.first_chunk().expect("a whole header");
            let other = Ipv4Addr::new(10, 99, 0, 9);
            let to = Ipv4Addr::new(224, 0, 0, 18);
            let proof = kalc_core::wire::ah::encode(&secret, &header, other, to, 7, &packet[44..]);
            packet[20..44].copy_from_slice(&proof);
        }),
        Refusal::Sequence => Scene { ah_last_sequence: 7, ..Scene::ah() },
        Refusal::Interval => Scene { interval_us: 2_000_000, ..Scene::v2() },
        Refusal::Type => Scene::v2().mended(|packet| packet[PDU] = 0x22),
        Refusal::TotalLength => Scene::v2().mended(|packet| packet[3] -= 1),
        Refusal::Checksum => Scene::v2().with(|packet| packet[PDU + 2] ^= 1),
        Refusal::Destination => Scene::new(VrrpVersion::V2, Auth::None, |advert| advert.destination = ME),
        Refusal::Source => Scene {
            transport: Transport::Unicast { peers: peers(&[OTHER]), ttl: 255 },
            checks_unicast_source: true,
            ..Scene::unicast(VrrpVersion::V2, |_| ())
        },
    };
    scene.receive()
}

#[test]
fn every_reason_can_be_provoked() {
    for &refusal in Refusal::ALL {
        assert_eq!(provoke(refusal), Err(refusal));
    }
}

#[test]
fn without_a_change_everything_is_accepted() {
    let unicast = |version| Scene { checks_unicast_source: true, ..Scene::unicast(version, |_| ()) };
    for scene in
        [Scene::v2(), Scene::v3(), Scene::pass(), Scene::ah(), unicast(VrrpVersion::V2), unicast(VrrpVersion::V3)]
    {
        let accepted = scene.receive().unwrap_or_else(|refusal| panic!("{:?}: {refusal}", scene.auth));
        assert_eq!((accepted.source, accepted.advert.priority), (SOURCE, 100));
        assert_eq!(scene.clone().mended(|_| ()).packet, scene.packet, "mending changes nothing that is right");
    }
}

#[test]
fn the_first_check_that_fails_counts() {
    // Faults laid one over the other, from the last check to the first.
    let mut scene = Scene { auth: Auth::None, ..Scene::pass() };
    scene.packet = encode(Outgoing { destination: ME, ..outgoing(VrrpVersion::V2, &Scene::pass().auth) });
    type Fault = fn(&mut Scene);
    let faults: [(Refusal, Fault); 9] = [
        (Refusal::Destination, |scene| scene.auth = Scene::pass().auth),
        (Refusal::Checksum, |scene| scene.packet[PDU + 6] ^= 1),
        (Refusal::Type, |scene| scene.packet[PDU] = 0x22),
        (Refusal::Interval, |scene| scene.interval_us = 2_000_000),
        (Refusal::Password, |scene| scene.auth = Auth::Pass { secret: secret("other") }),
        (Refusal::AuthType, |scene| scene.auth = Auth::None),
        (Refusal::Version, |scene| scene.version = VrrpVersion::V3),
        (Refusal::Ttl, |scene| {
            scene.packet[8] = 1;
            set_checksum(&mut scene.packet[..PDU], 10);
        }),
        (Refusal::Truncated, |scene| scene.packet.truncate(39)),
    ];
    for (refusal, fault) in faults {
        fault(&mut scene);
        assert_eq!(scene.receive(), Err(refusal));
    }
}

#[test]
fn every_cut_is_noticed() {
    for scene in [Scene::v2(), Scene::v3(), Scene::pass(), Scene::ah()] {
        for length in 0..scene.packet.len() {
            let cut = scene.clone().with(|packet| packet.truncate(length));
            assert_eq!(cut.receive(), Err(Refusal::Truncated), "{length} of {}", scene.packet.len());
        }
    }
}

#[test]
fn no_flipped_bit_is_overlooked_in_a_signed_advert() {
    let scene = Scene::ah();
    for bit in 0..scene.packet.len() * 8 {
        let flipped = scene.clone().with(|packet| packet[bit / 8] ^= 0x80 >> (bit % 8));
        assert!(flipped.receive().is_err(), "bit {bit}");
        // Not even by somebody who mends the checksum of the IP header, but for TOS and the flags beside "more
        // fragments", which a router may change.
        let mended = flipped.with(|packet| set_checksum(&mut packet[..PDU], 10));
        let may_change = (8..16).contains(&bit) || (48..50).contains(&bit) || (80..96).contains(&bit);
        assert_eq!(mended.receive().is_ok(), may_change, "bit {bit}");
    }
}

#[test]
fn padding_of_ethernet_is_no_fault() {
    for (scene, length) in [(Scene::v2(), 40), (Scene::v3(), 32)] {
        assert_eq!(scene.packet.len(), length);
        for padded in length + 1..=46 {
            let scene = scene.clone().with(|packet| packet.resize(padded, 0));
            assert!(scene.receive().is_ok(), "{padded}");
        }
        let scene = scene.with(|packet| packet.resize(47, 0));
        assert_eq!(scene.receive(), Err(Refusal::Length));
    }
}

#[test]
fn unicast_may_come_by_way_of_routers_within_bounds() {
    let scene = Scene::unicast(VrrpVersion::V2, |advert| advert.ttl = 64);
    assert!(scene.receive().is_ok());
    let bounded = |min_ttl, max_ttl| Scene {
        transport: Transport::Unicast {
            peers: peers(&[SOURCE]).into_iter().map(|peer| Peer { min_ttl, max_ttl, ..peer }).collect(),
            ttl: 255,
        },
        ..scene.clone()
    };
    assert!(bounded(64, 64).receive().is_ok());
    assert_eq!(bounded(65, 255).receive(), Err(Refusal::Ttl));
    assert_eq!(bounded(0, 63).receive(), Err(Refusal::Ttl));
}

#[test]
fn strangers_are_heard_unless_check_unicast_src() {
    let transport = Transport::Unicast { peers: peers(&[OTHER]), ttl: 255 };
    let scene = Scene { transport, ..Scene::unicast(VrrpVersion::V3, |_| ()) };
    assert!(scene.receive().is_ok());
    assert_eq!(Scene { checks_unicast_source: true, ..scene }.receive(), Err(Refusal::Source));
}

#[test]
fn a_group_is_no_peer() {
    let transport = Transport::Unicast { peers: peers(&[SOURCE]), ttl: 255 };
    assert_eq!(Scene { transport, ..Scene::v2() }.receive(), Err(Refusal::Destination));
}

#[test]
fn the_old_unicast_checksum_is_recognized_unless_never() {
    let old = Scene::unicast(VrrpVersion::V3, |advert| advert.old_unicast_checksum = true);
    let new = Scene::unicast(VrrpVersion::V3, |_| ());
    let used = |scene: &Scene, old_unicast_checksum| {
        Scene { old_unicast_checksum, ..scene.clone() }.receive().map(|accepted| accepted.used_old_checksum)
    };
    for setting in [OldChecksum::Automatic, OldChecksum::Always] {
        assert_eq!(used(&old, setting), Ok(true));
        assert_eq!(used(&new, setting), Ok(false));
    }
    assert_eq!(used(&old, OldChecksum::Never), Err(Refusal::Checksum));
    assert_eq!(used(&new, OldChecksum::Never), Ok(false));
}

#[test]
fn v3_checksum_as_v2_takes_any_checksum() {
    for scene in [
        Scene::v3(),
        Scene::new(VrrpVersion::V3, Auth::None, |advert| advert.v3_checksum_as_v2 = true),
        Scene::v3().with(|packet| packet[PDU + 6..].fill(0)),
    ] {
        assert!(Scene { v3_checksum_as_v2: true, ..scene }.receive().is_ok());
    }
    let as_v2 = Scene::new(VrrpVersion::V3, Auth::None, |advert| advert.v3_checksum_as_v2 = true);
    assert_eq!(as_v2.receive(), Err(Refusal::Checksum));
}

#[test]
fn version_3_heeds_no_password() {
    for auth in [Scene::pass().auth, Scene::ah().auth] {
        assert!(Scene { auth: auth.clone(), ..Scene::v3() }.receive().is_ok());
        assert_eq!(encode(outgoing(VrrpVersion::V3, &auth)), Scene::v3().packet);
    }
}

#[test]
fn version_3_accepts_another_interval_but_not_none() {
    let scene = Scene::new(VrrpVersion::V3, Auth::None, |advert| advert.interval_us = 200_000);
    assert_eq!(scene.receive().map(|accepted| accepted.advert.interval.as_micros()), Ok(200_000));
    let mut zero = Scene::v3();
    zero.packet[PDU + 4..PDU + 6].fill(0);
    zero.v3_checksum_as_v2 = true;
    assert_eq!(zero.receive(), Err(Refusal::Interval));
}

#[test]
fn an_advert_without_addresses_is_heeded() {
    for version in [VrrpVersion::V2, VrrpVersion::V3] {
        let scene = Scene::new(version, Auth::None, |advert| advert.addresses = &[]);
        assert_eq!(scene.receive().map(|accepted| accepted.advert.addresses), Ok(vec![]));
    }
}

#[test]
fn passwords_are_never_shown() {
    let accepted = Scene::pass().receive().expect("it is right");
    let shown = format!("{accepted:?}");
    assert!(shown.contains("Pass(..)") && !shown.contains("115"), "{shown}");
}

fn ipv6(hop_limit: u8, destination: Ipv6Addr, change: impl FnOnce(&mut Vec<u8>)) -> Result<Accepted, Refusal> {
    let source: Ipv6Addr = "fe80::1".parse().expect("an address");
    let addresses = ["fe80::100", "fd99::100"].map(|address| address.parse::<IpAddr>().expect("an address"));
    let transport = if destination.is_multicast() {
        Transport::Multicast { group: None }
    } else {
        Transport::Unicast { peers: peers(&[source.into()]), ttl: 64 }
    };
    let auth = Auth::None;
    let mut bytes = encode(Outgoing {
        family: Family::Ipv6,
        addresses: &addresses,
        source: source.into(),
        destination: destination.into(),
        ..outgoing(VrrpVersion::V3, &auth)
    });
    change(&mut bytes);
    let expect = Expect {
        family: Family::Ipv6,
        version: VrrpVersion::V3,
        vrid: VRID,
        auth: &auth,
        interval_us: 1_000_000,
        transport: &transport,
        checks_unicast_source: false,
        v3_checksum_as_v2: false,
        old_unicast_checksum: OldChecksum::Automatic,
        own_source: Some("fe80::2".parse().expect("an address")),
        ah_last_sequence: 0,
        utc: UTC,
        hmac_heard: &support::NOTHING_HEARD,
    };
    receive(&expect, &Packet::V6 { source, destination, hop_limit, bytes: &bytes })
}

#[test]
fn ipv6_is_held_to_the_same() {
    let group: Ipv6Addr = "ff02::12".parse().expect("an address");
    let me: Ipv6Addr = "fe80::2".parse().expect("an address");
    assert!(ipv6(255, group, |_| ()).is_ok());
    assert!(ipv6(64, me, |_| ()).is_ok());
    assert_eq!(ipv6(254, group, |_| ()), Err(Refusal::Ttl));
    assert_eq!(ipv6(255, group, |bytes| bytes.truncate(39)), Err(Refusal::Truncated));
    assert_eq!(ipv6(255, group, |bytes| bytes.push(0)), Err(Refusal::Length));
    assert_eq!(ipv6(255, group, |bytes| bytes.extend([0; 28])), Err(Refusal::HmacUnexpected));
    assert_eq!(ipv6(255, group, |bytes| bytes[0] = 0x21), Err(Refusal::Version));
    assert_eq!(ipv6(255, group, |bytes| bytes[0] = 0x32), Err(Refusal::Type));
    assert_eq!(ipv6(255, group, |bytes| bytes[1] = 52), Err(Refusal::Vrid));
    for byte in 8..40 {
        assert_eq!(ipv6(255, group, |bytes| bytes[byte] ^= 4), Err(Refusal::Checksum));
    }
}
