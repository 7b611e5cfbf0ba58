//! The frames of `vectors/frames.txt`, which says what its lines are.
#![allow(dead_code, reason = "each test uses a part")]

use kalc_core::wire::Expect;
use kalc_core::wire::hmac::Heard;
use kalc_ir::id::OriginId;
use kalc_ir::net::Family;
use kalc_ir::unit::{Vrid, VrrpVersion};
use kalc_ir::vrrp::{Auth, Hmac, HmacKey, HmacMode, HmacSource, OldChecksum, Peer, Secret, Transport};
use std::net::IpAddr;
use std::sync::LazyLock;
use std::time::Duration;

/// What was heard before the first advert.
pub static NOTHING_HEARD: LazyLock<Heard> = LazyLock::new(Heard::default);

pub const VRID: Vrid = Vrid::new(51).expect("51 is not zero");

/// A configuration and what was sent by it.
pub struct Section {
    pub name: String,
    pub version: VrrpVersion,
    pub interval_us: u64,
    pub auth: Auth,
    pub transport: Transport,
    pub ttl: u8,
    pub old_unicast_checksum: bool,
    pub v3_checksum_as_v2: bool,
    pub addresses: Vec<IpAddr>,
    pub frames: Vec<Frame>,
}

pub enum Frame {
    Advert(Advert, Vec<u8>),
    Announcement([u8; 6], IpAddr, Vec<u8>),
}

#[derive(Debug)]
pub struct Advert {
    pub priority: u8,
    pub identification: u16,
    pub source: IpAddr,
    pub destination: IpAddr,
}

impl Section {
    pub fn adverts(&self) -> impl Iterator<Item = (&Advert, &[u8])> {
        self.frames.iter().filter_map(|frame| match frame {
            Frame::Advert(advert, bytes) => Some((advert, &bytes[..])),
            Frame::Announcement(..) => None,
        })
    }

    pub fn is_multicast(&self) -> bool {
        matches!(self.transport, Transport::Multicast { .. })
    }

    pub fn expect(&self, source: IpAddr) -> Expect<'_> {
        Expect {
            family: Family::of(source),
            version: self.version,
            vrid: VRID,
            auth: &self.auth,
            interval_us: self.interval_us,
            transport: &self.transport,
            checks_unicast_source: true,
            v3_checksum_as_v2: self.v3_checksum_as_v2,
            old_unicast_checksum: OldChecksum::Automatic,
            own_source: None,
            ah_last_sequence: 0,
            utc: Duration::ZERO,
            hmac_heard: &NOTHING_HEARD,
        }
    }
}

pub fn secret(text: &str) -> Secret {
    Secret { bytes: text.bytes().take(8).collect(), written_length: text.len() as u32 }
}

/// The key of the vectors: bytes 0 to 31.
fn key() -> Secret {
    Secret { bytes: (0..32).collect(), written_length: 32 }
}

pub fn hmac() -> Auth {
    Auth::Hmac(Hmac {
        keys: vec![HmacKey { id: 1, source: HmacSource::Secret(key()) }],
        active_key: 1,
        time_window_us: 5_000_000,
        is_monotonic: false,
        mode: HmacMode::Enforce,
    })
}

/// Peers as `unicast_peer` without more gives them.
pub fn peers(addresses: &[IpAddr]) -> Vec<Peer> {
    let peer = |&address: &IpAddr| Peer { address, min_ttl: 0, max_ttl: 255, origin: OriginId::default() };
    addresses.iter().map(peer).collect()
}

/// Bytes of a string of hexadecimal digits; colons are skipped.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

pub fn sections() -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in include_str!("../vectors/frames.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            sections.push(Section {
                name: name.trim_end_matches(']').to_owned(),
                version: VrrpVersion::V2,
                interval_us: 0,
                auth: Auth::None,
                transport: Transport::Multicast { group: None },
                ttl: 255,
                old_unicast_checksum: false,
                v3_checksum_as_v2: false,
                addresses: Vec::new(),
                frames: Vec::new(),
            });
        } else if !line.is_empty() {
            let section = sections.last_mut().expect("a section comes first");
            let words: Vec<&str> = line.split(' ').collect();
            read(section, &words).unwrap_or_else(|| panic!("{line}"));
        }
    }
    assert!(sections.len() > 20);
    sections
}

fn read(section: &mut Section, words: &[&str]) -> Option<()> {
    match *words {
        ["version", "2"] => section.version = VrrpVersion::V2,
        ["version", "3"] => section.version = VrrpVersion::V3,
        ["interval_us", us] => section.interval_us = us.parse().ok()?,
        ["auth", "PASS", text] => section.auth = Auth::Pass { secret: secret(text) },
        ["auth", "AH", text] => section.auth = Auth::Ah { secret: secret(text) },
        ["auth", "HMAC"] => section.auth = hmac(),
        ["unicast", ttl] => {
            section.ttl = ttl.parse().ok()?;
            section.transport = Transport::Unicast { peers: Vec::new(), ttl: section.ttl };
        }
        ["old_unicast_checksum"] => section.old_unicast_checksum = true,
        ["v3_checksum_as_v2"] => section.v3_checksum_as_v2 = true,
        ["addresses", ref list @ ..] => {
            section.addresses = list.iter().map(|address| address.parse().ok()).collect::<Option<_>>()?;
        }
        ["advert", priority, identification, source, destination, frame] => {
            let advert = Advert {
                priority: priority.parse().ok()?,
                identification: identification.parse().ok()?,
                source: source.parse().ok()?,
                destination: destination.parse().ok()?,
            };
            // The receiver's only peer is the sender.
            if let Transport::Unicast { peers: list, .. } = &mut section.transport {
                *list = peers(&[advert.source]);
            }
            section.frames.push(Frame::Advert(advert, hex(frame)));
        }
        ["garp" | "na", mac, address, frame] => {
            let mac = hex(mac).try_into().ok()?;
            section.frames.push(Frame::Announcement(mac, address.parse().ok()?, hex(frame)));
        }
        _ => return None,
    }
    Some(())
}
