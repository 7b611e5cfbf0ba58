//! The state as Prometheus reads it (text format 0.0.4).
//!
//! Names that begin with `keepalived_` are those of keepalived's usual exporter
//! (<https://github.com/mehdy/keepalived-exporter>), with its labels and values, so that its dashboards and alerts go on
//! working. What it does not have begins with `kalc_`.

use super::servers;
use crate::status::{InstanceStatus, Stats, Status, TrackerStatus};
use std::fmt::Write;

/// All metrics of a state.
pub fn of(status: &Status) -> String {
    let mut out = Metrics::default();
    out.family("keepalived_up", "gauge", "Whether the daemon answers.");
    out.sample("keepalived_up", &[], 1);
    let about = [("version", status.version.as_str()), ("config_fingerprint", &status.config_fingerprint)];
    out.family("kalc_info", "gauge", "Version of kalc and fingerprint of the configuration that runs.");
    out.sample("kalc_info", &about, 1);
    instances(&mut out, &status.instances);
    trackers(&mut out, &status.trackers);
    servers::put(&mut out, &status.virtual_servers);
    out.text
}

/// Lines, family by family.
#[derive(Default)]
pub(super) struct Metrics {
    text: String,
}

impl Metrics {
    /// Begins a metric; its samples follow.
    pub fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One number with its labels.
    pub fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.text.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            let _ = write!(self.text, "{}{label}=\"", if place == 0 { '{' } else { ',' });
            for letter in text.chars() {
                match letter {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    letter => self.text.push(letter),
                }
            }
            self.text.push('"');
        }
        if !labels.is_empty() {
            self.text.push('}');
        }
        let _ = writeln!(self.text, " {value}");
    }
}

/// Values of `keepalived_vrrp_state`.
fn state(word: &str) -> u8 {
    match word {
        "BACKUP" => 1,
        "MASTER" => 2,
        "FAULT" => 3,
        _ => 0,
    }
}

fn instances(out: &mut Metrics, instances: &[InstanceStatus]) {
    if instances.is_empty() {
        return;
    }
    out.family("keepalived_vrrp_state", "gauge", "State of an instance: 0 INIT, 1 BACKUP, 2 MASTER, 3 FAULT.");
    for instance in instances {
        let vrid = instance.vrid.to_string();
        for address in &instance.vips {
            let labels = [&labels(instance, &vrid)[..], &[("ip_address", address.as_str())]].concat();
            out.sample("keepalived_vrrp_state", &labels, state(&instance.state));
        }
    }
    out.family("kalc_vrrp_address_held", "gauge", "Whether an address is on its interface.");
    for instance in instances {
        let vrid = instance.vrid.to_string();
        for address in &instance.addresses {
            let labels = [&labels(instance, &vrid)[..], &[("ip_address", address.address.as_str())]].concat();
            out.sample("kalc_vrrp_address_held", &labels, u8::from(address.held));
        }
    }
    for (name, help, value) in COUNTERS {
        each(out, name, "counter", help, instances, |instance| value(&instance.stats));
    }
    out.family("kalc_packets_refused_total", "counter", "Packets that were not taken for adverts, by reason.");
    for instance in instances {
        let vrid = instance.vrid.to_string();
        for (reason, count) in &instance.stats.refused {
            let labels = [&labels(instance, &vrid)[..], &[("reason", reason.as_str())]].concat();
            out.sample("kalc_packets_refused_total", &labels, count);
        }
    }
    let gauges: [Row<InstanceStatus>; 3] = [
        ("kalc_vrrp_base_priority", "Priority of the configuration.", |instance| instance.base_priority.into()),
        ("kalc_vrrp_effective_priority", "Priority in adverts.", |instance| instance.effective_priority.into()),
        ("kalc_vrrp_faults", "Reasons that keep an instance out.", |instance| instance.faults.len() as u64),
    ];
    for (name, help, value) in gauges {
        each(out, name, "gauge", help, instances, value);
    }
    out.family("kalc_vrrp_state_seconds", "gauge", "Time since an instance came to its state.");
    for instance in instances {
        out.sample(
            "kalc_vrrp_state_seconds",
            &labels(instance, &instance.vrid.to_string()),
            seconds(instance.since_ms),
        );
    }
}

fn each(
    out: &mut Metrics,
    name: &str,
    kind: &str,
    help: &str,
    instances: &[InstanceStatus],
    value: impl Fn(&InstanceStatus) -> u64,
) {
    out.family(name, kind, help);
    for instance in instances {
        out.sample(name, &labels(instance, &instance.vrid.to_string()), value(instance));
    }
}

