//! Interfaces that virtual routers have for themselves. With `use_vmac` a macvlan with the virtual router's MAC address, on
//! which the virtual addresses are, so that neighbours see no other MAC after a takeover (RFC 9568 section 7.3); with
//! `use_ipvlan` an ipvlan with an address of its own, from which the adverts come.
//!
//! Only the interface below is in the group of the adverts: a host that waits never speaks with the virtual MAC, not even to
//! say which groups it is in, and switches do not look for it here. Adverts from the virtual MAC itself, which the kernel
//! gives to the macvlan alone, are heard there as frames.

use crate::ledger::Ledger;
use crate::load::Configuration;
use crate::netlink::names::{Folders, Names};
use crate::netlink::{Batch, Edit, Interface, Interfaces, address};
use kalc_ir::net::Mac;
use kalc_ir::route::Named;
use kalc_ir::vrrp::{IpvlanMode, VirtualInterface};
use kalc_ir::{Address, Family, Instance, Ir, OriginId, Vrid};
use netlink_packet_route::link::{
    InfoData, InfoIpVlan, InfoKind, InfoMacVlan, IpVlanFlags, IpVlanMode, LinkAttribute, LinkFlags, LinkInfo,
    LinkMessage, MacVlanMode,
};
use nix::libc;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::net::IpAddr;

/// The file that says which interfaces are ours.
pub const LEDGER: &str = "interfaces.json";

/// What is set on a macvlan of IPv4, below `/proc/sys/net/` (measured with keepalived 2.2.7): it answers for its own addresses
/// only, takes packets whose source or way back is another interface's, and has no IPv6.
const OF_IPV4: &[(&str, &str, &str)] = &[
    ("ipv4", "accept_local", "1"),
    ("ipv4", "arp_ignore", "1"),
    ("ipv4", "rp_filter", "0"),
    ("ipv4", "promote_secondaries", "1"),
    ("ipv6", "disable_ipv6", "1"),
];
/// What is set on one of IPv6: no address comes by itself. Differs: keepalived has it take in advertisements of routers.
const OF_IPV6: &[(&str, &str, &str)] =
    &[("ipv6", "addr_gen_mode", "1"), ("ipv6", "accept_ra", "0"), ("ipv6", "disable_ipv6", "0")];
/// What is set on an ipvlan of IPv4.
const OF_IPVLAN: &[(&str, &str, &str)] = &[("ipv6", "disable_ipv6", "1")];
/// What is set on the interface below one of IPv4, so that it does not answer for what is on the macvlan.
const BELOW_IPV4: &[(&str, &str, &str)] = &[("ipv4", "arp_ignore", "1"), ("ipv4", "arp_filter", "1")];

/// What the kernel has from us.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// An interface that was made.
    Interface(String),
    /// A setting of an interface below, and what it was before.
    Setting {
        /// The file.
        file: String,
        /// What it held.
        before: String,
    },
}

/// An interface that is to be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    name: String,
    base: String,
    is_ipv6: bool,
    kind: Kind,
    /// Link group.
    group: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Macvlan {
        mac: [u8; 6],
    },
    Ipvlan {
        /// `IPVLAN_F_…`
        flags: u16,
        address: Option<(IpAddr, u8)>,
    },
}

/// A macvlan of addresses that are elsewhere than the adverts (`use_vmac` of an address, `use_vmac_addr`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfAddresses {
    name: String,
    base: String,
    family: Family,
    mac: Mac,
}

/// Gives every such interface its name: the one written, else prefix and VRID. If another one has that already a number
/// stands between them (measured: `vrrp.51`, `vrrp1.51`, `vrrp2.51`), for IPv6 a 6 first. Those of addresses come last; the
/// addresses are put on them, and they are returned.
pub fn name_all(ir: &mut Ir) -> Vec<OfAddresses> {
    let prefix = ir.global.vmac_prefix.clone();
    let own = ir.vrrp_instances.iter().filter_map(Instance::own_interface);
    let mut taken: BTreeSet<String> = own.map(str::to_owned).collect();
    for instance in &mut ir.vrrp_instances {
        let vrid = instance.vrid;
        let (VirtualInterface::Vmac { name, .. } | VirtualInterface::Ipvlan { name, .. }) =
            &mut instance.virtual_interface
        else {
            continue;
        };
        if let (None, Some(vrid)) = (&name, vrid) {
            *name = Some(next_name(&mut taken, &prefix, vrid, instance.family == Some(Family::Ipv6)));
        }
    }
    let prefix = ir.global.vmac_addr_prefix.clone().unwrap_or(prefix);
    ir.vrrp_instances.iter_mut().flat_map(|instance| of_addresses(instance, &mut taken, &prefix)).collect()
}

