//! The groups of IPv6 addresses that are on macvlans (RFC 4861 section 2.3, solicited-node multicast).
//!
//! A switch that looks at who is in which group must hear that a master is in those of its addresses, or it keeps
//! solicitations from it. The macvlan says nothing, since what it says late would draw the virtual MAC back to a host that
//! is master no more; so the interface below joins them, with its own MAC, as long as the addresses are held.

use kalc_ir::{Family, Instance};
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Sockets that are in the groups of an instance, by its name; they leave when they are closed.
#[derive(Default)]
pub struct Groups(BTreeMap<Arc<str>, Socket>);

impl Groups {
    /// The addresses of an instance are held. `index_of` knows the numbers of interfaces.
    ///
    /// # Errors
    /// If the system does not take it into a group.
    pub fn join(
        &mut self,
        name: &Arc<str>,
        instance: &Instance,
        index_of: impl Fn(&str) -> Option<u32>,
    ) -> io::Result<()> {
        let base = instance.interface.as_deref().and_then(index_of);
        let (Some(base), Some(_), Some(Family::Ipv6)) = (base, instance.vmac(), instance.family) else { return Ok(()) };
        let socket = Socket::new(Domain::IPV6, Type::DGRAM, None)?;
        let mut groups: Vec<Ipv6Addr> = instance
            .virtual_addresses
            .iter()
            .chain(&instance.excluded_addresses)
            .filter(|address| address.interface.is_none())
            .filter_map(|address| match address.address {
                IpAddr::V6(address) => Some(solicited_node(address)),
                IpAddr::V4(_) => None,
            })
            .collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            socket.join_multicast_v6(&group, base)?;
        }
        self.0.insert(Arc::clone(name), socket);
        Ok(())
    }

    /// They are held no more.
    pub fn leave(&mut self, name: &str) {
        self.0.remove(name);
    }
}

/// The group in which solicitations for an address are heard (RFC 4291 section 2.7.1).
fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., high, low] = address.segments();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | high & 0xff, low)
}

#[cfg(test)]
mod tests {
    use super::solicited_node;

    #[test]
    fn the_group_has_the_last_three_bytes() {
        let group = |address: &str| solicited_node(address.parse().expect("an address")).to_string();
        assert_eq!(group("4037::1:800:200e:8c6c"), "ff02::1:ff0e:8c6c");
        assert_eq!(group("fe80::100"), "ff02::1:ff00:100");
    }
}
