//! Every check that an advert must pass before it counts.
//!
//! The order is keepalived's (RFC 9568 section 7.1 and RFC 3768 section 7.1 leave it open), so that a packet with
//! several faults is counted under the reason that keepalived would log. What is *not* refused, as keepalived does not:
//! another list of addresses, and in version 3 another interval. The caller compares those.

use super::ah;
use super::checksum::Checksum;
use super::hmac::{self, Heard, Sequence, Signed};
use super::ipv4;
use super::packet::Packet;
pub use super::refusal::Refusal;
use super::vrrp::{Advert, AuthField, Interval, TYPE_ADVERT, View};
use super::{GROUP_V4, PROTOCOL_AH, PROTOCOL_VRRP, password};
use kalc_ir::net::Family;
use kalc_ir::unit::{Vrid, VrrpVersion};
use kalc_ir::vrrp::{Auth, OldChecksum, Transport};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Length of the shortest payload of an Ethernet frame: packets below it come with padding.
const ETHERNET_PAYLOAD_MIN: usize = 46;
/// TTL that no router has decremented (RFC 9568 section 5.1.1.3).
const TTL: u8 = 255;

/// What an instance expects of an advert.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// Its address family.
    pub family: Family,
    /// Its version; IPv6 has version 3 only.
    pub version: VrrpVersion,
    /// Its number.
    pub vrid: Vrid,
    /// What proves a peer. Passwords count in version 2 only.
    pub auth: &'a Auth,
    /// Its own advert interval; in version 2 that of the others must be the same.
    pub interval_us: u64,
    /// Where its adverts come from.
    pub transport: &'a Transport,
    /// `check_unicast_src`
    pub checks_unicast_source: bool,
    /// `v3_checksum_as_v2`: any checksum will do in version 3 over IPv4.
    pub v3_checksum_as_v2: bool,
    /// `old_unicast_checksum`
    pub old_unicast_checksum: OldChecksum,
    /// The address that its own adverts have.
    pub own_source: Option<IpAddr>,
    /// The highest sequence number heard with `auth_type AH`; 0 before the first.
    pub ah_last_sequence: u32,
    /// What time it is, since 1970, for `auth_hmac`.
    pub utc: Duration,
    /// The numbers that were heard with `auth_hmac`.
    pub hmac_heard: &'a Heard,
}

/// An advert that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The advert.
    pub advert: Advert,
    /// Who sent it.
    pub source: IpAddr,
    /// Its sequence number, with `auth_type AH`.
    pub ah_sequence: Option<u32>,
    /// Its number, with `auth_hmac`; `None` if it is not signed.
    pub hmac_sequence: Option<Sequence>,
    /// Whether its checksum was right only by `old_unicast_checksum`.
    pub used_old_checksum: bool,
}

/// Takes a packet for an advert of the virtual router, or says why not.
///
/// # Errors
/// The first check that failed.
pub fn receive(expect: &Expect<'_>, packet: &Packet<'_>) -> Result<Accepted, Refusal> {
    let datagram = Datagram::open(expect, packet)?;
    if expect.own_source == Some(datagram.source) {
        return Err(Refusal::OwnAdvert);
    }
    datagram.has_its_header_of_authentication(expect)?;
    let view = View::new(expect.family, datagram.body)?;
    let trailer = datagram.trailer(&view)?;
    datagram.comes_from_near(expect)?;
    if view.version() != Some(expect.version) {
        return Err(Refusal::Version);
    }
    if view.vrid() != expect.vrid.get() {
        return Err(Refusal::Vrid);
    }
    let hmac_sequence = datagram.is_signed(expect, &view, trailer)?;
    let interval = view.interval(expect.version);
    if expect.version == VrrpVersion::V2 {
        datagram.is_authentic(expect, &view)?;
        if interval != Interval::from_micros(VrrpVersion::V2, expect.interval_us) {
            return Err(Refusal::Interval);
        }
    }
    if view.kind() != TYPE_ADVERT {
        return Err(Refusal::Type);
    }
    datagram.has_its_length(&view, trailer)?;
    // Not among keepalived's checks: a backup that adopted an interval of zero would call itself master at once.
    if interval.is_zero() {
        return Err(Refusal::Interval);
    }
    let used_old_checksum = datagram.adds_up(expect, &view, trailer)?;
    datagram.was_sent_to_us(expect)?;
    Ok(Accepted {
        advert: view.advert(expect.version),
        source: datagram.source,
        ah_sequence: datagram.ah.map(|header| header.sequence),
        hmac_sequence,
        used_old_checksum,
    })
}

