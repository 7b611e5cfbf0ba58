//! The loop: what happens goes into the node, and what it wants done is done at once.
//!
//! One thread, which waits for nothing but the next event. Adverts leave here; addresses, announcements and scripts are
//! handed to threads of their own. Every turn first hears what has come, then lets time pass: a daemon that was stopped
//! for a while hears its peers before it speaks.

mod hands;
mod log;
mod neighbors;
mod retell;
mod servers;
mod watch;

use crate::bfd::Bfds;
use crate::director;
use crate::lane::{Command, Entry, Lane, sweep, sweep_routes};
use crate::ledger::Ledger;
use crate::load::{Configuration, Loaded};
use crate::netlink::{Batch, Monitor};
use crate::outbox::Outbox;
use crate::script::hook;
use crate::side::{Epoch, Side, SideCommand, SideEvent};
use crate::socket::Receivers;
use crate::starter::Starter;
use crate::status::{About, Status, keepalived};
use crate::timer::{Timer, now};
use crate::vmac::{self, Vmacs};
use hands::Hands;
use kalc_core::{Action, Input, Instant, Node};
use kalc_ir::vrrp::Auth;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Events of the side thread that one turn takes.
const EVENTS_PER_TURN: usize = 64;

/// How long before a takeover the lane is woken, and how long after that it stays awake: waking a thread takes longer
/// than binding an address.
const ALERT_AHEAD: Duration = Duration::from_micros(400);

/// How often, and how far apart, the last commands are offered to a side thread that has no room for them.
const FLUSHES_MAX: usize = 100;
const FLUSH_PAUSE: Duration = Duration::from_millis(1);

/// Everything that the thread of VRRP owns.
pub struct Daemon {
    node: Node,
    configuration: Arc<Configuration>,
    epoch: Epoch,
    started: SystemTime,
    has_started: bool,
    /// The takeover that the lane has been told to expect.
    alerted: Option<Instant>,
    /// Whether adverts are signed with the time.
    signs: bool,
    timer: Timer,
    receivers: Receivers,
    monitor: Monitor,
    vmacs: Vmacs,
    bfds: Bfds,
    hands: Hands,
    side: Side,
    starter: Starter,
    /// All virtual and static addresses, whether they are held or not, and whether adverts may come from them: those of an
    /// owner and static ones are the host's own.
    virtual_addresses: HashMap<IpAddr, IsOwn>,
    /// Kept so that it need not be allocated again.
    actions: Vec<Action>,
    /// Source addresses that instances watch, and whether the node knows them to be here.
    sources: BTreeMap<IpAddr, bool>,
    /// What a director will be started with, until there is one.
    setup: Option<director::Setup>,
}

/// What earlier daemons wrote down, and where this one does.
pub struct Ledgers {
    /// Addresses.
    pub addresses: Ledger<Entry>,
    /// Addresses that were left.
    pub addresses_left: Vec<Entry>,
    /// Messages that remove routes and rules.
    pub routes: Ledger<String>,
    /// Such messages for those that were left.
    pub routes_left: Vec<String>,
    /// Services of IPVS.
    pub services: Ledger<director::Record>,
    /// Services that were left.
    pub services_left: Vec<director::Record>,
    /// Interfaces that were made.
    pub interfaces: Ledger<vmac::Record>,
    /// Interfaces that were left.
    pub interfaces_left: Vec<vmac::Record>,
}

/// Why a daemon cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Sockets or netlink.
    #[error(transparent)]
    System(#[from] io::Error),
    /// Virtual servers.
    #[error(transparent)]
    Director(#[from] director::SpawnError),
}

/// Another number at each start.
fn seed() -> u64 {
    // Keys of hash tables are drawn by the system.
    std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), std::process::id())
}

/// Whether a virtual address is one that the host owns.
#[derive(Clone, Copy, PartialEq, Eq)]
struct IsOwn(bool);

/// Whether the loop goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    End,
}

impl Daemon {
    /// Opens everything that the configuration needs, and removes what an earlier daemon left; needs a tokio runtime.
    pub fn open(loaded: Loaded, ledgers: Ledgers, side: Side, starter: Starter) -> Result<Daemon, OpenError> {
        let Loaded { plan, configuration, findings: _ } = loaded;
        let mut batch = Batch::open()?;
        let mut monitor = Monitor::open()?;
        let Ledgers {
            addresses,
            addresses_left,
            routes,
            routes_left,
            services,
            services_left,
            interfaces,
            interfaces_left,
        } = ledgers;
        let mut vmacs = Vmacs::open(interfaces, interfaces_left)?;
        sweep_routes(&mut batch, monitor.interfaces(), &routes_left, &configuration.ir)?;
        for entry in sweep(&mut batch, monitor.interfaces(), addresses_left, &configuration.ir)? {
            tracing::warn!("{}/{} was left on {}; it is removed", entry.address, entry.prefix, entry.interface);
        }
        vmacs.configure(&configuration, monitor.interfaces());
        vmacs.tidy();
        monitor.read()?;
        let lane =
            Lane::spawn(batch, addresses, routes, side.commands.clone(), configuration.ir.global.vrrp_process.clone())?;
        let setup = director::Setup {
            ledger: services,
            left: services_left,
            side: side.commands.clone(),
            starter: starter.clone(),
        };
        let mut daemon = Daemon {
            node: Node::new(plan),
            epoch: Epoch::default(),
            started: SystemTime::now(),
            has_started: false,
            alerted: None,
            signs: false,
            timer: Timer::new()?,
            receivers: Receivers::new()?,
            monitor,
            vmacs,
            bfds: Bfds::open(&configuration.ir, seed(), now())?,
            hands: Hands::new(lane, Outbox::new(side.commands.clone())),
            side,
            starter,
            virtual_addresses: HashMap::new(),
            actions: Vec::new(),
            sources: BTreeMap::new(),
            setup: Some(setup),
            configuration,
        };
        daemon.configure();
        daemon.everything_changed();
        daemon.direct()?;
        Ok(daemon)
    }