fn labels<'a>(instance: &'a InstanceStatus, vrid: &'a str) -> [(&'static str, &'a str); 3] {
    [("iname", &instance.name), ("intf", &instance.interface), ("vrid", vrid)]
}

/// A time in seconds with three decimals.
pub(super) fn seconds(millis: u64) -> String {
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

pub(super) type Value<T, N = u64> = fn(&T) -> N;

/// Name, meaning and value of a metric.
pub(super) type Row<T, N = u64> = (&'static str, &'static str, Value<T, N>);

const COUNTERS: [Row<Stats>; 14] = [
    ("keepalived_advertisements_received_total", "Adverts accepted.", |stats| stats.adverts_received),
    ("keepalived_advertisements_sent_total", "Adverts sent.", |stats| stats.adverts_sent),
    ("keepalived_become_master_total", "Times it became master.", |stats| stats.became_master),
    ("keepalived_release_master_total", "Times it stopped being master.", |stats| stats.released_master),
    ("keepalived_priority_zero_received_total", "Adverts with priority 0 accepted.", |stats| {
        stats.priority_zero_received
    }),
    ("keepalived_priority_zero_sent_total", "Adverts with priority 0 sent.", |stats| stats.priority_zero_sent),
    ("keepalived_packet_length_errors_total", "Packets of another length.", |stats| {
        refused(stats, &["length", "total_length", "truncated"])
    }),
    ("keepalived_advertisements_interval_errors_total", "Adverts with another interval.", |stats| {
        refused(stats, &["interval"])
    }),
    ("keepalived_ip_ttl_errors_total", "Packets with another TTL than 255.", |stats| refused(stats, &["ttl"])),
    ("keepalived_invalid_type_received_total", "Packets of another type.", |stats| refused(stats, &["type"])),
    ("keepalived_authentication_invalid_total", "Packets with an unknown kind of authentication.", |stats| {
        refused(stats, &["ah_header", "spi", "sequence", "hmac_trailer", "hmac_clock", "hmac_key", "hmac_replay"])
    }),
    ("keepalived_authentication_mismatch_total", "Packets with another kind of authentication.", |stats| {
        refused(stats, &["auth_type", "ah_missing", "ah_unexpected", "hmac_unexpected", "hmac_missing"])
    }),
    ("keepalived_authentication_failure_total", "Packets with another password or checksum.", |stats| {
        refused(stats, &["password", "icv", "hmac"])
    }),
    ("kalc_announcements_total", "Bursts of gratuitous ARP or neighbour advertisements.", |stats| stats.announcements),
];

fn refused(stats: &Stats, reasons: &[&str]) -> u64 {
    reasons.iter().filter_map(|reason| stats.refused.get(*reason)).sum()
}

fn trackers(out: &mut Metrics, trackers: &[TrackerStatus]) {
    let is_up = |tracker: &TrackerStatus| match tracker.state.as_str() {
        "up" => Some(1),
        "down" => Some(0),
        _ => None,
    };
    let scripts: Vec<_> = trackers.iter().filter(|tracker| tracker.kind == "script").collect();
    if !scripts.is_empty() {
        out.family("keepalived_script_status", "gauge", "Whether a vrrp_script counts as good.");
        for script in &scripts {
            if let Some(is_up) = is_up(script) {
                out.sample("keepalived_script_status", &[("name", &script.name)], is_up);
            }
        }
        for (name, help, value) in SCRIPT_COUNTERS {
            out.family(name, "counter", help);
            for script in &scripts {
                out.sample(name, &[("name", &script.name)], value(script).unwrap_or(0));
            }
        }
    }
    if trackers.is_empty() {
        return;
    }
    out.family("kalc_tracker_up", "gauge", "Whether what is watched is well.");
    for tracker in trackers {
        if let Some(is_up) = is_up(tracker) {
            out.sample("kalc_tracker_up", &[("kind", &tracker.kind), ("name", &tracker.name)], is_up);
        }
    }
    out.family("kalc_tracker_value", "gauge", "Number in a tracked file, or of processes.");
    for tracker in trackers {
        if let Some(value) = tracker.value {
            out.sample("kalc_tracker_value", &[("kind", &tracker.kind), ("name", &tracker.name)], value);
        }
    }
}

const SCRIPT_COUNTERS: [Row<TrackerStatus, Option<u64>>; 2] = [
    ("kalc_script_runs_total", "Runs of a vrrp_script that have ended.", |script| script.runs),
    ("kalc_script_failures_total", "Runs of a vrrp_script that failed.", |script| script.failures),
];
