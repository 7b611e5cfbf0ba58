//! One advert: the PDU of version 2 (RFC 3768 section 5.1, with the authentication of RFC 2338) and of version 3
//! (RFC 9568 section 5.1), without the headers around it.
//!
//! ```text
//!  0       1       2        3       4      5        6   7    8
//!  21      VRID    priority count   auth   seconds  checksum addresses, 8 bytes of authentication data
//!  31      VRID    priority count   0 + centiseconds checksum addresses
//! ```

use super::checksum::Checksum;
use super::refusal::Refusal;
use kalc_ir::net::Family;
use kalc_ir::unit::VrrpVersion;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Length of a PDU before its addresses.
pub const HEADER_LENGTH: usize = 8;
/// Length of the authentication data of version 2; it is there with every type of authentication.
pub const AUTH_LENGTH: usize = 8;
/// Addresses that one advert can count.
pub const ADDRESSES_MAX: usize = 255;
/// The only type there is: ADVERTISEMENT.
pub const TYPE_ADVERT: u8 = 1;

/// An advert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advert {
    /// Version; IPv6 has version 3 only.
    pub version: VrrpVersion,
    /// Number of the virtual router.
    pub vrid: u8,
    /// Priority; 0 says that the master leaves (RFC 9568 section 5.2.4).
    pub priority: u8,
    /// Time to the next one.
    pub interval: Interval,
    /// The addresses, in the order of the wire, at most [`ADDRESSES_MAX`].
    ///
    /// Differs: RFC 9568 section 5.2.5 has a router ignore an advert without addresses. keepalived sends them (for an
    /// instance with `virtual_ipaddress_excluded` only) and heeds them; to ignore them would make two masters.
    pub addresses: Vec<IpAddr>,
    /// What proves its sender.
    pub authentication: AuthField,
}

/// The time to the next advert, in the unit of its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interval {
    /// Version 2: whole seconds.
    Seconds(u8),
    /// Version 3: hundredths of a second, at most 4095.
    Centiseconds(u16),
}

impl Interval {
    /// The longest time that version 3 can say.
    pub const CENTISECONDS_MAX: u16 = 0x0fff;

    /// In microseconds; exact.
    pub const fn as_micros(self) -> u64 {
        match self {
            Interval::Seconds(seconds) => seconds as u64 * 1_000_000,
            Interval::Centiseconds(centiseconds) => centiseconds as u64 * 10_000,
        }
    }

    /// As a version says it: rounded down, and at least one unit, at most the longest there is.
    pub fn from_micros(version: VrrpVersion, micros: u64) -> Self {
        match version {
            VrrpVersion::V2 => {
                let seconds = (micros / 1_000_000).clamp(1, u64::from(u8::MAX));
                Interval::Seconds(u8::try_from(seconds).unwrap_or(u8::MAX))
            }
            VrrpVersion::V3 => {
                let centiseconds = (micros / 10_000).clamp(1, u64::from(Self::CENTISECONDS_MAX));
                Interval::Centiseconds(u16::try_from(centiseconds).unwrap_or(Self::CENTISECONDS_MAX))
            }
        }
    }

    /// Whether it is zero, which no router can be held to.
    pub const fn is_zero(self) -> bool {
        self.as_micros() == 0
    }

    /// The two bytes of the PDU.
    fn low(self, version: VrrpVersion) -> u16 {
        match (version, self) {
            (VrrpVersion::V2, Interval::Seconds(seconds)) => u16::from(seconds),
            (VrrpVersion::V3, Interval::Centiseconds(centiseconds)) => centiseconds.min(Self::CENTISECONDS_MAX),
            (VrrpVersion::V2, Interval::Centiseconds(_)) | (VrrpVersion::V3, Interval::Seconds(_)) => {
                Interval::from_micros(version, self.as_micros()).low(version)
            }
        }
    }
}

