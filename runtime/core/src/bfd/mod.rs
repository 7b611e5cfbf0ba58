//! Bidirectional forwarding detection (RFC 5880; single hop as in RFC 5881, over several hops as in RFC 5883): whether a
//! neighbour is reached, within milliseconds.
//!
//! [`Sessions`] is a machine like [`Node`](crate::Node): it is fed packets and the time, and says what to send and which
//! sessions have changed. What a change means is for the node ([`Input::Bfd`](crate::Input::Bfd)) and the
//! [`Director`](crate::Director).

mod session;
mod wire;

pub use wire::{Control, Diagnostic, LENGTH, Refusal, State};

use crate::chance::Chance;
use crate::schedule::Schedule;
use crate::time::Instant;
use kalc_ir::{Bfd, BfdId, Ir};
use session::{Say, Session, Settings};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// UDP port of packets over one hop (RFC 5881 section 4).
pub const PORT: u16 = 3784;
/// UDP port of packets over several hops (RFC 5883 section 5).
pub const PORT_MULTIHOP: u16 = 4784;

/// Something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a packet to the neighbour, at once.
    Send {
        /// Of which session.
        bfd: BfdId,
        /// The packet.
        bytes: [u8; LENGTH],
    },
    /// A session is up now, or is no more.
    Changed {
        /// Which.
        bfd: BfdId,
        /// Whether it is up.
        is_up: bool,
        /// Why not.
        diagnostic: Diagnostic,
    },
}

/// What is known of a packet beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who sent it.
    pub source: IpAddr,
    /// Its TTL or hop limit on arrival.
    pub ttl: u8,
    /// Whether it came to the port for several hops.
    pub is_multihop: bool,
}

/// A session, to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View<'a> {
    /// Its name.
    pub name: &'a str,
    /// The neighbour.
    pub neighbor: Option<IpAddr>,
    /// Its state.
    pub state: State,
    /// The neighbour's.
    pub remote_state: State,
    /// Why it is not up.
    pub diagnostic: Diagnostic,
    /// How often it sends.
    pub interval: Duration,
    /// How long the neighbour may be silent; zero before it is heard.
    pub detection_time: Duration,
    /// When its state changed; `None` if it never did.
    pub since: Option<Instant>,
}

/// All sessions of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sessions {
    ir: Arc<Ir>,
    sessions: Vec<Session>,
    since: Vec<Option<Instant>>,
    schedule: Schedule<BfdId>,
    chance: Chance,
}

impl Sessions {
    /// Those of a configuration, all of them down. `seed` should be another one for each start: numbers and jitter are drawn
    /// from it.
    pub fn new(ir: Arc<Ir>, seed: u64, now: Instant) -> Sessions {
        let mut sessions = Sessions {
            ir,
            sessions: Vec::new(),
            since: Vec::new(),
            schedule: Schedule::new(),
            chance: Chance::new(seed),
        };
        sessions.build(Vec::new(), now);
        sessions
    }

    /// Makes what the configuration names, out of what there was.
    fn build(&mut self, mut old: Vec<(Key, Session, Option<Instant>)>, now: Instant) {
        let ir = Arc::clone(&self.ir);
        self.schedule = Schedule::new();
        self.sessions.clear();
        self.since.clear();
        for (bfd, index) in ir.bfd_instances.iter().zip(0..) {
            let settings = Settings::new(bfd);
            let known = old.iter().position(|(key, ..)| *key == Key::of(bfd));
            let (session, since) = match known.map(|at| old.swap_remove(at)) {
                Some((_, mut session, since)) => {
                    session.configure(settings, now);
                    (session, since)
                }
                None => (self.fresh(settings, now), None),
            };
            self.schedule.arm(BfdId(index), session.deadline());
            self.sessions.push(session);
            self.since.push(since);
        }
    }

    fn fresh(&mut self, settings: Settings, now: Instant) -> Session {
        loop {
            let number = (self.chance.next() >> 32) as u32;
            let is_taken = self.sessions.iter().any(|session| session.local_discriminator == number);
            if number != 0 && !is_taken {
                let chance = Chance::new(self.chance.next());
                return Session::new(settings, number, chance, now);
            }
        }
    }

