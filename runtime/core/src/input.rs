//! What may happen to a node.

use crate::wire::Packet;
use kalc_ir::net::Mac;
use kalc_ir::{BfdId, ProcessId, TrackFileId};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

/// An interface, by its place in [`Node::links`](crate::Node::links). It keeps its number over reloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u32);

impl LinkId {
    /// The id as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// One run of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// What is known of an interface that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkFacts {
    /// Administratively up and running (`IFF_UP` and `IFF_RUNNING`).
    pub is_up: bool,
    /// Its Ethernet address; `None` on links that have none.
    pub mac: Option<Mac>,
    /// Its first IPv4 address that is not a virtual one.
    pub ipv4: Option<Ipv4Addr>,
    /// Its link-local IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
}

/// How a run of a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScriptOutcome {
    /// With status 0.
    Passed,
    /// With another status, by a signal, or it could not be started.
    Failed,
    /// It was still running after its timeout, and is being ended.
    TimedOut,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Everything that was known at the start has been told; instances may begin.
    Start,
    /// An interface appeared, changed or went away (`None`).
    Link {
        /// Which.
        link: LinkId,
        /// What is known of it now.
        facts: Option<LinkFacts>,
    },
    /// A source address that an instance watches (`track_src_ip`) is on the host, or is not.
    Source {
        /// The address.
        address: IpAddr,
        /// Whether it is there.
        is_here: bool,
    },
    /// A packet of the VRRP protocol (112) or with an authentication header (51) arrived.
    Packet {
        /// Where it came in.
        link: LinkId,
        /// The packet.
        packet: Packet<'a>,
    },
    /// A run that [`Action::RunScript`](crate::Action::RunScript) began has ended.
    ScriptEnded {
        /// Which.
        run: RunId,
        /// How.
        outcome: ScriptOutcome,
    },
    /// A tracked file holds another number; 0 if it is missing or holds none.
    File {
        /// Which.
        file: TrackFileId,
        /// The number.
        value: i64,
    },
    /// The number of running processes that a process tracker counts has changed.
    Processes {
        /// Which.
        process: ProcessId,
        /// How many.
        running: u32,
    },
    /// A BFD session is up, or is no more; the node takes all to be down until it is told.
    Bfd {
        /// Which.
        bfd: BfdId,
        /// Whether it is up.
        is_up: bool,
    },
    /// What the clock on the wall says at this moment. Only `auth_hmac` asks for it; a node that was never told counts from
    /// its own start.
    Clock {
        /// The time since 1970 (UTC, without leap seconds).
        utc: Duration,
    },
    /// The time of [`Node::deadline`](crate::Node::deadline) has come.
    Tick,
    /// The daemon is to end.
    Stop,
}
