//! Messages of nf_tables, as bytes (`linux/netfilter/nfnetlink.h`, `linux/netfilter/nf_tables.h`).
//!
//! Only what the rules of this folder need. A batch is one transaction: the kernel makes all of it true or nothing.

use std::net::IpAddr;

/// `NFNL_SUBSYS_NFTABLES`
const SUBSYSTEM: u16 = 10;
/// `NFNL_MSG_BATCH_BEGIN`, `NFNL_MSG_BATCH_END`
const BATCH: [u16; 2] = [0x10, 0x11];
/// `NLM_F_REQUEST`, `NLM_F_ACK`, `NLM_F_CREATE`
const REQUEST: u16 = 0x1;
const ACK: u16 = 0x4;
const CREATE: u16 = 0x400;
/// `NLA_F_NESTED`
const NESTED: u16 = 0x8000;
/// `NFPROTO_INET`: both families in one table.
const INET: u8 = 1;
/// Length of a netlink header.
const HEADER: usize = 16;

/// `NFT_MSG_…`
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `NFT_MSG_NEWTABLE`
    NewTable = 0,
    /// `NFT_MSG_NEWCHAIN`
    NewChain = 3,
    /// `NFT_MSG_NEWRULE`
    NewRule = 6,
    /// `NFT_MSG_NEWSET`
    NewSet = 9,
    /// `NFT_MSG_NEWSETELEM`
    NewElements = 12,
    /// `NFT_MSG_DELSETELEM`
    DelElements = 14,
}

/// A transaction.
#[derive(Debug)]
pub struct Transaction {
    bytes: Vec<u8>,
    sequence: u32,
}

impl Transaction {
    /// An empty one; its messages are numbered from there.
    pub fn new(sequence: u32) -> Transaction {
        let mut transaction = Transaction { bytes: Vec::new(), sequence };
        transaction.edge(0);
        transaction
    }

    fn edge(&mut self, which: usize) {
        let start = self.head(BATCH[which], REQUEST, 0, SUBSYSTEM);
        self.finish(start);
    }

    /// The bytes to send, and the number of the next message.
    pub fn end(mut self) -> (Vec<u8>, u32) {
        self.edge(1);
        (self.bytes, self.sequence)
    }

    /// Adds a message. Every one asks for an answer.
    pub fn message(&mut self, kind: Kind, attributes: impl FnOnce(&mut Attributes<'_>)) {
        let flags = match kind {
            Kind::NewTable | Kind::NewChain | Kind::NewRule | Kind::NewSet | Kind::NewElements => CREATE,
            Kind::DelElements => 0,
        };
        // NLM_F_APPEND: rules stand in the order in which they are made.
        let append = if matches!(kind, Kind::NewRule) { 0x800 } else { 0 };
        let start = self.head(SUBSYSTEM << 8 | kind as u16, REQUEST | ACK | flags | append, INET, 0);
        attributes(&mut Attributes(&mut self.bytes));
        self.finish(start);
    }

    /// A netlink header, and that of nfnetlink. Gives where it starts.
    fn head(&mut self, kind: u16, flags: u16, family: u8, resource: u16) -> usize {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&kind.to_ne_bytes());
        self.bytes.extend_from_slice(&flags.to_ne_bytes());
        self.bytes.extend_from_slice(&self.sequence.to_ne_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&[family, 0]);
        self.bytes.extend_from_slice(&resource.to_be_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        start
    }

    fn finish(&mut self, start: usize) {
        let length = u32::try_from(self.bytes.len() - start).unwrap_or(u32::MAX);
        self.bytes[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    }
}

/// The attributes of a message, or of one of its attributes. Numbers are in network order.
#[derive(Debug)]
pub struct Attributes<'a>(&'a mut Vec<u8>);

impl Attributes<'_> {
    /// Some bytes.
    pub fn bytes(&mut self, kind: u16, value: &[u8]) {
        let start = self.begin(kind);
        self.0.extend_from_slice(value);
        self.end(start);
    }

