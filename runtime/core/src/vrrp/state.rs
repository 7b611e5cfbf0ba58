//! The states of an instance, each with the timers that belong to it: a stale timer cannot exist.

use crate::time::Instant;
use std::fmt;

/// Where an instance is (RFC 9568 section 6.4), with the timers of that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not begun (RFC 9568 section 6.4.1, Initialize).
    Init {
        /// When it begins; `None` before the start and after the end.
        begin_at: Option<Instant>,
    },
    /// Listens to a master (section 6.4.2).
    Backup {
        /// When it takes over (Active_Down_Timer).
        master_down_at: Instant,
        /// Until when masters of lower priority are left alone (`preempt_delay`); set by the first one that is heard.
        spare_until: Option<Instant>,
        /// In a sync group: its timer has fired, and it waits for the others.
        is_ready: bool,
    },
    /// Holds the addresses (section 6.4.3).
    Master {
        /// When the next advert leaves (Adver_Timer).
        advert_at: Instant,
        /// When the second burst of announcements leaves (`garp_master_delay`).
        second_burst_at: Option<Instant>,
        /// When the next refresh leaves (`garp_master_refresh`).
        refresh_at: Option<Instant>,
        /// When the second burst after an advert of lower priority leaves (`garp_lower_prio_delay`).
        lower_burst_at: Option<Instant>,
        /// When addresses on interfaces without adverts are announced again (`garp_extra_if`).
        elsewhere_at: Option<Instant>,
        /// Before that, adverts of lower priority are not answered: answers must not become a storm.
        answer_from: Instant,
    },
    /// Something that it needs is missing; it takes no part.
    Fault,
}

impl State {
    /// Its name.
    pub const fn name(&self) -> StateName {
        match self {
            State::Init { .. } => StateName::Init,
            State::Backup { .. } => StateName::Backup,
            State::Master { .. } => StateName::Master,
            State::Fault => StateName::Fault,
        }
    }

    /// Whether it holds the addresses.
    pub const fn is_master(&self) -> bool {
        matches!(self, State::Master { .. })
    }

    /// The next time at which something is to happen by itself.
    pub fn deadline(&self) -> Option<Instant> {
        match *self {
            State::Init { begin_at } => begin_at,
            State::Backup { master_down_at, .. } => Some(master_down_at),
            State::Master { advert_at, second_burst_at, refresh_at, lower_burst_at, elsewhere_at, answer_from: _ } => {
                [Some(advert_at), second_burst_at, refresh_at, lower_burst_at, elsewhere_at].into_iter().flatten().min()
            }
            State::Fault => None,
        }
    }
}

/// A state without its timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateName {
    /// Not begun.
    Init,
    /// Listens.
    Backup,
    /// Holds the addresses.
    Master,
    /// Takes no part.
    Fault,
}

impl StateName {
    /// The word for it, as keepalived's scripts know it.
    pub const fn word(self) -> &'static str {
        match self {
            StateName::Init => "INIT",
            StateName::Backup => "BACKUP",
            StateName::Master => "MASTER",
            StateName::Fault => "FAULT",
        }
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What keeps an instance out; a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults(u16);

impl Faults {
    /// The own interface is down or missing.
    pub const LINK: Faults = Faults(1);
    /// There is no address to send from.
    pub const SOURCE: Faults = Faults(1 << 1);
    /// An interface of a virtual address is down or missing.
    pub const ADDRESS_LINK: Faults = Faults(1 << 2);
    /// A tracked interface is down or missing.
    pub const TRACKED_INTERFACE: Faults = Faults(1 << 3);
    /// A check has failed, or has not ended for the first time.
    pub const SCRIPT: Faults = Faults(1 << 4);
    /// A tracked file says so.
    pub const FILE: Faults = Faults(1 << 5);
    /// A tracked process is missing.
    pub const PROCESS: Faults = Faults(1 << 6);
    /// Another member of the sync group is in fault.
    pub const GROUP: Faults = Faults(1 << 7);
    /// `unicast_fault_no_peer`
    pub const NO_PEER: Faults = Faults(1 << 8);

    /// A tracked BFD session is down.
    pub const BFD: Faults = Faults(1 << 9);

    const NAMES: [(Faults, &'static str); 10] = [
        (Faults::LINK, "interface"),
        (Faults::SOURCE, "source_address"),
        (Faults::ADDRESS_LINK, "address_interface"),
        (Faults::TRACKED_INTERFACE, "track_interface"),
        (Faults::SCRIPT, "track_script"),
        (Faults::FILE, "track_file"),
        (Faults::PROCESS, "track_process"),
        (Faults::BFD, "track_bfd"),
        (Faults::GROUP, "sync_group"),
        (Faults::NO_PEER, "no_peer"),
    ];

    /// Whether nothing is wrong.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` is in it.
    pub const fn contains(self, other: Faults) -> bool {
        self.0 & other.0 == other.0
    }

    /// Without those.
    #[must_use]
    pub const fn without(self, other: Faults) -> Faults {
        Faults(self.0 & !other.0)
    }

    /// Adds some.
    pub fn add(&mut self, other: Faults) {
        self.0 |= other.0;
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(fault, _)| self.contains(*fault)).map(|(_, name)| name)
    }
}
