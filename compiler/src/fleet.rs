//! All hosts of one run, for the rules that compare them.

use crate::cluster::face::{Face, block};
use crate::cluster::peers;
use crate::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::Keyword;
use kalc_grammar::source::Span;
use kalc_ir::vrrp::Instance;

/// The hosts that are checked together, and who belongs to whom.
#[derive(Debug)]
pub struct Fleet<'h> {
    /// In the order given.
    pub hosts: &'h [Host],
    /// Their instances as others see them.
    pub faces: Vec<Face>,
    /// The virtual routers: indices of faces; every one has two members or more, each on another host.
    pub routers: Vec<Vec<usize>>,
}

impl<'h> Fleet<'h> {
    /// Matches the instances of some hosts.
    pub fn new(hosts: &'h [Host]) -> Self {
        let faces = Face::all(hosts);
        let routers = peers::virtual_routers(&faces);
        Fleet { hosts, faces, routers }
    }

    /// The host of a face.
    pub fn host(&self, face: usize) -> &'h Host {
        &self.hosts[self.faces[face].host]
    }

    /// The instance of a face.
    pub fn instance(&self, face: usize) -> &'h Instance {
        &self.host(face).ir.vrrp_instances[self.faces[face].instance]
    }

    /// The block of a face's instance.
    pub fn block(&self, face: usize) -> SettingId {
        block(self.instance(face))
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
