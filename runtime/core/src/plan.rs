//! What a configuration asks a node to do, with everything resolved that must be known before anything runs.
//!
//! Where the core cannot execute what an [`Ir`] says, [`Plan::new`] says so instead of leaving it out.

use crate::director;
use kalc_ir::route::RuleAction;
use kalc_ir::vrrp::{Auth, HmacSource, InitialState, Transport, VirtualInterface};
use kalc_ir::{Family, Instance, InstanceId, Ir, OriginId, Rule, SyncGroup, SyncGroupId, Vrid, VrrpVersion};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// What a node is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The configuration.
    pub ir: Arc<Ir>,
    /// Its instances, by [`InstanceId`].
    pub(crate) instances: Vec<InstancePlan>,
}

/// What one instance is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InstancePlan {
    ir: Arc<Ir>,
    /// Its place in the configuration.
    pub id: InstanceId,
    /// Its name, shared with notices.
    pub name: Arc<str>,
    pub vrid: Vrid,
    pub family: Family,
    /// Where peers are heard, and whose address adverts come from.
    pub interface: Arc<str>,
    /// Where adverts leave: `interface`, or the macvlan above it.
    pub voice: Arc<str>,
    /// Addresses that adverts name, in order.
    pub addresses: Vec<IpAddr>,
}

impl InstancePlan {
    /// All that the configuration says of it.
    pub fn ir(&self) -> &Instance {
        self.ir.instance(self.id)
    }

    /// The whole configuration.
    pub(crate) fn configuration(&self) -> &Ir {
        &self.ir
    }

    /// Its sync group.
    pub fn group(&self) -> Option<&SyncGroup> {
        self.ir().sync_group.map(|id| self.ir.sync_group(id))
    }

    /// The same virtual router on the same wire: what a reload may keep running.
    pub fn is_same_router(&self, other: &InstancePlan) -> bool {
        let kind = |plan: &InstancePlan| plan.ir().unicast_peers().is_some();
        self.name == other.name
            && self.vrid == other.vrid
            && self.family == other.family
            && self.interface == other.interface
            && self.voice == other.voice
            && self.ir().home() == other.ir().home()
            && self.ir().version == other.ir().version
            && kind(self) == kind(other)
    }

    /// Where adverts go.
    pub fn destinations(&self) -> Vec<IpAddr> {
        match &self.ir().transport {
            Transport::Unicast { peers, .. } => peers.iter().map(|peer| peer.address).collect(),
            Transport::Multicast { group } => vec![group.unwrap_or_else(|| self.default_group())],
        }
    }

    fn default_group(&self) -> IpAddr {
        match self.family {
            Family::Ipv4 => IpAddr::V4(self.ir.global.vrrp_mcast_group4),
            Family::Ipv6 => IpAddr::V6(self.ir.global.vrrp_mcast_group6),
        }
    }

    /// TTL or hop limit of adverts.
    pub fn ttl(&self) -> u8 {
        match self.ir().transport {
            Transport::Multicast { .. } => 255,
            Transport::Unicast { ttl, .. } => ttl,
        }
    }

    pub fn interval(&self) -> Duration {
        Duration::from_micros(self.ir().advert_interval_us)
    }

    /// Whether it is master without listening first: it owns the addresses and is told to be master.
    pub fn starts_as_master(&self) -> bool {
        let instance = self.ir();
        instance.priority.is_owner() && instance.state == InitialState::Master
    }
}

/// Something that the core does not execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What it is, as a keyword of the configuration.
    pub what: &'static str,
    /// The instance, the virtual server, or what else it belongs to; empty for settings of the whole daemon.
    pub name: String,
    /// The statement or the block that has it.
    pub origin: OriginId,
}

impl Plan {
    /// The plan for a configuration, or everything in it that the core cannot execute.
    pub fn new(ir: Arc<Ir>) -> Result<Plan, Vec<Refused>> {
        let mut refused = Vec::new();
        let mut instances = Vec::with_capacity(ir.vrrp_instances.len());
        for (index, instance) in (0u32..).zip(&ir.vrrp_instances) {
            check(instance, &mut refused);
            let (Some(vrid), Some(interface)) = (instance.vrid, &instance.interface) else { continue };
            instances.push(InstancePlan {
                ir: Arc::clone(&ir),
                id: InstanceId(index),
                name: instance.name.as_str().into(),
                vrid,
                family: instance.family.unwrap_or(Family::Ipv4),
                interface: interface.as_str().into(),
                voice: instance.voice().unwrap_or(interface).into(),
                addresses: instance.virtual_addresses.iter().map(|address| address.address).collect(),
            });
        }
        director::refuse(&ir, |what, server, origin| {
            refused.push(Refused { what, name: director::name(server), origin });
        });
        let routes = ir.static_routes.iter().find(|route| !route.others.is_empty());
        let rules = ir.static_rules.iter().find(|rule| is_vague(rule));
        for (what, origin) in
            [("static_routes", routes.map(|route| route.origin)), ("static_rules", rules.map(|rule| rule.origin))]
        {
            refused.extend(origin.map(|origin| Refused { what, name: String::new(), origin }));
        }
        for expression in &ir.symbolic {
            refused.push(Refused {
                what: "a value that nothing defines",
                name: expression.clone(),
                origin: OriginId::default(),
            });
        }
        if refused.is_empty() { Ok(Plan { ir, instances }) } else { Err(refused) }
    }

    /// The instances of a sync group.
    pub(crate) fn members(&self, group: SyncGroupId) -> &[InstanceId] {
        &self.ir.sync_group(group).members
    }
}

/// Whether a rule has words whose meaning is not worked out.
fn is_vague(rule: &Rule) -> bool {
    !rule.others.is_empty() || rule.action == RuleAction::Other
}

/// Collects what cannot be executed in one instance.
fn check(instance: &Instance, refused: &mut Vec<Refused>) {
    let mut refuse = |what, field: &str| {
        let origin = instance.origins.get(field).unwrap_or(instance.origin);
        refused.push(Refused { what, name: instance.name.clone(), origin });
    };
    if instance.vrid.is_none() {
        refuse("virtual_router_id", "vrid");
    }
    if instance.interface.is_none() {
        refuse("interface", "interface");
    }
    match instance.virtual_interface {
        VirtualInterface::None => {}
        VirtualInterface::Vmac { mac: Some(_), .. } => {}
        VirtualInterface::Vmac { .. } => refuse("use_vmac", "virtual_interface"),
        VirtualInterface::Ipvlan { .. } => {}
    }
    // Whoever reads the configuration reads the files of its keys, too.
    if let Auth::Hmac(auth) = &instance.auth
        && auth.keys.iter().any(|key| matches!(key.source, HmacSource::File(_)))
    {
        refuse("auth_hmac with a key file that was not read", "auth");
    }
    if instance.version == VrrpVersion::V2 && instance.family == Some(Family::Ipv6) {
        refuse("version", "version");
    }
    if instance.virtual_routes.iter().any(|route| !route.others.is_empty()) {
        refuse("virtual_routes", "virtual_routes");
    }
    if instance.virtual_rules.iter().any(is_vague) {
        refuse("virtual_rules", "virtual_rules");
    }
}
