//! Which release of keepalived first had a word, and which was the last to have one that is gone.
//!
//! The rows of the schema know two versions, those that were measured. What is here is known of the words alone, from the
//! history of releases: a word that is not listed may be of any age.

/// A release: major, minor, patch.
pub type Release = (u16, u16, u16);

/// Words by the first release that knows them in any block.
const FIRST: &[(Release, &[&str])] = &[
    ((1, 2, 8), &["unicast_peer"]),
    ((1, 2, 10), &["unicast_src_ip", "vmac_xmit_base", "garp_master_refresh"]),
    ((1, 2, 14), &["garp_master_repeat"]),
    ((1, 2, 17), &["version", "accept"]),
    ((1, 2, 20), &["vrrp_strict", "vrrp_version", "skip_check_adv_addr", "lvs_sync_daemon"]),
    ((1, 2, 21), &["garp_group", "vrrp_garp_interval"]),
    ((1, 3, 0), &["enable_script_security", "script_user", "no_accept", "DNS_CHECK"]),
    ((1, 3, 2), &["init_fail"]),
    ((1, 3, 5), &["higher_prio_send_advert"]),
    ((1, 3, 6), &["notify_fifo"]),
    ((1, 3, 7), &["old_unicast_checksum"]),
    (
        (2, 0, 0),
        &[
            "track_file",
            "track_bfd",
            "track_src_ip",
            "dynamic_interfaces",
            "sync_group_tracking_weight",
            "vrrp_rt_priority",
        ],
    ),
    ((2, 0, 11), &["track_process", "vrrp_track_process"]),
    ((2, 0, 12), &["vrrp_min_garp"]),
    ((2, 0, 14), &["vrrp_startup_delay"]),
    ((2, 0, 16), &["quorum_max", "fork_delay"]),
    ((2, 0, 17), &["use_ipvlan"]),
    (
        (2, 1, 0),
        &[
            "check_unicast_src",
            "unicast_ttl",
            "PING_CHECK",
            "UDP_CHECK",
            "FILE_CHECK",
            "max_auto_priority",
            "notify_deleted",
        ],
    ),
    ((2, 2, 0), &["use_vmac_addr", "include_check", "reload_check_config", "lvs_flush_on_stop"]),
    ((2, 2, 3), &["down_timer_adverts", "interface_up_down_delays", "garp_extra_if"]),
    ((2, 2, 5), &["unicast_fault_no_peer", "mcast_dst_ip", "vrf"]),
    ((2, 2, 8), &["v3_checksum_as_v2", "no_virtual_ipaddress", "timer_expired_backup"]),
    ((2, 3, 3), &["owner_ignore_adverts", "state_dump_file"]),
    ((2, 4, 0), &["auth_hmac"]),
];

/// The first release that knows a word, if that is known.
pub fn first(word: &str) -> Option<Release> {
    FIRST.iter().find(|(_, words)| words.contains(&word)).map(|(release, _)| *release)
}

/// A word that keepalived once knew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The word.
    pub word: &'static str,
    /// The last release that knew it, if that is known.
    pub last: Option<Release>,
    /// What is written today; without it nothing is.
    pub instead: Option<&'static str>,
}

const REMOVED: [Removed; 5] = [
    Removed { word: "lvs_id", last: Some((1, 1, 7)), instead: Some("router_id") },
    Removed { word: "nat_mask", last: Some((1, 2, 19)), instead: None },
    Removed { word: "plugin_dir", last: Some((1, 2, 19)), instead: None },
    Removed { word: "real_group", last: None, instead: None },
    Removed { word: "sync_instance", last: None, instead: None },
];

/// What became of a word that keepalived once knew.
pub fn removed(word: &str) -> Option<Removed> {
    REMOVED.into_iter().find(|removed| removed.word == word)
}

#[cfg(test)]
mod tests {
    use super::{FIRST, REMOVED};
    use crate::schema::walk;
    use std::collections::BTreeSet;

    #[test]
    fn the_schema_has_the_words_that_are_there_and_none_that_is_gone() {
        let rows = walk();
        let known: BTreeSet<&str> = rows.iter().map(|row| row.keyword.name).collect();
        let listed: Vec<&str> = FIRST.iter().flat_map(|(_, words)| words.iter().copied()).collect();
        for word in &listed {
            assert!(known.contains(word), "{word}");
        }
        assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), listed.len());
        assert!(FIRST.is_sorted_by_key(|(release, _)| *release));
        for removed in REMOVED {
            assert!(!known.contains(removed.word), "{}", removed.word);
            assert!(removed.instead.is_none_or(|instead| known.contains(instead)), "{}", removed.word);
        }
    }
}