/// The trailer of `auth_hmac` behind a PDU; `None` if nothing or padding follows.
type Trailer<'a> = Option<&'a [u8; hmac::LENGTH]>;

/// A packet whose headers are read.
struct Datagram<'a> {
    source: IpAddr,
    destination: IpAddr,
    /// TTL or hop limit.
    ttl: u8,
    ip: Option<ipv4::Header<'a>>,
    ah: Option<ah::Header<'a>>,
    /// What follows the headers, padding included.
    body: &'a [u8],
    /// Length of the headers.
    offset: usize,
}

impl<'a> Datagram<'a> {
    fn open(expect: &Expect<'_>, packet: &Packet<'a>) -> Result<Self, Refusal> {
        if packet.family() != expect.family {
            return Err(Refusal::Family);
        }
        let bytes = match *packet {
            Packet::V4 { bytes } => bytes,
            Packet::V6 { source, destination, hop_limit, bytes } => {
                let (source, destination) = (source.into(), destination.into());
                return Ok(Datagram {
                    source,
                    destination,
                    ttl: hop_limit,
                    ip: None,
                    ah: None,
                    body: bytes,
                    offset: 0,
                });
            }
        };
        let (ip, rest) = ipv4::decode(bytes)?;
        let (ah, body) = match ip.protocol {
            PROTOCOL_VRRP => (None, rest),
            PROTOCOL_AH => {
                let (header, body) = ah::decode(rest)?;
                (Some(header), body)
            }
            _ => return Err(Refusal::Protocol),
        };
        let (source, destination) = (ip.source.into(), ip.destination.into());
        let offset = bytes.len() - body.len();
        Ok(Datagram { source, destination, ttl: ip.ttl, ip: Some(ip), ah, body, offset })
    }

    fn has_its_header_of_authentication(&self, expect: &Expect<'_>) -> Result<(), Refusal> {
        let wanted = expect.version == VrrpVersion::V2 && matches!(expect.auth, Auth::Ah { .. });
        match (wanted, self.ah) {
            (true, None) => Err(Refusal::AhMissing),
            (false, Some(_)) => Err(Refusal::AhUnexpected),
            (true, Some(_)) | (false, None) => Ok(()),
        }
    }

