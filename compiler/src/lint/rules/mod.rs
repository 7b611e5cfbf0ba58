//! The list of rules, by name.

use super::{Check, Needs, Rule};

/// Names the files; each has a `META` and a `check`. A rule of kind `Both` has a `check_host` for one file too, and one of
/// kind `Peers` a `reconsider`, which corrects what `check` found on one host. A rule that is about some clouds or versions
/// only says so in its file by a constant, which is named behind `needs`.
macro_rules! rules {
    (@check Both $file:ident) => { Check::Both($file::check_host, $file::check) };
    (@check Peers $file:ident) => { Check::Peers { alone: $file::check, together: $file::reconsider } };
    (@check $kind:ident $file:ident) => { Check::$kind($file::check) };
    (@needs $file:ident) => { Needs::Nothing };
    (@needs $file:ident $needs:ident) => { $file::$needs };
    ($($kind:ident $file:ident $name:literal $(needs $needs:ident)?;)*) => {
        $(mod $file;)*

        /// Every rule, by name.
        pub static RULES: &[Rule] = &[$(
            Rule {
                name: $name,
                meta: &$file::META,
                needs: rules!(@needs $file $($needs)?),
                check: rules!(@check $kind $file),
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
    Host auth_type_ah "auth-type-ah";
    Host bad_address "bad-address";
    Host bad_enum "bad-enum";
    Host bad_number "bad-number";
    Host bad_option "bad-option";
    Host bad_route "bad-route";
    Host bad_routing_rule "bad-routing-rule";
    Host bad_sequence "bad-sequence";
    Host bad_suppression "bad-suppression";
    Host bad_unicast_peer "bad-unicast-peer";
    Peers bfd_peer_unweighted "bfd-peer-unweighted";
    Host check_script_content "check-script-content";
    Host checker_incomplete "checker-incomplete";
    Fleet checksum_mode_mismatch "checksum-mode-mismatch";
    Host cloud_multicast "cloud-multicast" needs CLOUDS;
    Host cloud_vip_needs_api_call "cloud-vip-needs-api-call" needs CLOUDS;
    Host cloud_vip_outside_subnet "cloud-vip-outside-subnet" needs CLOUDS;
    Host cloud_vmac "cloud-vmac" needs CLOUDS;
    Host comment_inside_value "comment-inside-value";
    Host condition_never_matches "condition-never-matches";
    Host contradicting_values "contradicting-values";
    Host crashes_keepalived "crashes-keepalived";
    Host depends_on_environment "depends-on-environment";
    Both dr_directors_forward_to_each_other "dr-directors-forward-to-each-other";
    Host duplicate_entry "duplicate-entry";
    Host duplicate_keyword "duplicate-keyword";
    Host duplicate_name "duplicate-name";
    Host duplicate_vip "duplicate-vip";
    Host duplicate_virtual_router_id "duplicate-virtual-router-id";
    Host duplicate_virtual_server "duplicate-virtual-server";
    Fleet failover_slower_than_budget "failover-slower-than-budget";
    Host foreign_syntax "foreign-syntax";
    Host garp_flood "garp-flood";
    Host garp_interval_zero "garp-interval-zero";
    Host havip_too_many_vips "havip-too-many-vips" needs CLOUDS;
    Host hmac_problem "hmac-problem";
    Host include_problem "include-problem";
    Fleet initial_state_contradiction "initial-state-contradiction";
    Host ipv6_first_vip_not_link_local "ipv6-first-vip-not-link-local";
    Host ipv6_with_version_2 "ipv6-with-version-2";
    Host line_too_long "line-too-long";
    Fleet lonely_instance "lonely-instance";
    Host machine_in_the_way "machine-in-the-way" needs MACHINE;
    Host mail_goes_nowhere "mail-goes-nowhere";
    Host malformed_value "malformed-value";
    Host master_without_priority "master-without-priority";
    Host misplaced_keyword "misplaced-keyword";
    Host missing_garp_master_delay "missing-garp-master-delay";
    Host missing_garp_refresh "missing-garp-refresh";
    Host missing_required "missing-required";
    Host missing_value "missing-value";
    Host mixed_families "mixed-families";
    Host multicast_group_not_link_local "multicast-group-not-link-local";
    Host negated_flag "negated-flag";
    Host no_effect "no-effect";
    Host no_garp_after_split_brain "no-garp-after-split-brain";
    Host no_virtual_address "no-virtual-address";
    Host non_ascii_syntax "non-ascii-syntax";
    Peers nopreempt_defeats_weight "nopreempt-defeats-weight";
    Fleet nopreempt_mismatch "nopreempt-mismatch";
    Host nopreempt_with_master "nopreempt-with-master";
    Host not_in_kalc_runtime "not-in-kalc-runtime" needs NEEDS;
    Host not_in_target "not-in-target" needs TARGET;
    Host not_on_this_host "not-on-this-host" needs MACHINE;
    Host not_text "not-text";
    Host notify_cannot_tell_state "notify-cannot-tell-state";
    Host notify_fault_missing "notify-fault-missing";
    Host old_keyword "old-keyword";
    Host one_slow_run_is_a_fault "one-slow-run-is-a-fault";
    Host owner_priority "owner-priority";
    Host placeholder_left "placeholder-left";
    Host port_mismatch_without_nat "port-mismatch-without-nat";
    Peers preempt_delay_problem "preempt-delay-problem";
    Host prefer_track_process "prefer-track-process";
    Peers priority_saturates "priority-saturates";
    Fleet priority_tie "priority-tie";
    Host quorum_hooks_without_alpha_omega "quorum-hooks-without-alpha-omega";
    Host quorum_unreachable "quorum-unreachable";
    Host real_server_without_check "real-server-without-check";
    Host retry_keyword "retry-keyword";
    Fleet router_id_shared "router-id-shared";
    Host sample_leftover "sample-leftover";
    Host script_in_unsafe_place "script-in-unsafe-place";
    Host script_needs_a_shell "script-needs-a-shell";
    Host script_not_absolute "script-not-absolute";
    Host script_security_off "script-security-off";
    Host script_timeout_over_interval "script-timeout-over-interval";
    Host server_entry_dropped "server-entry-dropped";
    Host several_items_on_one_line "several-items-on-one-line";
    Host strict_blocks_vip_traffic "strict-blocks-vip-traffic";
    Host strict_conflict "strict-conflict";
    Host sync_group_drops_weights "sync-group-drops-weights";
    Host sync_group_membership "sync-group-membership";
    Fleet sync_group_mismatch "sync-group-mismatch";
    Peers sync_group_priorities_differ "sync-group-priorities-differ";
    Host too_many_vips "too-many-vips";
    Fleet tracker_only_on_one_node "tracker-only-on-one-node";
    Host tracks_own_interface "tracks-own-interface";
    Host trailing_words "trailing-words";
    Fleet transport_mismatch "transport-mismatch";
    Host unbalanced "unbalanced";
    Host undefined_macro "undefined-macro";
    Host undefined_reference "undefined-reference";
    Fleet unicast_lists_disagree "unicast-lists-disagree";
    Host unicast_open_to_anyone "unicast-open-to-anyone";
    Host unicast_without_peers "unicast-without-peers";
    Peers unicast_without_source "unicast-without-source";
    Host unknown_keyword "unknown-keyword";
    Host unused_definition "unused-definition";
    Host used_before_definition "used-before-definition";
    Host value_adjusted "value-adjusted";
    Fleet version_mismatch "version-mismatch";
    Host vip_is_own_address "vip-is-own-address";
    Host vip_not_assignable "vip-not-assignable";
    Host vip_not_on_this_host "vip-not-on-this-host";
    Fleet vip_set_mismatch "vip-set-mismatch";
    Host virtual_server_defaults "virtual-server-defaults";
    Fleet virtual_servers_differ "virtual-servers-differ";
    Host vmac_clash "vmac-clash";
    Fleet vmac_mismatch "vmac-mismatch";
    Fleet vrid_collision "vrid-collision";
    Fleet vrid_mismatch "vrid-mismatch";
    Fleet weight_cannot_move_master "weight-cannot-move-master";
    Host weights_without_effect "weights-without-effect";
    Host wrong_broadcast "wrong-broadcast";
    Host wrong_case "wrong-case";
}
