//! The state as text that a person likes to read.

use super::{InstanceStatus, RealServerStatus, Status, TrackerStatus, VirtualServerStatus};
use std::time::Duration;

/// The whole state; lines end with a line feed.
pub(super) fn of(status: &Status) -> String {
    let mut out = String::new();
    let fingerprint = status.config_fingerprint.get(..12).unwrap_or(&status.config_fingerprint);
    put(&mut out, &format!("kalc {}, process {}, since {}", status.version, status.pid, status.started));
    put(&mut out, &format!("configuration {fingerprint}…"));
    let rows = status.instances.iter().map(|instance| {
        vec![
            instance.name.clone(),
            instance.state.clone(),
            priority(instance),
            format!("{} vrid {}", instance.interface, instance.vrid),
            instance.master_address.map_or_else(|| "-".to_owned(), |address| address.to_string()),
            since(instance.since_ms),
            addresses(instance),
        ]
    });
    table(&mut out, &["INSTANCE", "STATE", "PRIORITY", "ON", "MASTER", "SINCE", "ADDRESSES"], rows.collect());
    for instance in status.instances.iter().filter(|instance| !instance.faults.is_empty()) {
        put(&mut out, &format!("{} is held back by: {}", instance.name, instance.faults.join(", ")));
    }
    for instance in &status.instances {
        let refused: Vec<_> =
            instance.stats.refused.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        if !refused.is_empty() {
            put(&mut out, &format!("{} refused packets: {}", instance.name, refused.join(", ")));
        }
    }
    let rows =
        status.sync_groups.iter().map(|group| vec![group.name.clone(), group.state.clone(), group.members.join(" ")]);
    table(&mut out, &["GROUP", "STATE", "INSTANCES"], rows.collect());
    let rows = status
        .trackers
        .iter()
        .map(|tracker| vec![tracker.kind.clone(), tracker.name.clone(), tracker.state.clone(), numbers(tracker)]);
    table(&mut out, &["WATCHED", "NAME", "STATE", ""], rows.collect());
    table(&mut out, &["VIRTUAL SERVER", "STATE", "WEIGHT", "QUORUM", "SINCE", "CONNECTIONS"], services(status));
    table(&mut out, &["REAL SERVER", "OF", "STATE", "WEIGHT", "SINCE", "CONNECTIONS", "LAST FAILURE"], servers(status));
    out
}

fn services(status: &Status) -> Vec<Vec<String>> {
    let row = |service: &VirtualServerStatus| {
        let quorum = match service.hysteresis {
            0 => service.quorum.to_string(),
            hysteresis => format!("{} ± {hysteresis}", service.quorum),
        };
        let suspended = if service.is_suspended { " (checks wait for the address)" } else { "" };
        vec![
            service.name.clone(),
            format!("{}{suspended}", service.state),
            service.weight.to_string(),
            quorum,
            since(service.since_ms),
            service.stats.connections.to_string(),
        ]
    };
    status.virtual_servers.iter().map(row).collect()
}

fn servers(status: &Status) -> Vec<Vec<String>> {
    let row = |service: &VirtualServerStatus, server: &RealServerStatus| {
        let weight = match server.weight_in_kernel {
            Some(weight) if weight == server.weight => weight.to_string(),
            Some(weight) => format!("{} (now {weight})", server.weight),
            None => format!("{} (not in the table)", server.weight),
        };
        let failure = server.last_failure.as_ref();
        vec![
            server.name.clone(),
            service.name.clone(),
            server.state.clone(),
            weight,
            since(server.since_ms),
            server.stats.active_connections.to_string(),
            failure.map_or_else(String::new, |failure| format!("{}: {}", failure.check, failure.reason)),
        ]
    };
    let of = |service: &VirtualServerStatus| -> Vec<Vec<String>> {
        service.real_servers.iter().map(|server| row(service, server)).collect()
    };
    status.virtual_servers.iter().flat_map(of).collect()
}

fn put(out: &mut String, line: &str) {
    out.push_str(line.trim_end());
    out.push('\n');
}

fn priority(instance: &InstanceStatus) -> String {
    if instance.base_priority == instance.effective_priority {
        instance.base_priority.to_string()
    } else {
        format!("{} ({})", instance.effective_priority, instance.base_priority)
    }
}

/// Those that are there, and behind them those that are not.
fn addresses(instance: &InstanceStatus) -> String {
    let list = |held: bool| -> Vec<&str> {
        let of = instance.addresses.iter().filter(|address| address.held == held);
        of.map(|address| address.address.as_str()).collect()
    };
    let (held, missing) = (list(true), list(false));
    let missing = if missing.is_empty() { String::new() } else { format!("not here: {}", missing.join(" ")) };
    let both = [held.join(" "), missing];
    both.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

fn numbers(tracker: &TrackerStatus) -> String {
    let mut text = String::new();
    if let Some(value) = tracker.value {
        let what = if tracker.kind == "process" { "running" } else { "" };
        text.push_str(&format!("{value} {what}"));
    }
    if let (Some(runs), Some(failures)) = (tracker.runs, tracker.failures) {
        text.push_str(&format!("{runs} runs, {failures} failed"));
    }
    if let Some(session) = &tracker.session {
        let neighbor = session.neighbor.map_or_else(|| "?".to_owned(), |neighbor| neighbor.to_string());
        text.push_str(&format!("{} with {neighbor}", session.state));
        if session.detection_time_us > 0 {
            let within = Duration::from_micros(session.detection_time_us);
            text.push_str(&format!(", lost within {within:?}"));
        }
        if session.state != "Up" && session.diagnostic != "no reason" {
            text.push_str(&format!(" ({})", session.diagnostic));
        }
    }
    text
}

/// A length of time in its two largest units.
fn since(milliseconds: u64) -> String {
    let time = Duration::from_millis(milliseconds);
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// A table with aligned columns; nothing if there are no rows.
fn table(out: &mut String, head: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        return;
    }
    out.push('\n');
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|title| title.len())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}  ")).collect::<String>()
    };
    put(out, &line(&mut head.iter().copied()));
    for row in &rows {
        put(out, &line(&mut row.iter().map(String::as_str)));
    }
}
