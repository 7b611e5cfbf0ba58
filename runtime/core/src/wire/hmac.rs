//! The trailer of `auth_hmac`: HMAC-SHA256 cut to 128 bits, a time, and a number that grows.
//!
//! It stands behind the PDU, in every version and family. What is signed is the PDU with its checksum counted as zeros, who
//! sent it and when; not the destination and nothing of the IP header, so that all copies of an advert carry the same one.
//! No standard has it: it is keepalived's (2.4), known here by what that sends and accepts.

use super::refusal::Refusal;
use hmac::{Hmac, KeyInit, Mac};
use kalc_ir::vrrp::{self, HmacMode, HmacSource, Secret};
use sha2::Sha256;
use std::net::IpAddr;
use std::time::Duration;

/// Length of the trailer.
pub const LENGTH: usize = 28;
/// Length of the proof.
const PROOF_LENGTH: usize = 16;
/// Length of what is before the proof.
const HEAD_LENGTH: usize = LENGTH - PROOF_LENGTH;
/// The only kind there is: HMAC-SHA256 cut to 16 bytes.
const KIND: u8 = 1;
/// Sources of multicast whose numbers are remembered.
pub const SOURCES_MAX: usize = 4;

/// When an advert was signed, and which one of that moment it was: seconds since 1970, fraction of a second in 1/65536, and
/// a counter of adverts while the clock stood still. It grows from advert to advert.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The number of an advert that is signed now, behind that of the one before.
    #[must_use]
    pub fn next(self, utc: Duration) -> Sequence {
        let fraction = u64::from(utc.subsec_nanos()) * 65_536 / 1_000_000_000;
        // RFC 4330 section 3 wraps its seconds as well.
        let now = Sequence((utc.as_secs() & 0xffff_ffff) << 32 | fraction << 16);
        let is_first = self == Sequence::default();
        let is_later = now.0 >> 16 != self.0 >> 16 && now.is_behind(self);
        if is_first || is_later { now } else { Sequence(self.0.wrapping_add(1)) }
    }

    /// Whether it is larger than another one, in the sense of serial numbers (RFC 1982 section 3.2).
    pub fn is_behind(self, other: Sequence) -> bool {
        self.0.wrapping_sub(other.0).cast_signed() > 0
    }

    /// How far its time is from another time.
    fn distance(self, utc: Duration) -> Duration {
        let seconds = (self.0 >> 32) as u32;
        let nanos = (self.0 >> 16 & 0xffff) * 1_000_000_000 / 65_536;
        // Both as nanoseconds of the same turn of the 32 bits.
        let turn = 1_i128 << 32;
        let apart = (i128::from(seconds) - i128::from(utc.as_secs())).rem_euclid(turn);
        let apart = if apart >= turn / 2 { apart - turn } else { apart };
        let apart = apart * 1_000_000_000 + i128::from(nanos) - i128::from(utc.subsec_nanos());
        Duration::from_nanos(u64::try_from(apart.unsigned_abs()).unwrap_or(u64::MAX))
    }
}

/// The largest number that was heard from each sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// The one that spoke last at the end.
    senders: Vec<(IpAddr, Sequence)>,
}

impl Heard {
    /// Notes the number of an advert that counts. Of more than `most` senders the one that was silent longest is forgotten.
    pub fn note(&mut self, source: IpAddr, sequence: Sequence, most: usize) {
        self.senders.retain(|(known, _)| *known != source);
        let surplus = (self.senders.len() + 1).saturating_sub(most.max(1));
        self.senders.drain(..surplus);
        self.senders.push((source, sequence));
    }

    fn of(&self, source: IpAddr) -> Option<Sequence> {
        self.senders.iter().find(|(known, _)| *known == source).map(|(_, sequence)| *sequence)
    }
}

/// What the proof of an advert covers besides the trailer itself.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// 2 or 3.
    pub version: u8,
    /// Number of the virtual router.
    pub vrid: u8,
    /// Who sends it.
    pub source: IpAddr,
    /// The PDU.
    pub pdu: &'a [u8],
}

/// The trailer for an advert; `None` if the configuration has none sent, or if the key is in a file that was not read.
pub fn sign(auth: &vrrp::Hmac, sequence: Sequence, signed: &Signed<'_>) -> Option<[u8; LENGTH]> {
    let key = secret(auth, auth.active_key).filter(|_| signs(auth))?;
    let mut trailer = [0; LENGTH];
    trailer[0] = KIND;
    trailer[1] = auth.active_key;
    trailer[4..HEAD_LENGTH].copy_from_slice(&sequence.0.to_be_bytes());
    let (head, proof) = trailer.split_at_mut(HEAD_LENGTH);
    let digest = digest(key, signed, head).finalize().into_bytes();
    for (to, from) in proof.iter_mut().zip(digest) {
        *to = from;
    }
    Some(trailer)
}