fn next_name(taken: &mut BTreeSet<String>, prefix: &str, vrid: Vrid, is_ipv6: bool) -> String {
    let six = is_ipv6.then(|| "6".to_owned());
    let first = std::iter::once(String::new()).chain(six);
    let mut numbers = first.chain((1_u32..).map(|number| number.to_string()));
    loop {
        // There are more numbers than names that can be taken.
        let name = format!("{prefix}{}.{vrid}", numbers.next().unwrap_or_default());
        if taken.insert(name.clone()) {
            return name;
        }
    }
}

/// One for each interface and family. With `use_vmac_addr` those of addresses that are on another interface than the adverts, or of
/// another family.
fn of_addresses(instance: &mut Instance, taken: &mut BTreeSet<String>, prefix: &str) -> Vec<OfAddresses> {
    let mut made: Vec<OfAddresses> = Vec::new();
    let Some(vrid) = instance.vrid else { return made };
    let (own, family, all) = (instance.interface.clone(), instance.family, instance.uses_vmac_for_addresses);
    for address in instance.virtual_addresses.iter_mut().chain(&mut instance.excluded_addresses) {
        // What names no interface is on the instance's macvlan.
        let Some(base) = address.interface.clone() else { continue };
        let its_family = Family::of(address.address);
        let is_elsewhere = own.as_ref() != Some(&base) || family != Some(its_family);
        address.uses_vmac |= all && is_elsewhere;
        if !address.uses_vmac {
            continue;
        }
        let known = made.iter().find(|known| known.base == base && known.family == its_family);
        let name = match known {
            Some(known) => known.name.clone(),
            None => {
                let name = next_name(taken, prefix, vrid, its_family == Family::Ipv6);
                let mac = Mac::of_virtual_router(its_family, vrid);
                made.push(OfAddresses { name: name.clone(), base, family: its_family, mac });
                name
            }
        };
        address.interface = Some(name);
    }
    made
}

/// The interfaces of this daemon.
pub struct Vmacs {
    batch: Batch,
    ledger: Ledger<Record>,
    wanted: BTreeSet<Wanted>,
    /// What was made here or by an earlier daemon.
    own: BTreeSet<String>,
    /// What others had set on interfaces below, by file.
    before: BTreeMap<String, String>,
}

impl Vmacs {
    /// With none. `left` are those that an earlier daemon wrote down.
    ///
    /// # Errors
    /// If there is no netlink.
    pub fn open(ledger: Ledger<Record>, left: Vec<Record>) -> io::Result<Vmacs> {
        let (mut own, mut before) = (BTreeSet::new(), BTreeMap::new());
        for record in left {
            match record {
                Record::Interface(name) => drop(own.insert(name)),
                Record::Setting { file, before: held } => drop(before.insert(file, held)),
            }
        }
        Ok(Vmacs { batch: Batch::open()?, ledger, wanted: BTreeSet::new(), own, before })
    }

    /// Writes down what is to be undone.
    fn store(&mut self) -> io::Result<()> {
        let interfaces = self.own.iter().cloned().map(Record::Interface);
        let settings = self.before.iter();
        let settings = settings.map(|(file, before)| Record::Setting { file: file.clone(), before: before.clone() });
        self.ledger.write(interfaces.chain(settings).collect())
    }

    /// What a configuration wants is there from now on, as far as the interfaces below are; what it does not want stays until
    /// [`tidy`](Vmacs::tidy).
    pub fn configure(&mut self, configuration: &Configuration, interfaces: &Interfaces) {
        let Configuration { ir, vmacs, .. } = configuration;
        let folders = Folders::of(ir);
        let of_instances = ir.vrrp_instances.iter().filter_map(|instance| wanted(instance, &folders));
        let of_addresses = vmacs.iter().map(|vmac| Wanted {
            name: vmac.name.clone(),
            base: vmac.base.clone(),
            is_ipv6: vmac.family == Family::Ipv6,
            kind: Kind::Macvlan { mac: vmac.mac.0 },
            group: None,
        });
        self.wanted = of_instances.chain(of_addresses).collect();
        self.make(interfaces);
    }

