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
    Fleet advert_int_mismatch "advert-int-mismatch";
    Host advert_int_not_representable "advert-int-not-representable";
    Host advert_int_very_short "advert-int-very-short";
    Host auth_ignored "auth-ignored";
    Host auth_incomplete "auth-incomplete";
    Fleet auth_mismatch "auth-mismatch";
    Host auth_pass_too_long "auth-pass-too-long";
    Host bad_address "bad-address";
    Host bad_enum "bad-enum";
    Host bad_number "bad-number";
    Host bad_option "bad-option";
    Host bad_sequence "bad-sequence";
    Host bad_suppression "bad-suppression";
    Host comment_inside_value "comment-inside-value";
    Host condition_never_matches "condition-never-matches";
    Host crashes_keepalived "crashes-keepalived";
    Host duplicate_entry "duplicate-entry";
    Host duplicate_keyword "duplicate-keyword";
    Host duplicate_name "duplicate-name";
    Host duplicate_virtual_router_id "duplicate-virtual-router-id";
    Host foreign_syntax "foreign-syntax";
    Host garp_interval_zero "garp-interval-zero";
    Host include_problem "include-problem";
    Host line_too_long "line-too-long";
    Host malformed_value "malformed-value";
    Host misplaced_keyword "misplaced-keyword";
    Host missing_garp_master_delay "missing-garp-master-delay";
    Host missing_required "missing-required";
    Host missing_value "missing-value";
    Host negated_flag "negated-flag";
    Host no_effect "no-effect";
    Host non_ascii_syntax "non-ascii-syntax";
    Host nopreempt_with_master "nopreempt-with-master";
    Host not_text "not-text";
    Host old_keyword "old-keyword";
    Host placeholder_left "placeholder-left";
    Host retry_keyword "retry-keyword";
    Host several_items_on_one_line "several-items-on-one-line";
    Host trailing_words "trailing-words";
    Host unbalanced "unbalanced";
    Host undefined_macro "undefined-macro";
    Host undefined_reference "undefined-reference";
    Host unknown_keyword "unknown-keyword";
    Host unused_definition "unused-definition";
    Host used_before_definition "used-before-definition";
    Host value_adjusted "value-adjusted";
    Host vip_not_assignable "vip-not-assignable";
    Fleet vrid_collision "vrid-collision";
    Host wrong_broadcast "wrong-broadcast";
    Host wrong_case "wrong-case";
}
