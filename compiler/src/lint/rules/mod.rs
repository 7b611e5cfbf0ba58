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
    Host auth_ignored "auth-ignored";
    Host auth_incomplete "auth-incomplete";
    Fleet auth_mismatch "auth-mismatch";
    Host auth_pass_too_long "auth-pass-too-long";
    Host duplicate_virtual_router_id "duplicate-virtual-router-id";
    Host missing_garp_master_delay "missing-garp-master-delay";
    Host missing_required "missing-required";
    Host nopreempt_with_master "nopreempt-with-master";
    Host unbalanced "unbalanced";
    Host unknown_keyword "unknown-keyword";
    Fleet vrid_collision "vrid-collision";
}