    /// Makes what is missing. An interface takes those on it with it when it goes.
    pub fn make(&mut self, interfaces: &Interfaces) {
        for wanted in self.wanted.clone() {
            let Some(base) = interfaces.named(&wanted.base) else { continue };
            let is_right = |known: &Interface| match wanted.kind {
                Kind::Macvlan { mac } => known.mac == Some(Mac(mac)),
                Kind::Ipvlan { .. } => self.own.contains(&wanted.name),
            };
            let result = match interfaces.named(&wanted.name) {
                Some(known) if is_right(known) => {
                    if known.is_up || !base.is_up {
                        continue;
                    }
                    self.set_up(&wanted, known.index)
                }
                Some(_) => Err(io::Error::other("there is an interface of that name already")),
                None => {
                    let controller = base.controller.and_then(|controller| interfaces.at(controller));
                    let vrf = controller.filter(|controller| controller.vrf_table.is_some());
                    self.add(&wanted, base.index, vrf.map(|vrf| vrf.index))
                }
            };
            if let Err(error) = result {
                tracing::error!("{} on {} cannot be made: {error}", wanted.name, wanted.base);
            }
        }
    }

    /// What is made on an interface of a VRF belongs to that, too.
    fn add(&mut self, wanted: &Wanted, base: u32, vrf: Option<u32>) -> io::Result<()> {
        self.own.insert(wanted.name.clone());
        self.store()?;
        let mut link = LinkMessage::default();
        link.attributes = vec![LinkAttribute::IfName(wanted.name.clone()), LinkAttribute::Link(base)];
        link.attributes.extend(vrf.map(LinkAttribute::Controller));
        link.attributes.extend(wanted.group.map(LinkAttribute::Group));
        let (kind, data) = match wanted.kind {
            Kind::Macvlan { mac } => {
                link.attributes.push(LinkAttribute::Address(mac.to_vec()));
                let mode = vec![InfoMacVlan::Mode(MacVlanMode::Private)];
                (InfoKind::MacVlan, InfoData::MacVlan(mode))
            }
            Kind::Ipvlan { flags, .. } => {
                let flags = InfoIpVlan::Flags(IpVlanFlags::from_bits_retain(flags));
                (InfoKind::IpVlan, InfoData::IpVlan(vec![InfoIpVlan::Mode(IpVlanMode::L2), flags]))
            }
        };
        link.attributes.push(LinkAttribute::LinkInfo(vec![LinkInfo::Kind(kind), LinkInfo::Data(data)]));
        self.run(Edit::AddLink(link))?;
        let index = nix::net::if_::if_nametoindex(wanted.name.as_str())?;
        self.set_up(wanted, index)
    }

    /// Settings first: once it is up, it speaks.
    fn set_up(&mut self, wanted: &Wanted, index: u32) -> io::Result<()> {
        let (own, below): (&[_], &[_]) = match (&wanted.kind, wanted.is_ipv6) {
            (Kind::Macvlan { .. }, true) => (OF_IPV6, &[]),
            (Kind::Macvlan { .. }, false) => (OF_IPV4, BELOW_IPV4),
            (Kind::Ipvlan { .. }, true) => (&[], &[]),
            (Kind::Ipvlan { .. }, false) => (OF_IPVLAN, &[]),
        };
        for &(family, setting, value) in own {
            write(&file(family, &wanted.name, setting), value);
        }
        for &(family, setting, value) in below {
            let file = file(family, &wanted.base, setting);
            if let Some(before) = read(&file).filter(|before| before != value) {
                self.before.entry(file.clone()).or_insert(before);
                self.store()?;
                write(&file, value);
            }
        }
        let mut link = LinkMessage::default();
        (link.header.index, link.header.flags, link.header.change_mask) = (index, LinkFlags::Up, LinkFlags::Up);
        self.run(Edit::SetLink(link))?;
        if let Kind::Ipvlan { address: Some((address, prefix)), .. } = wanted.kind {
            // It may be there from the last time the interface was up.
            let result =
                self.run(Edit::Add(address::to_add(&Address::new(address, prefix, OriginId::default()), index, 0)));
            result.or_else(|error| match error.raw_os_error() {
                Some(libc::EEXIST) => Ok(()),
                Some(_) | None => Err(error),
            })?;
        }
        Ok(())
    }

    fn run(&mut self, edit: Edit) -> io::Result<()> {
        match self.batch.run(vec![edit])?.first() {
            Some(0) | None => Ok(()),
            Some(error) => Err(io::Error::from_raw_os_error(*error)),
        }
    }

    /// Takes away what is ours and not wanted any more.
    pub fn tidy(&mut self) {
        let wanted: BTreeSet<&str> = self.wanted.iter().map(|wanted| wanted.name.as_str()).collect();
        let surplus: Vec<String> = self.own.iter().filter(|name| !wanted.contains(name.as_str())).cloned().collect();
        let bases: BTreeSet<&str> = self.wanted.iter().map(|wanted| wanted.base.as_str()).collect();
        let is_needed = |path: &String| bases.iter().any(|base| path.contains(&format!("/{base}/")));
        self.before.retain(|path, before| {
            let keep = is_needed(path);
            if !keep {
                write(path, before);
            }
            keep
        });
        for name in surplus {
            // One that is gone already went with the interface below.
            if let Ok(index) = nix::net::if_::if_nametoindex(name.as_str()) {
                let mut link = LinkMessage::default();
                link.header.index = index;
                if let Err(error) = self.run(Edit::RemoveLink(link)) {
                    tracing::error!("{name} cannot be removed: {error}");
                    continue;
                }
            }
            self.own.remove(&name);
        }
        if let Err(error) = self.store() {
            tracing::error!("what interfaces there are cannot be written down: {error}");
        }
    }

