//! An answer as it comes in, piece by piece: its head, where its body ends, what is kept of it.
//!
//! Total: whatever the bytes and however they are cut, the result is the same and takes bounded memory.

use super::chunks::Chunks;
use crate::probe::limits::{HEAD_MAX, PAGE_MAX, REGEX_MAX};
use kalc_core::check::Failure;
use md5::{Digest as _, Md5};
use std::fmt;

/// More headers than a page has.
const HEADERS_MAX: usize = 128;

/// An MD5 digest; shown as 32 hexadecimal digits in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub [u8; 16]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What has come of an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    statuses: Vec<(u16, u16)>,
    /// The head, until it is whole.
    head: Vec<u8>,
    status: Option<u16>,
    body: Body,
    bytes: u64,
    digest: Option<Md5>,
    /// The whole answer, where somebody wants to look at it.
    text: Option<Vec<u8>>,
}

/// Where the body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// With the connection.
    UntilClose,
    /// After so many bytes more.
    Length(u64),
    /// With the last chunk.
    Chunked(Chunks),
}

/// Whether more is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// More may come.
    More,
    /// The answer is whole.
    Whole,
}

impl Answer {
    /// Nothing yet. `statuses` are the ranges that are good, the last one included.
    pub fn new(statuses: &[(u16, u16)], digests: bool, keeps_text: bool) -> Answer {
        Answer {
            statuses: statuses.to_vec(),
            head: Vec::new(),
            status: None,
            body: Body::UntilClose,
            bytes: 0,
            digest: digests.then(Md5::new),
            text: keeps_text.then(Vec::new),
        }
    }

    /// Takes bytes as they come.
    ///
    /// # Errors
    /// If the answer cannot be good any more.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Step, Failure> {
        if let Some(text) = &mut self.text {
            if text.len() + bytes.len() > REGEX_MAX {
                return Err(Failure::TooLong(REGEX_MAX as u64));
            }
            text.extend_from_slice(bytes);
        }
        if self.status.is_some() {
            return self.push_body(bytes);
        }
        // The end of the head may lie across two pieces.
        let seen = self.head.len().saturating_sub(3);
        self.head.extend_from_slice(bytes);
        let Some(end) = end_of_head(&self.head[seen..]).map(|end| seen + end) else {
            return if self.head.len() > HEAD_MAX { Err(Failure::TooLong(HEAD_MAX as u64)) } else { Ok(Step::More) };
        };
        if end > HEAD_MAX {
            return Err(Failure::TooLong(HEAD_MAX as u64));
        }
        let head = std::mem::take(&mut self.head);
        self.read_head(&head[..end])?;
        self.push_body(&head[end..])
    }

    /// The server has closed the connection.
    ///
    /// # Errors
    /// If that was before the end of the headers.
    pub fn close(&self) -> Result<(), Failure> {
        self.status.map(drop).ok_or(Failure::ClosedEarly)
    }

    /// The status, once it is known.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Bytes of the body that have come.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The digest of the body and the whole text, if they were wanted.
    pub fn finish(self) -> (Option<Digest>, Option<Vec<u8>>) {
        (self.digest.map(|digest| Digest(digest.finalize().into())), self.text)
    }

    fn read_head(&mut self, head: &[u8]) -> Result<(), Failure> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Failure::NotHttp("its head is not whole")),
            Err(error) => return Err(Failure::NotHttp(reason(error))),
        }
        let status = response.code.ok_or(Failure::NotHttp("it has no status"))?;
        self.status = Some(status);
        if !self.statuses.iter().any(|(first, last)| (*first..=*last).contains(&status)) {
            return Err(Failure::Status(status));
        }
        self.body = framing(status, response.headers);
        Ok(())
    }

    fn push_body(&mut self, bytes: &[u8]) -> Result<Step, Failure> {
        let (bytes, step) = match &mut self.body {
            Body::UntilClose => (bytes, Step::More),
            Body::Length(left) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= length as u64;
                (&bytes[..length], if *left == 0 { Step::Whole } else { Step::More })
            }
            Body::Chunked(chunks) => {
                let (next, behind) = chunks.push(bytes);
                *chunks = next;
                (&bytes[..bytes.len() - behind], if next == Chunks::Whole { Step::Whole } else { Step::More })
            }
        };
        self.bytes += bytes.len() as u64;
        if self.bytes > PAGE_MAX {
            return Err(Failure::TooLong(PAGE_MAX));
        }
        if let Some(digest) = &mut self.digest {
            digest.update(bytes);
        }
        Ok(step)
    }
}

/// Behind the empty line that ends a head.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut lines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    lines.find_map(|at| match &bytes[at + 1..] {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// RFC 9112 6.3: where a body ends.
fn framing(status: u16, headers: &[httparse::Header<'_>]) -> Body {
    const NO_CONTENT: u16 = 204;
    const NOT_MODIFIED: u16 = 304;
    if status == NO_CONTENT || status == NOT_MODIFIED {
        return Body::Length(0);
    }
    let value =
        |name: &str| headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|found| found.value);
    let last = |coding: &[u8]| coding.rsplit(|byte| *byte == b',').next().map(|word| word.trim_ascii().to_vec());
    if value("transfer-encoding").and_then(last).is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked")) {
        return Body::Chunked(Chunks::START);
    }
    let length = value("content-length").and_then(|value| std::str::from_utf8(value).ok()?.trim().parse().ok());
    length.map_or(Body::UntilClose, Body::Length)
}

fn reason(error: httparse::Error) -> &'static str {
    match error {
        httparse::Error::HeaderName => "a header has no good name",
        httparse::Error::HeaderValue => "a header has no good value",
        httparse::Error::NewLine => "a line does not end well",
        httparse::Error::Status => "it has no good status",
        httparse::Error::Token => "it has bytes that do not belong there",
        httparse::Error::TooManyHeaders => "it has too many headers",
        httparse::Error::Version => "it does not begin with a version of HTTP",
    }
}
