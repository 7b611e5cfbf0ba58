//! What is told of changes: lines for pipes, commands, traces.
//!
//! Lines, commands and their order are those of keepalived 2.2.7 (measured): the real server before its virtual server,
//! `quorum_up` and `notify_up` without further arguments. So are mails, but where [`body`] says why a check has failed, and
//! in that a check of many of one server is no news as long as the server stays what it is.

use super::action::{Action, Quorum, ServiceMail, ServiceNotice, Trace};
use super::service::Service;
use super::{Director, service};
use crate::action::Invocation;
use crate::check::Failure;
use kalc_ir::ipvs::{RealServer, VirtualServer};
use kalc_ir::{CheckerKind, Command};
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
        let complaint = known.servers[server].complaint();
        let reason = complaint.and_then(|(_, failure)| failure.cloned());
        let real = &virtual_server.real_servers[server];
        let mail = real.checkers.get(complaint.map_or(0, |(check, _)| check)).filter(|_| real.mails).map(|check| {
            let (server, service) = (self.server_name(service, server), &known.name);
            ServiceMail {
                subject: format!("Realserver {server} of virtual server {service} - {}", word(is_up)),
                body: format!("=> {} <=", body(&check.kind, is_up, reason.as_ref())),
            }
        });
        out.push(Action::Trace(Trace::Server {
            service: Arc::clone(&known.name),
            server: self.server_name(service, server),
            is_up,
            reason,
        }));
        out.push(with_mail(of_server(&known.name, virtual_server, real, is_up), mail));
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
    pub(super) fn tell_quorum(&self, service: usize, when: When, out: &mut Vec<Action>) {
        let virtual_server = &self.ir.virtual_servers[service];
        let known = &self.services[service];
        out.push(Action::Trace(Trace::Quorum {
            service: Arc::clone(&known.name),
            quorum: known.quorum,
            weight: known.weight(virtual_server),
            needed: virtual_server.quorum,
            hysteresis: virtual_server.hysteresis,
        }));
        let is_held = known.quorum == Quorum::Held;
        let mail = virtual_server.mails.then(|| {
            let (quorum, hysteresis) = (virtual_server.quorum, virtual_server.hysteresis);
            let weight = known.weight(virtual_server);
            // Differs: keepalived 2.2.7 writes the loss as `2+0=2 <= 1` in mails, and as here in its log.
            let (what, sum) = match (is_held, when) {
                (true, When::Start) => ("Starting with quorum up", quorum.saturating_add(hysteresis)),
                (true, When::Later) => ("Gained quorum", quorum.saturating_add(hysteresis)),
                (false, _) => ("Lost quorum", quorum.saturating_sub(hysteresis)),
            };
            let (sign, order) = if is_held { ("+", "<=") } else { ("-", ">") };
            ServiceMail {
                subject: format!("Virtualserver {} - {}", known.name, word(is_held)),
                body: format!("=> {what} {quorum}{sign}{hysteresis}={sum} {order} {weight} <="),
            }
        });
        out.push(with_mail(of_quorum(&known.name, virtual_server, is_held), mail));
    }
}

/// When a quorum is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Start,
    Later,
}

/// What a mail says of a check, in keepalived's words as far as it has any: it mails nothing about files.
fn body(kind: &CheckerKind, is_up: bool, failure: Option<&Failure>) -> String {
    let result = if is_up { "succeed" } else { "failed" };
    match kind {
        CheckerKind::Tcp { .. } => format!("TCP CHECK {result} on service"),
        CheckerKind::Ping { .. } => format!("ICMP CHECK {result} on service"),
        CheckerKind::Udp { .. } => format!("UDP CHECK {result} on service"),
        CheckerKind::Dns { .. } => format!("DNS_CHECK: {result} on service"),
        CheckerKind::Misc { .. } => {
            format!("MISC CHECK {} on service", if is_up { "succeeded" } else { "failed" })
        }
        CheckerKind::File { .. } => format!("FILE CHECK {result} on service"),
        CheckerKind::Bfd { .. } => format!("BFD CHECK {result} on service"),
        CheckerKind::Http(_) | CheckerKind::Smtp { .. } => match failure {
            Some(failure) if !is_up => format!("CHECK failed on service : {failure}"),
            Some(_) | None => format!("CHECK {result} on service"),
        },
    }
}

fn with_mail(action: Action, mail: Option<ServiceMail>) -> Action {
    match action {
        Action::Notify(notice) => Action::Notify(ServiceNotice { mail, ..notice }),
        other => other,
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
    Action::Notify(ServiceNotice { line, commands: commands.into_iter().collect(), mail: None })
}

const fn word(is_up: bool) -> &'static str {
    if is_up { "UP" } else { "DOWN" }
}