/// What an advert has in its authentication fields.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthField {
    /// Type 0, and version 3, which has no such fields.
    None,
    /// Type 1: a password, filled up with zeros.
    Pass([u8; AUTH_LENGTH]),
    /// Type 2: the proof is in the authentication header in front.
    Ah,
    /// A type that nobody defined.
    Other(u8),
}

impl std::fmt::Debug for AuthField {
    /// Does not show the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AuthField::None => f.write_str("None"),
            AuthField::Pass(_) => f.write_str("Pass(..)"),
            AuthField::Ah => f.write_str("Ah"),
            AuthField::Other(kind) => write!(f, "Other({kind})"),
        }
    }
}

impl AuthField {
    /// The number on the wire.
    pub const fn kind(self) -> u8 {
        match self {
            AuthField::None => 0,
            AuthField::Pass(_) => 1,
            AuthField::Ah => 2,
            AuthField::Other(kind) => kind,
        }
    }
}

impl Advert {
    /// Reads a whole PDU, without its checksum: what that covers is outside of it.
    ///
    /// # Errors
    /// [`Refusal::Truncated`], [`Length`](Refusal::Length), [`Version`](Refusal::Version) and
    /// [`Type`](Refusal::Type).
    pub fn decode(family: Family, pdu: &[u8]) -> Result<Advert, Refusal> {
        let view = View::new(family, pdu)?;
        if pdu.len() != view.length {
            return Err(Refusal::Length);
        }
        let version = view.version().ok_or(Refusal::Version)?;
        if view.kind() != TYPE_ADVERT {
            return Err(Refusal::Type);
        }
        Ok(view.advert(version))
    }

    /// Appends the PDU. `covered` is the sum of what its checksum covers besides: nothing for version 2.
    ///
    /// An interval in the unit of the other version is converted; of the addresses those of `family` are written, the
    /// first [`ADDRESSES_MAX`].
    pub fn encode(&self, family: Family, covered: Checksum, out: &mut Vec<u8>) {
        Fields {
            version: self.version,
            vrid: self.vrid,
            priority: self.priority,
            interval: self.interval,
            addresses: &self.addresses,
            authentication: self.authentication,
        }
        .encode(family, covered, out);
    }
}

/// An advert that borrows its addresses.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub version: VrrpVersion,
    pub vrid: u8,
    pub priority: u8,
    pub interval: Interval,
    pub addresses: &'a [IpAddr],
    pub authentication: AuthField,
}

impl Fields<'_> {
    fn addresses(&self, family: Family) -> impl Iterator<Item = IpAddr> {
        self.addresses.iter().copied().filter(move |&address| Family::of(address) == family).take(ADDRESSES_MAX)
    }

    /// Length of the PDU; at most 4088, which a `u16` holds.
    pub fn length(&self, family: Family) -> u16 {
        let count = u8::try_from(self.addresses(family).count()).unwrap_or(u8::MAX);
        let length = length(family, self.version.number(), count);
        u16::try_from(length).expect("255 addresses of 16 bytes fit")
    }

    pub fn encode(&self, family: Family, covered: Checksum, out: &mut Vec<u8>) {
        let start = out.len();
        let count = u8::try_from(self.addresses(family).count()).unwrap_or(u8::MAX);
        out.extend([self.version.number() << 4 | TYPE_ADVERT, self.vrid, self.priority, count]);
        let interval = self.interval.low(self.version);
        let kind = match self.version {
            VrrpVersion::V2 => u16::from(self.authentication.kind()) << 8,
            VrrpVersion::V3 => 0,
        };
        out.extend((kind | interval).to_be_bytes());
        out.extend([0, 0]);
        for address in self.addresses(family) {
            match address {
                IpAddr::V4(address) => out.extend(address.octets()),
                IpAddr::V6(address) => out.extend(address.octets()),
            }
        }
        if has_auth_data(family, self.version.number()) {
            out.extend(match self.authentication {
                AuthField::Pass(password) => password,
                AuthField::None | AuthField::Ah | AuthField::Other(_) => [0; AUTH_LENGTH],
            });
        }
        let pdu = &mut out[start..];
        let checksum = covered.with(pdu).finish();
        pdu[6..8].copy_from_slice(&checksum.to_be_bytes());
    }
}

