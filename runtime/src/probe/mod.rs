//! Probes of real servers: one look at one server, by one of keepalived's kinds of checks.
//!
//! A [`Probe`] has no state and no policy: when to look and what to believe is [`kalc_core::check`]'s. Each run ends
//! within a bounded time and with bounded memory, whatever the server does; an abandoned run (its future dropped) closes
//! its sockets and ends its script.
//!
//! What was measured with keepalived 2.2.7 stands in the modules; lines that begin with `Differs:` say where kalc does
//! something else, and why.

mod connect;
pub mod dns;
mod failure;
pub mod http;
pub mod limits;
mod ping;
mod room;
mod script;
pub mod smtp;
mod tcp;
pub mod tls;
mod udp;

pub use ping::Permission;

use crate::fingerprint::Fingerprint;
use crate::load::Configuration;
use crate::script::Programs;
use crate::starter::Starter;
use kalc_core::check::{Failure, LocalFault, Outcome};
use kalc_ir::checker::Connection;
use kalc_ir::{CheckerKind, Ir, RealServer, VirtualServer};
use std::io;
use std::sync::Arc;

/// All checks of a configuration, made ready.
#[derive(Clone, Debug, Default)]
pub struct Probes {
    /// By virtual server, real server and check.
    ready: Vec<Vec<Vec<Arc<Probe>>>>,
}

impl Probes {
    /// Makes the checks of a configuration ready.
    pub fn new(configuration: &Configuration, starter: &Starter) -> Probes {
        let of_server = |server: &RealServer| {
            server.checkers.iter().map(|checker| Arc::new(Probe::new(checker, configuration, starter))).collect()
        };
        let of_service = |service: &VirtualServer| service.real_servers.iter().map(of_server).collect();
        Probes { ready: configuration.ir.virtual_servers.iter().map(of_service).collect() }
    }

    /// The checks of a configuration for what is no daemon; a thread of this process starts their programs.
    ///
    /// # Errors
    /// If there can be no such thread, or a file of `SSL` cannot be used.
    pub fn alone(ir: &Ir) -> io::Result<Probes> {
        let client = ir.tls_client.as_ref().map(tls::client_of).transpose().map_err(io::Error::other)?.flatten();
        let (ir, programs) = (Arc::new(ir.clone()), Programs::resolve(ir));
        let fingerprint = Fingerprint::known("");
        let configuration = Configuration { ir, fingerprint, reading: 0, programs, client, vmacs: Vec::new() };
        let starter = Starter::in_thread(&configuration, None)?;
        Ok(Probes::new(&configuration, &starter))
    }

    /// Sees to it that all of them can run at the same time, as far as the system allows.
    pub fn make_room(&self) {
        room::make(self.ready.iter().flatten().map(Vec::len).sum());
    }

    /// Has the kernel allow those of them that ping, as long as what is returned is kept.
    pub fn permit(&self) -> Option<Permission> {
        let pings = |probe: &Arc<Probe>| matches!(probe.kind, Kind::Ping(_));
        if !self.ready.iter().flatten().flatten().any(pings) {
            return None;
        }
        ping::permit().unwrap_or_else(|error| {
            tracing::error!("PING_CHECK: ping_group_range cannot be set, servers will count as down: {error}");
            None
        })
    }

    /// A check by the places of its virtual server, its real server and itself in the configuration.
    pub fn get(&self, service: usize, server: usize, check: usize) -> Option<&Arc<Probe>> {
        self.ready.get(service)?.get(server)?.get(check)
    }
}

/// One check of one real server, made ready: expressions are compiled, scripts are found.
#[derive(Debug)]
pub struct Probe {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Tcp(Connection),
    Http(Box<http::Check>),
    Smtp {
        connection: Connection,
        helo_name: String,
    },
    Dns {
        connection: Connection,
        question: dns::Question,
    },
    Ping(Connection),
    Udp(Box<udp::Check>),
    Misc(Box<script::Check>),
    /// Somebody else tells what is to be known.
    Told,
}

impl Probe {
    /// Makes a check ready. An expression that cannot be used makes each run fail, with that reason.
    pub fn new(checker: &kalc_ir::Checker, configuration: &Configuration, starter: &Starter) -> Probe {
        let kind = match &checker.kind {
            CheckerKind::Tcp { connection } => Kind::Tcp(connection.clone()),
            CheckerKind::Http(http) => Kind::Http(Box::new(http::Check::new(http, configuration.client.clone()))),
            CheckerKind::Smtp { connection, helo_name } => {
                Kind::Smtp { connection: connection.clone(), helo_name: helo_name.clone() }
            }
            CheckerKind::Dns { connection, record, name } => {
                Kind::Dns { connection: connection.clone(), question: dns::Question::new(name, record) }
            }
            CheckerKind::Ping { connection } => Kind::Ping(connection.clone()),
            CheckerKind::Udp { connection, payload, requires_reply, reply, min_reply_bytes, max_reply_bytes } => {
                Kind::Udp(Box::new(udp::Check {
                    connection: connection.clone(),
                    payload: payload.clone(),
                    requires_reply: *requires_reply,
                    begins: reply.clone(),
                    length_min: *min_reply_bytes,
                    length_max: *max_reply_bytes,
                }))
            }
            CheckerKind::Misc { command, timeout_us, is_dynamic } => {
                let program = command.as_ref().and_then(|command| configuration.programs.get(command)?.ok()).cloned();
                let starter = starter.clone();
                Kind::Misc(Box::new(script::Check {
                    program,
                    starter,
                    timeout_us: *timeout_us,
                    is_dynamic: *is_dynamic,
                }))
            }
            CheckerKind::File { .. } | CheckerKind::Bfd { .. } => Kind::Told,
        };
        Probe { kind }
    }

    /// Makes one probe; `page` counts for web checks. Of a check that makes none (`FILE_CHECK`) it fails at once.
    pub async fn run(&self, page: u16) -> Outcome {
        let done = match &self.kind {
            Kind::Tcp(connection) => tcp::probe(connection).await,
            Kind::Http(check) => check.probe(page).await,
            Kind::Smtp { connection, helo_name } => smtp::probe(connection, helo_name).await,
            Kind::Dns { connection, question } => dns::probe(connection, question).await,
            Kind::Ping(connection) => ping::probe(connection).await,
            Kind::Udp(check) => check.probe().await,
            Kind::Misc(check) => return check.probe().await,
            Kind::Told => Err(Failure::Local(LocalFault::Script(0))),
        };
        done.map_or_else(Outcome::Failed, |()| Outcome::Passed)
    }
}
