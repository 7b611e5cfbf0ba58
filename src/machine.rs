//! Facts of the machine that kalc runs on (`--host`): interfaces, users, programs, numbers of the kernel, the firewall.
//!
//! It only reads: `/proc`, the interfaces' addresses by way of the C library, the user database, and the modes of files that
//! the configuration names; the firewall is asked of `nft`. What cannot be read is left out, and the rules say nothing
//! about it.

mod firewall;

use kalc_compiler::facts::{HostFacts, Interface, Program, User};
use kalc_compiler::host::Host;
use kalc_compiler::lint::commands::{commands, script_path};
use kalc_compiler::settings::Network;
use nix::sys::socket::SockaddrStorage;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Users that keepalived runs scripts as where none is named.
const FALLBACKS: [&str; 2] = ["keepalived_script", "root"];

/// Numbers of the kernel that rules ask for.
const SYSCTLS: [&str; 5] = [
    "net.ipv4.ip_forward",
    "net.ipv4.ip_nonlocal_bind",
    "net.ipv4.conf.all.arp_ignore",
    "net.ipv4.conf.all.arp_announce",
    "net.ipv6.conf.all.forwarding",
];

/// What some hosts ask of this machine.
pub fn facts<'h>(hosts: impl Iterator<Item = &'h Host>) -> HostFacts {
    let mut facts = HostFacts { interfaces: interfaces(), ..HostFacts::default() };
    for name in FALLBACKS {
        facts.users.insert(name.to_owned(), user(name));
    }
    for host in hosts {
        let named = host.ir.global.script_user.iter();
        for name in named.chain(commands(host).into_iter().filter_map(|command| command.user.as_ref())) {
            facts.users.entry(name.clone()).or_insert_with(|| user(name));
        }
        for path in commands(host).into_iter().filter_map(script_path).filter(|path| path.starts_with('/')) {
            facts.programs.entry(path.to_owned()).or_insert_with(|| program(Path::new(path)));
        }
    }
    for name in SYSCTLS {
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        let number = std::fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
        facts.sysctls.extend(number.map(|number| (name.to_owned(), number)));
    }
    facts.dropped_protocols = firewall::dropped();
    facts
}

/// The interfaces with their addresses.
fn interfaces() -> Vec<Interface> {
    let Ok(all) = nix::ifaddrs::getifaddrs() else { return Vec::new() };
    let mut found: BTreeMap<String, Vec<Network>> = BTreeMap::new();
    for entry in all {
        let addresses = found.entry(entry.interface_name).or_default();
        let address = entry.address.as_ref().and_then(ip);
        let mask = entry.netmask.as_ref().and_then(ip).map_or(0, ones);
        addresses.extend(address.map(|address| Network { address, prefix: mask }));
    }
    found.into_iter().map(|(name, addresses)| Interface { name, addresses }).collect()
}

fn ip(address: &SockaddrStorage) -> Option<IpAddr> {
    let v4 = address.as_sockaddr_in().map(|address| IpAddr::V4(address.ip()));
    v4.or_else(|| address.as_sockaddr_in6().map(|address| IpAddr::V6(address.ip())))
}

/// The length of a netmask.
fn ones(mask: IpAddr) -> u8 {
    let ones = match mask {
        IpAddr::V4(mask) => mask.to_bits().count_ones(),
        IpAddr::V6(mask) => mask.to_bits().count_ones(),
    };
    u8::try_from(ones).unwrap_or(u8::MAX)
}

fn user(name: &str) -> Option<User> {
    let user = nix::unistd::User::from_name(name).ok().flatten()?;
    let name = std::ffi::CString::new(name).ok()?;
    let groups = nix::unistd::getgrouplist(&name, user.gid).unwrap_or_else(|_| vec![user.gid]);
    Some(User { uid: user.uid.as_raw(), groups: groups.into_iter().map(nix::unistd::Gid::as_raw).collect() })
}

/// What is at a path; links are followed, as keepalived does.
fn program(path: &Path) -> Program {
    let Ok(real) = path.canonicalize() else { return Program::Missing };
    let Ok(about) = std::fs::metadata(&real) else { return Program::Missing };
    if !about.is_file() {
        return Program::NotAFile;
    }
    let open = real.ancestors().find(|part| is_open(part)).map(|part| {
        // The path as it was named, where it is the file itself.
        if *part == *real { path.display().to_string() } else { part.display().to_string() }
    });
    Program::File { mode: about.mode() & 0o7777, uid: about.uid(), gid: about.gid(), open_to_others: open }
}

/// Whether others than root may change a file or folder.
fn is_open(path: &Path) -> bool {
    let Ok(about) = std::fs::metadata(path) else { return false };
    let by_group = about.mode() & 0o020 != 0 && about.gid() != 0;
    about.uid() != 0 || by_group || about.mode() & 0o002 != 0
}

#[cfg(test)]
mod tests {
    use super::{interfaces, ones, program, user};
    use kalc_compiler::facts::Program;

    #[test]
    fn the_machine_of_the_test_has_what_every_machine_has() {
        assert!(interfaces().iter().any(|interface| interface.name == "lo"), "a machine has a loopback interface");
        assert_eq!(user("root").map(|root| root.uid), Some(0));
        assert_eq!(user("kalc-nobody-has-this-name"), None);
        assert_eq!(ones("255.255.255.0".parse().expect("a mask")), 24);
    }

    #[test]
    fn a_file_that_others_may_change_is_told_by_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("check");
        assert_eq!(program(&path), Program::Missing);
        assert_eq!(program(folder.path()), Program::NotAFile);
        std::fs::write(&path, "#!/bin/sh\n").expect("a file");
        // Temporary folders are open to all.
        let Program::File { open_to_others, .. } = program(&path) else { panic!("it is a file") };
        assert!(open_to_others.is_some());
    }
}
