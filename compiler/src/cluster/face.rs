//! What an instance shows to other hosts, with defaults and inheritance done.

use crate::host::Host;
use crate::settings::Network;
use kalc_grammar::config::SettingId;
use kalc_ir::Ir;
use kalc_ir::net::Family;
use kalc_ir::vrrp::{Auth, Instance, Secret, Transport};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Bytes of a secret that an advert carries (RFC 2338, section 5.3.10).
pub const SECRET_BYTES: usize = 8;

/// A name that more instances have is that of a how-to: no virtual router has so many members.
const MOST_BEARERS: usize = 8;

/// Secrets of samples and how-tos: they say nothing about who belongs together.
const SAMPLES: [&str; 6] = ["1111", "1234", "12345678", "password", "PASS", "secret"];

/// An instance as others see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Index of its host.
    pub host: usize,
    /// Index of the instance in the host's IR.
    pub instance: usize,
    /// Its name.
    pub name: String,
    /// Whether so many hosts have that name that it says nothing about who belongs together.
    pub has_common_name: bool,
    /// Of its addresses; `None` if nothing says.
    pub family: Option<Family>,
    /// Its virtual router id.
    pub vrid: Option<u8>,
    /// Addresses that its adverts carry.
    pub vips: BTreeSet<IpAddr>,
    /// Addresses that move with them and are not in the adverts.
    pub excluded: BTreeSet<IpAddr>,
    /// Whether it sends to listed peers.
    pub unicast: bool,
    /// Its multicast group, if it is known.
    pub group: Option<IpAddr>,
    /// The address it sends from, if it is written.
    pub source: Option<IpAddr>,
    /// Addresses of its host that were said, of its family.
    pub own: Vec<Network>,
    /// Those it sends to.
    pub peers: BTreeSet<IpAddr>,
    /// Its secret as it goes on the wire.
    pub secret: Option<[u8; SECRET_BYTES]>,
    /// Whether every how-to has that secret.
    pub sample_secret: bool,
    /// Virtual router ids of the members of its sync group, if that has two or more.
    pub partners: BTreeSet<u8>,
}

impl Face {
    /// The face of an instance.
    pub fn new(host: usize, index: usize, instance: &Instance) -> Self {
        let (unicast, group, peers) = match &instance.transport {
            Transport::Multicast { group } => (false, *group, BTreeSet::new()),
            Transport::Unicast { peers, .. } => (true, None, peers.iter().map(|peer| peer.address).collect()),
        };
        let secret = match &instance.auth {
            Auth::Pass { secret } | Auth::Ah { secret } => Some(secret),
            Auth::None | Auth::Hmac(_) => None,
        };
        let vrid = instance.vrid.map(|vrid| vrid.get());
        let is_sample = |secret: &Secret| {
            let text = String::from_utf8_lossy(&secret.bytes);
            SAMPLES.contains(&&*text) || vrid.is_some_and(|vrid| text == vrid.to_string())
        };
        Face {
            host,
            instance: index,
            name: instance.name.clone(),
            has_common_name: false,
            family: instance.family,
            vrid,
            vips: instance.virtual_addresses.iter().map(|address| address.address).collect(),
            excluded: instance.excluded_addresses.iter().map(|address| address.address).collect(),
            unicast,
            group,
            source: instance.source,
            own: Vec::new(),
            peers,
            sample_secret: secret.is_some_and(is_sample),
            secret: secret.map(on_the_wire),
            partners: BTreeSet::new(),
        }
    }

    /// The faces of all instances of some hosts, in order.
    pub fn all(hosts: &[&Host]) -> Vec<Face> {
        let of_host = |(index, host): (usize, &&Host)| -> Vec<Face> {
            let face = |(at, instance): (usize, &Instance)| Face {
                partners: partners(&host.ir, instance),
                own: own(host, instance.family),
                ..Face::new(index, at, instance)
            };
            host.ir.vrrp_instances.iter().enumerate().map(face).collect()
        };
        // Nobody knows yet what a template will say.
        let mut faces: Vec<Face> =
            hosts.iter().enumerate().filter(|(_, host)| host.template.is_none()).flat_map(of_host).collect();
        let mut bearers: FxHashMap<String, usize> = FxHashMap::default();
        for face in &faces {
            *bearers.entry(face.name.clone()).or_default() += 1;
        }
        for face in &mut faces {
            face.has_common_name = bearers.get(&face.name).is_some_and(|&count| count > MOST_BEARERS);
        }
        faces
    }

    /// Addresses that its adverts may come from, as far as they are known: the one that is written, else the host's.
    pub fn senders(&self) -> impl Iterator<Item = IpAddr> {
        let known = self.own.iter().map(|own| own.address).filter(|_| self.source.is_none());
        self.source.into_iter().chain(known)
    }

    /// All virtual addresses, advertised or not.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.vips.iter().chain(&self.excluded).copied()
    }

    /// Whether an address is one of its virtual ones.
    pub fn holds(&self, ip: IpAddr) -> bool {
        self.vips.contains(&ip) || self.excluded.contains(&ip)
    }
}

/// What is known of a host's addresses of a family.
fn own(host: &Host, family: Option<Family>) -> Vec<Network> {
    let fits = |own: &&Network| match family {
        Some(Family::Ipv4) => own.address.is_ipv4(),
        Some(Family::Ipv6) => own.address.is_ipv6(),
        None => true,
    };
    host.settings.addresses.iter().filter(fits).copied().collect()
}

/// Virtual router ids of a sync group; a group of one is none.
fn partners(ir: &Ir, instance: &Instance) -> BTreeSet<u8> {
    let members = instance.sync_group.map_or(&[][..], |id| &ir.sync_group(id).members);
    if members.len() < 2 {
        return BTreeSet::new();
    }
    members.iter().filter_map(|&member| ir.instance(member).vrid).map(|vrid| vrid.get()).collect()
}

/// A secret as an advert carries it: eight bytes, filled with zeros.
pub fn on_the_wire(secret: &Secret) -> [u8; SECRET_BYTES] {
    let mut wire = [0; SECRET_BYTES];
    for (to, from) in wire.iter_mut().zip(&secret.bytes) {
        *to = *from;
    }
    wire
}

/// The block of an instance in its host's configuration.
pub fn block(instance: &Instance) -> SettingId {
    SettingId(instance.origin.0)
}
