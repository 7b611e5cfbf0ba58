//! The kernel lane: a thread of its own that changes addresses and announces them.
//!
//! It may wait for the kernel, which takes some ten microseconds for each address; the thread of VRRP never waits for
//! it. What is wanted is set by name ([`Command::Hold`], [`Command::Release`]) and reached in pieces
//! ([`Table`](table::Table)), so that commands never pile up. Announcements and commands for the side thread follow once
//! the addresses before them are in place.

mod entry;
mod frames;
mod groups;
mod leftovers;
mod mailbox;
mod promote;
mod routes;
mod table;

pub use entry::{Entry, LEDGER};
pub use leftovers::{sweep, sweep_routes};
pub use mailbox::{Command, Link, Links};
pub use routes::LEDGER as ROUTES_LEDGER;
pub use table::Key;

use crate::firewall::{self, Firewall, Guard};
use crate::ledger::Ledger;
use crate::netlink::names::{Folders, Names};
use crate::netlink::{Batch, Edit, PIECE, address};
use crate::outbox::Outbox;
use crate::process;
use crate::side::{Commands, SideCommand};
use crate::timer::now;
use frames::Frames;
use groups::Groups;
use kalc_core::Instant;
use kalc_core::announce::{Announcement, Announcer, Gaps, Pace};
use kalc_ir::global::Process;
use kalc_ir::net::Scope;
use kalc_ir::{Instance, InstanceId, Ir};
use mailbox::Mailbox;
use promote::Promotion;
use routes::Routes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use table::{Op, Outcome, Table};
use tokio::sync::oneshot;

