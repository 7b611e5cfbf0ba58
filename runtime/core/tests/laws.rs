//! Laws that hold for whatever comes: what is encoded is decoded to the same, and no bytes bring a decoder down.

mod support;

use kalc_core::wire::arp::GratuitousArp;
use kalc_core::wire::checksum::Checksum;
use kalc_core::wire::hmac::Sequence;
use kalc_core::wire::ndisc::NeighbourAdvertisement;
use kalc_core::wire::send::LENGTH_MAX;
use kalc_core::wire::{Advert, AuthField, Expect, Interval, Outgoing, Packet, ipv4, receive};
use kalc_ir::net::{Family, Mac};
use kalc_ir::unit::{Vrid, VrrpVersion};
use kalc_ir::vrrp::{Auth, OldChecksum, Transport};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// What time it is.
const UTC: Duration = Duration::from_secs(1_800_000_000);

/// A few addresses, now and then as many as an advert can count.
fn addresses(family: Family) -> BoxedStrategy<Vec<IpAddr>> {
    let count = || prop_oneof![20 => 0..5usize, 1 => 250..256usize];
    match family {
        Family::Ipv4 => {
            count().prop_flat_map(|count| prop::collection::vec(any::<Ipv4Addr>().prop_map(IpAddr::V4), count)).boxed()
        }
        Family::Ipv6 => {
            count().prop_flat_map(|count| prop::collection::vec(any::<Ipv6Addr>().prop_map(IpAddr::V6), count)).boxed()
        }
    }
}

fn authentication(version: VrrpVersion) -> BoxedStrategy<AuthField> {
    match version {
        VrrpVersion::V2 => prop_oneof![
            Just(AuthField::None),
            any::<[u8; 8]>().prop_map(AuthField::Pass),
            Just(AuthField::Ah),
            (3u8..).prop_map(AuthField::Other),
        ]
        .boxed(),
        VrrpVersion::V3 => Just(AuthField::None).boxed(),
    }
}

fn kinds() -> impl Strategy<Value = (Family, VrrpVersion)> {
    prop_oneof![
        Just((Family::Ipv4, VrrpVersion::V2)),
        Just((Family::Ipv4, VrrpVersion::V3)),
        Just((Family::Ipv6, VrrpVersion::V3)),
    ]
}

fn interval(version: VrrpVersion) -> BoxedStrategy<Interval> {
    match version {
        VrrpVersion::V2 => any::<u8>().prop_map(Interval::Seconds).boxed(),
        VrrpVersion::V3 => (0..=Interval::CENTISECONDS_MAX).prop_map(Interval::Centiseconds).boxed(),
    }
}

fn adverts() -> impl Strategy<Value = (Family, Advert)> {
    kinds().prop_flat_map(|(family, version)| {
        (any::<u8>(), any::<u8>(), interval(version), addresses(family), authentication(version)).prop_map(
            move |(vrid, priority, interval, addresses, authentication)| {
                (family, Advert { version, vrid, priority, interval, addresses, authentication })
            },
        )
    })
}

fn auths() -> impl Strategy<Value = Auth> {
    let secret = || "[a-z0-9]{0,8}".prop_map(|text| support::secret(&text));
    prop_oneof![
        Just(Auth::None),
        secret().prop_map(|secret| Auth::Pass { secret }),
        secret().prop_map(|secret| Auth::Ah { secret }),
        Just(support::hmac()),
    ]
}

/// What both ends of a virtual router are configured with, and a packet of one.
#[derive(Clone, Debug)]
struct World {
    family: Family,
    version: VrrpVersion,
    vrid: Vrid,
    priority: u8,
    interval_us: u64,
    addresses: Vec<IpAddr>,
    auth: Auth,
    transport: Transport,
    source: IpAddr,
    destination: IpAddr,
    ttl: u8,
    identification: u16,
    sequence: u32,
    old_unicast_checksum: bool,
    packet: Vec<u8>,
}

impl World {
    fn encode(mut self) -> World {
        let mut packet = Vec::new();
        Outgoing {
            family: self.family,
            version: self.version,
            vrid: self.vrid,
            priority: self.priority,
            interval_us: self.interval_us,
            addresses: &self.addresses,
            auth: &self.auth,
            source: self.source,
            destination: self.destination,
            ttl: self.ttl,
            ip_identification: self.identification,
            ah_sequence: self.sequence,
            hmac_sequence: Sequence::default().next(UTC),
            old_unicast_checksum: self.old_unicast_checksum,
            v3_checksum_as_v2: false,
        }
        .encode(&mut packet);
        self.packet = packet;
        self
    }

