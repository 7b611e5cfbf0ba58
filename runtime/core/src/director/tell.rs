//! What is told of changes: lines for pipes, commands, traces.
//!
//! Lines, commands and their order are those of keepalived 2.2.7 (measured): the real server before its virtual server,
//! `quorum_up` and `notify_up` without further arguments.

use super::action::{Action, Quorum, ServiceNotice, Trace};
use super::service::Service;
use super::{Director, service};
use crate::action::Invocation;
use kalc_ir::Command;
use kalc_ir::ipvs::{RealServer, VirtualServer};
use std::sync::Arc;

impl Director {
    /// The name of a real server.
    pub(super) fn server_name(&self, service: usize, server: usize) -> String {
        let virtual_server = &self.ir.virtual_servers[service];
        service::server_name(virtual_server, &virtual_server.real_servers[server])
    }

    /// Tells that a real server came up or went down.
    pub(super) fn tell_server(&self, service: usize, server: usize, is_up: bool, out: &mut Vec<Action>) {
        let virtual_server = &self.ir.virtual_servers[service];
        let known = &self.services[service];
        let reason = known.servers[server].complaint().and_then(|(_, failure)| failure.cloned());
        out.push(Action::Trace(Trace::Server {
            service: Arc::clone(&known.name),
            server: self.server_name(service, server),
            is_up,
            reason,
        }));
        out.push(of_server(&known.name, virtual_server, &virtual_server.real_servers[server], is_up));
    }

    /// `rs_init_notifies`: servers that are up at the start are told of.
    pub(super) fn tell_servers_that_are_up(&self, service: usize, out: &mut Vec<Action>) {
        let virtual_server = &self.ir.virtual_servers[service];
        let known = &self.services[service];
        for (real, server) in virtual_server.real_servers.iter().zip(&known.servers) {
            if server.is_up {
                out.push(of_server(&known.name, virtual_server, real, true));
            }
        }
    }

    /// Tells what became of the quorum.
    pub(super) fn tell_quorum(&self, service: usize, out: &mut Vec<Action>) {
        let virtual_server = &self.ir.virtual_servers[service];
        let known = &self.services[service];
        out.push(Action::Trace(Trace::Quorum {
            service: Arc::clone(&known.name),
            quorum: known.quorum,
            weight: known.weight(virtual_server),
            needed: virtual_server.quorum,
            hysteresis: virtual_server.hysteresis,
        }));
        out.push(of_quorum(&known.name, virtual_server, known.quorum == Quorum::Held));
    }
}

/// Tells that all of a virtual server is lost: `omega`, or a reload that takes it away. Without a word of its servers
/// where the whole table goes in one step (measured with keepalived 2.2.7).
pub(super) fn loss(known: &Service, virtual_server: &VirtualServer, servers: Servers, out: &mut Vec<Action>) {
    if servers == Servers::Told {
        for (real, server) in virtual_server.real_servers.iter().zip(&known.servers) {
            if server.is_up {
                out.push(of_server(&known.name, virtual_server, real, false));
            }
        }
    }
    out.push(of_quorum(&known.name, virtual_server, false));
}

/// Whether the loss of single servers is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Servers {
    Told,
    Untold,
}

/// The notice of a real server.
pub(super) fn of_server(name: &str, virtual_server: &VirtualServer, real: &RealServer, is_up: bool) -> Action {
    let server = service::server_name(virtual_server, real);
    let command = if is_up { &real.notify_up } else { &real.notify_down };
    notice(format!("RS {server} {name} {}", word(is_up)), command.as_ref())
}

fn of_quorum(name: &str, virtual_server: &VirtualServer, is_held: bool) -> Action {
    let command = if is_held { &virtual_server.quorum_up } else { &virtual_server.quorum_down };
    notice(format!("VS {name} {}", word(is_held)), command.as_ref())
}

fn notice(line: String, command: Option<&Command>) -> Action {
    let commands = command.map(|command| Invocation { command: command.clone(), arguments: Vec::new() });
    Action::Notify(ServiceNotice { line, commands: commands.into_iter().collect() })
}

const fn word(is_up: bool) -> &'static str {
    if is_up { "UP" } else { "DOWN" }
}