    /// Goes over to another configuration. Sessions with the same addresses go on; those that are gone fall silent, as
    /// keepalived's do. Telling the neighbour (`AdminDown`) would be faster and is worse: keepalived 2.2.7 ends its session
    /// and does not tell its instances (measured), while silence it tells them of.
    pub fn reload(&mut self, ir: Arc<Ir>, now: Instant) {
        let old_ir = std::mem::replace(&mut self.ir, ir);
        let sessions = std::mem::take(&mut self.sessions);
        let since = std::mem::take(&mut self.since);
        let keys = old_ir.bfd_instances.iter().map(Key::of);
        let old = keys.zip(sessions).zip(since).map(|((key, session), since)| (key, session, since)).collect();
        self.build(old, now);
    }

    /// The earliest time at which [`tick`](Sessions::tick) has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        self.schedule.next()
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Instant, out: &mut Vec<Action>) {
        // Bounded: what fires arms itself behind `now`.
        while let Some(bfd) = self.schedule.pop_due(now) {
            let (say, change) = self.sessions[bfd.index()].tick(now);
            self.settle(now, bfd, say, change, out);
        }
    }

    /// Takes in a packet.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn hear(&mut self, now: Instant, origin: Origin, bytes: &[u8], out: &mut Vec<Action>) -> Result<(), Refusal> {
        let control = Control::decode(bytes)?;
        let bfd = self.whose(origin, &control).ok_or(Refusal::Stranger)?;
        let setting = self.ir.bfd(bfd);
        // Generalized TTL security (RFC 5881 section 5): what passed a router counts one less.
        if setting.max_hops.is_some_and(|hops| origin.ttl < setting.ttl.saturating_sub(hops)) {
            return Err(Refusal::Ttl);
        }
        let (say, change) = self.sessions[bfd.index()].hear(now, &control);
        self.settle(now, bfd, say, change, out);
        Ok(())
    }

    /// The session of a packet: by the number that it names, else by who sent it (RFC 5880 section 6.3). In any case it
    /// must come from the session's neighbour.
    fn whose(&self, origin: Origin, control: &Control) -> Option<BfdId> {
        let is_whose = |(bfd, session): &(&Bfd, &Session)| {
            bfd.neighbor == Some(origin.source)
                && bfd.is_multihop == origin.is_multihop
                && (control.yours == 0 || control.yours == session.local_discriminator)
        };
        let index = self.ir.bfd_instances.iter().zip(&self.sessions).position(|pair| is_whose(&pair))?;
        u32::try_from(index).ok().map(BfdId)
    }

    fn settle(&mut self, now: Instant, bfd: BfdId, say: Say, change: Option<bool>, out: &mut Vec<Action>) {
        let session = &mut self.sessions[bfd.index()];
        if let Some(is_up) = change {
            self.since[bfd.index()] = Some(now);
            out.push(Action::Changed { bfd, is_up, diagnostic: session.diagnostic });
        }
        match say {
            Say::Nothing => {}
            Say::Now => out.push(Action::Send { bfd, bytes: session.packet(now, false).encode() }),
            Say::Final => out.push(Action::Send { bfd, bytes: session.packet(now, true).encode() }),
        }
        self.schedule.arm(bfd, session.deadline());
    }

    /// Whether a session is up.
    pub fn is_up(&self, bfd: BfdId) -> bool {
        self.sessions.get(bfd.index()).is_some_and(|session| session.state == State::Up)
    }

    /// All of them, in the order of the configuration.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> {
        let all = self.ir.bfd_instances.iter().zip(&self.sessions).zip(&self.since);
        all.map(|((bfd, session), since)| View {
            name: &bfd.name,
            neighbor: bfd.neighbor,
            state: session.state,
            remote_state: session.remote_state,
            diagnostic: session.diagnostic,
            interval: session.interval(),
            detection_time: session.detection_time(),
            since: *since,
        })
    }
}

/// What makes two sessions the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    neighbor: Option<IpAddr>,
    source: Option<IpAddr>,
    is_multihop: bool,
}

impl Key {
    fn of(bfd: &Bfd) -> Key {
        Key { neighbor: bfd.neighbor, source: bfd.source, is_multihop: bfd.is_multihop }
    }
}

#[cfg(test)]
mod tests;
