//! `UDP_CHECK`: a check by datagram.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Bytes to send, as hexadecimal digits; blanks may part them.
    PAYLOAD = value("payload", &[req(Arg::HexBytes { wildcards: false })]).runs();

    /// Waits for an answer and fails without one. Bytes after the word say how the answer must begin; `x` stands for
    /// any digit.
    REQUIRE_REPLY = value("require_reply", &[opt(Arg::HexBytes { wildcards: true })]).default("off").runs();

    /// Shortest answer that counts, in bytes.
    MIN_REPLY_LENGTH = value("min_reply_length", &[req(int(0, 65535))]).default("0").runs();

    /// Longest answer that counts, in bytes. It must not be below `min_reply_length`.
    MAX_REPLY_LENGTH = value("max_reply_length", &[req(int(0, 65535))]).default("255").runs();
}
