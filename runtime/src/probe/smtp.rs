//! `SMTP_CHECK`: greeting, HELO, QUIT (RFC 5321 section 4.2).
//!
//! Differs: keepalived 2.2.7 does not understand replies of several lines (`220-...`), which the standard allows.

use super::connect::{self, limit, within};
use super::limits;
use kalc_core::check::Failure;
use kalc_ir::checker::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Speaks with the mail server as far as QUIT.
pub(super) async fn probe(connection: &Connection, helo_name: &str) -> Result<(), Failure> {
    let whole = limits::whole(limit(connection));
    timeout(whole, talk(connection, helo_name)).await.unwrap_or(Err(Failure::AnswerTimeout))
}

async fn talk(connection: &Connection, helo_name: &str) -> Result<(), Failure> {
    let mut stream = connect::tcp(connection).await?;
    expect(&mut stream, connection, "the greeting", 220).await?;
    say(&mut stream, connection, &format!("HELO {helo_name}\r\n")).await?;
    expect(&mut stream, connection, "HELO", 250).await?;
    say(&mut stream, connection, "QUIT\r\n").await?;
    expect(&mut stream, connection, "QUIT", 221).await
}

async fn say(stream: &mut TcpStream, connection: &Connection, line: &str) -> Result<(), Failure> {
    within(connection, Failure::AnswerTimeout, stream.write_all(line.as_bytes())).await
}

async fn expect(
    stream: &mut TcpStream,
    connection: &Connection,
    step: &'static str,
    wanted: u16,
) -> Result<(), Failure> {
    let mut text = Vec::new();
    let mut chunk = [0; 512];
    loop {
        match reply(&text) {
            Reply::Code(code) if code == wanted => return Ok(()),
            Reply::Code(code) => return Err(Failure::Smtp { step, code: Some(code) }),
            Reply::NotSmtp => return Err(Failure::Smtp { step, code: None }),
            Reply::Unfinished if text.len() > limits::SMTP_MAX => {
                return Err(Failure::TooLong(limits::SMTP_MAX as u64));
            }
            Reply::Unfinished => {}
        }
        match within(connection, Failure::AnswerTimeout, stream.read(&mut chunk)).await? {
            0 => return Err(Failure::ClosedEarly),
            length => text.extend_from_slice(&chunk[..length]),
        }
    }
}

/// What has come of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// More must come.
    Unfinished,
    /// It is whole, and this is its code.
    Code(u16),
    /// No reply can begin like that.
    NotSmtp,
}

/// Reads the beginning of what a mail server says. Total: whatever the bytes, there is an answer.
pub fn reply(text: &[u8]) -> Reply {
    let mut rest = text;
    loop {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return unfinished(rest) };
        let line = rest[..end].strip_suffix(b"\r").unwrap_or(&rest[..end]);
        let Some(code) = code(line) else { return Reply::NotSmtp };
        match line.get(3) {
            // RFC 5321 4.2.1: a hyphen says that more lines follow.
            Some(b'-') => rest = &rest[end + 1..],
            Some(b' ') | None => return Reply::Code(code),
            Some(_) => return Reply::NotSmtp,
        }
    }
}

/// A line without its end yet: it may still become one of a reply.
fn unfinished(line: &[u8]) -> Reply {
    let digits = &line[..line.len().min(3)];
    if digits.iter().all(u8::is_ascii_digit) { Reply::Unfinished } else { Reply::NotSmtp }
}

fn code(line: &[u8]) -> Option<u16> {
    let digits = line.get(..3)?;
    digits.iter().try_fold(0, |code, digit| digit.is_ascii_digit().then(|| code * 10 + u16::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_have_a_code_and_may_have_several_lines() {
        assert_eq!(reply(b"220 mail.example ESMTP\r\n"), Reply::Code(220));
        assert_eq!(reply(b"220\n"), Reply::Code(220));
        assert_eq!(reply(b"220-a\r\n220-b\r\n220 c\r\n"), Reply::Code(220));
        assert_eq!(reply(b"220-a\r\n"), Reply::Unfinished);
        assert_eq!(reply(b"22"), Reply::Unfinished);
        assert_eq!(reply(b""), Reply::Unfinished);
        for wrong in [&b"SSH-2.0"[..], b"2x0 a\r\n", b"2200\r\n", b"\r\n", b"22\r\n", b"220-a\r\nb"] {
            assert_eq!(reply(wrong), Reply::NotSmtp, "{wrong:?}");
        }
    }
}
