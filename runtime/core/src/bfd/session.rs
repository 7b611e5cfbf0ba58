//! One session (RFC 5880 section 6.8), in asynchronous mode without echo packets.

use super::wire::{Control, Diagnostic, State};
use crate::chance::Chance;
use crate::time::Instant;
use kalc_ir::Bfd;
use std::time::Duration;

/// What a session is configured to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    min_rx_us: u32,
    min_tx_us: u32,
    idle_tx_us: u32,
    multiplier: u8,
    is_passive: bool,
}

impl Settings {
    pub fn new(bfd: &Bfd) -> Self {
        let us = |us: u64| u32::try_from(us).unwrap_or(u32::MAX);
        Settings {
            min_rx_us: us(bfd.min_rx_us),
            min_tx_us: us(bfd.min_tx_us),
            idle_tx_us: us(bfd.idle_tx_us),
            multiplier: bfd.multiplier,
            is_passive: bfd.is_passive,
        }
    }
}

/// A session. Names as in RFC 5880 section 6.8.1, without their `bfd.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub settings: Settings,
    pub state: State,
    pub remote_state: State,
    pub diagnostic: Diagnostic,
    /// Its own number, not 0.
    pub local_discriminator: u32,
    remote_discriminator: u32,
    /// What the neighbour can receive; 0 means nothing.
    remote_min_rx_us: u32,
    /// What the neighbour would send.
    remote_min_tx_us: u32,
    remote_multiplier: u8,
    remote_demands: bool,
    /// A change of intervals waits for the neighbour's answer.
    is_polling: bool,
    /// When it sends next; `None` while it has nothing to say.
    pub send_at: Option<Instant>,
    /// When the neighbour counts as lost.
    pub lost_at: Option<Instant>,
    sent_at: Instant,
    chance: Chance,
}

/// What a session wants sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Say {
    Nothing,
    Now,
    /// The answer to a poll.
    Final,
}

impl Session {
    pub fn new(settings: Settings, local_discriminator: u32, chance: Chance, now: Instant) -> Self {
        let mut session = Session {
            settings,
            state: State::Down,
            remote_state: State::Down,
            diagnostic: Diagnostic::None,
            local_discriminator,
            remote_discriminator: 0,
            // RFC 5880 section 6.8.1: 1 until the neighbour says more.
            remote_min_rx_us: 1,
            remote_min_tx_us: 0,
            remote_multiplier: 0,
            remote_demands: false,
            is_polling: false,
            send_at: None,
            lost_at: None,
            sent_at: now,
            chance,
        };
        if !settings.is_passive {
            session.send_at = Some(now + session.jittered());
        }
        session
    }

    /// Takes over other settings; what the neighbour must know of is told by a poll sequence.
    pub fn configure(&mut self, settings: Settings, now: Instant) {
        if self.settings != settings {
            self.settings = settings;
            self.is_polling = self.state == State::Up;
            self.plan(now);
        }
    }

    /// The shortest interval at which it would send now: slow until it is up (RFC 5880 section 6.8.3).
    fn desired_min_tx_us(&self) -> u32 {
        match self.state {
            State::Up => self.settings.min_tx_us,
            State::AdminDown | State::Down | State::Init => self.settings.idle_tx_us,
        }
    }

    /// The interval at which it sends.
    pub fn interval(&self) -> Duration {
        Duration::from_micros(u64::from(self.desired_min_tx_us().max(self.remote_min_rx_us)))
    }

    /// How long the neighbour may be silent (RFC 5880 section 6.8.4).
    pub fn detection_time(&self) -> Duration {
        let interval = self.settings.min_rx_us.max(self.remote_min_tx_us);
        Duration::from_micros(u64::from(interval) * u64::from(self.remote_multiplier))
    }

    /// The interval, shorter by up to a quarter, so that sessions do not fall into step; with a multiplier of 1 by at
    /// least a tenth, so that one late packet is no loss (RFC 5880 section 6.8.7).
    fn jittered(&mut self) -> Duration {
        let least = if self.settings.multiplier == 1 { 100 } else { 0 };
        let permille = least + u32::try_from(self.chance.below(u64::from(251 - least))).unwrap_or(0);
        let interval = self.interval();
        interval - interval * permille / 1000
    }

