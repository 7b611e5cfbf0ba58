//! Mails on changes of state, in keepalived's words (RFC 5321, RFC 5322).
//!
//! They leave one after the other, so that they arrive in the order of the changes. A mail that cannot be delivered is
//! told in the log and forgotten, as keepalived does. Nothing is encrypted and nobody logs in: the server is meant to be
//! near.

use crate::load::Configuration;
use crate::wall;
use kalc_core::action::Subject;
use kalc_core::director::ServiceMail;
use kalc_core::{Notice, NoticeEvent};
use kalc_ir::Ir;
use kalc_ir::global::{Mail, MailServer};
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

/// Mails that wait; further ones are not sent.
const WAITING_MAX: usize = 256;
/// Longest line of an answer (RFC 5321 section 4.5.3.1.5), and lines of one answer.
const LINE_MAX: u64 = 512;
const LINES_MAX: usize = 64;
/// How long mails may take when the daemon ends.
const END: Duration = Duration::from_secs(1);

/// A mail.
#[derive(Debug)]
struct Letter {
    subject: String,
    body: String,
    configuration: Arc<Configuration>,
}

/// Sends mails.
#[derive(Debug, Default)]
pub(super) struct Mails {
    waiting: VecDeque<Letter>,
    running: Option<JoinHandle<()>>,
    dropped: u64,
}

impl Mails {
    /// Sends a mail about a change, if the configuration wants one.
    pub fn tell(&mut self, notice: &Notice, configuration: &Arc<Configuration>) {
        if !has_way(&configuration.ir.global.mail) {
            return;
        }
        let Some((subject, body)) = words(notice, &configuration.ir) else { return };
        self.queue(Letter { subject, body, configuration: Arc::clone(configuration) });
    }

    /// Sends a mail about a virtual or real server.
    pub fn tell_service(&mut self, mail: ServiceMail, configuration: &Arc<Configuration>) {
        if has_way(&configuration.ir.global.mail) {
            let ServiceMail { subject, body } = mail;
            self.queue(Letter { subject, body, configuration: Arc::clone(configuration) });
        }
    }

    fn queue(&mut self, letter: Letter) {
        if self.waiting.len() >= WAITING_MAX {
            self.dropped += 1;
            let subject = letter.subject;
            tracing::error!("{WAITING_MAX} mails wait already, `{subject}` is not sent ({} so far)", self.dropped);
            return;
        }
        self.waiting.push_back(letter);
        self.go_on();
    }

    fn go_on(&mut self) {
        if self.running.is_none()
            && let Some(letter) = self.waiting.pop_front()
        {
            self.running = Some(tokio::spawn(send(letter)));
        }
    }

    /// Waits until a mail has left and the next one may; forever if there is none.
    pub async fn ended(&mut self) {
        match &mut self.running {
            Some(running) => {
                if let Err(error) = running.await {
                    tracing::error!("sending a mail has failed: {error}");
                }
            }
            None => std::future::pending::<()>().await,
        }
        self.running = None;
        self.go_on();
    }

    /// The daemon ends: mails get a little time.
    pub async fn end(mut self) {
        let until = Instant::now() + END;
        while self.running.is_some() {
            if timeout_at(until, self.ended()).await.is_err() {
                tracing::warn!("{} mails are not sent", self.waiting.len() + 1);
                break;
            }
        }
        if let Some(running) = self.running {
            running.abort();
        }
    }
}

/// Whether mails can go anywhere.
fn has_way(mail: &Mail) -> bool {
    mail.server.is_some() && !mail.recipients.is_empty()
}

/// Subject, without the name of the router, and text; `None` if there is no mail about that.
fn words(notice: &Notice, ir: &Ir) -> Option<(String, String)> {
    let is_fault = notice.event == NoticeEvent::Fault;
    let state = match notice.event {
        NoticeEvent::Master | NoticeEvent::Backup | NoticeEvent::Fault => notice.event.word(),
        NoticeEvent::Stop
        | NoticeEvent::MasterRxLowerPri
        | NoticeEvent::MasterPriority
        | NoticeEvent::BackupPriority
        | NoticeEvent::Deleted => return None,
    };
    // By name: what an instance says goodbye with comes when its configuration is gone.
    let is_it = |instance: &&kalc_ir::Instance| *instance.name == *notice.name;
    let (is_wanted, kind) = match notice.subject {
        Subject::Instance(_) => (ir.vrrp_instances.iter().find(is_it)?.mails, "Instance"),
        Subject::Group(_) => (ir.sync_groups.iter().find(|group| *group.name == *notice.name)?.mails, "Group"),
    };
    if !is_wanted || is_fault && ir.global.mail.no_faults {
        return None;
    }
    let body = match (notice.subject, notice.event) {
        (Subject::Group(_), _) => format!("All VRRP group instances are now in {state} state"),
        (Subject::Instance(_), NoticeEvent::Master) => "VRRP Instance is now owning VRRP VIPs".to_owned(),
        (Subject::Instance(_), _) => "VRRP Instance is no longer owning VRRP VIPs".to_owned(),
    };
    Some((format!("VRRP {kind} {} - Entering {state} state", notice.name), format!("=> {body} <=")))
}

