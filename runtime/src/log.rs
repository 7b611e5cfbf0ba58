//! Where messages go: to standard error, written by a thread of its own.
//!
//! Nobody who logs ever waits: messages go into a bounded queue, and what does not fit is counted and told of when there
//! is room again. A standard error that nobody reads from stops this thread and nothing else.
//!
//! tracing gives the macros; there are no spans, so that a subscriber of our own is a page long.

use crate::privileges;
use crate::wall;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime};
use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Metadata, Subscriber};

/// Messages that wait to be written.
const LINES_MAX: usize = 4096;

/// How important a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Level {
    /// Something does not work.
    Error,
    /// Something may not work.
    Warn,
    /// Changes of state and the like.
    #[default]
    Info,
    /// Every step.
    Debug,
}

impl Level {
    const fn of(level: &tracing::Level) -> Level {
        match *level {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            tracing::Level::INFO => Level::Info,
            tracing::Level::DEBUG | tracing::Level::TRACE => Level::Debug,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warning",
            Level::Info => "info",
            Level::Debug => "debug",
        }
    }

    /// The number of syslog and journald.
    const fn severity(self) -> u8 {
        match self {
            Level::Error => 3,
            Level::Warn => 4,
            Level::Info => 6,
            Level::Debug => 7,
        }
    }
}

/// How messages look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Time, level, message: for a terminal.
    Text,
    /// With `<6>` in front: journald reads the level from it and knows the rest.
    Journal,
    /// With time, name and process id, as syslog writes files.
    Syslog,
    /// An object on each line.
    Json,
}

impl Format {
    /// What fits standard error: a terminal, the journal, or something else.
    pub fn guess() -> Format {
        if io::stderr().is_terminal() {
            Format::Text
        } else if std::env::var_os("JOURNAL_STREAM").is_some() {
            Format::Journal
        } else {
            Format::Syslog
        }
    }

    fn line(self, time: SystemTime, level: Level, message: &str, fields: &Map<String, Value>) -> String {
        let mut text = message.to_owned();
        for (name, value) in fields {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!(" {name}={value}"));
        }
        // One message is one line, whatever is in it: nothing that came from outside may look like a message of ours.
        let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let time = wall::rfc3339(time);
        match self {
            Format::Text => format!("{} {:7} {text}\n", time.get(11..23).unwrap_or(&time), level.word()),
            Format::Journal => format!("<{}>{text}\n", level.severity()),
            Format::Syslog => format!("{time} kalc[{}]: {}: {text}\n", std::process::id(), level.word()),
            Format::Json => {
                let mut object = Map::new();
                object.insert("time".to_owned(), time.into());
                object.insert("level".to_owned(), level.word().into());
                object.insert("message".to_owned(), message.into());
                object.extend(fields.clone());
                format!("{}\n", Value::Object(object))
            }
        }
    }
}

static LEVEL: AtomicU8 = AtomicU8::new(Level::Info as u8);
static QUEUE: OnceLock<Queue> = OnceLock::new();

#[derive(Debug)]
struct Queue {
    lines: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Message {
    Line(String),
    /// Tells back when everything before it is written.
    Flush(SyncSender<()>),
}

/// Starts logging to standard error. To be called once; further calls have no effect.
///
/// # Errors
/// If there can be no thread.
pub fn start(format: Format, level: Level) -> io::Result<()> {
    start_to(io::stderr(), format, level)
}

fn start_to(mut out: impl Write + Send + 'static, format: Format, level: Level) -> io::Result<()> {
    set_level(level);
    let (lines, waiting) = sync_channel(LINES_MAX);
    let dropped = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&dropped);
    thread::Builder::new().name("kalc-log".to_owned()).spawn(move || {
        // It writes to what is open already.
        if let Err(error) = privileges::keep_nothing() {
            let _ = writeln!(out, "the log keeps rights that it does not need: {error}");
        }
        write(out, format, &waiting, &counter);
    })?;
    if QUEUE.set(Queue { lines, dropped }).is_ok() {
        // Another subscriber is only there if a program that embeds this crate has set it; then that one gets them.
        drop(tracing::subscriber::set_global_default(Log { format }));
    }
    Ok(())
}

/// What is logged from now on.
pub fn set_level(level: Level) {
    LEVEL.store(level as u8, Ordering::Relaxed);
    tracing::callsite::rebuild_interest_cache();
}

/// Waits until what was logged so far is written, but not for long.
pub fn flush() {
    let Some(queue) = QUEUE.get() else { return };
    let (told, written) = sync_channel(1);
    if queue.lines.try_send(Message::Flush(told)).is_ok()
        && let Err(RecvTimeoutError::Timeout) = written.recv_timeout(Duration::from_millis(200))
    {
        queue.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

/// The thread's work.
fn write(mut out: impl Write, format: Format, waiting: &Receiver<Message>, dropped: &AtomicU64) {
    loop {
        let message = match waiting.recv_timeout(Duration::from_secs(3600)) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let lost = dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let text = format!("{lost} messages were not written: nobody read them fast enough");
            put(&mut out, &format.line(SystemTime::now(), Level::Warn, &text, &Map::new()));
        }
        match message {
            Message::Line(line) => put(&mut out, &line),
            Message::Flush(told) => drop(told.try_send(())),
        }
    }
}

fn put(out: &mut impl Write, line: &str) {
    // If standard error is closed there is nobody left to tell.
    drop(out.write_all(line.as_bytes()));
}

struct Log {
    format: Format,
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let limit = LEVEL.load(Ordering::Relaxed);
        // Libraries' steps are not ours to tell.
        let is_own = metadata.target().starts_with("kalc");
        metadata.is_event()
            && Level::of(metadata.level()) as u8 <= limit
            && (is_own || *metadata.level() <= tracing::Level::WARN)
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let Some(queue) = QUEUE.get() else { return };
        let mut words = Words::default();
        event.record(&mut words);
        let level = Level::of(event.metadata().level());
        let line = self.format.line(SystemTime::now(), level, &words.message, &words.fields);
        if queue.lines.try_send(Message::Line(line)).is_err() {
            queue.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The words of a message.
#[derive(Default)]
struct Words {
    message: String,
    fields: Map<String, Value>,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.fields.insert(field.name().to_owned(), text.into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.fields.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.fields.insert(field.name().to_owned(), value.into());
    }
}
