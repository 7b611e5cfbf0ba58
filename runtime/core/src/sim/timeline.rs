//! What happened, in order.

use super::fault::{Fault, ScriptWill};
use super::oracle::Violation;
use crate::action::{Cause, Trace};
use crate::time::Instant;
use std::time::Duration;

/// One line of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Something that the user or the seed wanted.
    Fault(Fault),
    /// Something in a node.
    Trace {
        /// Which host.
        host: usize,
        /// What.
        trace: Trace,
    },
    /// A law was broken.
    Violation(Violation),
}

/// Names for a timeline's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Names of hosts.
    pub hosts: Vec<String>,
    /// Names of each host's instances.
    pub instances: Vec<Vec<String>>,
    /// Names of each host's scripts.
    pub scripts: Vec<Vec<String>>,
}

impl Labels {
    fn host(&self, host: usize) -> &str {
        self.hosts.get(host).map_or("?", String::as_str)
    }

    fn instance(&self, host: usize, instance: kalc_ir::InstanceId) -> &str {
        self.instances.get(host).and_then(|names| names.get(instance.index())).map_or("?", String::as_str)
    }

    fn script(&self, host: usize, script: usize) -> &str {
        self.scripts.get(host).and_then(|names| names.get(script)).map_or("?", String::as_str)
    }

    /// A line of the timeline; `None` for what only fills it.
    pub fn line(&self, at: Instant, entry: &Entry) -> Option<String> {
        let seconds =
            format!("{:>9}", format!("{}.{:03}", at.as_nanos() / 1_000_000_000, at.as_nanos() / 1_000_000 % 1000));
        let width = self.hosts.iter().map(String::len).max().unwrap_or(1);
        let (host, text) = match entry {
            Entry::Fault(fault) => ("", format!("-- {}", self.fault(*fault))),
            Entry::Trace { host, trace } => (self.host(*host), self.trace(*host, trace)?),
            Entry::Violation(violation) => ("", format!("!! {}", self.violation(violation))),
        };
        Some(format!("{seconds}  {host:width$}  {text}").trim_end().to_owned())
    }

    fn fault(&self, fault: Fault) -> String {
        match fault {
            Fault::Kill(host) => format!("kill {}", self.host(host)),
            Fault::Stop(host) => format!("stop {}", self.host(host)),
            Fault::Start(host) => format!("start {}", self.host(host)),
            Fault::LinkDown(host) => format!("link-down {}", self.host(host)),
            Fault::LinkUp(host) => format!("link-up {}", self.host(host)),
            Fault::Pause(host) => format!("pause {}", self.host(host)),
            Fault::Resume(host) => format!("resume {}", self.host(host)),
            Fault::Cut { from, to } => format!("cut {} {}", self.host(from), self.host(to)),
            Fault::Partition(host) => format!("partition {}", self.host(host)),
            Fault::Heal => "heal".to_owned(),
            Fault::Loss(permille) => format!("loss {}.{}%", permille / 10, permille % 10),
            Fault::Duplicate(permille) => format!("duplicate {}.{}%", permille / 10, permille % 10),
            Fault::Delay(jitter) => format!("delay {}", span(jitter)),
            Fault::Jump(host, by) => format!("jump {} {}", self.host(host), span(by)),
            Fault::Script { host, script, will } => {
                let will = match will {
                    ScriptWill::Pass => "pass",
                    ScriptWill::Fail => "fail",
                    ScriptWill::Hang => "hang",
                };
                format!("{will} {} {}", self.host(host), self.script(host, script))
            }
        }
    }

    fn trace(&self, host: usize, trace: &Trace) -> Option<String> {
        Some(match trace {
            Trace::Transition { instance, from: _, to, cause } => {
                let why = match cause {
                    Cause::Started => "starts".to_owned(),
                    Cause::MasterDown => "hears no master".to_owned(),
                    Cause::Owner => "owns the addresses".to_owned(),
                    Cause::HigherPriority(address) => format!("{address} has a higher rank"),
                    Cause::Late => "was kept from running".to_owned(),
                    Cause::Fault => "something it needs has failed".to_owned(),
                    Cause::Recovered => "what had failed is well".to_owned(),
                    Cause::Group => "follows its sync group".to_owned(),
                    Cause::Stopped => "stops".to_owned(),
                };
                format!("{} {to:<6}  {why}", self.instance(host, *instance))
            }
            Trace::Priority { instance, from, to } => {
                format!("{} priority {from} -> {to}", self.instance(host, *instance))
            }
            Trace::AddressesDiffer { instance, source } => {
                format!("{} hears other addresses from {source}", self.instance(host, *instance))
            }
            Trace::IntervalDiffers { instance, source, interval_us } => {
                let interval = span(Duration::from_micros(*interval_us));
                format!("{} hears {source} at another interval, {interval}", self.instance(host, *instance))
            }
            Trace::Script { script, is_up } => {
                format!("{} {}", self.script(host, script.index()), if *is_up { "passes" } else { "fails" })
            }
            Trace::Refused { .. } | Trace::UnknownVrid { .. } => return None,
        })
    }

    /// What a broken law means, in a sentence.
    pub fn violation(&self, violation: &Violation) -> String {
        let hosts = |hosts: &[usize]| hosts.iter().map(|host| self.host(*host)).collect::<Vec<_>>().join(" and ");
        match violation {
            Violation::TwoMasters { vrid, hosts: masters, lasted } => {
                format!(
                    "VRID {vrid}: {} have been master at once for {}, although every packet gets through",
                    hosts(masters),
                    span(*lasted)
                )
            }
            Violation::NoMaster { vrid, hosts: eligible, lasted } => {
                format!(
                    "VRID {vrid}: nobody has been master for {}, though {} could be",
                    span(*lasted),
                    hosts(eligible)
                )
            }
            Violation::AddressesNotOnMaster { host, instance } => {
                format!(
                    "{}: the addresses of {} are not where its state says",
                    self.host(*host),
                    self.instance(*host, *instance)
                )
            }
            Violation::Preempted { host, instance, heard_ago } => format!(
                "{}: {} has nopreempt and took over from a master that it had heard {} ago",
                self.host(*host),
                self.instance(*host, *instance),
                span(*heard_ago)
            ),
            Violation::SendStorm { host, instance, adverts } => format!(
                "{}: {} sent {adverts} adverts within one interval",
                self.host(*host),
                self.instance(*host, *instance)
            ),
        }
    }
}

/// A time for people: milliseconds below a second.
fn span(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis < 1000 { format!("{millis} ms") } else { format!("{}.{:03} s", millis / 1000, millis % 1000) }
}