    /// Whether it sends by itself: not to a neighbour that wants nothing, and not before it if it is passive.
    fn may_send(&self) -> bool {
        let is_in_demand = self.remote_demands && self.state == State::Up && self.remote_state == State::Up;
        self.remote_min_rx_us != 0
            && (!self.settings.is_passive || self.remote_discriminator != 0)
            && (!is_in_demand || self.is_polling)
    }

    /// Sets the time of the next packet from that of the last one: a shorter interval holds at once.
    fn plan(&mut self, now: Instant) {
        let at = self.sent_at + self.jittered();
        self.send_at = self.may_send().then(|| at.max(now));
    }

    /// A packet from the neighbour. Says what to send, and whether the session is `Up` now if that has changed.
    pub fn hear(&mut self, now: Instant, control: &Control) -> (Say, Option<bool>) {
        let (was_up, before) = (self.state == State::Up, (self.state, self.interval()));
        self.remote_discriminator = control.mine;
        self.remote_state = control.state;
        self.remote_demands = control.is_demand;
        self.remote_min_rx_us = control.min_rx_us;
        self.remote_min_tx_us = control.min_tx_us;
        self.remote_multiplier = control.multiplier;
        if control.is_final {
            self.is_polling = false;
        }
        let next = match (self.state, control.state) {
            (State::AdminDown, _) => State::AdminDown,
            (State::Init | State::Up, State::AdminDown) | (State::Up, State::Down) => {
                self.diagnostic = Diagnostic::NeighborDown;
                State::Down
            }
            (State::Down, State::Down) => State::Init,
            (State::Down, State::Init) | (State::Init, State::Init | State::Up) => State::Up,
            (state, _) => state,
        };
        self.state = next;
        if next == State::Up && !was_up {
            self.diagnostic = Diagnostic::None;
            self.is_polling = true;
        }
        if next != State::Up {
            self.is_polling = false;
        }
        self.lost_at = Some(now + self.detection_time());
        let is_changed = before != (self.state, self.interval());
        if is_changed || self.send_at.is_none() {
            self.plan(now);
        }
        let say = if control.is_poll {
            Say::Final
        } else if self.state != before.0 && self.may_send() {
            // RFC 5880 section 6.8.7: a change may be told at once.
            Say::Now
        } else {
            Say::Nothing
        };
        let is_up = self.state == State::Up;
        (say, (is_up != was_up).then_some(is_up))
    }

    /// Time has passed. Says what to send, and whether the session is `Up` now if that has changed.
    pub fn tick(&mut self, now: Instant) -> (Say, Option<bool>) {
        let was_up = self.state == State::Up;
        let mut say = Say::Nothing;
        if self.lost_at.is_some_and(|at| at <= now) {
            self.lost_at = None;
            if matches!(self.state, State::Init | State::Up) {
                self.state = State::Down;
                self.diagnostic = Diagnostic::Expired;
                say = Say::Now;
            }
            // RFC 5880 section 6.8.1: nothing is known of the neighbour any more.
            self.remote_discriminator = 0;
            self.remote_state = State::Down;
            self.remote_min_rx_us = 1;
            self.remote_demands = false;
            self.is_polling = false;
            self.plan(now);
        }
        if self.send_at.is_some_and(|at| at <= now) {
            say = Say::Now;
        }
        let is_up = self.state == State::Up;
        (say, (is_up != was_up).then_some(is_up))
    }

    /// The packet to send now. A periodic one sets the time of the next one.
    pub fn packet(&mut self, now: Instant, is_final: bool) -> Control {
        if !is_final {
            self.sent_at = now;
            self.plan(now);
        }
        Control {
            state: self.state,
            diagnostic: self.diagnostic,
            // RFC 5880 section 6.5: never both.
            is_poll: self.is_polling && !is_final,
            is_final,
            is_demand: false,
            multiplier: self.settings.multiplier,
            mine: self.local_discriminator,
            yours: self.remote_discriminator,
            min_tx_us: self.desired_min_tx_us(),
            min_rx_us: self.settings.min_rx_us,
            min_echo_rx_us: 0,
        }
    }

    /// When [`tick`](Session::tick) has something to do.
    pub fn deadline(&self) -> Option<Instant> {
        [self.send_at, self.lost_at].into_iter().flatten().min()
    }
}
