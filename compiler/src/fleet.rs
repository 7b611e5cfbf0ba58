//! All hosts of one run, for the rules that compare them.

use crate::cluster::face::{Face, block};
use crate::cluster::peers::{self, Evidence};
use crate::host::Host;
use crate::lint::names::is_incomplete;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::Keyword;
use kalc_grammar::source::Span;
use kalc_ir::vrrp::Instance;
use kalc_ir::{OriginId, Reason};
use rustc_hash::{FxHashMap, FxHashSet};

/// What is known of the hosts besides their files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Whether these are all hosts there are: a folder, or a cluster of `kalc.toml`. Files that merely were named
    /// together are not, and then nobody is said to miss a peer.
    pub is_whole: bool,
    /// Pairs of instances, as `host:instance`, that are no peers whatever speaks for it.
    pub not_peers: Vec<(String, String)>,
    /// How long a failover may take (`max-failover`).
    pub max_failover_us: Option<u64>,
}

/// The hosts that are checked together, and who belongs to whom.
#[derive(Debug)]
pub struct Fleet<'h> {
    /// In the order given.
    pub hosts: Vec<&'h Host>,
    /// What else is known of them.
    pub given: Given,
    /// Their instances as others see them.
    pub faces: Vec<Face>,
    /// The virtual routers: indices of faces; every one has two members or more, each on another host.
    pub routers: Vec<Vec<usize>>,
    /// Faces without a peer, each with the one it probably belongs to.
    pub attached: Vec<(usize, usize)>,
    /// The virtual routers with the faces that probably belong to them, for rules about what keeps peers apart.
    pub wide: Vec<Vec<usize>>,
    /// The router of each face, if it is in one.
    router_of: Vec<Option<usize>>,
    /// Faces by id.
    by_vrid: FxHashMap<u8, Vec<usize>>,
    /// Hosts of which a part could not be read.
    incomplete: Vec<bool>,
}

impl<'h> Fleet<'h> {
    /// Matches the instances of some hosts.
    pub fn new(hosts: impl IntoIterator<Item = &'h Host>, given: Given) -> Self {
        let hosts: Vec<&Host> = hosts.into_iter().collect();
        let faces = Face::all(&hosts);
        let not_peers = not_peers(&hosts, &faces, &given);
        let peers::Matching { routers, attached } = peers::match_faces(&faces, &not_peers);
        let mut router_of = vec![None; faces.len()];
        let mut by_vrid: FxHashMap<u8, Vec<usize>> = FxHashMap::default();
        for (index, router) in routers.iter().enumerate() {
            for &face in router {
                router_of[face] = Some(index);
            }
        }
        for (index, face) in faces.iter().enumerate() {
            if let Some(vrid) = face.vrid {
                by_vrid.entry(vrid).or_default().push(index);
            }
        }
        let mut wide = routers.clone();
        for &(face, to) in &attached {
            match router_of[to] {
                Some(router) => wide[router].push(face),
                None => wide.push(vec![face.min(to), face.max(to)]),
            }
        }
        for router in &mut wide {
            router.sort_unstable();
        }
        let incomplete = hosts.iter().map(|host| is_incomplete(host)).collect();
        Fleet { hosts, given, faces, routers, attached, wide, router_of, by_vrid, incomplete }
    }

