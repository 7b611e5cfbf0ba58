//! What is known of the machine that a configuration is to run on: plain data, which the command line reads when it is told
//! to (`--host`). Nothing here looks at a machine.

use crate::settings::Network;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Facts of one machine. What was not asked for, or could not be read, is not there, and nothing is said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// Its interfaces.
    pub interfaces: Vec<Interface>,
    /// The users that the configuration names, and those keepalived falls back to; `None` if there is no such user.
    pub users: BTreeMap<String, Option<User>>,
    /// The programs that the configuration names, by path.
    pub programs: BTreeMap<String, Program>,
    /// Settings of the kernel, as `net.ipv4.ip_forward`.
    pub sysctls: BTreeMap<String, i64>,
    /// IP protocols that a firewall drops when they come in (112 is VRRP, 51 the authentication header), with what does
    /// it in words.
    pub dropped_protocols: Vec<(u8, String)>,
}

/// An interface and its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its addresses, each with the network it is in.
    pub addresses: Vec<Network>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub uid: u32,
    /// Its groups.
    pub groups: Vec<u32>,
}

/// What is at the path of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// Nothing.
    Missing,
    /// Something that is no file, such as a folder.
    NotAFile,
    /// A file.
    File {
        /// Its permission bits.
        mode: u32,
        /// Its owner.
        uid: u32,
        /// Its group.
        gid: u32,
        /// The file itself, or the first folder above it, that others than root may change.
        open_to_others: Option<String>,
    },
}

impl Program {
    /// Whether a user may execute it.
    pub fn runs_for(&self, user: &User) -> bool {
        match self {
            Program::Missing | Program::NotAFile => false,
            Program::File { mode, uid, gid, .. } => {
                let bits = if user.uid == 0 {
                    0o111
                } else if user.uid == *uid {
                    0o100
                } else if user.groups.contains(gid) {
                    0o010
                } else {
                    0o001
                };
                mode & bits != 0
            }
        }
    }
}

impl HostFacts {
    /// Whether it has an interface.
    pub fn has_interface(&self, name: &str) -> bool {
        self.interfaces.iter().any(|interface| interface.name == name)
    }

    /// The interface that has an address.
    pub fn interface_of(&self, address: IpAddr) -> Option<&Interface> {
        self.interfaces.iter().find(|interface| interface.addresses.iter().any(|own| own.address == address))
    }

    /// A number of the kernel.
    pub fn sysctl(&self, name: &str) -> Option<i64> {
        self.sysctls.get(name).copied()
    }
}
