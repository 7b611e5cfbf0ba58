//! What the node wants done, done.

use super::log::Log;
use crate::director::Director;
use crate::lane::{Command, Lane};
use crate::outbox::Outbox;
use crate::side::SideCommand;
use crate::socket::Senders;
use kalc_core::{Action, Advertisement, Reach, Trace};
use kalc_ir::{Address, InstanceId, Ir};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything that carries out actions.
pub struct Hands {
    /// Adverts.
    pub senders: Senders,
    /// Addresses and announcements.
    pub lane: Lane,
    /// Scripts.
    pub side: Outbox,
    /// The virtual servers, if there are any.
    pub director: Option<Director>,
    /// What people are told.
    pub log: Log,
    /// The interfaces by the node's numbers.
    pub links: Vec<Wire>,
    /// Kept so that they need not be allocated again.
    commands: Vec<Command>,
    traces: Vec<Trace>,
}

/// An interface that the node knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wire {
    /// Its name.
    pub name: Arc<str>,
    /// The kernel's number; `None` if it is not there.
    pub index: Option<u32>,
}

impl Hands {
    /// With nothing to send by yet.
    pub fn new(lane: Lane, side: Outbox) -> Hands {
        Hands {
            senders: Senders::default(),
            lane,
            side,
            director: None,
            log: Log::default(),
            links: Vec::new(),
            commands: Vec::new(),
            traces: Vec::new(),
        }
    }

    /// Does everything, in its order. `ir` is the configuration that the actions speak of.
    ///
    /// Adverts leave before the lane is even woken, and both come before anything is told to people.
    pub fn carry_out(&mut self, actions: &mut Vec<Action>, ir: &Arc<Ir>) {
        let name = |instance: InstanceId| Arc::<str>::from(ir.instance(instance).name.as_str());
        for action in actions.drain(..) {
            match action {
                Action::Send(advert) => send(&mut self.senders, &self.links, &mut self.log, &advert),
                Action::Bind(instance) => {
                    self.commands.push(Command::Hold { name: name(instance), ir: Arc::clone(ir), instance });
                }
                Action::Unbind(instance) => self.commands.push(Command::Release(name(instance))),
                Action::Announce { instance, reach, rounds } => {
                    let on = match reach {
                        Reach::All => None,
                        Reach::Elsewhere => Some(Arc::new(without_adverts(ir, instance))),
                    };
                    // Most instances that ask for it have all their addresses where their adverts are.
                    if on.as_deref().is_none_or(|on| !on.is_empty()) {
                        self.commands.push(Command::Announce { name: name(instance), on, rounds });
                    }
                }
                // By way of the lane: a script finds the addresses as the state says.
                Action::Notify(notice) => self.commands.push(Command::Tell(SideCommand::Notify(notice))),
                Action::RunScript { script, run } => self.side.push(SideCommand::RunScript { run, script }),
                Action::Trace(trace) => self.traces.push(trace),
            }
        }
        if !self.commands.is_empty() {
            self.lane.post(self.commands.drain(..));
        }
        for trace in self.traces.drain(..) {
            if let (Trace::Transition { instance, to, .. }, Some(director)) = (&trace, &self.director) {
                director.role(&ir.instance(*instance).name, *to);
            }
            self.log.trace(&trace, ir);
        }
    }
}

fn send(senders: &mut Senders, links: &[Wire], log: &mut Log, advert: &Advertisement) {
    let Some((wire, index)) = links.get(advert.link.index()).and_then(|wire| Some((wire, wire.index?))) else {
        return;
    };
    if let Err(error) = senders.send(advert, index, &wire.name) {
        log.not_sent(advert, &wire.name, &error);
    }
}

/// Interfaces that an instance has addresses on and sends no adverts from (`garp_extra_if`): VMACs, or with `all` every one.
fn without_adverts(ir: &Ir, instance: InstanceId) -> BTreeSet<String> {
    let instance = ir.instance(instance);
    let own = instance.home();
    let is_vmac = |address: &Address| {
        let name = address.interface.as_deref();
        address.uses_vmac || ir.vrrp_instances.iter().any(|other| other.own_interface() == name)
    };
    let addresses = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
    let elsewhere = addresses.filter(|address| address.interface.as_deref() != own);
    let meant = elsewhere.filter(|address| instance.garp_extra_if_all || is_vmac(address));
    meant.filter_map(|address| address.interface.clone()).collect()
}
