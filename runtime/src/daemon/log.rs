//! What people are told, at most a few lines a second however much happens.

use crate::timer::now;
use kalc_core::action::Cause;
use kalc_core::wire::Refusal;
use kalc_core::{Advertisement, Instant, Trace};
use kalc_ir::{BfdId, InstanceId, Ir};
use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// How long the same is not told again.
const PAUSE: Duration = Duration::from_secs(10);
/// Kinds of things that are remembered as told.
const KINDS_MAX: usize = 4096;

/// Tells, and remembers what it has told.
#[derive(Default)]
pub struct Log {
    told: BTreeMap<Kind, Told>,
    overrun: u64,
}

/// What counts as the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Refused(Option<InstanceId>, Refusal),
    UnknownVrid(u8),
    BfdRefused(kalc_core::bfd::Refusal),
    BfdNotSent(BfdId, Option<i32>),
    NotSent(u32, Option<i32>),
    Overrun,
}

#[derive(Clone, Copy)]
struct Told {
    at: Instant,
    since: u64,
}

impl Log {
    /// How often this happened since it was told last; `None` if it is not to be told now.
    fn is_news(&mut self, kind: Kind) -> Option<u64> {
        let now = now();
        if self.told.len() >= KINDS_MAX {
            self.told.clear();
        }
        match self.told.get_mut(&kind) {
            Some(told) if now.saturating_since(told.at) < PAUSE => {
                told.since += 1;
                None
            }
            Some(told) => {
                told.at = now;
                Some(std::mem::take(&mut told.since))
            }
            None => {
                self.told.insert(kind, Told { at: now, since: 0 });
                Some(0)
            }
        }
    }

    /// A BFD packet did not count.
    pub fn bfd_refused(&mut self, source: IpAddr, reason: kalc_core::bfd::Refusal) {
        if let Some(since) = self.is_news(Kind::BfdRefused(reason)) {
            tracing::warn!("BFD packet from {source} is refused: {}{}", reason.word(), and(since));
        }
    }

    /// A BFD packet could not be sent.
    pub fn bfd_not_sent(&mut self, bfd: BfdId, name: &str, error: &io::Error) {
        if let Some(since) = self.is_news(Kind::BfdNotSent(bfd, error.raw_os_error())) {
            tracing::warn!("BFD session {name}: a packet cannot be sent: {error}{}", and(since));
        }
    }

    /// Tells of something inside the node.
    pub fn trace(&mut self, trace: &Trace, ir: &Ir) {
        let name = |instance: &InstanceId| ir.instance(*instance).name.as_str();
        match trace {
            Trace::Transition { instance, from, to, cause } => {
                tracing::info!("{}: {from} to {to}: {}", name(instance), why(cause));
            }
            Trace::Priority { instance, from, to } => {
                tracing::info!("{}: effective priority {from} to {to}", name(instance));
            }
            Trace::UnknownVrid { vrid, source } => {
                if ir.global.log_unknown_vrids
                    && let Some(more) = self.is_news(Kind::UnknownVrid(*vrid))
                {
                    tracing::warn!(
                        "{source} speaks for virtual router {vrid}, which is not configured here{}",
                        and(more)
                    );
                }
            }
            Trace::Refused { instance, source, reason } => {
                if let Some(more) = self.is_news(Kind::Refused(*instance, *reason)) {
                    let whose = instance.as_ref().map_or("", name);
                    let from = source.map_or_else(|| "somebody".to_owned(), |source| source.to_string());
                    tracing::warn!("{whose}: a packet from {from} is refused: {reason}{}", and(more));
                }
            }
            Trace::AddressesDiffer { instance, source } => {
                tracing::warn!(
                    "{}: the master {source} advertises other addresses than are configured here",
                    name(instance)
                );
            }
            Trace::IntervalDiffers { instance, source, interval_us } => {
                let (interval, own) = (seconds(*interval_us), seconds(ir.instance(*instance).advert_interval_us));
                tracing::warn!("{}: {source} advertises every {interval} s, not {own} s as here", name(instance));
            }
            Trace::Script { script, is_up } => {
                let word = if *is_up { "succeeds" } else { "fails" };
                tracing::info!("check {} {word}", ir.script(*script).name);
            }
        }
    }

    /// An advert could not leave.
    pub fn not_sent(&mut self, advert: &Advertisement, interface: &str, error: &io::Error) {
        if let Some(more) = self.is_news(Kind::NotSent(advert.link.0, error.raw_os_error())) {
            tracing::error!("an advert to {} cannot leave {interface}: {error}{}", advert.destination, and(more));
        }
    }

    /// So many packets did not fit into a receive buffer, all in all.
    pub fn overrun(&mut self, count: u64) {
        if count != self.overrun && self.is_news(Kind::Overrun).is_some() {
            tracing::warn!("{} packets came faster than they could be read", count - self.overrun);
            self.overrun = count;
        }
    }
}

fn and(more: u64) -> String {
    if more == 0 { String::new() } else { format!(" ({more} more like it)") }
}

fn seconds(micros: u64) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn why(cause: &Cause) -> String {
    match cause {
        Cause::Started => "it starts".to_owned(),
        Cause::MasterDown => "no master is heard".to_owned(),
        Cause::Owner => "it owns the addresses".to_owned(),
        Cause::HigherPriority(address) => format!("{address} has a higher rank"),
        Cause::Late => "it was kept from running, another one may be master".to_owned(),
        Cause::Fault => "something that it needs is missing".to_owned(),
        Cause::Recovered => "all that it needs is there again".to_owned(),
        Cause::Group => "its sync group changes".to_owned(),
        Cause::Stopped => "it is stopped".to_owned(),
    }
}