    /// The host of a face.
    pub fn host(&self, face: usize) -> &'h Host {
        self.hosts[self.faces[face].host]
    }

    /// The instance of a face.
    pub fn instance(&self, face: usize) -> &'h Instance {
        &self.host(face).ir.vrrp_instances[self.faces[face].instance]
    }

    /// The block of a face's instance.
    pub fn block(&self, face: usize) -> SettingId {
        block(self.instance(face))
    }

    /// The virtual router of a face.
    pub fn router_of(&self, face: usize) -> Option<usize> {
        self.router_of[face]
    }

    /// The faces with that id.
    pub fn with_vrid(&self, vrid: u8) -> &[usize] {
        self.by_vrid.get(&vrid).map_or(&[], Vec::as_slice)
    }

    /// Whether the file does not say what a field is, so that it cannot be compared: only the running daemon knows it,
    /// or a part of the configuration is missing.
    pub fn is_unknown(&self, face: usize, field: &str) -> bool {
        self.instance(face).is_unknown(field) || self.incomplete[self.faces[face].host]
    }

    /// Whether entries of a list of an instance cannot be read, which rules for one host report.
    pub fn has_bad_entries(&self, face: usize, list: &'static Keyword) -> bool {
        let (host, instance) = (self.host(face), self.instance(face));
        instance.dropped.iter().any(|dropped| {
            matches!(dropped.reason, Reason::BadValue | Reason::UnknownWord | Reason::OtherFamily)
                && host
                    .config
                    .ancestors(SettingId(dropped.origin.0))
                    .any(|block| host.config.setting(block).keyword == list)
        })
    }

    /// Whether adverts of two faces have one version; if not, other differences do not matter any more.
    pub fn same_version(&self, left: usize, right: usize) -> bool {
        self.instance(left).version == self.instance(right).version
    }

    /// Whether two files give one source address: they are two versions of one host, or a copy in which it was not
    /// changed yet.
    pub fn is_one_host(&self, left: usize, right: usize) -> bool {
        self.faces[left].source.is_some() && self.faces[left].source == self.faces[right].source
    }

    /// Where a keyword is written in a face's instance (in a block of that instance if `inside` names one), or the
    /// instance's header.
    pub fn written(&self, face: usize, inside: Option<&'static Keyword>, keyword: &'static Keyword) -> Span {
        let config = &self.host(face).config;
        let instance = self.block(face);
        let block = inside.map_or(Some(instance), |inside| config.last(instance, inside));
        let statement = block.and_then(|block| config.last(block, keyword)).or(block).unwrap_or(instance);
        config.setting(statement).span
    }

    /// Where a field of a face's instance was written: in the instance, else in `global_defs` under `inherited`, else
    /// the instance's header.
    pub fn field(&self, face: usize, field: &str, inherited: &str) -> Span {
        let (host, instance) = (self.host(face), self.instance(face));
        let global = || host.ir.global.origins.get(inherited);
        self.span(face, instance.origins.get(field).or_else(global).unwrap_or(instance.origin))
    }

    /// The words of a statement of a face's host.
    pub fn span(&self, face: usize, origin: OriginId) -> Span {
        self.host(face).config.setting(SettingId(origin.0)).span
    }

    /// `VI_1` in web2, for a second mention.
    pub fn peer_name(&self, face: usize, than: usize) -> String {
        let (name, host) = (&self.faces[face].name, self.host(face).name());
        if *name == self.faces[than].name {
            format!("its peer in {host}")
        } else {
            format!("its peer `{name}` in {host}")
        }
    }

    /// Two hosts that are alone with one instance name, one id and one secret (or of which one sends to the other) are a
    /// cluster of which one side was changed only.
    pub fn is_half_edited(&self, left: usize, right: usize, evidence: Evidence) -> bool {
        let (a, b) = (&self.faces[left], &self.faces[right]);
        let alone = |face: &Face| face.vrid.is_some_and(|vrid| self.with_vrid(vrid).len() == 2);
        evidence.same_vrid
            && evidence.same_name
            && !evidence.apart
            && (evidence.same_secret || evidence.unicast == 1)
            && alone(a)
            && alone(b)
            && self.router_of[left].is_none()
            && self.router_of[right].is_none()
    }

    /// Strangers with one id on one segment.
    pub fn collide(&self, left: usize, right: usize) -> bool {
        let (a, b) = (&self.faces[left], &self.faces[right]);
        if !peers::may_be_peers(a, b) || a.unicast || b.unicast {
            return false;
        }
        let evidence = peers::weigh(a, b);
        // A cluster that was changed on one side only does not need another id.
        evidence.same_vrid
            && evidence.strangers()
            && !evidence.apart
            && peers::one_segment(a, b, evidence)
            && !self.is_half_edited(left, right, evidence)
    }

    /// Members of a virtual router that differ from the rest in some value: pairs of the deviating face and one that
    /// has what most have. With two members the second deviates.
    pub fn deviating<V: PartialEq>(&self, router: &[usize], value: impl Fn(usize) -> Option<V>) -> Vec<(usize, usize)> {
        let mut groups: Vec<(V, Vec<usize>)> = Vec::new();
        for &face in router {
            let Some(value) = value(face) else { continue };
            match groups.iter_mut().find(|(known, _)| *known == value) {
                Some((_, faces)) => faces.push(face),
                None => groups.push((value, vec![face])),
            }
        }
        // The largest group is right; of equal ones the first.
        let Some(right) = (0..groups.len()).max_by_key(|&at| (groups[at].1.len(), std::cmp::Reverse(at))) else {
            return Vec::new();
        };
        let model = groups[right].1[0];
        let mut others: Vec<usize> = groups
            .iter()
            .enumerate()
            .filter(|&(at, _)| at != right)
            .flat_map(|(_, (_, faces))| faces.clone())
            .collect();
        others.sort_unstable();
        others.into_iter().map(|face| (face, model)).collect()
    }
}

/// The pairs of faces that the user has said are no peers.
fn not_peers(hosts: &[&Host], faces: &[Face], given: &Given) -> FxHashSet<(usize, usize)> {
    if given.not_peers.is_empty() {
        return FxHashSet::default();
    }
    let named = |(index, face): (usize, &Face)| (format!("{}:{}", hosts[face.host].name(), face.name), index);
    let names: FxHashMap<String, usize> = faces.iter().enumerate().map(named).collect();
    let pair = |(a, b): &(String, String)| {
        let (a, b) = (*names.get(a)?, *names.get(b)?);
        Some((a.min(b), a.max(b)))
    };
    given.not_peers.iter().filter_map(pair).collect()
}
