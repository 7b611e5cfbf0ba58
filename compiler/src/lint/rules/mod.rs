//! The list of rules, by name.

use super::{Check, Rule};

/// Names the files; each has a `META` and a `check`.
macro_rules! rules {
    ($($kind:ident $file:ident $name:literal;)*) => {
        $(mod $file;)*

        /// Every rule, by name.
        pub static RULES: &[Rule] = &[$(
            Rule {
                name: $name,
                meta: &$file::META,
                check: Check::$kind($file::check),
                source: include_str!(concat!(stringify!($file), ".rs")),
            },
        )*];
    };
}

rules! {
    Host auth_pass_too_long "auth-pass-too-long";
    Host bad_address "bad-address";
    Host bad_enum "bad-enum";
    Host bad_number "bad-number";
    Host bad_option "bad-option";
    Host bad_sequence "bad-sequence";
    Host condition_never_matches "condition-never-matches";
    Host crashes_keepalived "crashes-keepalived";
    Host garp_interval_zero "garp-interval-zero";
    Host include_problem "include-problem";
    Host line_too_long "line-too-long";
    Host malformed_value "malformed-value";
    Host missing_garp_master_delay "missing-garp-master-delay";
    Host missing_required "missing-required";
    Host negated_flag "negated-flag";
    Host not_text "not-text";
    Host unbalanced "unbalanced";
    Host undefined_macro "undefined-macro";
    Host unknown_keyword "unknown-keyword";
    Host value_adjusted "value-adjusted";
}
