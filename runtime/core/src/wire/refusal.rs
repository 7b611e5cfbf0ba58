//! Why a packet is not taken for an advert of the virtual router.

/// Why a packet was refused. Whatever it is, nothing changes: a refused advert does not rewind a timer.
///
/// The order is that of the checks in [`receive`](super::receive::receive): of several faults the first one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// The packet is of the other address family.
    #[error("it is of the other address family")]
    Family,
    /// It ends before its headers or its list of addresses do (RFC 9568 section 7.1: the packet has to be complete).
    #[error("it is cut short")]
    Truncated,
    /// The first byte of the IPv4 header is none that IPv4 has.
    #[error("its IPv4 header is malformed")]
    IpHeader,
    /// The checksum of the IPv4 header is wrong.
    #[error("the checksum of its IPv4 header is wrong")]
    IpChecksum,
    /// It is a fragment; the kernel hands over whole packets, and adverts are never cut.
    #[error("it is a fragment")]
    Fragment,
    /// It carries neither VRRP nor an authentication header.
    #[error("it is not of protocol 112 (VRRP) or 51 (AH)")]
    Protocol,
    /// Its source is the address that this host sends from.
    #[error("it came from this host's own address")]
    OwnAdvert,
    /// It has no authentication header, and `auth_type AH` demands one.
    #[error("it has no authentication header")]
    AhMissing,
    /// It has an authentication header that was not asked for.
    #[error("it has an authentication header, and none was asked for")]
    AhUnexpected,
    /// Its authentication header is none that VRRP uses: 24 bytes, followed by VRRP.
    #[error("its authentication header is malformed")]
    AhHeader,
    /// It is longer than its list of addresses says.
    #[error("it is longer than its count of addresses says")]
    Length,
    /// Its TTL or hop limit is not 255 (RFC 9568 section 7.1), or for a unicast peer not in `min_ttl` to `max_ttl`.
    #[error("its TTL shows that it has come by way of a router")]
    Ttl,
    /// It is of another version of the protocol.
    #[error("it is of another version of VRRP")]
    Version,
    /// It belongs to another virtual router.
    #[error("it belongs to another virtual router")]
    Vrid,
    /// `auth_hmac`: it has no trailer.
    #[error("it is not signed by auth_hmac")]
    HmacMissing,
    /// `auth_hmac`: its trailer is of another kind, or has something where nothing is to be.
    #[error("its trailer of auth_hmac is malformed")]
    HmacTrailer,
    /// `auth_hmac`: the time of its trailer is not within `time_window` of the clock here: the clocks of the hosts differ, or
    /// it was recorded.
    #[error("it was signed at another time than now: clocks differ, or it was recorded")]
    HmacClock,
    /// `auth_hmac`: it is signed by a key that is not configured here.
    #[error("it is signed by a key that is not configured")]
    HmacKey,
    /// `auth_hmac`: the proof is wrong, so the keys differ or it was changed on its way.
    #[error("its signature is wrong")]
    Hmac,
    /// `auth_hmac`: its number has not grown; it was heard before.
    #[error("it was heard before")]
    HmacReplay,
    /// It carries the trailer of `auth_hmac`, which is not configured here.
    #[error("it is signed by auth_hmac, and no key is configured")]
    HmacUnexpected,
    /// Version 2: the type of authentication differs.
    #[error("its type of authentication differs")]
    AuthType,
    /// Version 2 with `auth_type PASS`: the password differs.
    #[error("its password differs")]
    Password,
    /// Version 2 with `auth_type AH`: the integrity check value is wrong, so the password differs or it was changed on
    /// its way.
    #[error("its integrity check value is wrong")]
    Icv,
    /// Version 2 with `auth_type AH`: the SPI is not the source address.
    #[error("its SPI is not its source address")]
    Spi,
    /// Version 2 with `auth_type AH`: the sequence number has not grown; it was heard before.
    #[error("its sequence number has not grown")]
    Sequence,
    /// Version 2: the advert interval differs. Version 3: it is zero, which nobody could follow.
    #[error("its advert interval differs")]
    Interval,
    /// It is not of type 1, ADVERTISEMENT.
    #[error("it is no advertisement")]
    Type,
    /// The total length of the IPv4 header is not that of the packet.
    #[error("the length in its IPv4 header is wrong")]
    TotalLength,
    /// The checksum is wrong.
    #[error("its checksum is wrong")]
    Checksum,
    /// It was sent to a group, and peers are configured, or the reverse.
    #[error("it was sent to a group instead of a peer, or the reverse")]
    Destination,
    /// Its source is not one of the peers (`check_unicast_src`).
    #[error("its source is not one of the peers")]
    Source,
}

