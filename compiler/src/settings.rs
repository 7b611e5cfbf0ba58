//! What a configuration is checked for: a program and its version, and the clouds that it is to run in.

use std::fmt;
use std::str::FromStr;

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
    use super::{Cloud, Target};

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