    /// Makes the configuration known to those around the node.
    fn configure(&mut self) {
        let ir = &self.configuration.ir;
        self.virtual_addresses = ir
            .vrrp_instances
            .iter()
            .flat_map(|instance| {
                let addresses = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
                addresses.map(|address| (address.address, IsOwn(instance.priority.is_owner())))
            })
            .chain(ir.static_addresses.iter().map(|address| (address.address, IsOwn(true))))
            .collect();
        self.signs = ir.vrrp_instances.iter().any(|instance| matches!(instance.auth, Auth::Hmac(_)));
        self.epoch.0 += 1;
        self.hands.lane.post([Command::Configure(Arc::clone(ir))]);
        self.hands
            .side
            .push(SideCommand::Configure { epoch: self.epoch, configuration: Arc::clone(&self.configuration) });
    }

    /// Runs until it is told to end.
    pub async fn run(mut self) -> io::Result<()> {
        let ir = &self.configuration.ir;
        if ir.files.is_empty() && ir.processes.is_empty() {
            self.start();
        }
        let result = self.turns().await;
        // Whatever the reason, nothing of ours stays behind.
        self.end().await;
        result
    }

    async fn turns(&mut self) -> io::Result<()> {
        loop {
            let wake_at = self.wake_at();
            self.timer.arm(wake_at)?;
            let (mut event, mut has_interface_news) = (None, false);
            tokio::select! {
                fired = self.timer.fired() => fired?,
                ready = self.receivers.readable() => ready?,
                ready = self.bfds.readable() => ready?,
                ready = self.monitor.readable() => {
                    ready?;
                    has_interface_news = true;
                }
                heard = self.side.events.recv() => {
                    event = Some(heard.ok_or_else(|| io::Error::other("the side thread has ended"))?);
                }
            }
            if has_interface_news {
                self.hear_interfaces()?;
            }
            if self.turn(event)? == Next::End {
                return Ok(());
            }
        }
    }

    /// The next deadline of all machines.
    fn wake_at(&mut self) -> Option<Instant> {
        [self.next_of_node(), self.bfds.sessions.deadline()].into_iter().flatten().min()
    }

    /// The next deadline of the node; before a takeover somewhat earlier, once.
    fn next_of_node(&mut self) -> Option<Instant> {
        let takeover = self.node.takeover_at().filter(|at| self.alerted != Some(*at));
        let Some(at) = takeover else { return self.node.deadline() };
        if now() < at - ALERT_AHEAD {
            return Some(at - ALERT_AHEAD);
        }
        self.alerted = takeover;
        self.hands.lane.alert(at + ALERT_AHEAD);
        Some(at)
    }

    fn turn(&mut self, event: Option<SideEvent>) -> io::Result<Next> {
        self.hear_packets()?;
        self.hear_bfd()?;
        let mut event = event;
        for _ in 0..EVENTS_PER_TURN {
            let Some(one) = event.take().or_else(|| self.side.events.try_recv().ok()) else { break };
            if self.side_event(one) == Next::End {
                return Ok(Next::End);
            }
        }
        let now = now();
        if self.node.deadline().is_some_and(|deadline| deadline <= now) {
            self.feed(Input::Tick);
        }
        if self.bfds.sessions.deadline().is_some_and(|deadline| deadline <= now) {
            let mut actions = Vec::new();
            self.bfds.sessions.tick(now, &mut actions);
            self.do_bfd(actions);
        }
        self.hands.side.flush();
        Ok(Next::GoOn)
    }

    fn start(&mut self) {
        if !self.has_started {
            self.has_started = true;
            self.feed(Input::Start);
            self.hands.side.push(SideCommand::Started);
        }
    }

    /// Feeds one input and does what follows from it.
    ///
    /// The node's own plan says what its ids mean: while a reload goes on, the configuration is the next one already.
    fn feed(&mut self, input: Input<'_>) {
        self.tell_the_time();
        self.node.step(now(), input, &mut self.actions);
        self.hands.carry_out(&mut self.actions, &self.node.plan().ir);
    }