impl Refusal {
    /// Every reason, in order.
    pub const ALL: &'static [Refusal] = &[
        Refusal::Family,
        Refusal::Truncated,
        Refusal::IpHeader,
        Refusal::IpChecksum,
        Refusal::Fragment,
        Refusal::Protocol,
        Refusal::OwnAdvert,
        Refusal::AhMissing,
        Refusal::AhUnexpected,
        Refusal::AhHeader,
        Refusal::Length,
        Refusal::Ttl,
        Refusal::Version,
        Refusal::Vrid,
        Refusal::HmacMissing,
        Refusal::HmacTrailer,
        Refusal::HmacClock,
        Refusal::HmacKey,
        Refusal::Hmac,
        Refusal::HmacReplay,
        Refusal::HmacUnexpected,
        Refusal::AuthType,
        Refusal::Password,
        Refusal::Icv,
        Refusal::Spi,
        Refusal::Sequence,
        Refusal::Interval,
        Refusal::Type,
        Refusal::TotalLength,
        Refusal::Checksum,
        Refusal::Destination,
        Refusal::Source,
    ];

    /// Its name in counters: snake case, never changed once it is out.
    pub const fn name(self) -> &'static str {
        match self {
            Refusal::Family => "family",
            Refusal::Truncated => "truncated",
            Refusal::IpHeader => "ip_header",
            Refusal::IpChecksum => "ip_checksum",
            Refusal::Fragment => "fragment",
            Refusal::Protocol => "protocol",
            Refusal::OwnAdvert => "own_advert",
            Refusal::AhMissing => "ah_missing",
            Refusal::AhUnexpected => "ah_unexpected",
            Refusal::AhHeader => "ah_header",
            Refusal::Length => "length",
            Refusal::Ttl => "ttl",
            Refusal::Version => "version",
            Refusal::Vrid => "vrid",
            Refusal::HmacMissing => "hmac_missing",
            Refusal::HmacTrailer => "hmac_trailer",
            Refusal::HmacClock => "hmac_clock",
            Refusal::HmacKey => "hmac_key",
            Refusal::Hmac => "hmac",
            Refusal::HmacReplay => "hmac_replay",
            Refusal::HmacUnexpected => "hmac_unexpected",
            Refusal::AuthType => "auth_type",
            Refusal::Password => "password",
            Refusal::Icv => "icv",
            Refusal::Spi => "spi",
            Refusal::Sequence => "sequence",
            Refusal::Interval => "interval",
            Refusal::Type => "type",
            Refusal::TotalLength => "total_length",
            Refusal::Checksum => "checksum",
            Refusal::Destination => "destination",
            Refusal::Source => "source",
        }
    }

    /// Its place in [`ALL`](Refusal::ALL), for an array of counters.
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_holds_every_reason_at_its_index() {
        for (index, refusal) in Refusal::ALL.iter().enumerate() {
            assert_eq!(refusal.index(), index, "{refusal:?}");
        }
        // `Source` is the last of the enum; a reason behind it would have to be added here.
        assert_eq!(Refusal::Source.index() + 1, Refusal::ALL.len());
    }

    #[test]
    fn names_differ_and_are_snake_case() {
        let names: std::collections::BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.name()).collect();
        assert_eq!(names.len(), Refusal::ALL.len());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
    }
}
