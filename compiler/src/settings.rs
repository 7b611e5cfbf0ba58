//! What a configuration is checked for: a program and its version, and the clouds that it is to run in.

use crate::facts::HostFacts;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

/// What one host is checked for. Nothing is set unless the user says so; rules about a cloud or a version are silent then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What will read the file.
    pub target: Option<Target>,
    /// Where it is to run.
    pub profiles: Vec<CloudProfile>,
    /// Addresses of the host, with the networks they are in (`addresses` of a cluster's member).
    pub addresses: Vec<Network>,
    /// What is known of the machine; only if the user asked to look.
    pub facts: Option<Arc<HostFacts>>,
    /// How much is too much.
    pub limits: Limits,
}

/// Thresholds of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Announcements in one burst of an interface (`garp-burst`).
    pub garp_burst: u64,
    /// Announcements a second by refreshes of an interface (`garp-per-second`).
    pub garp_per_second: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { garp_burst: 100, garp_per_second: 50 }
    }
}

impl Settings {
    /// The first of some clouds that the host is to run in.
    pub fn cloud(&self, among: &[Cloud]) -> Option<&CloudProfile> {
        self.profiles.iter().find(|profile| among.contains(&profile.cloud))
    }

    /// Whether the program that reads the file is keepalived before that version.
    pub fn is_older_than(&self, version: (u16, u16, u16)) -> bool {
        match self.target {
            Some(Target::Keepalived(major, minor, patch)) => (major, minor, patch) < version,
            Some(Target::Kalc) | None => false,
        }
    }
}

/// A cloud, and what is different there than usual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudProfile {
    /// The cloud.
    pub cloud: Cloud,
    /// Whether its network carries multicast (`multicast`).
    pub carries_multicast: bool,
    /// Whether it lets hosts send from other MAC addresses than their own (`mac-spoofing`).
    pub permits_spoofing: bool,
    /// Whether peers of one priority are what its operator asks for (`priority-tie`).
    pub permits_priority_tie: bool,
    /// The networks that virtual addresses must be in; empty if they are not known (`subnets`).
    pub subnets: Vec<Network>,
}

impl From<Cloud> for CloudProfile {
    /// The cloud as it usually is.
    fn from(cloud: Cloud) -> Self {
        CloudProfile {
            cloud,
            // A tenant's network there is its own.
            carries_multicast: cloud == Cloud::Openstack,
            permits_spoofing: false,
            permits_priority_tie: false,
            subnets: Vec::new(),
        }
    }
}

/// An address and how many of its bits tell its network; all of them for an address without a prefix length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// The address, host bits included.
    pub address: IpAddr,
    /// Number of bits; at most 32 or 128.
    pub prefix: u8,
}

impl Network {
    /// Whether an address is in the network.
    pub fn contains(&self, other: IpAddr) -> bool {
        let prefix = u32::from(self.prefix);
        match (self.address, other) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(32 - prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(128 - prefix).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// The network as it is usually written, without host bits.
    pub fn range(&self) -> String {
        let prefix = u32::from(self.prefix);
        let first: IpAddr = match self.address {
            IpAddr::V4(own) => {
                Ipv4Addr::from_bits(own.to_bits() & u32::MAX.checked_shl(32 - prefix).unwrap_or(0)).into()
            }
            IpAddr::V6(own) => {
                Ipv6Addr::from_bits(own.to_bits() & u128::MAX.checked_shl(128 - prefix).unwrap_or(0)).into()
            }
        };
        format!("{first}/{prefix}")
    }

    /// Whether two networks have addresses in common; `None` if a prefix length was not given, or if they are of two
    /// families.
    pub fn overlaps(self, other: Network) -> Option<bool> {
        let known = self.is_wide() && other.is_wide() && self.address.is_ipv4() == other.address.is_ipv4();
        // Of two that overlap the wider one holds the other.
        known.then(|| self.contains(other.address) || other.contains(self.address))
    }

    /// Whether a prefix length was given, so that it tells what is near.
    pub fn is_wide(&self) -> bool {
        self.prefix < if self.address.is_ipv4() { 32 } else { 128 }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no address");
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok().filter(|&prefix| prefix <= most));
        prefix.map(|prefix| Network { address, prefix }).ok_or_else(wrong)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
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

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Cloud::Tencent => "Tencent Cloud",
            Cloud::Alibaba => "Alibaba Cloud",
            Cloud::Aws => "AWS",
            Cloud::Gcp => "Google Cloud",
            Cloud::Azure => "Azure",
            Cloud::Openstack => "OpenStack",
            Cloud::HetznerCloud => "Hetzner Cloud",
        }
    }

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

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
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
    use super::{Cloud, Network, Settings, Target};

    #[test]
    fn networks_contain_what_their_prefix_says() {
        let network = |text: &str| text.parse::<Network>();
        let is_in =
            |ip: &str, text: &str| network(text).map(|network| network.contains(ip.parse().expect("an address")));
        assert_eq!(is_in("10.0.0.255", "10.0.0.11/24"), Ok(true));
        assert_eq!(is_in("10.0.1.0", "10.0.0.11/24"), Ok(false));
        assert_eq!(is_in("192.0.2.1", "10.0.0.0/0"), Ok(true));
        assert_eq!(is_in("10.0.0.11", "10.0.0.11"), Ok(true));
        assert_eq!(is_in("fd00::2", "fd00::1/64"), Ok(true));
        assert_eq!(is_in("10.0.0.11", "fd00::1/0"), Ok(false));
        assert_eq!(network("10.0.0.11/20").map(|network| network.range()), Ok("10.0.0.0/20".to_owned()));
        assert_eq!(network("fd00::1/0").map(|network| network.range()), Ok("::/0".to_owned()));
        assert_eq!(network("fe80::1").map(|network| network.is_wide()), Ok(false));
        for wrong in ["10.0.0.11/33", "10.0.0", "web1", "10.0.0.1/", "fd00::/129"] {
            assert!(network(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn networks_overlap_if_one_holds_the_other() {
        for (one, two, overlap) in [
            ("10.0.0.11/24", "10.0.0.12/24", Some(true)),
            ("10.0.0.11/24", "10.0.1.12/24", Some(false)),
            ("10.0.0.11/16", "10.0.1.12/24", Some(true)),
            ("10.0.0.11/0", "192.0.2.1/24", Some(true)),
            ("10.0.0.11", "10.0.0.12/24", None),
            ("2001:db8::1/64", "2001:db8::2/64", Some(true)),
            ("2001:db8::1/64", "2001:db8:0:1::2/64", Some(false)),
            ("2001:db8::1/64", "10.0.0.12/24", None),
        ] {
            let [one, two] = [one, two].map(|text| text.parse::<Network>().expect("a network"));
            assert_eq!((one.overlaps(two), two.overlaps(one)), (overlap, overlap), "{one} {two}");
        }
    }

    #[test]
    fn only_a_keepalived_is_older() {
        let older = |target| Settings { target, ..Settings::default() }.is_older_than((2, 0, 11));
        assert!(older(Some(Target::Keepalived(1, 4, 5))) && older(Some(Target::Keepalived(2, 0, 10))));
        assert!(!older(Some(Target::Keepalived(2, 0, 11))) && !older(Some(Target::Kalc)) && !older(None));
    }

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
}
