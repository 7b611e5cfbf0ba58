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
    Host comment_inside_value "comment-inside-value";
    Host duplicate_keyword "duplicate-keyword";
    Host duplicate_name "duplicate-name";
    Host foreign_syntax "foreign-syntax";
    Host misplaced_keyword "misplaced-keyword";
    Host missing_garp_master_delay "missing-garp-master-delay";
    Host missing_required "missing-required";
    Host missing_value "missing-value";
    Host non_ascii_syntax "non-ascii-syntax";
    Host placeholder_left "placeholder-left";
    Host several_items_on_one_line "several-items-on-one-line";
    Host trailing_words "trailing-words";
    Host unbalanced "unbalanced";
    Host undefined_reference "undefined-reference";
    Host unknown_keyword "unknown-keyword";
    Host unused_definition "unused-definition";
    Host used_before_definition "used-before-definition";
    Host wrong_case "wrong-case";
}