/// Frames that leave before commands are looked at again.
const FRAMES_PER_TURN: usize = 256;
/// Who holds what is static: no instance has that name.
const STATIC: &str = "";
/// An address that others keep taking away comes back at most this often.
const RESTORE_PAUSE: Duration = Duration::from_secs(1);
/// When what the side thread had no room for is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// The driver's end of the lane.
pub struct Lane {
    mailbox: Arc<Mailbox>,
    finished: Option<oneshot::Receiver<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Lane {
    /// Starts the thread.
    pub fn spawn(
        batch: Batch,
        ledger: Ledger<Entry>,
        routes: Ledger<String>,
        side: Commands,
        treated: Process,
    ) -> io::Result<Lane> {
        let mailbox = Arc::new(Mailbox::default());
        let (done, finished) = oneshot::channel();
        let worker = Worker {
            mailbox: Arc::clone(&mailbox),
            batch,
            ledger,
            frames: Frames::open()?,
            firewall: Firewall::default(),
            guards: BTreeMap::new(),
            promotion: Promotion::default(),
            groups: Groups::default(),
            routes: Routes::new(routes),
            side: Outbox::new(side),
            table: Table::default(),
            after: VecDeque::new(),
            announcer: Announcer::new(Pace::default()),
            numbers: BTreeMap::new(),
            ir: None,
            links: Arc::default(),
            scopes: Names::default(),
            restored: BTreeMap::new(),
            postponed: Vec::new(),
            is_finishing: false,
        };
        let thread = std::thread::Builder::new().name("kalc-kernel".to_owned()).spawn(move || {
            process::treat(&treated, "vrrp");
            worker.run();
            // The driver may have given up waiting.
            let _ = done.send(());
        })?;
        Ok(Lane { mailbox, finished: Some(finished), thread: Some(thread) })
    }

    /// Has commands carried out, in their order. Never waits.
    pub fn post(&self, commands: impl IntoIterator<Item = Command>) {
        self.mailbox.post(commands);
    }

    /// A takeover is near: until that time the lane waits awake.
    pub fn alert(&self, until: Instant) {
        self.mailbox.alert(until);
    }

    /// Ends it, once all that was posted is done.
    pub async fn finish(mut self) {
        self.mailbox.post([Command::Finish]);
        if let Some(finished) = self.finished.take() {
            // An error means that the thread has ended without a word, which is the end as well.
            let _ = finished.await;
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the kernel lane has panicked");
        }
    }
}

/// The thread's own.
struct Worker {
    mailbox: Arc<Mailbox>,
    batch: Batch,
    ledger: Ledger<Entry>,
    frames: Frames,
    firewall: Firewall,
    /// What is to be kept away from held addresses, by instance.
    guards: BTreeMap<Arc<str>, BTreeSet<Guard>>,
    groups: Groups,
    promotion: Promotion,
    routes: Routes,
    side: Outbox,
    table: Table,
    /// What waits until the addresses are in place.
    after: VecDeque<After>,
    announcer: Announcer,
    /// Numbers of instances, for the announcer.
    numbers: BTreeMap<Arc<str>, u32>,
    ir: Option<Arc<Ir>>,
    links: Arc<Links>,
    scopes: Names,
    /// When addresses were put back that others had taken away.
    restored: BTreeMap<Key, Instant>,
    postponed: Vec<(Instant, Key)>,
    is_finishing: bool,
}

enum After {
    Announce { name: Arc<str>, on: Option<Arc<BTreeSet<String>>>, rounds: u32 },
    Tell(SideCommand),
}

impl Worker {
    fn run(mut self) {
        loop {
            let until = if self.table.has_work() { Some(Instant::ZERO) } else { self.deadline() };
            for command in self.mailbox.take(until) {
                self.command(command);
            }
            let now = now();
            self.put_back(now);
            self.routes.remove(&mut self.batch);
            self.piece();
            if !self.table.has_work() {
                self.unguard();
                self.add_routes();
                self.go_on();
                self.frames_due();
                if self.table.is_news() {
                    self.write_ledger();
                }
            }
            self.side.flush();
            if self.is_finishing && !self.table.has_work() {
                self.forget_prepared();
                self.promotion.end();
                return;
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let retry = (!self.side.is_empty()).then(|| now() + RETRY_PAUSE);
        let postponed = self.postponed.iter().map(|(at, _)| *at).min();
        [self.announcer.deadline(), postponed, retry, self.routes.deadline()].into_iter().flatten().min()
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Configure(ir) => {
                let is_named = |address: &kalc_ir::Address| matches!(address.scope, Scope::Named(_));
                let mut addresses =
                    ir.vrrp_instances.iter().flat_map(|i| i.virtual_addresses.iter().chain(&i.excluded_addresses));
                if addresses.any(is_named) {
                    self.scopes = Names::read("rt_scopes", &Folders::of(&ir));
                }
                if let Err(error) = self.ledger.prepare(leftovers::of_configuration(&ir).collect()) {
                    not_written(&error);
                }
                if let Err(error) = self.firewall.configure(firewall::look(&ir)) {
                    tracing::error!("packets cannot be kept away from addresses that do not accept them: {error}");
                }
                self.promotion.set(&ir);
                self.routes.configure(&ir);
                self.hold_static(&ir);
                self.ir = Some(ir);
                self.set_pace();
            }
            Command::Links(links) => {
                for (name, link) in links.iter() {
                    let old = self.links.get(name);
                    if old.is_none_or(|old| old.index != link.index || link.is_up && !old.is_up) {
                        self.table.forget_interface(name);
                        self.routes.forget_interface(name);
                    }
                }
                self.links = links;
                self.frames.forget();
                if let Some(ir) = &self.ir {
                    self.promotion.set(ir);
                }
                self.set_pace();
            }
            Command::Hold { name, ir, instance } => self.hold(&name, &ir, instance),
            Command::Release(name) => {
                self.table.release(&name);
                self.routes.release(&name);
                self.guards.remove(&name);
                self.groups.leave(&name);
                self.after.retain(|after| !matches!(after, After::Announce { name: other, .. } if *other == name));
                if let Some(number) = self.numbers.get(&name) {
                    self.announcer.cancel(*number);
                }
            }
            Command::Announce { name, on, rounds } => self.after.push_back(After::Announce { name, on, rounds }),
            Command::Tell(command) => self.after.push_back(After::Tell(command)),
            Command::Lost(keys) => {
                let now = now();
                for key in keys {
                    let since = self.restored.get(&key).map(|at| *at + RESTORE_PAUSE).filter(|at| *at > now);
                    match since {
                        Some(at) => self.postponed.push((at, key)),
                        None => {
                            self.table.lost(&key);
                        }
                    }
                }
            }
            Command::Finish => {
                self.is_finishing = true;
                self.table.release(STATIC);
                self.routes.release(STATIC);
            }
        }
    }

    /// Static addresses, routes and rules are held as long as the daemon runs. What is there before is the host's own.
    fn hold_static(&mut self, ir: &Ir) {
        let addresses = ir.static_addresses.iter().filter_map(|address| {
            let interface = address.interface.as_deref()?.into();
            Some((Key { interface, address: address.address, prefix: address.prefix }, address.clone()))
        });
        self.table.hold(&STATIC.into(), addresses, true);
        self.routes.hold_static(&STATIC.into(), ir);
    }

    fn hold(&mut self, name: &Arc<str>, ir: &Arc<Ir>, instance: InstanceId) {
        let instance = ir.instance(instance);
        self.guard(name, instance);
        let index_of = |name: &str| self.links.get(name).map(|link| link.index);
        if let Err(error) = self.groups.join(name, instance, index_of) {
            tracing::error!("{name}: the groups of its addresses cannot be joined: {error}");
        }
        self.routes.hold(name, instance);
        let own = instance.home().unwrap_or_default();
        let all = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
        let addresses = all.map(|address| {
            let interface = address.interface.as_deref().unwrap_or(own);
            (Key { interface: interface.into(), address: address.address, prefix: address.prefix }, address.clone())
        });
        self.table.hold(name, addresses, instance.priority.is_owner());
    }

    /// Before its addresses are there: packets to those that the host does not answer on are kept away.
    fn guard(&mut self, name: &Arc<str>, instance: &Instance) {
        let guards = firewall::guards(instance, |name| self.links.get(name).map(|link| link.index));
        if let Err(error) = self.firewall.add(guards.iter().cloned()) {
            tracing::error!("{name}: packets cannot be kept away from its addresses: {error}");
        }
        self.guards.insert(Arc::clone(name), guards);
    }

    /// Once addresses are gone: nothing is kept away from them any more.
    fn unguard(&mut self) {
        let wanted: BTreeSet<Guard> = self.guards.values().flatten().cloned().collect();
        if let Err(error) = self.firewall.keep(&wanted) {
            tracing::error!("packets are kept away from addresses that are gone: {error}");
        }
    }

    /// Puts back what others have taken away, no more often than is sensible.
    fn put_back(&mut self, now: Instant) {
        let table = &mut self.table;
        self.postponed.retain(|(at, key)| {
            let is_due = *at <= now;
            if is_due {
                table.lost(key);
            }
            !is_due
        });
        if self.restored.len() > PIECE {
            self.restored.retain(|_, at| *at + RESTORE_PAUSE > now);
        }
    }

    /// Changes one piece of what is to be changed.
    fn piece(&mut self) {
        if !self.table.has_work() {
            return;
        }
        if self.table.has_gained()
            && let Err(error) = self.ledger.begin(self.table.ledger_to_be())
        {
            not_written(&error);
        }
        let ops = self.table.take(PIECE);
        let (mut edits, mut asked) = (Vec::with_capacity(ops.len()), Vec::with_capacity(ops.len()));
        for (key, op) in ops {
            let Some(link) = self.links.get(&key.interface) else {
                // It comes back with its interface, if that comes back.
                let gone = match &op {
                    Op::Add(_) => nix::libc::ENODEV,
                    Op::Remove => 0,
                };
                self.table.done(&key, &op, gone);
                continue;
            };
            edits.push(match &op {
                Op::Add(address) => {
                    let scope = address::scope(&address.scope, &self.scopes).unwrap_or_else(|| {
                        tracing::warn!("{}: this host knows no such scope, it is global", address.address);
                        0
                    });
                    Edit::Add(address::to_add(address, link.index, scope))
                }
                Op::Remove => Edit::Remove(address::to_remove(key.address, key.prefix, link.index)),
            });
            asked.push((key, op));
        }
        match self.batch.run(edits) {
            Ok(results) => {
                for ((key, op), error) in asked.iter().zip(results) {
                    self.outcome(key, op, error);
                }
            }
            Err(error) => {
                tracing::error!("the kernel does not answer about addresses: {error}");
                for (key, op) in &asked {
                    self.table.done(key, op, nix::libc::EIO);
                }
            }
        }
    }

    fn outcome(&mut self, key: &Key, op: &Op, error: i32) {
        let Key { interface, address, prefix } = key;
        match self.table.done(key, op, error) {
            Outcome::Done => {}
            Outcome::Restored => {
                self.restored.insert(key.clone(), now());
                tracing::warn!("{address}/{prefix} was taken off {interface} by somebody else; it is back");
            }
            Outcome::Failed(error) => {
                let what = match op {
                    Op::Add(_) => "put on",
                    Op::Remove => "taken off",
                };
                let reason = io::Error::from_raw_os_error(error);
                tracing::error!("{address}/{prefix} cannot be {what} {interface}: {reason}");
            }
        }
    }

    fn write_ledger(&mut self) {
        if let Err(error) = self.ledger.write(self.table.ledger()) {
            not_written(&error);
        }
    }

    /// Nothing more will be put up; what could not be taken off stays written down.
    fn forget_prepared(&mut self) {
        let written = self.ledger.prepare(Vec::new()).and_then(|()| self.ledger.write(self.table.ledger()));
        if let Err(error) = written {
            not_written(&error);
        }
    }

    /// Once addresses are there; before interfaces are known nothing can be said about any.
    fn add_routes(&mut self) {
        if !self.links.is_empty() {
            let links = Arc::clone(&self.links);
            self.routes.add(&mut self.batch, |name| links.get(name).map(Link::device));
        }
    }

    /// What had to wait for the addresses.
    fn go_on(&mut self) {
        while let Some(after) = self.after.pop_front() {
            match after {
                After::Tell(command) => self.side.push(command),
                After::Announce { name, on, rounds } => self.announce(&name, on.as_deref(), rounds),
            }
        }
    }

    fn announce(&mut self, name: &Arc<str>, on: Option<&BTreeSet<String>>, rounds: u32) {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(Arc::clone(name)).or_insert(next);
        let of = |key: &Key| {
            let is_wanted = on.is_none_or(|on| on.contains(&*key.interface));
            let link = self.links.get(&key.interface).filter(|_| is_wanted).filter(|link| link.mac.is_some())?;
            Some(Announcement { interface: link.index, address: key.address })
        };
        let items: Vec<Announcement> = self.table.list(name).iter().filter_map(of).collect();
        self.announcer.burst(now(), number, &items, rounds);
    }

    fn frames_due(&mut self) {
        let now = now();
        for _ in 0..FRAMES_PER_TURN {
            let Some(Announcement { interface, address }) = self.announcer.next(now) else { return };
            let Some((name, link)) = self.links.iter().find(|(_, link)| link.index == interface) else { continue };
            let Some(mac) = link.mac else { continue };
            if let Err(error) = self.frames.announce(address, interface, name, mac) {
                tracing::debug!("{address} could not be announced on {name}: {error}");
            }
        }
    }

    fn set_pace(&mut self) {
        let Some(ir) = &self.ir else { return };
        let gaps = |garp_us: u64, gna_us: u64| Gaps {
            garp: Duration::from_micros(garp_us),
            gna: Duration::from_micros(gna_us),
        };
        let everywhere = gaps(ir.global.garp_interval_us, ir.global.gna_interval_us);
        let mut pace = Pace::new(everywhere);
        for group in &ir.garp_groups {
            let own = gaps(
                group.garp_interval_us.unwrap_or(ir.global.garp_interval_us),
                group.gna_interval_us.unwrap_or(ir.global.gna_interval_us),
            );
            let links = group.interfaces.iter().filter_map(|name| self.links.get(name.as_str()));
            pace.group(own, links.map(|link| link.index));
        }
        self.announcer.set_pace(now(), pace);
    }
}

fn not_written(error: &io::Error) {
    tracing::warn!("cannot write down which addresses are held: {error}");
}