/// A PDU whose addresses are all there. Bytes may follow it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    family: Family,
    header: &'a [u8; HEADER_LENGTH],
    /// All of it, without what follows.
    pub pdu: &'a [u8],
    /// Length of the PDU.
    pub length: usize,
}

impl<'a> View<'a> {
    /// # Errors
    /// [`Refusal::Truncated`]
    pub fn new(family: Family, bytes: &'a [u8]) -> Result<Self, Refusal> {
        let header: &[u8; HEADER_LENGTH] = bytes.first_chunk().ok_or(Refusal::Truncated)?;
        let length = length(family, header[0] >> 4, header[3]);
        let pdu = bytes.get(..length).ok_or(Refusal::Truncated)?;
        Ok(View { family, header, pdu, length })
    }

    /// `None` if it has none that its family has.
    pub fn version(&self) -> Option<VrrpVersion> {
        match (self.header[0] >> 4, self.family) {
            (2, Family::Ipv4) => Some(VrrpVersion::V2),
            (3, Family::Ipv4 | Family::Ipv6) => Some(VrrpVersion::V3),
            _ => None,
        }
    }

    pub fn kind(&self) -> u8 {
        self.header[0] & 0x0f
    }

    pub fn vrid(&self) -> u8 {
        self.header[1]
    }

    pub fn interval(&self, version: VrrpVersion) -> Interval {
        match version {
            VrrpVersion::V2 => Interval::Seconds(self.header[5]),
            // RFC 9568 section 5.2.6: the four bits above are reserved and ignored.
            VrrpVersion::V3 => Interval::Centiseconds(
                u16::from_be_bytes([self.header[4], self.header[5]]) & Interval::CENTISECONDS_MAX,
            ),
        }
    }

    pub fn authentication(&self, version: VrrpVersion) -> AuthField {
        match version {
            VrrpVersion::V2 => match self.header[4] {
                0 => AuthField::None,
                1 => AuthField::Pass(self.pdu.last_chunk().copied().unwrap_or_default()),
                2 => AuthField::Ah,
                kind => AuthField::Other(kind),
            },
            VrrpVersion::V3 => AuthField::None,
        }
    }

    pub fn advert(&self, version: VrrpVersion) -> Advert {
        let end = HEADER_LENGTH + usize::from(self.header[3]) * address_length(self.family);
        let addresses = self.pdu.get(HEADER_LENGTH..end).unwrap_or_default();
        let addresses = match self.family {
            Family::Ipv4 => {
                addresses.as_chunks().0.iter().map(|&octets: &[u8; 4]| Ipv4Addr::from(octets).into()).collect()
            }
            Family::Ipv6 => {
                addresses.as_chunks().0.iter().map(|&octets: &[u8; 16]| Ipv6Addr::from(octets).into()).collect()
            }
        };
        Advert {
            version,
            vrid: self.vrid(),
            priority: self.header[2],
            interval: self.interval(version),
            addresses,
            authentication: self.authentication(version),
        }
    }
}

const fn address_length(family: Family) -> usize {
    match family {
        Family::Ipv4 => 4,
        Family::Ipv6 => 16,
    }
}

const fn has_auth_data(family: Family, version: u8) -> bool {
    matches!(family, Family::Ipv4) && version == 2
}

/// Length of a PDU that counts so many addresses.
fn length(family: Family, version: u8, count: u8) -> usize {
    let auth = if has_auth_data(family, version) { AUTH_LENGTH } else { 0 };
    HEADER_LENGTH + usize::from(count) * address_length(family) + auth
}
