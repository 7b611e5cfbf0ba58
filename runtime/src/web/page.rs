//! The state as a page to look at: plain HTML without scripts, made anew every few seconds.

use crate::status::{InstanceStatus, RealServerStatus, Status, TrackerStatus, VirtualServerStatus};
use std::fmt::Write;

/// Seconds until a browser asks again.
const REFRESH: u32 = 5;

const STYLE: &str = "body{font:15px/1.4 system-ui,sans-serif;margin:2em auto;max-width:70em;padding:0 1em;color:#222;\
background:#fff}table{border-collapse:collapse;width:100%;margin:0 0 2em}th,td{text-align:left;padding:.3em .8em .3em 0;\
border-bottom:1px solid #ddd;vertical-align:top}th{font-weight:600}.good{color:#17692c}.bad{color:#b3261e;\
font-weight:600}.quiet{color:#666}@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}\
th,td{border-color:#444}.good{color:#7bd88f}.bad{color:#ff8a80}.quiet{color:#aaa}}";

/// The whole page.
pub fn of(status: &Status) -> String {
    let mut out = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>kalc</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><meta http-equiv=\"refresh\" content=\"{REFRESH}\">\
         <style>{STYLE}</style></head><body><h1>kalc</h1>"
    );
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<p>Version {}, process {}, running since {}, configuration <code>{}</code>, as of {}.</p>",
        escape(&status.version),
        status.pid,
        escape(&status.started),
        escape(status.config_fingerprint.get(..12).unwrap_or(&status.config_fingerprint)),
        escape(&status.time)
    );
    instances(&mut out, &status.instances);
    groups(&mut out, status);
    for service in &status.virtual_servers {
        virtual_server(&mut out, service);
    }
    trackers(&mut out, &status.trackers);
    out.push_str("<p class=\"quiet\"><a href=\"/status\">/status</a> has all of it as JSON, ");
    out.push_str("<a href=\"/metrics\">/metrics</a> for Prometheus.</p></body></html>\n");
    out
}

/// A table with a heading; nothing without rows.
pub(super) fn table(out: &mut String, title: &str, heads: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(out, "<h2>{title}</h2><table><tr>");
    for head in heads {
        let _ = write!(out, "<th>{head}</th>");
    }
    out.push_str("</tr>");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{cell}</td>");
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>");
}

/// A state, with the colour that it has.
pub(super) fn mark(state: &str) -> String {
    let class = match state {
        "MASTER" | "up" => "good",
        "FAULT" | "down" | "sorry" => "bad",
        _ => "quiet",
    };
    format!("<span class=\"{class}\">{}</span>", escape(state))
}

/// Text that means itself.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// How long ago, in the two largest units.
pub(super) fn since(millis: u64) -> String {
    let seconds = millis / 1000;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        86_400.. => format!("{} d {} h", seconds / 86_400, seconds / 3600 % 24),
    }
}

fn instances(out: &mut String, instances: &[InstanceStatus]) {
    let row = |instance: &InstanceStatus| {
        let priority = if instance.base_priority == instance.effective_priority {
            instance.base_priority.to_string()
        } else {
            format!("{} ({})", instance.effective_priority, instance.base_priority)
        };
        let faults = if instance.faults.is_empty() { String::new() } else { instance.faults.join(", ") };
        vec![
            escape(&instance.name),
            format!("{} {}", mark(&instance.state), escape(&faults)),
            priority,
            format!("{} vrid {}", escape(&instance.interface), instance.vrid),
            instance.master_address.map_or_else(|| "-".to_owned(), |address| address.to_string()),
            since(instance.since_ms),
            escape(&instance.vips.join(" ")),
        ]
    };
    let heads = ["Instance", "State", "Priority", "On", "Master", "Since", "Addresses"];
    table(out, "Virtual routers", &heads, &instances.iter().map(row).collect::<Vec<_>>());
}

fn virtual_server(out: &mut String, service: &VirtualServerStatus) {
    let row = |server: &RealServerStatus| {
        let why = server.last_failure.as_ref().map_or_else(String::new, |last| {
            let before = if server.state == "up" { "before: " } else { "" };
            format!("{before}{}: {}", last.check, last.reason)
        });
        vec![
            escape(&server.name),
            mark(&server.state),
            server.weight.to_string(),
            escape(&server.forwarding),
            since(server.since_ms),
            server.stats.active_connections.to_string(),
            format!("{} of {} failed", server.failures, server.probes),
            escape(&why),
        ]
    };
    let title = format!(
        "{} {} <span class=\"quiet\">{}, weight {} of quorum {}</span>",
        escape(&service.name),
        mark(&service.state),
        escape(&service.scheduler),
        service.weight,
        service.quorum
    );
    let heads = ["Real server", "State", "Weight", "By", "Since", "Connections", "Checks", "Last failure"];
    table(out, &title, &heads, &service.real_servers.iter().map(row).collect::<Vec<_>>());
}

fn groups(out: &mut String, status: &Status) {
    let row = |group: &crate::status::GroupStatus| {
        vec![escape(&group.name), mark(&group.state), escape(&group.members.join(" "))]
    };
    table(
        out,
        "Sync groups",
        &["Group", "State", "Instances"],
        &status.sync_groups.iter().map(row).collect::<Vec<_>>(),
    );
}

fn trackers(out: &mut String, trackers: &[TrackerStatus]) {
    let row = |tracker: &TrackerStatus| {
        let numbers = match (tracker.value, tracker.runs, tracker.failures) {
            (Some(value), _, _) => value.to_string(),
            (None, Some(runs), failures) => format!("{runs} runs, {} failed", failures.unwrap_or(0)),
            (None, None, _) => String::new(),
        };
        vec![escape(&tracker.kind), escape(&tracker.name), mark(&tracker.state), numbers]
    };
    table(out, "Watched", &["Kind", "Name", "State", ""], &trackers.iter().map(row).collect::<Vec<_>>());
}
