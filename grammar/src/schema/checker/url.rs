//! `url`: one page of a web check.

use crate::schema::prelude::*;

rows! { ROWS:
    /// Path and query of the page, beginning with `/`; it must be there. One word: `#` and `!` begin a comment and cut
    /// it silently, so put double quotes around a path that holds them.
    PATH = value("path", &[req(text(0)).label("path")]).runs();

    /// MD5 digest of the page in 32 hexadecimal digits. Any change of the page takes the server down, so use it for
    /// fixed pages only, or check the status. Of two, the first counts.
    DIGEST = value("digest", &[req(Arg::Digest)]).first_wins().runs();

    /// Status codes that count as success, as numbers and ranges such as `200-299 301`.
    STATUS_CODE = value("status_code", &[many(Arg::StatusRange)]).default("200-299").runs();

    /// Host name to ask for on this page.
    VIRTUALHOST = value("virtualhost", &[req(text(0)).label("host name")]).default("virtualhost of the checker").runs();

    /// Regular expression (PCRE2) that the page must match; quote it. A pattern that does not compile is only logged,
    /// and the test of keepalived passes.
    REGEX = value("regex", &[req(Arg::Regex)]).runs();

    /// Turns `regex` around: a match is a failure.
    REGEX_NO_MATCH = flag("regex_no_match").default("off").runs();

    /// Options of the regular expression, by their PCRE2 names. Unknown words are ignored silently.
    REGEX_OPTIONS = value(
        "regex_options",
        &[many(choice(&[
            "allow_empty_class", "alt_bsux", "auto_callout", "caseless", "dollar_endonly", "dotall", "dupnames",
            "extended", "firstline", "match_unset_backref", "multiline", "never_ucp", "never_utf", "no_auto_capture",
            "no_auto_possess", "no_dotstar_anchor", "no_start_optimize", "ucp", "ungreedy", "utf",
            "never_backslash_c", "alt_circumflex", "alt_verbnames", "use_offset_limit",
        ]))],
    ).runs();

    /// Number of bytes of the page that the match skips.
    REGEX_MIN_OFFSET = value("regex_min_offset", &[req(int(0, U32))]).default("0").runs();

    /// Number of bytes of the page at which the match must have begun; 0 is no limit. It must be larger than
    /// `regex_min_offset`, or both are dropped.
    REGEX_MAX_OFFSET = value("regex_max_offset", &[req(int(0, U32))]).default("0").runs();

    /// Size in bytes of the stack of the compiled expression, at first and at most. Mistakes are only logged.
    REGEX_STACK = value("regex_stack", &[req(int(0, U32)).label("start"), req(int(0, U32)).label("maximum")])
        .without_effect("the engine that matches has no stack of that kind");
}

rows! { TLS_ROWS:
    /// As `tls_compliant` of the check, for this page.
    TLS_COMPLIANT = switch("tls_compliant").default("value of the checker").new_in_2_4_3().runs();
}
