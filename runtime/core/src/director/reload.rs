//! A reload: what did not change goes on, with its health.

use super::action::{Action, CheckId};
use super::server::Server;
use super::service::Service;
use super::tell::{self, Servers, When};
use super::{Director, Phase, check_id, has_failed, service};
use crate::check::{Checker, first_wait};
use crate::time::Instant;
use kalc_ir::checker::Http;
use kalc_ir::ipvs::{RealServer, VirtualServer};
use kalc_ir::{CheckerKind, Family, Ir};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Where checks of the old configuration are in the new one.
type Moved = BTreeMap<CheckId, CheckId>;

impl Director {
    /// Goes over to another configuration.
    ///
    /// A virtual server that takes the same keeps its quorum; a real server of the same address and port its state; a
    /// check that does the same its verdict, and, if nothing at all is changed in it, its time and the probe that runs.
    /// What is gone is told as lost. The kernel gets only what differs.
    ///
    /// Differs: a new check of a server that is up believes in it until it has looked, whatever `alpha` says; a reload
    /// must not take a server out that works.
    pub fn reload(&mut self, now: Instant, ir: Arc<Ir>, out: &mut Vec<Action>) {
        if self.phase == Phase::Stopped {
            return;
        }
        let old_ir = std::mem::replace(&mut self.ir, ir);
        let old = std::mem::take(&mut self.services);
        self.build(now);
        if self.phase == Phase::Waiting {
            return;
        }
        let ir = Arc::clone(&self.ir);
        let mut by_identity: BTreeMap<Identity, Vec<usize>> = BTreeMap::new();
        for (index, server) in old_ir.virtual_servers.iter().enumerate().rev() {
            by_identity.entry(Identity::of(server)).or_default().push(index);
        }
        let mut moved = Moved::new();
        let (mut farewell, mut news) = (Vec::new(), Vec::new());
        for (index, server) in ir.virtual_servers.iter().enumerate() {
            let Some(from) = by_identity.get_mut(&Identity::of(server)).and_then(Vec::pop) else { continue };
            let pair = Pair { old: &old_ir.virtual_servers[from], new: server, from, to: index };
            let known = &mut self.services[index];
            pair.take_over(now, &old[from], known, &mut moved, &mut farewell);
            for (place, server) in known.servers.iter_mut().enumerate() {
                let is_news =
                    server.told != Some(server.is_up) && (server.is_up || server.checks.iter().any(has_failed));
                if is_news {
                    server.told = Some(server.is_up);
                    news.push((index, place));
                }
            }
        }
        for gone in by_identity.into_values().flatten() {
            tell::loss(&old[gone], &old_ir.virtual_servers[gone], Servers::Told, &mut farewell);
        }
        let told: Vec<usize> = (0..ir.virtual_servers.len())
            .filter(|index| self.services[*index].settle(&ir.virtual_servers[*index], now))
            .collect();

        self.move_probes(&moved, out);
        self.owned.extend(self.claims.keys().copied());
        self.reconcile(self.owned.clone(), out);
        if old_ir.global.lvs_timeouts != ir.global.lvs_timeouts {
            out.push(Action::SetTimeouts(ir.global.lvs_timeouts));
        }
        out.append(&mut farewell);
        for index in 0..ir.virtual_servers.len() {
            for (_, place) in news.iter().filter(|(service, _)| *service == index) {
                self.tell_server(index, *place, self.services[index].servers[*place].is_up, out);
            }
            if told.contains(&index) {
                self.tell_quorum(index, When::Later, out);
            }
            self.begin_checks(now, index, out);
        }
        self.settle_sync(out);
    }

    /// Probes of checks that go on unchanged are waited for; the others are not.
    fn move_probes(&mut self, moved: &Moved, out: &mut Vec<Action>) {
        self.probes.retain(|probe, (check, _)| match moved.get(check) {
            Some(to) => {
                *check = *to;
                true
            }
            None => {
                out.push(Action::Cancel(*probe));
                false
            }
        });
    }
}