    fn expect(&self) -> Expect<'_> {
        Expect {
            family: self.family,
            version: self.version,
            vrid: self.vrid,
            auth: &self.auth,
            interval_us: self.interval_us,
            transport: &self.transport,
            checks_unicast_source: true,
            v3_checksum_as_v2: false,
            old_unicast_checksum: OldChecksum::Automatic,
            own_source: None,
            ah_last_sequence: self.sequence - 1,
            utc: UTC,
            hmac_heard: &support::NOTHING_HEARD,
        }
    }

    fn packet<'a>(&self, bytes: &'a [u8]) -> Packet<'a> {
        match (self.source, self.destination) {
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                Packet::V6 { source, destination, hop_limit: self.ttl, bytes }
            }
            (IpAddr::V4(_), _) | (_, IpAddr::V4(_)) => Packet::V4 { bytes },
        }
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let parts = (kinds(), auths(), any::<bool>(), any::<bool>());
    parts.prop_flat_map(|((family, version), auth, is_unicast, is_old)| {
        let unit = match version {
            VrrpVersion::V2 => (1..=255u64).prop_map(|seconds| seconds * 1_000_000).boxed(),
            VrrpVersion::V3 => (1..=4095u64).prop_map(|centiseconds| centiseconds * 10_000).boxed(),
        };
        let numbers = (1..=255u8, any::<u8>(), unit, any::<u16>(), 1..=u32::MAX, any::<u8>());
        let hosts = (1..=255u8, 1..=255u8);
        (numbers, hosts, addresses(family)).prop_map(move |(numbers, (from, to), addresses)| {
            let (vrid, priority, interval_us, identification, sequence, ttl) = numbers;
            let host = |number: u8| -> IpAddr {
                match family {
                    Family::Ipv4 => Ipv4Addr::new(10, 0, 0, number).into(),
                    Family::Ipv6 => Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, number.into()).into(),
                }
            };
            let group: IpAddr = match family {
                Family::Ipv4 => kalc_core::wire::GROUP_V4.into(),
                Family::Ipv6 => kalc_core::wire::GROUP_V6.into(),
            };
            let transport = if is_unicast {
                Transport::Unicast { peers: support::peers(&[host(from)]), ttl }
            } else {
                Transport::Multicast { group: None }
            };
            World {
                family,
                version,
                vrid: Vrid::new(vrid).expect("not zero"),
                priority,
                interval_us,
                addresses,
                auth: auth.clone(),
                transport,
                source: host(from),
                destination: if is_unicast { host(to) } else { group },
                ttl: if is_unicast { ttl } else { 255 },
                identification,
                sequence,
                old_unicast_checksum: is_old && is_unicast && version == VrrpVersion::V3 && family == Family::Ipv4,
                packet: Vec::new(),
            }
            .encode()
        })
    })
}

/// The same inputs in every run: the fuzz targets look for new ones.
fn config() -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(51), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn an_advert_survives_encoding((family, advert) in adverts()) {
        let mut pdu = Vec::new();
        advert.encode(family, Checksum::new(), &mut pdu);
        prop_assert!(pdu.len() <= LENGTH_MAX);
        prop_assert_eq!(Checksum::new().with(&pdu).finish(), 0);
        prop_assert_eq!(Advert::decode(family, &pdu), Ok(advert));
    }

    #[test]
    fn what_is_sent_is_received(world in worlds()) {
        let accepted = receive(&world.expect(), &world.packet(&world.packet));
        let accepted = accepted.map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        prop_assert_eq!(accepted.source, world.source);
        prop_assert_eq!(accepted.advert.priority, world.priority);
        prop_assert_eq!(accepted.advert.interval.as_micros(), world.interval_us);
        prop_assert_eq!(&accepted.advert.addresses, &world.addresses);
        // The old form and the new one are the same for some pairs of addresses.
        prop_assert!(!accepted.used_old_checksum || world.old_unicast_checksum);
        prop_assert!(world.packet.len() <= LENGTH_MAX);
    }

    #[test]
    fn a_password_of_somebody_else_is_refused(world in worlds(), other in "[a-z0-9]{0,8}") {
        let other = support::secret(&other);
        let (other, mine) = match &world.auth {
            Auth::Pass { secret } => (Auth::Pass { secret: other.clone() }, secret),
            Auth::Ah { secret } => (Auth::Ah { secret: other.clone() }, secret),
            Auth::None | Auth::Hmac(_) => return Ok(()),
        };
        prop_assume!(world.version == VrrpVersion::V2 && *mine != support::secret("") && other != world.auth);
        let expect = Expect { auth: &other, ..world.expect() };
        prop_assert!(receive(&expect, &world.packet(&world.packet)).is_err());
    }

    #[test]
    fn no_two_flipped_bits_bring_it_down(world in worlds(), bits in prop::array::uniform2(any::<prop::sample::Index>())) {
        let mut bytes = world.packet.clone();
        for bit in bits {
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        let packet = world.packet(&bytes);
        packet.peek();
        let _ = receive(&world.expect(), &packet);
    }

    #[test]
    fn a_cut_packet_is_refused(world in worlds(), length in any::<prop::sample::Index>()) {
        let bytes = &world.packet[..length.index(world.packet.len())];
        let packet = world.packet(bytes);
        packet.peek();
        prop_assert!(receive(&world.expect(), &packet).is_err());
    }

    #[test]
    fn no_bytes_bring_a_decoder_down(world in worlds(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let packet = world.packet(&bytes);
        packet.peek();
        prop_assert!(receive(&world.expect(), &packet).is_err());
        let _ = Advert::decode(world.family, &bytes);
        let _ = ipv4::decode(&bytes);
        let _ = kalc_core::wire::ah::decode(&bytes);
        let _ = GratuitousArp::decode(&bytes);
        let _ = NeighbourAdvertisement::decode(&bytes);
    }

    #[test]
    fn announcements_survive_encoding(mac: [u8; 6], v4: Ipv4Addr, v6: Ipv6Addr, is_router: bool) {
        let arp = GratuitousArp { mac: Mac(mac), address: v4 };
        prop_assert_eq!(GratuitousArp::decode(&arp.encode()), Ok(arp));
        let na = NeighbourAdvertisement { mac: Mac(mac), address: v6, is_router };
        prop_assert_eq!(NeighbourAdvertisement::decode(&na.encode()), Ok(na));
    }

    #[test]
    fn a_peek_tells_what_the_packet_says(world in worlds()) {
        let peek = world.packet(&world.packet).peek().expect("it is VRRP");
        prop_assert_eq!((peek.family, peek.version, peek.vrid), (world.family, world.version.number(), world.vrid.get()));
        prop_assert_eq!((peek.source, peek.destination), (world.source, world.destination));
    }
}