    /// What follows the PDU; an error if it is neither padding nor a trailer.
    fn trailer(&self, view: &View<'_>) -> Result<Trailer<'a>, Refusal> {
        let surplus = self.body.get(view.length..).unwrap_or_default();
        let is_padded = self.ip.is_some() && self.offset + self.body.len() <= ETHERNET_PAYLOAD_MIN;
        match surplus.as_array() {
            Some(trailer) => Ok(Some(trailer)),
            None if surplus.is_empty() || is_padded => Ok(None),
            None => Err(Refusal::Length),
        }
    }

    /// Whether `auth_hmac` lets it pass, with which number.
    fn is_signed(
        &self,
        expect: &Expect<'_>,
        view: &View<'_>,
        trailer: Trailer<'_>,
    ) -> Result<Option<Sequence>, Refusal> {
        let (auth, trailer) = match (expect.auth, trailer) {
            (Auth::Hmac(auth), Some(trailer)) => (auth, trailer),
            (Auth::Hmac(auth), None) if hmac::accepts_unsigned(auth) => return Ok(None),
            (Auth::Hmac(_), None) => return Err(Refusal::HmacMissing),
            (Auth::None | Auth::Pass { .. } | Auth::Ah { .. }, Some(_)) => return Err(Refusal::HmacUnexpected),
            (Auth::None | Auth::Pass { .. } | Auth::Ah { .. }, None) => return Ok(None),
        };
        // Numbers are remembered by sender: with peers, only those have any.
        if let Transport::Unicast { peers, .. } = expect.transport
            && !peers.iter().any(|peer| peer.address == self.source)
        {
            return Err(Refusal::Source);
        }
        let (version, vrid) = (expect.version.number(), view.vrid());
        let signed = Signed { version, vrid, source: self.source, pdu: view.pdu };
        hmac::verify(auth, expect.utc, expect.hmac_heard, &signed, trailer).map(Some)
    }

    /// RFC 9568 section 7.1: the TTL must be 255. Unicast may come by way of routers; `min_ttl` and `max_ttl` bound it.
    fn comes_from_near(&self, expect: &Expect<'_>) -> Result<(), Refusal> {
        let is_near = match expect.transport {
            Transport::Multicast { .. } => self.ttl == TTL,
            Transport::Unicast { peers, .. } => peers
                .iter()
                .find(|peer| peer.address == self.source)
                .is_none_or(|peer| (peer.min_ttl..=peer.max_ttl).contains(&self.ttl)),
        };
        if is_near { Ok(()) } else { Err(Refusal::Ttl) }
    }

    /// RFC 2338 section 7.1: type and data of the authentication must be those that are configured.
    fn is_authentic(&self, expect: &Expect<'_>, view: &View<'_>) -> Result<(), Refusal> {
        match (expect.auth, view.authentication(VrrpVersion::V2)) {
            (Auth::None | Auth::Hmac(_), AuthField::None) => Ok(()),
            (Auth::Pass { secret }, AuthField::Pass(theirs)) => {
                if theirs == password(secret) {
                    Ok(())
                } else {
                    Err(Refusal::Password)
                }
            }
            (Auth::Ah { secret }, AuthField::Ah) => {
                let (Some(ip), Some(header)) = (&self.ip, &self.ah) else { return Err(Refusal::AhMissing) };
                if !header.proves(secret, ip, view.pdu) {
                    Err(Refusal::Icv)
                } else if header.spi != ip.source {
                    Err(Refusal::Spi)
                } else if header.sequence <= expect.ah_last_sequence {
                    Err(Refusal::Sequence)
                } else {
                    Ok(())
                }
            }
            (
                Auth::None | Auth::Pass { .. } | Auth::Ah { .. } | Auth::Hmac(_),
                AuthField::None | AuthField::Pass(_) | AuthField::Ah | AuthField::Other(_),
            ) => Err(Refusal::AuthType),
        }
    }

    /// The IP header must count exactly the advert: padding is below IP.
    fn has_its_length(&self, view: &View<'_>, trailer: Trailer<'_>) -> Result<(), Refusal> {
        let length = self.offset + view.length + trailer.map_or(0, |trailer| trailer.len());
        match self.ip {
            Some(ip) if usize::from(ip.total_length) != length => Err(Refusal::TotalLength),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the checksum is right by the old rule only.
    ///
    /// Over IPv6, where the kernel makes the sum, it covers the trailer too.
    fn adds_up(&self, expect: &Expect<'_>, view: &View<'_>, trailer: Trailer<'_>) -> Result<bool, Refusal> {
        let fits = |covered: Checksum| covered.with(view.pdu).finish() == 0;
        let length = u16::try_from(view.length).expect("255 addresses of 16 bytes fit");
        let (source, destination) = match (self.source, self.destination) {
            (IpAddr::V4(source), IpAddr::V4(destination)) => (source, destination),
            (IpAddr::V6(source), IpAddr::V6(destination)) => {
                let trailer = trailer.map_or(&[][..], |trailer| trailer);
                let length = u32::from(length) + trailer.len() as u32;
                let covered = Checksum::pseudo_v6(source, destination, PROTOCOL_VRRP, length).with(trailer);
                return if fits(covered) { Ok(false) } else { Err(Refusal::Checksum) };
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return Err(Refusal::Family),
        };
        let pseudo = |destination: Ipv4Addr| Checksum::pseudo_v4(source, destination, PROTOCOL_VRRP, length);
        let may_be_old = match expect.old_unicast_checksum {
            OldChecksum::Automatic | OldChecksum::Always => matches!(expect.transport, Transport::Unicast { .. }),
            OldChecksum::Never => false,
        };
        match expect.version {
            VrrpVersion::V2 if fits(Checksum::new()) => Ok(false),
            VrrpVersion::V2 => Err(Refusal::Checksum),
            VrrpVersion::V3 if expect.v3_checksum_as_v2 || fits(pseudo(destination)) => Ok(false),
            VrrpVersion::V3 if may_be_old && fits(pseudo(GROUP_V4)) => Ok(true),
            VrrpVersion::V3 => Err(Refusal::Checksum),
        }
    }

    fn was_sent_to_us(&self, expect: &Expect<'_>) -> Result<(), Refusal> {
        let (is_unicast, knows_source) = match expect.transport {
            Transport::Multicast { .. } => (false, true),
            Transport::Unicast { peers, .. } => {
                (true, !expect.checks_unicast_source || peers.iter().any(|peer| peer.address == self.source))
            }
        };
        if is_unicast == self.destination.is_multicast() {
            return Err(Refusal::Destination);
        }
        if !knows_source {
            return Err(Refusal::Source);
        }
        Ok(())
    }
}
