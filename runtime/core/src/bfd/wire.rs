//! BFD control packets (RFC 5880 section 4.1), without authentication: keepalived has none.

use std::fmt;

/// Length of a packet.
pub const LENGTH: usize = 24;
/// The version of RFC 5880.
const VERSION: u8 = 1;
const POLL: u8 = 0x20;
const FINAL: u8 = 0x10;
const AUTHENTICATED: u8 = 0x04;
const DEMAND: u8 = 0x02;
const MULTIPOINT: u8 = 0x01;

/// State of a session, as packets say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum State {
    /// Switched off by the administrator.
    AdminDown,
    /// The other end is not heard.
    #[default]
    Down,
    /// The other end is heard, and does not hear us yet.
    Init,
    /// Both hear each other.
    Up,
}

/// Why a session left `Up` (RFC 5880 section 4.1), or will.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Diagnostic {
    /// No reason.
    #[default]
    None,
    /// Nothing was heard for the detection time.
    Expired,
    /// The neighbour said that its end is down.
    NeighborDown,
    /// Switched off.
    AdminDown,
    /// Another one.
    Other(u8),
}

/// A control packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The sender's state.
    pub state: State,
    /// Why its last change.
    pub diagnostic: Diagnostic,
    /// It wants an answer at once.
    pub is_poll: bool,
    /// It is the answer.
    pub is_final: bool,
    /// It wants nothing while the session is up.
    pub is_demand: bool,
    /// Packets in a row that must be missing.
    pub multiplier: u8,
    /// The sender's number of the session.
    pub mine: u32,
    /// What it takes for the receiver's number; 0 if it knows none.
    pub yours: u32,
    /// Shortest interval at which it would send, in microseconds.
    pub min_tx_us: u32,
    /// Shortest interval at which it can receive, in microseconds; 0 means that it wants nothing.
    pub min_rx_us: u32,
    /// The same for echo packets; 0 means that it answers none.
    pub min_echo_rx_us: u32,
}

/// Why a packet does not count (RFC 5880 section 6.8.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Not version 1.
    Version,
    /// Too short, or shorter than it says.
    Length,
    /// A multiplier of 0.
    Multiplier,
    /// From a point to many.
    Multipoint,
    /// A number of 0.
    Discriminator,
    /// It answers nobody, and is not in a state for that.
    YourDiscriminator,
    /// Authenticated, which is not configured.
    Authentication,
    /// No session is with that sender.
    Stranger,
    /// It passed more routers than `max_hops` allows.
    Ttl,
}

impl Refusal {
    /// A word for logs.
    pub const fn word(self) -> &'static str {
        match self {
            Refusal::Version => "version",
            Refusal::Length => "length",
            Refusal::Multiplier => "multiplier",
            Refusal::Multipoint => "multipoint",
            Refusal::Discriminator => "my_discriminator",
            Refusal::YourDiscriminator => "your_discriminator",
            Refusal::Authentication => "authentication",
            Refusal::Stranger => "stranger",
            Refusal::Ttl => "ttl",
        }
    }
}

impl State {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            State::AdminDown => "AdminDown",
            State::Down => "Down",
            State::Init => "Init",
            State::Up => "Up",
        }
    }

    const fn number(self) -> u8 {
        match self {
            State::AdminDown => 0,
            State::Down => 1,
            State::Init => 2,
            State::Up => 3,
        }
    }
}

impl Diagnostic {
    const fn number(self) -> u8 {
        match self {
            Diagnostic::None => 0,
            Diagnostic::Expired => 1,
            Diagnostic::NeighborDown => 3,
            Diagnostic::AdminDown => 7,
            Diagnostic::Other(number) => number & 0x1f,
        }
    }

    const fn from_number(number: u8) -> Self {
        match number {
            0 => Diagnostic::None,
            1 => Diagnostic::Expired,
            3 => Diagnostic::NeighborDown,
            7 => Diagnostic::AdminDown,
            other => Diagnostic::Other(other),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Diagnostic::None => f.write_str("no reason"),
            Diagnostic::Expired => f.write_str("nothing was heard for the detection time"),
            Diagnostic::NeighborDown => f.write_str("the neighbour says that it is down"),
            Diagnostic::AdminDown => f.write_str("it is switched off"),
            Diagnostic::Other(number) => write!(f, "diagnostic {number}"),
        }
    }
}

