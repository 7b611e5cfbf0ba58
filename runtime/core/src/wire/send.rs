//! An advert as it leaves.
//!
//! IPv4 packets are made whole, for a socket with `IP_HDRINCL`: the proof of `auth_type AH` covers the identification,
//! which the kernel would choose otherwise. For IPv6 the kernel makes the header, and computes the same checksum again.

use super::checksum::Checksum;
use super::vrrp::{AuthField, Fields, Interval};
use super::{GROUP_V4, PROTOCOL_AH, PROTOCOL_VRRP, ah, ipv4, password};
use kalc_ir::net::Family;
use kalc_ir::unit::{Vrid, VrrpVersion};
use kalc_ir::vrrp::Auth;
use std::net::{IpAddr, Ipv4Addr};

/// Length of the longest packet that [`Outgoing::encode`] makes: 255 IPv6 addresses.
pub const LENGTH_MAX: usize = 4088;

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
    /// Whether version 3 over IPv4 computes the checksum as if it were sent to 224.0.0.18 (`old_unicast_checksum`).
    pub old_unicast_checksum: bool,
    /// Whether version 3 over IPv4 computes the checksum as version 2 does (`v3_checksum_as_v2`).
    pub v3_checksum_as_v2: bool,
}

impl Outgoing<'_> {
    /// Replaces what is in `out` by the packet: for IPv4 with its header, for IPv6 without. At most [`LENGTH_MAX`]
    /// bytes; nothing is allocated if `out` has room for them.
    ///
    /// Nothing is written, as there is nothing that may be sent, with [`Auth::Hmac`] (an advert that is not signed must
    /// not leave in place of one that is), or if source and destination are not both of `family`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.clear();
        let authentication = match (self.version, self.auth) {
            (_, Auth::Hmac(_)) => return,
            (VrrpVersion::V2, Auth::Pass { secret }) => AuthField::Pass(password(secret)),
            (VrrpVersion::V2, Auth::Ah { .. }) => AuthField::Ah,
            (VrrpVersion::V2, Auth::None) => AuthField::None,
            (VrrpVersion::V3, Auth::None | Auth::Pass { .. } | Auth::Ah { .. }) => AuthField::None,
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
            }
            (Family::Ipv4 | Family::Ipv6, _, _) => {}
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
            total_length: length + u16::try_from(before).expect("headers are short"),
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
    }
}