async fn send(letter: Letter) {
    let mail = &letter.configuration.ir.global.mail;
    let Some(server) = &mail.server else { return };
    let server = match server {
        MailServer::Address(address) => address.to_string(),
        MailServer::Name(name) => name.clone(),
    };
    match deliver(&letter, &server).await {
        Ok(()) => tracing::debug!("mail sent: {}", letter.subject),
        Err(error) => tracing::warn!("mail not sent by {server}:{}: {}: {error}", mail.port, letter.subject),
    }
}

/// The whole conversation.
async fn deliver(letter: &Letter, server: &str) -> io::Result<()> {
    let Letter { subject, body, configuration } = letter;
    let global = &configuration.ir.global;
    let mail = &global.mail;
    let patience = Duration::from_micros(mail.connect_timeout_us);
    let host = host();
    let sender = mail.sender.clone().unwrap_or_else(|| format!("{}@{host}", user()));
    let router = global.router_id.as_deref().unwrap_or(&host);
    let stream = timeout(patience, TcpStream::connect((server, mail.port))).await??;
    let mut talk = Talk { stream: BufReader::new(stream), patience };
    talk.answer(2).await?;
    talk.say(&format!("HELO {}", mail.helo_name.as_deref().unwrap_or(&host)), 2).await?;
    talk.say(&format!("MAIL FROM:<{sender}>"), 2).await?;
    for recipient in &mail.recipients {
        talk.say(&format!("RCPT TO:<{recipient}>"), 2).await?;
    }
    talk.say("DATA", 3).await?;
    let headers = [
        format!("Date: {}", wall::rfc5322(SystemTime::now())),
        format!("From: {sender}"),
        format!("Subject: [{router}] {subject}"),
        format!("X-Mailer: kalc {}", env!("CARGO_PKG_VERSION")),
        format!("To: {}", mail.recipients.join(", ")),
    ];
    for line in headers.iter().map(String::as_str).chain(["", body, ""]) {
        talk.write(line).await?;
    }
    talk.say(".", 2).await?;
    // It has taken the mail; whether it says goodbye does not matter.
    let _ = talk.say("QUIT", 2).await;
    Ok(())
}

/// A conversation with a server.
struct Talk {
    stream: BufReader<TcpStream>,
    patience: Duration,
}

impl Talk {
    /// Sends a line. What would end it or hide in it is left out.
    async fn write(&mut self, line: &str) -> io::Result<()> {
        let clean: String = line.chars().filter(|c| !c.is_control()).collect();
        timeout(self.patience, self.stream.get_mut().write_all(format!("{clean}\r\n").as_bytes())).await?
    }

    /// Sends a command, and reads an answer that begins with that digit.
    async fn say(&mut self, line: &str, expect: u8) -> io::Result<()> {
        self.write(line).await?;
        self.answer(expect).await
    }

    /// Reads an answer; all its lines but the last have a `-` behind the number.
    async fn answer(&mut self, expect: u8) -> io::Result<()> {
        for _ in 0..LINES_MAX {
            let mut line = Vec::new();
            let mut limited = (&mut self.stream).take(LINE_MAX);
            if timeout(self.patience, limited.read_until(b'\n', &mut line)).await?? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if line.get(3) == Some(&b'-') {
                continue;
            }
            if line.first() == Some(&(b'0' + expect)) {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&line).trim_end().escape_debug().to_string();
            return Err(io::Error::other(format!("it says `{text}`")));
        }
        Err(io::Error::other("its answer does not end"))
    }
}

fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    if name.trim().is_empty() { "localhost".to_owned() } else { name.trim().to_owned() }
}

fn user() -> String {
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid());
    user.ok().flatten().map_or_else(|| "root".to_owned(), |user| user.name)
}