/// What makes a virtual server the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Identity(String, Option<Family>, Option<kalc_ir::ipvs::Protocol>);

impl Identity {
    fn of(server: &VirtualServer) -> Identity {
        Identity(service::name(server), server.family, server.protocol)
    }
}

/// A virtual server before and after.
struct Pair<'a> {
    old: &'a VirtualServer,
    new: &'a VirtualServer,
    from: usize,
    to: usize,
}

impl Pair<'_> {
    /// Gives the new one the state of the old one; tells of real servers that are gone.
    fn take_over(&self, now: Instant, old: &Service, new: &mut Service, moved: &mut Moved, farewell: &mut Vec<Action>) {
        (new.quorum, new.since) = (old.quorum, old.since);
        let key = |real: &RealServer| (real.address, real.port);
        let mut places: BTreeMap<(IpAddr, u16), usize> =
            self.old.real_servers.iter().enumerate().map(|(index, real)| (key(real), index)).collect();
        for (place, real) in self.new.real_servers.iter().enumerate() {
            let Some(from) = places.remove(&key(real)) else { continue };
            let before = (&self.old.real_servers[from], &old.servers[from]);
            let from = check_id(self.from, from, 0);
            let to = check_id(self.to, place, 0);
            take_over_server(now, before, real, &mut new.servers[place], |check, into| {
                moved.insert(CheckId { check, ..from }, CheckId { check: into, ..to });
            });
        }
        for gone in places.into_values() {
            if old.servers[gone].is_up {
                farewell.push(tell::of_server(&old.name, self.old, &self.old.real_servers[gone], false));
            }
        }
    }
}

fn take_over_server(
    now: Instant,
    (old_real, old): (&RealServer, &Server),
    real: &RealServer,
    new: &mut Server,
    mut moved: impl FnMut(u32, u32),
) {
    let mut free: Vec<bool> = vec![true; old_real.checkers.len()];
    for (index, (spec, check)) in (0u32..).zip(real.checkers.iter().zip(&mut new.checks)) {
        let mut find = |is_same: &dyn Fn(&kalc_ir::Checker) -> bool| {
            let place = old_real.checkers.iter().zip(&free).position(|(known, is_free)| *is_free && is_same(known))?;
            free[place] = false;
            Some(place)
        };
        if let Some(place) = find(&|known| known == spec) {
            *check = old.checks[place].clone();
            moved(u32::try_from(place).unwrap_or(u32::MAX), index);
        } else if let Some(place) = find(&|known| finds_out_the_same(&known.kind, &spec.kind)) {
            check.take_over(&old.checks[place]);
        } else if old.is_up {
            let trusting = kalc_ir::Checker { alpha: false, ..spec.clone() };
            // As soon as may be: it was trusted without having looked.
            *check = Checker::new(&trusting, first_wait(spec, 0));
        }
    }
    new.is_up = new.checks.iter().all(Checker::is_up);
    new.told = old.told;
    new.told_weight = new.weight(real);
    new.since = if new.is_up == old.is_up { old.since } else { now };
}

/// Whether two checks find out the same, however long they wait for it: their verdicts are worth the same.
fn finds_out_the_same(a: &CheckerKind, b: &CheckerKind) -> bool {
    without_patience(a) == without_patience(b)
}

fn without_patience(kind: &CheckerKind) -> CheckerKind {
    let mut kind = kind.clone();
    match &mut kind {
        CheckerKind::Tcp { connection }
        | CheckerKind::Http(Http { connection, .. })
        | CheckerKind::Smtp { connection, .. }
        | CheckerKind::Dns { connection, .. }
        | CheckerKind::Ping { connection }
        | CheckerKind::Udp { connection, .. } => connection.timeout_us = 0,
        CheckerKind::Misc { timeout_us, .. } => *timeout_us = 0,
        CheckerKind::File { .. } | CheckerKind::Bfd { .. } => {}
    }
    kind
}