impl Control {
    /// Reads a packet.
    ///
    /// # Errors
    /// The first rule of RFC 5880 section 6.8.6 that it breaks.
    pub fn decode(bytes: &[u8]) -> Result<Control, Refusal> {
        let packet: &[u8; LENGTH] = bytes.first_chunk().ok_or(Refusal::Length)?;
        let [first, second, multiplier, length, rest @ ..] = packet;
        if first >> 5 != VERSION {
            return Err(Refusal::Version);
        }
        if usize::from(*length) < LENGTH || usize::from(*length) > bytes.len() {
            return Err(Refusal::Length);
        }
        if *multiplier == 0 {
            return Err(Refusal::Multiplier);
        }
        if second & MULTIPOINT != 0 {
            return Err(Refusal::Multipoint);
        }
        let word = |at: usize| rest.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_be_bytes(*word));
        let (mine, yours) = (word(0), word(4));
        if mine == 0 {
            return Err(Refusal::Discriminator);
        }
        let state = match second >> 6 {
            0 => State::AdminDown,
            1 => State::Down,
            2 => State::Init,
            _ => State::Up,
        };
        if yours == 0 && !matches!(state, State::Down | State::AdminDown) {
            return Err(Refusal::YourDiscriminator);
        }
        if second & AUTHENTICATED != 0 {
            return Err(Refusal::Authentication);
        }
        Ok(Control {
            state,
            diagnostic: Diagnostic::from_number(first & 0x1f),
            is_poll: second & POLL != 0,
            is_final: second & FINAL != 0,
            is_demand: second & DEMAND != 0,
            multiplier: *multiplier,
            mine,
            yours,
            min_tx_us: word(8),
            min_rx_us: word(12),
            min_echo_rx_us: word(16),
        })
    }

    /// The bytes of a packet.
    pub fn encode(&self) -> [u8; LENGTH] {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let mut bytes = [0; LENGTH];
        bytes[0] = VERSION << 5 | self.diagnostic.number();
        bytes[1] = self.state.number() << 6
            | flag(self.is_poll, POLL)
            | flag(self.is_final, FINAL)
            | flag(self.is_demand, DEMAND);
        bytes[2] = self.multiplier;
        bytes[3] = LENGTH as u8;
        let words = [self.mine, self.yours, self.min_tx_us, self.min_rx_us, self.min_echo_rx_us];
        for (slot, word) in bytes[4..].chunks_exact_mut(4).zip(words) {
            slot.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet of keepalived 2.2.7, captured.
    const CAPTURED: [u8; LENGTH] = [
        0x20, 0xe0, 0x04, 0x18, 0x0f, 0xa1, 0xd7, 0x2e, 0x7c, 0x24, 0x70, 0x7d, 0x00, 0x01, 0xd4, 0xc0, 0x00, 0x03,
        0x0d, 0x40, 0x00, 0x00, 0x00, 0x00,
    ];

    #[test]
    fn a_captured_packet_is_understood_and_made_again() {
        let control = Control::decode(&CAPTURED).expect("a packet");
        assert_eq!((control.state, control.is_poll, control.is_final), (State::Up, true, false));
        assert_eq!((control.multiplier, control.mine, control.yours), (4, 0x0fa1_d72e, 0x7c24_707d));
        assert_eq!((control.min_tx_us, control.min_rx_us), (120_000, 200_000));
        assert_eq!(control.encode(), CAPTURED);
    }

    #[test]
    fn what_breaks_a_rule_is_refused() {
        let with = |at: usize, value: u8| {
            let mut bytes = CAPTURED;
            bytes[at] = value;
            Control::decode(&bytes)
        };
        assert_eq!(with(0, 0x40), Err(Refusal::Version));
        assert_eq!(with(3, 23), Err(Refusal::Length));
        assert_eq!(with(3, 25), Err(Refusal::Length));
        assert_eq!(with(2, 0), Err(Refusal::Multiplier));
        assert_eq!(with(1, 0xc1), Err(Refusal::Multipoint));
        assert_eq!(with(1, 0xc4), Err(Refusal::Authentication));
        assert_eq!(Control::decode(&CAPTURED[..23]), Err(Refusal::Length));
        let mut zero = CAPTURED;
        zero[4..8].fill(0);
        assert_eq!(Control::decode(&zero), Err(Refusal::Discriminator));
        let mut answers_nobody = CAPTURED;
        answers_nobody[8..12].fill(0);
        assert_eq!(Control::decode(&answers_nobody), Err(Refusal::YourDiscriminator));
        answers_nobody[1] = 0x40;
        assert!(Control::decode(&answers_nobody).is_ok());
    }
}