/// Whether adverts are signed.
pub const fn signs(auth: &vrrp::Hmac) -> bool {
    match auth.mode {
        HmacMode::Enforce | HmacMode::Permissive => true,
        HmacMode::ReceiveOnly => false,
    }
}

/// Whether adverts without a trailer count, too.
pub const fn accepts_unsigned(auth: &vrrp::Hmac) -> bool {
    match auth.mode {
        HmacMode::Enforce => false,
        HmacMode::Permissive | HmacMode::ReceiveOnly => true,
    }
}

/// Checks a trailer; answers with its number.
///
/// # Errors
/// The first that is wrong of [`Refusal::HmacTrailer`], [`HmacClock`](Refusal::HmacClock), [`HmacKey`](Refusal::HmacKey),
/// [`Hmac`](Refusal::Hmac) and [`HmacReplay`](Refusal::HmacReplay).
pub fn verify(
    auth: &vrrp::Hmac,
    utc: Duration,
    heard: &Heard,
    signed: &Signed<'_>,
    trailer: &[u8; LENGTH],
) -> Result<Sequence, Refusal> {
    let (head, proof) = trailer.split_at(HEAD_LENGTH);
    let &[kind, id, reserved_0, reserved_1, ref number @ ..] = head else { return Err(Refusal::HmacTrailer) };
    if kind != KIND || [reserved_0, reserved_1] != [0; 2] {
        return Err(Refusal::HmacTrailer);
    }
    let sequence = Sequence(number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    if !auth.is_monotonic && sequence.distance(utc) > Duration::from_micros(auth.time_window_us) {
        return Err(Refusal::HmacClock);
    }
    let key = secret(auth, id).ok_or(Refusal::HmacKey)?;
    digest(key, signed, head).verify_truncated_left(proof).map_err(|_| Refusal::Hmac)?;
    if heard.of(signed.source).is_some_and(|last| !sequence.is_behind(last)) {
        return Err(Refusal::HmacReplay);
    }
    Ok(sequence)
}

fn secret(auth: &vrrp::Hmac, id: u8) -> Option<&Secret> {
    auth.keys.iter().find(|key| key.id == id).and_then(|key| match &key.source {
        HmacSource::Secret(secret) => Some(secret),
        HmacSource::File(_) => None,
    })
}

/// The keyed hash of an advert and the head of its trailer, the proof counted as zeros.
fn digest(secret: &Secret, signed: &Signed<'_>, head: &[u8]) -> Hmac<Sha256> {
    let mut who = [0; 20];
    who[1] = signed.version;
    who[2] = signed.vrid;
    match signed.source {
        IpAddr::V4(source) => {
            who[0] = 4;
            who[4..8].copy_from_slice(&source.octets());
        }
        IpAddr::V6(source) => {
            who[0] = 6;
            who[4..].copy_from_slice(&source.octets());
        }
    }
    let (before, rest) = signed.pdu.split_at(signed.pdu.len().min(6));
    let after = rest.get(2..).unwrap_or_default();
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret.bytes).expect("HMAC takes keys of any length");
    for piece in [&who, before, &[0; 2], after, head, &[0; PROOF_LENGTH]] {
        mac.update(piece);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow_while_the_clock_stands_still_and_where_it_goes_back() {
        let at = |millis| Duration::from_millis(millis);
        let first = Sequence::default().next(at(1_700_000_000_500));
        assert_eq!(first.0 >> 16 & 0xffff, 0x8000);
        let second = first.next(at(1_700_000_000_500));
        assert_eq!(second.0, first.0 + 1);
        let back = second.next(at(1_600_000_000_000));
        assert_eq!(back.0, second.0 + 1);
        let on = back.next(at(1_700_000_001_000));
        assert_eq!(on.0 & 0xffff, 0);
        assert!([first, second, back, on].windows(2).all(|pair| pair[1].is_behind(pair[0])));
    }

    #[test]
    fn times_are_compared_over_the_end_of_the_era() {
        let end = Duration::from_secs(0xffff_ffff);
        let last = Sequence::default().next(end);
        assert_eq!(last.distance(end + Duration::from_secs(3)), Duration::from_secs(3));
        let first = last.next(end + Duration::from_secs(1));
        assert!(first.is_behind(last));
        assert_eq!(first.distance(end), Duration::from_secs(1));
    }

    #[test]
    fn only_so_many_senders_are_remembered() {
        let mut heard = Heard::default();
        for host in 1..=10 {
            heard.note([10, 0, 0, host].into(), Sequence(u64::from(host)), SOURCES_MAX);
        }
        assert_eq!(heard.senders.len(), SOURCES_MAX);
        assert_eq!(heard.of([10, 0, 0, 10].into()), Some(Sequence(10)));
        assert_eq!(heard.of([10, 0, 0, 6].into()), None);
        heard.note([10, 0, 0, 7].into(), Sequence(70), SOURCES_MAX);
        assert_eq!((heard.senders.len(), heard.of([10, 0, 0, 7].into())), (SOURCES_MAX, Some(Sequence(70))));
    }
}
