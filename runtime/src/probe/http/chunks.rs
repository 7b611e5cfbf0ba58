//! Where a chunked body ends (RFC 9112 section 7.1). The bytes themselves go on as they are: a digest covers the framing.

/// What is expected next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// Digits of a size; how many there were, and their value.
    Size { digits: u8, value: u64 },
    /// The rest of the line behind a size.
    Extension { value: u64 },
    /// Bytes of a chunk, and then the end of its line.
    Data { left: u64 },
    /// The end of the line behind the bytes.
    DataEnd,
    /// Fields behind the last chunk; whether the line has begun.
    Trailer { has_begun: bool },
    /// All is there.
    Whole,
    /// It is not chunked, whatever its headers say: only the end of the connection tells.
    Broken,
}

/// More digits than a size of 64 bits has.
const DIGITS_MAX: u8 = 16;

impl Chunks {
    pub const START: Chunks = Chunks::Size { digits: 0, value: 0 };

    /// Reads on; what stands behind the last chunk is not the body's any more, and is given back in number of bytes.
    pub fn push(self, bytes: &[u8]) -> (Chunks, usize) {
        let mut state = self;
        let mut rest = bytes;
        while let Some((byte, behind)) = rest.split_first() {
            (state, rest) = match state {
                Chunks::Data { left } if left > 0 => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    (Chunks::Data { left: left - length as u64 }, &rest[length..])
                }
                Chunks::Whole => return (state, rest.len()),
                Chunks::Broken => return (state, 0),
                state => (state.next(*byte), behind),
            };
        }
        (state, 0)
    }

    fn next(self, byte: u8) -> Chunks {
        match (self, byte) {
            (Chunks::Size { digits, value }, _) if byte.is_ascii_hexdigit() && digits < DIGITS_MAX => {
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                Chunks::Size { digits: digits + 1, value: value << 4 | u64::from(digit) }
            }
            (Chunks::Size { digits: 1.., value } | Chunks::Extension { value }, b'\n') => Chunks::begin(value),
            (Chunks::Size { digits: 1.., value }, b'\r' | b';' | b' ' | b'\t') | (Chunks::Extension { value }, _) => {
                Chunks::Extension { value }
            }
            (Chunks::Data { .. }, b'\r') => Chunks::DataEnd,
            (Chunks::Data { .. } | Chunks::DataEnd, b'\n') => Chunks::START,
            (Chunks::Trailer { has_begun: false }, b'\n') => Chunks::Whole,
            (Chunks::Trailer { has_begun }, b'\r') => Chunks::Trailer { has_begun },
            (Chunks::Trailer { .. }, _) => Chunks::Trailer { has_begun: byte != b'\n' },
            (Chunks::Size { .. } | Chunks::Data { .. } | Chunks::DataEnd, _) => Chunks::Broken,
            (state @ (Chunks::Whole | Chunks::Broken), _) => state,
        }
    }

    fn begin(value: u64) -> Chunks {
        if value == 0 { Chunks::Trailer { has_begun: false } } else { Chunks::Data { left: value } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Chunks {
        let (at_once, _) = Chunks::START.push(bytes);
        let one_by_one = bytes.chunks(1).fold(Chunks::START, |chunks, byte| chunks.push(byte).0);
        assert_eq!(at_once, one_by_one, "{bytes:?}");
        at_once
    }

    #[test]
    fn the_last_chunk_ends_the_body() {
        for whole in
            [&b"5\r\nhello\r\n0\r\n\r\n"[..], b"0\r\n\r\n", b"A;x=y\r\n0123456789\r\n0\r\nT: a\r\n\r\n", b"1\na\n0\n\n"]
        {
            assert_eq!(read(whole), Chunks::Whole, "{whole:?}");
            for end in 0..whole.len() {
                assert_ne!(read(&whole[..end]), Chunks::Whole, "{:?}", &whole[..end]);
            }
        }
    }

    #[test]
    fn what_follows_the_last_chunk_is_not_the_bodys() {
        assert_eq!(Chunks::START.push(b"0\r\n\r\nHTTP"), (Chunks::Whole, 4));
        assert_eq!(Chunks::START.push(b"hello"), (Chunks::Broken, 0));
    }

    #[test]
    fn what_is_not_chunked_has_no_end() {
        for broken in [&b"hello"[..], b"\r\n", b"5\r\nhello!", b"11111111111111111\r\n"] {
            assert_eq!(read(broken), Chunks::Broken, "{broken:?}");
        }
    }
}
