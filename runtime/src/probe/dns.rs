//! `DNS_CHECK`: one question over UDP (RFC 1035 section 4.1).
//!
//! Only the header of the answer counts, as with keepalived 2.2.7: that it is an answer (`QR`), to our question (`ID`),
//! and without error (`RCODE`). What is not is taken for somebody else's, and waited on. A library for DNS would bring
//! names, zones and caches for twelve bytes.

use super::connect::{self, within};
use super::failure;
use kalc_core::check::Failure;
use kalc_ir::checker::Connection;
use std::time::{SystemTime, UNIX_EPOCH};

/// RFC 1035 4.1.1: bytes of a header.
const HEADER: usize = 12;
/// RFC 1035 2.3.4: longest label and longest name.
const LABEL_MAX: usize = 63;
const NAME_MAX: usize = 255;

/// A question, as bytes behind the header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Name, type, class; `None` if the name cannot be asked for.
    bytes: Option<Vec<u8>>,
}

impl Question {
    /// The question for records of a type of a name; `.` is the root.
    pub fn new(name: &str, record: &str) -> Question {
        let bytes = encode_name(name).zip(kind(record)).map(|(mut bytes, kind)| {
            bytes.extend_from_slice(&kind.to_be_bytes());
            // RFC 1035 3.2.4: class IN.
            bytes.extend_from_slice(&[0, 1]);
            bytes
        });
        Question { bytes }
    }

    /// The query with that number; `None` if the name cannot be asked for.
    pub fn query(&self, id: u16) -> Option<Vec<u8>> {
        let question = self.bytes.as_ref()?;
        let mut query = Vec::with_capacity(HEADER + question.len());
        query.extend_from_slice(&id.to_be_bytes());
        // Recursion desired; one question, no records.
        query.extend_from_slice(&[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        query.extend_from_slice(question);
        Some(query)
    }
}

/// What a datagram is to a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Not its answer.
    Other,
    /// Its answer, with this response code.
    Code(u8),
}

/// Reads the header of an answer to the query with that number. Total: whatever the bytes, there is an answer.
pub fn answer(datagram: &[u8], id: u16) -> Answer {
    const IS_RESPONSE: u8 = 0x80;
    const RCODE: u8 = 0x0f;
    match datagram.get(..HEADER) {
        Some([high, low, flags, more, ..]) if [*high, *low] == id.to_be_bytes() && flags & IS_RESPONSE != 0 => {
            Answer::Code(more & RCODE)
        }
        Some(_) | None => Answer::Other,
    }
}

/// Asks, and waits for the answer.
pub(super) async fn probe(connection: &Connection, question: &Question) -> Result<(), Failure> {
    let id = number();
    let query = question.query(id).ok_or(Failure::NotDns("the name cannot be asked for"))?;
    let socket = connect::udp(connection).await?;
    socket.send(&query).await.map_err(|error| failure::of(&error))?;
    let mut datagram = [0; HEADER];
    let answered = within(connection, Failure::NoReply, async {
        loop {
            // The rest of a longer datagram is dropped by the kernel.
            let length = socket.recv(&mut datagram).await?;
            if let Answer::Code(code) = answer(&datagram[..length], id) {
                return Ok(code);
            }
        }
    });
    match answered.await? {
        0 => Ok(()),
        code => Err(Failure::Rcode(code.into())),
    }
}

/// A number that differs from the last one. The socket's random port, which only the server's address may answer to, is
/// what keeps strangers out.
fn number() -> u16 {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
    // The low bits of a clock's nanoseconds may stand still.
    (nanos >> 8) as u16 ^ nanos as u16
}

fn encode_name(name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(name.len() + 2);
    let name = name.strip_suffix('.').unwrap_or(name);
    for label in name.split('.').filter(|_| !name.is_empty()) {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=LABEL_MAX).contains(&usize::from(*length)))?;
        bytes.push(length);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    (bytes.len() <= NAME_MAX).then_some(bytes)
}

/// RFC 1035 3.2.2 and later: numbers of types.
fn kind(record: &str) -> Option<u16> {
    const KINDS: [(&str, u16); 9] = [
        ("A", 1),
        ("NS", 2),
        ("CNAME", 5),
        ("SOA", 6),
        ("MX", 15),
        ("TXT", 16),
        ("AAAA", 28),
        ("RRSIG", 46),
        ("DNSKEY", 48),
    ];
    KINDS.iter().find(|(name, _)| *name == record).map(|(_, number)| *number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_a_header_and_a_name() {
        let query = Question::new("example.com", "SOA").query(0x1234).expect("a name");
        assert_eq!(query, b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x06\0\x01");
        assert_eq!(Question::new("example.com.", "SOA"), Question::new("example.com", "SOA"));
        assert_eq!(
            Question::new(".", "A").query(0).map(|query| query[HEADER..].to_vec()),
            Some(b"\0\0\x01\0\x01".to_vec())
        );
        assert_eq!(Question::new("a..b", "A").query(0), None);
        assert_eq!(Question::new(&"a".repeat(64), "A").query(0), None);
        assert_eq!(Question::new(&["abcdefg"; 40].join("."), "A").query(0), None);
    }

    #[test]
    fn every_type_of_the_language_has_a_number() {
        for record in ["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"] {
            assert!(kind(record).is_some(), "{record}");
        }
    }

    #[test]
    fn only_an_answer_to_the_question_counts() {
        let header = |id: u16, flags: [u8; 2]| [&id.to_be_bytes()[..], &flags[..], &[0; 8][..]].concat();
        assert_eq!(answer(&header(7, [0x81, 0x80]), 7), Answer::Code(0));
        assert_eq!(answer(&header(7, [0x81, 0x83]), 7), Answer::Code(3));
        assert_eq!(answer(&header(7, [0x01, 0x80]), 7), Answer::Other);
        assert_eq!(answer(&header(8, [0x81, 0x80]), 7), Answer::Other);
        assert_eq!(answer(&header(7, [0x81, 0x80])[..11], 7), Answer::Other);
    }
}