    /// Tells the node what the clock on the wall says, which may be set at any time, if adverts are signed by it.
    fn tell_the_time(&mut self) {
        if self.signs {
            // Before 1970 there is no time to tell; peers will say that the clock is wrong.
            let utc = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.node.step(now(), Input::Clock { utc }, &mut self.actions);
        }
    }

    fn hear_packets(&mut self) -> io::Result<()> {
        self.tell_the_time();
        let Daemon { receivers, node, actions, hands, .. } = self;
        receivers.drain(|link, packet| {
            node.step(now(), Input::Packet { link, packet }, actions);
            hands.carry_out(actions, &node.plan().ir);
        })?;
        hands.log.overrun(receivers.overrun);
        Ok(())
    }

    fn about(&self) -> About<'_> {
        About {
            fingerprint: &self.configuration.fingerprint,
            started: self.started,
            now: now(),
            interfaces: self.monitor.interfaces(),
            sessions: &self.bfds.sessions,
        }
    }

    fn side_event(&mut self, event: SideEvent) -> Next {
        match event {
            SideEvent::ScriptEnded { run, outcome } => self.feed(Input::ScriptEnded { run, outcome }),
            // Ids of an earlier configuration mean something else by now.
            SideEvent::File { epoch, file, value } if epoch == self.epoch => {
                if let Some(director) = &self.hands.director {
                    director.file(file, value);
                }
                self.feed(Input::File { file, value });
            }
            SideEvent::Processes { epoch, process, running } if epoch == self.epoch => {
                self.feed(Input::Processes { process, running });
            }
            SideEvent::Surveyed { epoch } if epoch == self.epoch => self.start(),
            SideEvent::File { .. } | SideEvent::Processes { .. } | SideEvent::Surveyed { .. } => {}
            SideEvent::Reload { loaded, done } => {
                self.reload(loaded);
                // Who asked may have gone away.
                let _ = done.send(());
            }
            SideEvent::KeepalivedJson(answer) => {
                let json = keepalived::json(&self.node, &self.configuration.programs, &self.about());
                // Who asked may have gone away.
                let _ = answer.send(json);
            }
            SideEvent::Snapshot(answer) => {
                let status = Status::of(&self.node, &self.about());
                match &self.hands.director {
                    Some(director) => director.show(status, answer),
                    None => drop(answer.send(status)),
                }
            }
            SideEvent::Ping(answer) => {
                let _ = answer.send(());
            }
            SideEvent::Terminate => return Next::End,
        }
        Next::GoOn
    }

    /// Goes over to another configuration; what did not change goes on.
    fn reload(&mut self, loaded: Loaded) {
        let Loaded { plan, configuration, findings: _ } = loaded;
        let reloaded = now();
        let old = std::mem::replace(&mut self.configuration, configuration);
        let (before, after) = (&old.ir.global, &self.configuration.ir.global);
        if (&before.vrrp_process, &before.checker_process, before.locks_memory, &before.net_namespace)
            != (&after.vrrp_process, &after.checker_process, after.locks_memory, &after.net_namespace)
        {
            tracing::warn!("priorities, CPUs, locked memory and the network namespace change with the next start");
        }
        self.configure();
        // An interface that is made now is there before anything asks for it.
        self.vmacs.configure(&self.configuration, self.monitor.interfaces());
        if let Err(error) = self.hear_interfaces() {
            tracing::error!("interfaces cannot be read: {error}");
        }
        // What it will ask for must be known before: an interface that is there must not look missing for a moment.
        for name in watch::interfaces(&self.configuration.ir) {
            self.node.link(name);
        }
        self.everything_changed();
        self.reload_bfd();
        self.tell_the_time();
        let mut farewell = Vec::new();
        self.node.reload(now(), plan, &mut farewell, &mut self.actions);
        self.hands.carry_out(&mut farewell, &old.ir);
        self.hands.carry_out(&mut self.actions, &self.configuration.ir);
        self.tell_bfd();
        self.tell_pipes(reloaded);
        // What is gone has said goodbye by it.
        self.vmacs.tidy();
        self.listen();
        if let Err(error) = self.direct() {
            tracing::error!("there are no virtual servers: {error}; the next reload tries again");
        }
    }

    /// Says goodbye, takes the addresses off and waits until that is done.
    async fn end(mut self) {
        self.feed(Input::Stop);
        let Hands { lane, mut side, director, .. } = self.hands;
        if let Some(director) = &director {
            director.stop();
        }
        lane.finish().await;
        self.vmacs.end();
        if let Some(director) = director {
            director.finish().await;
        }
        side.push(SideCommand::Finish);
        for _ in 0..FLUSHES_MAX {
            if side.is_empty() {
                break;
            }
            std::thread::sleep(FLUSH_PAUSE);
            side.flush();
        }
        drop(side);
        self.side.join();
        let Configuration { ir, programs, .. } = &*self.configuration;
        hook::shutdown(ir, programs, &self.starter);
    }
}
