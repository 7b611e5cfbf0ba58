//! What a configuration is checked for: a program and its version, the clouds that it is to run in, and what is known of
//! the machine.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// What is said of a host besides its file: by `kalc.toml`, `--target`, `--profile`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What will read the configuration; `None` if nobody said.
    pub target: Option<Target>,
    /// Where it is to run.
    pub clouds: Vec<Cloud>,
    /// The machine's own addresses, as far as they were said.
    pub addresses: Vec<OwnAddress>,
}

/// An address of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OwnAddress {
    /// The address.
    pub ip: IpAddr,
    /// The length of its network's prefix, if that is known.
    pub prefix: Option<u8>,
}

impl OwnAddress {
    /// Whether two addresses are of one network: not if their prefixes are known and the networks have nothing in common;
    /// `None` if a prefix is missing or they are of two families.
    pub fn shares_network(self, other: OwnAddress) -> Option<bool> {
        let (one, two) = (self.prefix?, other.prefix?);
        // Networks overlap if the shorter prefix holds both.
        let length = u32::from(one.min(two));
        match (self.ip, other.ip) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                Some(u32::from(a) & mask == u32::from(b) & mask)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                Some(u128::from(a) & mask == u128::from(b) & mask)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => None,
        }
    }
}

impl FromStr for OwnAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let read = || {
            let ip: IpAddr = address.parse().ok()?;
            let most = if ip.is_ipv4() { 32 } else { 128 };
            let prefix = match prefix {
                Some(prefix) => Some(prefix.parse::<u8>().ok().filter(|prefix| *prefix <= most)?),
                None => None,
            };
            Some(OwnAddress { ip, prefix })
        };
        read().ok_or_else(|| format!("`{text}` is no address"))
    }
}

/// The program that will read the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// keepalived of that version.
    Keepalived(u16, u16, u16),
    /// kalc's own daemon.
    Kalc,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let version = |text: &str| {
            let mut parts = text.split('.').map(|part| part.parse::<u16>().ok());
            let version = Target::Keepalived(parts.next()??, parts.next()??, parts.next()??);
            parts.next().is_none().then_some(version)
        };
        match text.strip_prefix("keepalived-") {
            Some(text) => version(text),
            None => (text == "kalc").then_some(Target::Kalc),
        }
        .ok_or_else(|| format!("`{text}` is no target: write `kalc`, or a version as in `keepalived-2.2.7`"))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Keepalived(major, minor, patch) => write!(f, "keepalived-{major}.{minor}.{patch}"),
            Target::Kalc => f.write_str("kalc"),
        }
    }
}

/// A cloud with rules of its own about multicast, addresses and ARP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// Tencent Cloud
    Tencent,
    /// Alibaba Cloud
    Alibaba,
    /// Amazon Web Services
    Aws,
    /// Google Cloud
    Gcp,
    /// Microsoft Azure
    Azure,
    /// OpenStack
    Openstack,
    /// Hetzner Cloud
    HetznerCloud,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Cloud; 7] =
        [Cloud::Tencent, Cloud::Alibaba, Cloud::Aws, Cloud::Gcp, Cloud::Azure, Cloud::Openstack, Cloud::HetznerCloud];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Cloud::Tencent => "tencent",
            Cloud::Alibaba => "alibaba",
            Cloud::Aws => "aws",
            Cloud::Gcp => "gcp",
            Cloud::Azure => "azure",
            Cloud::Openstack => "openstack",
            Cloud::HetznerCloud => "hetzner-cloud",
        }
    }
}

impl FromStr for Cloud {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Cloud::ALL.into_iter().find(|cloud| cloud.word() == text).ok_or_else(|| {
            let words = Cloud::ALL.map(Cloud::word).join(", ");
            format!("`{text}` is no profile: {words}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Cloud, OwnAddress, Target};

    #[test]
    fn targets_and_profiles_are_read_and_written() {
        for text in ["kalc", "keepalived-2.2.7"] {
            assert_eq!(text.parse::<Target>().map(|target| target.to_string()), Ok(text.to_owned()));
        }
        for wrong in
            ["", "keepalived", "keepalived-2", "keepalived-2.2", "keepalived-2.2.7.1", "keepalived-2.x.7", "Kalc"]
        {
            assert!(wrong.parse::<Target>().is_err(), "{wrong}");
        }
        for cloud in Cloud::ALL {
            assert_eq!(cloud.word().parse(), Ok(cloud));
        }
        assert!("hetzner".parse::<Cloud>().is_err());
    }
    #[test]
    fn addresses_are_read_and_compared() {
        let read = |text: &str| text.parse::<OwnAddress>();
        for wrong in ["10.0.0.11/33", "10.0.0", "web1", "10.0.0.1/", "10.0.0.1/x", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        for (one, two, shares) in [
            ("10.0.0.11/24", "10.0.0.12/24", Some(true)),
            ("10.0.0.11/24", "10.0.1.12/24", Some(false)),
            ("10.0.0.11/16", "10.0.1.12/24", Some(true)),
            ("10.0.0.11/0", "192.0.2.1/24", Some(true)),
            ("10.0.0.11/32", "10.0.0.11/32", Some(true)),
            ("10.0.0.11", "10.0.0.12/24", None),
            ("2001:db8::1/64", "2001:db8::2/64", Some(true)),
            ("2001:db8::1/64", "2001:db8:0:1::2/64", Some(false)),
            ("2001:db8::1/64", "10.0.0.12/24", None),
        ] {
            let (one, two) = (read(one).expect("an address"), read(two).expect("an address"));
            assert_eq!((one.shares_network(two), two.shares_network(one)), (shares, shares), "{one:?} {two:?}");
        }
    }
}
