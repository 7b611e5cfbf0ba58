//! An advert as it leaves.
//!
//! IPv4 packets are made whole, for a socket with `IP_HDRINCL`: the proof of `auth_type AH` covers the identification,
//! which the kernel would choose otherwise. For IPv6 the kernel makes the header, and computes the same checksum again.

use super::checksum::Checksum;
use super::hmac::{self, Sequence, Signed};
use super::vrrp::{AuthField, Fields, Interval};
use super::{GROUP_V4, PROTOCOL_AH, PROTOCOL_VRRP, ah, ipv4, password};
use kalc_ir::net::Family;
use kalc_ir::unit::{Vrid, VrrpVersion};
use kalc_ir::vrrp::Auth;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Length of the longest packet that [`Outgoing::encode`] makes: 255 IPv6 addresses and a trailer.
pub const LENGTH_MAX: usize = 4088 + hmac::LENGTH;

/// An advert and what is around it.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// Address family; that of `source` and `destination`.
    pub family: Family,
    /// Version; IPv6 has version 3 only.
    pub version: VrrpVersion,
    /// Number of the virtual router.
    pub vrid: Vrid,
    /// Effective priority; 0 to leave.
    pub priority: u8,
    /// Advert interval, in whole units of the version.
    pub interval_us: u64,
    /// `virtual_ipaddress`, in order. Those of the other family are left out, and all behind the first
    /// [`ADDRESSES_MAX`](super::vrrp::ADDRESSES_MAX).
    pub addresses: &'a [IpAddr],
    /// What proves its sender. Passwords count in version 2 only.
    pub auth: &'a Auth,
    /// Source address.
    pub source: IpAddr,
    /// The group, or a peer.
    pub destination: IpAddr,
    /// TTL; of no effect for IPv6, where the socket has it.
    pub ttl: u8,
    /// Identification of the IPv4 header; the kernel replaces 0.
    pub ip_identification: u16,
    /// Sequence number of `auth_type AH`.
    pub ah_sequence: u32,
    /// The number of its trailer, with `auth_hmac`.
    pub hmac_sequence: Sequence,
    /// Whether version 3 over IPv4 computes the checksum as if it were sent to 224.0.0.18 (`old_unicast_checksum`).
    pub old_unicast_checksum: bool,
    /// Whether version 3 over IPv4 computes the checksum as version 2 does (`v3_checksum_as_v2`).
    pub v3_checksum_as_v2: bool,
}

impl Outgoing<'_> {
    /// Replaces what is in `out` by the packet: for IPv4 with its header, for IPv6 without. At most [`LENGTH_MAX`]
    /// bytes; nothing is allocated if `out` has room for them.
    ///
    /// Nothing is written, as there is nothing that may be sent, if source and destination are not both of `family`, or if
    /// it is to be signed with a key that was not read: an advert that is not signed must not leave in place of one that is.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.clear();
        let authentication = match (self.version, self.auth) {
            (VrrpVersion::V2, Auth::Pass { secret }) => AuthField::Pass(password(secret)),
            (VrrpVersion::V2, Auth::Ah { .. }) => AuthField::Ah,
            (VrrpVersion::V2, Auth::None | Auth::Hmac(_)) => AuthField::None,
            (VrrpVersion::V3, Auth::None | Auth::Pass { .. } | Auth::Ah { .. } | Auth::Hmac(_)) => AuthField::None,
        };
        let version = match self.family {
            Family::Ipv4 => self.version,
            Family::Ipv6 => VrrpVersion::V3,
        };
        let fields = Fields {
            version,
            vrid: self.vrid.get(),
            priority: self.priority,
            interval: Interval::from_micros(version, self.interval_us),
            addresses: self.addresses,
            authentication,
        };
        match (self.family, self.source, self.destination) {
            (Family::Ipv4, IpAddr::V4(source), IpAddr::V4(destination)) => {
                self.encode_ipv4(&fields, source, destination, out);
            }
            (Family::Ipv6, IpAddr::V6(source), IpAddr::V6(destination)) => {
                let length = u32::from(fields.length(Family::Ipv6));
                fields.encode(Family::Ipv6, Checksum::pseudo_v6(source, destination, PROTOCOL_VRRP, length), out);
                self.sign(&fields, 0, out);
                self.sum_up_ipv6(source, destination, out);
            }
            (Family::Ipv4 | Family::Ipv6, _, _) => {}
        }
    }

    /// Length of the trailer that the packet gets.
    fn trailer_length(&self) -> u16 {
        match self.auth {
            Auth::Hmac(auth) if hmac::signs(auth) => hmac::LENGTH as u16,
            Auth::None | Auth::Pass { .. } | Auth::Ah { .. } | Auth::Hmac(_) => 0,
        }
    }

    /// Appends the trailer to a PDU that starts at `start`; takes all away again if there is no key to sign with.
    fn sign(&self, fields: &Fields<'_>, start: usize, out: &mut Vec<u8>) {
        let Auth::Hmac(auth) = self.auth else { return };
        if !hmac::signs(auth) {
            return;
        }
        let (version, pdu) = (fields.version.number(), out.get(start..).unwrap_or_default());
        let signed = Signed { version, vrid: fields.vrid, source: self.source, pdu };
        match hmac::sign(auth, self.hmac_sequence, &signed) {
            Some(trailer) => out.extend(trailer),
            None => out.clear(),
        }
    }

    /// Over IPv6 the checksum covers the trailer, as the kernel makes it.
    fn sum_up_ipv6(&self, source: Ipv6Addr, destination: Ipv6Addr, out: &mut [u8]) {
        let length = out.len() as u32;
        if self.trailer_length() > 0
            && let Some(checksum) = out.get_mut(6..8)
        {
            checksum.fill(0);
            let sum = Checksum::pseudo_v6(source, destination, PROTOCOL_VRRP, length).with(out).finish();
            out[6..8].copy_from_slice(&sum.to_be_bytes());
        }
    }

    fn encode_ipv4(&self, fields: &Fields<'_>, source: Ipv4Addr, destination: Ipv4Addr, out: &mut Vec<u8>) {
        let length = fields.length(Family::Ipv4);
        let secret = match (fields.authentication, self.auth) {
            (AuthField::Ah, Auth::Ah { secret }) => Some(secret),
            _ => None,
        };
        let before = ipv4::HEADER_LENGTH + if secret.is_some() { ah::HEADER_LENGTH } else { 0 };
        let header = ipv4::encode(ipv4::Fields {
            total_length: length + self.trailer_length() + u16::try_from(before).expect("headers are short"),
            identification: self.ip_identification,
            ttl: self.ttl,
            protocol: if secret.is_some() { PROTOCOL_AH } else { PROTOCOL_VRRP },
            source,
            destination,
        });
        let covered = match fields.version {
            VrrpVersion::V2 => Checksum::new(),
            VrrpVersion::V3 if self.v3_checksum_as_v2 => Checksum::new(),
            VrrpVersion::V3 => {
                let destination = if self.old_unicast_checksum { GROUP_V4 } else { destination };
                Checksum::pseudo_v4(source, destination, PROTOCOL_VRRP, length)
            }
        };
        out.extend(header);
        out.resize(before, 0);
        fields.encode(Family::Ipv4, covered, out);
        if let Some(secret) = secret {
            let proof = ah::encode(secret, &header, source, destination, self.ah_sequence, &out[before..]);
            out[ipv4::HEADER_LENGTH..before].copy_from_slice(&proof);
        }
        self.sign(fields, before, out);
    }
}