    /// A word; the kernel wants it to end with a zero.
    pub fn text(&mut self, kind: u16, value: &str) {
        let start = self.begin(kind);
        self.0.extend_from_slice(value.as_bytes());
        self.0.push(0);
        self.end(start);
    }

    /// A number.
    pub fn number(&mut self, kind: u16, value: u32) {
        self.bytes(kind, &value.to_be_bytes());
    }

    /// Attributes inside an attribute.
    pub fn nest(&mut self, kind: u16, inner: impl FnOnce(&mut Attributes<'_>)) {
        let start = self.begin(kind | NESTED);
        inner(&mut Attributes(self.0));
        self.end(start);
    }

    fn begin(&mut self, kind: u16) -> usize {
        let start = self.0.len();
        self.0.extend_from_slice(&[0; 2]);
        self.0.extend_from_slice(&kind.to_ne_bytes());
        start
    }

    /// Lengths are without the zeros that fill up to a multiple of four.
    fn end(&mut self, start: usize) {
        let length = u16::try_from(self.0.len() - start).unwrap_or(u16::MAX);
        self.0[start..start + 2].copy_from_slice(&length.to_ne_bytes());
        self.0.resize(self.0.len().next_multiple_of(4), 0);
    }
}

/// The answers in what the kernel sent: the number of a message, and an error number or 0.
pub fn answers(mut bytes: &[u8]) -> Vec<(u32, i32)> {
    let word = |bytes: &[u8], at: usize| bytes.get(at..at + 4).and_then(|word| <[u8; 4]>::try_from(word).ok());
    let mut found = Vec::new();
    while let Some(length) = word(bytes, 0).map(|length| u32::from_ne_bytes(length) as usize) {
        if length < HEADER {
            break;
        }
        let (Some(kind), Some(sequence)) = (bytes.get(4..6), word(bytes, 8)) else { break };
        // NLMSG_ERROR
        if kind == 2u16.to_ne_bytes()
            && let Some(error) = word(bytes, HEADER)
        {
            found.push((u32::from_ne_bytes(sequence), i32::from_ne_bytes(error).saturating_neg()));
        }
        bytes = bytes.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    found
}

/// An address as it stands in a packet.
pub fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_laid_out_as_the_kernel_reads_them() {
        let mut transaction = Transaction::new(7);
        transaction.message(Kind::NewTable, |table| {
            table.text(1, "kalc");
            table.nest(3, |inner| inner.number(2, 0x0102_0304));
        });
        let (bytes, next) = transaction.end();
        assert_eq!(next, 10);
        let [begin, table, end] = [20, 20 + 12 + 12, 20];
        assert_eq!(bytes.len(), begin + table + end);
        assert_eq!(bytes[begin..begin + 4], (table as u32).to_ne_bytes());
        assert_eq!(bytes[begin + 4..begin + 6], 0x0a00u16.to_ne_bytes());
        let attributes = &bytes[begin + 20..begin + table];
        assert_eq!(attributes[..4], [9u16.to_ne_bytes(), 1u16.to_ne_bytes()].concat());
        assert_eq!(attributes[4..12], *b"kalc\0\0\0\0");
        assert_eq!(attributes[12..16], [12u16.to_ne_bytes(), 0x8003u16.to_ne_bytes()].concat());
        assert_eq!(attributes[20..], [1, 2, 3, 4]);
    }

    #[test]
    fn answers_that_are_cut_short_are_left_out() {
        let mut answer = 36u32.to_ne_bytes().to_vec();
        answer.extend(2u16.to_ne_bytes());
        answer.extend([0; 2]);
        answer.extend(9u32.to_ne_bytes());
        answer.extend([0; 4]);
        answer.extend((-17i32).to_ne_bytes());
        answer.extend([0; 16]);
        assert_eq!(answers(&answer), [(9, 17)]);
        assert_eq!(answers(&[answer.clone(), answer.clone()].concat()), [(9, 17), (9, 17)]);
        for length in 0..20 {
            assert_eq!(answers(&answer[..length]), []);
        }
        assert_eq!(answers(&[0; 40]), []);
    }
}
