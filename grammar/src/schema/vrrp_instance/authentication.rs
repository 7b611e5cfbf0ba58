//! `vrrp_instance`: telling adverts of peers from those of strangers.

use crate::schema::prelude::*;

rows! { ROWS:
    /// A shared password in the adverts of VRRP version 2. It travels in clear text and protects only against
    /// mistakes; version 3 and strict mode ignore it with a message. All hosts need the same type and password, else
    /// each ignores the other and both become master.
    AUTHENTICATION = block("authentication", &[AUTHENTICATION_SETTINGS]).once().runs();

    /// Signs adverts with a keyed hash (HMAC-SHA256), for both versions; an extension that only keepalived
    /// understands. It excludes `authentication`; a second block adds to the first.
    AUTH_HMAC = block("auth_hmac", &[AUTH_HMAC_SETTINGS]).new_in_2_4_3().runs();
}

rows! { AUTHENTICATION_SETTINGS:
    /// `PASS` is the plain password, `AH` an authentication header, for IPv4 only and not with an initial MASTER.
    /// Write it in capitals. Without this line `auth_pass` does nothing, and nothing is reported.
    AUTH_TYPE = value("auth_type", &[req(choice(&["PASS", "AH"]))]).runs();

    /// The password, of which eight bytes count: a longer one is cut with a message. Only the first word is read,
    /// and an unquoted `#` or `!` ends it silently. Use the same on all hosts of this virtual router, and not the
    /// 1111 of the samples.
    AUTH_PASS = value("auth_pass", &[req(Arg::Secret { max: 8 })]).runs();
}

rows! { AUTH_HMAC_SETTINGS:
    /// A key and its number: 32 to 64 bytes as text, as hexadecimal digits after `hex:`, or in the file after
    /// `file:`, which only its owner may read. Several keys let hosts change over one by one; using a number twice
    /// is reported.
    KEY = value("key", &[req(int(1, 255)).label("id"), req(Arg::HmacKey)]).new_in_2_4_3().repeats().runs();

    /// Number of the key that signs what this host sends. Without a key of that number nothing is signed or checked,
    /// which is reported.
    ACTIVE_KEY = value("active_key", &[req(int(1, 255)).label("id")]).new_in_2_4_3().runs();

    /// How far the clock in an advert may be off, so that recorded adverts are of no use later. The hosts need
    /// synchronised clocks.
    TIME_WINDOW = value("time_window", &[req(int(1, 300))])
        .default("3 advert intervals, at least 5")
        .unit(Unit::Seconds)
        .new_in_2_4_3()
        .runs();

    /// How replayed adverts are told: by clock and order (`time`), or by order alone (`monotonic`), which needs no
    /// synchronised clocks.
    ANTI_REPLAY = value("anti_replay", &[req(choice(&["time", "monotonic"]))]).default("time").new_in_2_4_3().runs();

    /// Whether adverts without a signature are refused (`enforce`) or accepted (`permissive`); `receive-only` also
    /// sends none. Introduce signing in the order receive-only, permissive, enforce, on all hosts each time. Strict
    /// mode insists on enforce.
    MODE = value("mode", &[req(choice(&["enforce", "permissive", "receive-only"]))])
        .default("enforce")
        .new_in_2_4_3()
        .runs();
}