    /// The daemon ends: nothing is wanted any more.
    pub fn end(&mut self) {
        self.wanted.clear();
        self.tidy();
    }
}

fn wanted(instance: &Instance, folders: &Folders) -> Option<Wanted> {
    let (name, group, kind) = match &instance.virtual_interface {
        VirtualInterface::None => return None,
        VirtualInterface::Vmac { name, mac, group, transmits_on_base: _ } => {
            (name, group, Kind::Macvlan { mac: (*mac)?.0 })
        }
        VirtualInterface::Ipvlan { name, address, prefix, mode, group } => {
            let flags = match mode {
                IpvlanMode::Bridge => IpVlanFlags::empty(),
                IpvlanMode::Private => IpVlanFlags::Private,
                IpvlanMode::Vepa => IpVlanFlags::Vepa,
            };
            let address = address.map(|address| (address, prefix.unwrap_or(Family::of(address).bits())));
            (name, group, Kind::Ipvlan { flags: flags.bits(), address })
        }
    };
    let group = match group {
        None => None,
        Some(Named::Number(group)) => Some(*group),
        Some(Named::Name(group)) => {
            let number = Names::read("group", folders).number(group);
            if number.is_none() {
                tracing::error!("{}: the host's tables know no group `{group}`", instance.name);
            }
            number
        }
    };
    Some(Wanted {
        name: name.clone()?,
        base: instance.interface.clone()?,
        is_ipv6: instance.family == Some(Family::Ipv6),
        kind,
        group,
    })
}

fn file(family: &str, interface: &str, setting: &str) -> String {
    format!("/proc/sys/net/{family}/conf/{interface}/{setting}")
}

fn read(file: &str) -> Option<String> {
    fs::read_to_string(file).ok().map(|text| text.trim().to_owned())
}

/// Writes a setting. Where there is none (no IPv6, or no such interface any more) there is nothing to set.
fn write(file: &str, value: &str) {
    if read(file).is_none_or(|before| before == value) {
        return;
    }
    if let Err(error) = fs::write(file, value) {
        tracing::error!("{file} cannot be set to {value}: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kalc_grammar::expand::Profile;
    use kalc_grammar::files::MemoryFiles;
    use kalc_grammar::source::SourceFile;

    fn ir(text: &str) -> Ir {
        let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
        let mut ir = kalc_compiler::host::Host::read(file, &MemoryFiles::default(), &Profile::default()).ir;
        name_all(&mut ir);
        ir
    }

    #[test]
    fn names_and_addresses_are_keepaliveds() {
        let instance = |name: &str, interface: &str, vmac: &str| {
            format!(
                "vrrp_instance {name} {{\ninterface {interface}\nvirtual_router_id 51\n{vmac}\nvirtual_ipaddress {{\n\
                 10.0.0.100\n10.0.0.101 dev eth0\n10.0.0.102 dev eth7\n}}\n}}\n"
            )
        };
        let text = [
            instance("A", "eth0", "use_vmac"),
            instance("B", "eth1", "use_vmac"),
            instance("C", "eth2", "use_vmac vrrp2.51"),
            instance("D", "eth3", "use_vmac"),
            instance("E", "eth0", ""),
        ];
        let ir = ir(&text.concat());
        let names: Vec<_> = ir.vrrp_instances.iter().map(Instance::vmac).collect();
        assert_eq!(names, [Some("vrrp.51"), Some("vrrp1.51"), Some("vrrp2.51"), Some("vrrp3.51"), None]);
        let on = |index: usize| -> Vec<_> {
            let instance = &ir.vrrp_instances[index];
            let home = |interface: Option<&str>| interface.or(instance.home()).map(str::to_owned);
            instance.virtual_addresses.iter().map(|address| home(address.interface.as_deref())).collect()
        };
        let names = |names: [&str; 3]| names.map(|name| Some(name.to_owned())).to_vec();
        // What is put on the interface below goes on the macvlan, too.
        assert_eq!(on(0), names(["vrrp.51", "vrrp.51", "eth7"]));
        assert_eq!(on(1), names(["vrrp1.51", "eth0", "eth7"]));
        assert_eq!(on(4), names(["eth0", "eth0", "eth7"]));
    }
}
