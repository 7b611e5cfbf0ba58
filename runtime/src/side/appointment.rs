//! `reload_time_file`: a reload at the time that a file tells, so that several hosts can change together.
//!
//! Measured with keepalived 2.2.7: the file holds `HH:MM:SS`, which is today or, if that is past, tomorrow, or with a date
//! `YYYY-MM-DD HH:MM:SS`, which is nothing if it is past; in the time of the host, or with a `Z` behind it in UTC. It is
//! removed before the reload, unless the time has no date and comes every day (`reload_repeat`). Another content, or none, takes the time
//! back.

use super::file::{Watch, content};
use crate::control::server::ReloadRequest;
use crate::starter::Starter;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// Clocks are set, and hosts sleep: a time is waited for in pieces.
const PIECE: Duration = Duration::from_secs(30);
/// Time between two looks at a file that cannot be watched.
const POLL: Duration = Duration::from_secs(1);

/// A time to reload at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Appointment {
    at: ZonedDateTime,
    has_date: bool,
}

/// Asks for reloads at the times that a file tells, until the task is aborted.
pub(super) async fn keep(path: PathBuf, repeats: bool, starter: Starter, reloads: mpsc::Sender<Option<ReloadRequest>>) {
    let mut watch = Watch::new(std::slice::from_ref(&path));
    let mut known = String::new();
    let mut next: Option<Appointment> = None;
    loop {
        // Without a file there is no time.
        let text = content(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        if text != known {
            if let Some(before) = next.take() {
                tracing::info!("the reload at {} is taken back", before.at.strftime("%F %T"));
            }
            next = plan(&text);
            known = text;
        }
        let left = next.as_ref().map(|next| left(next, &ZonedDateTime::now()));
        if left == Some(Duration::ZERO) {
            let is_over = !repeats || next.take().is_none_or(|next| next.has_date);
            if is_over && let Err(error) = starter.remove_time().await {
                tracing::error!("reload_time_file: cannot remove {}: {error}", path.display());
            }
            // If it is still there, its time comes again tomorrow, if ever.
            next = if is_over { None } else { plan(&known) };
            if reloads.send(None).await.is_err() {
                return;
            }
        }
        let is_watched = watch.covers_all();
        tokio::select! {
            () = watch.changed() => {}
            () = sleep(left.unwrap_or(PIECE).clamp(Duration::from_millis(1), PIECE)), if left.is_some() => {}
            () = sleep(POLL), if !is_watched => watch.try_again(),
        }
    }
}

/// What a text asks for, with a message.
fn plan(text: &str) -> Option<Appointment> {
    if text.trim().is_empty() {
        return None;
    }
    match parse(text, &ZonedDateTime::now()) {
        Ok(next) => {
            tracing::info!("a reload is due at {}", next.at.strftime("%F %T"));
            Some(next)
        }
        Err(why) => {
            tracing::warn!(
                "reload_time_file: {why}; it holds HH:MM:SS or YYYY-MM-DD HH:MM:SS, and Z behind it for UTC"
            );
            None
        }
    }
}

fn left(next: &Appointment, now: &ZonedDateTime) -> Duration {
    Duration::try_from(next.at.duration_since(now)).unwrap_or(Duration::ZERO)
}

fn parse(text: &str, now: &ZonedDateTime) -> Result<Appointment, String> {
    let line = text.lines().next().unwrap_or_default().trim();
    let (line, zone) = match line.strip_suffix('Z') {
        Some(line) => (line, TimeZone::UTC),
        None => (line, now.time_zone().clone()),
    };
    let unreadable = |_| format!("`{line}` is no time");
    let impossible = |_| format!("there is no time `{line}` here");
    if line.contains(' ') {
        let at = DateTime::strptime("%Y-%m-%d %H:%M:%S", line).map_err(unreadable)?;
        let at = at.to_zoned_datetime(zone).map_err(impossible)?;
        if at <= *now {
            return Err(format!("`{line}` is past"));
        }
        return Ok(Appointment { at, has_date: true });
    }
    let time = Time::strptime("%H:%M:%S", line).map_err(unreadable)?;
    let there = now.with_time_zone(zone.clone());
    let on = |date: jiff::civil::Date| date.to_datetime(time).to_zoned_datetime(zone.clone()).map_err(impossible);
    let at = on(there.date())?;
    let at = if at > *now { at } else { on(there.date().checked_add(1.day()).map_err(impossible)?)? };
    Ok(Appointment { at, has_date: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn now() -> ZonedDateTime {
        let time: DateTime = "2026-11-26T23:30:00".parse().expect("a time");
        time.to_zoned_datetime(TimeZone::fixed(jiff::tz::offset(2))).expect("it exists")
    }

    #[test]
    fn times_are_of_the_host_or_of_utc_and_come_again() {
        for (text, at, has_date) in [
            ("23:30:05\n", "2026-11-26T21:30:05Z", false),
            ("23:30:00", "2026-11-27T21:30:00Z", false),
            ("22:30:00\nmore", "2026-11-27T20:30:00Z", false),
            ("22:00:00Z", "2026-11-26T22:00:00Z", false),
            ("21:00:00Z", "2026-11-27T21:00:00Z", false),
            ("2026-11-27 00:00:00", "2026-11-26T22:00:00Z", true),
            ("2026-11-27 00:00:00Z", "2026-11-27T00:00:00Z", true),
        ] {
            let found = parse(text, &now()).unwrap_or_else(|why| panic!("{text}: {why}"));
            let at: Timestamp = at.parse().expect("a time");
            assert_eq!((found.at.timestamp(), found.has_date), (at, has_date), "{text}");
        }
    }

    #[test]
    fn what_is_past_or_no_time_is_nothing() {
        let cases =
            ["junk", "", "+2", "23:31", "2026-11-27", "2026-11-27T00:00:00Z", "2026-11-26 23:29:59", "25:00:00"];
        for text in cases {
            assert!(parse(text, &now()).is_err(), "{text}");
        }
    }
}
