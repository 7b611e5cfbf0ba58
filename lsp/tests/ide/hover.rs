//! What stands under the cursor.

use super::support::Marked;
use kalc_lsp::ide::hover::hover;

fn card(marked: &Marked) -> String {
    let found = hover(marked.company(), marked.view(), marked.offset);
    found.unwrap_or_else(|| panic!("no card")).markdown
}

fn check(text: &str, wanted: &[&str], unwanted: &[&str]) {
    let card = card(&Marked::one(text));
    for part in wanted {
        assert!(card.contains(part), "{part} in:\n{card}");
    }
    for part in unwanted {
        assert!(!card.contains(part), "{part} in:\n{card}");
    }
}

const PAIR: [(&str, &str); 2] = [
    (
        "web1/keepalived.conf",
        "vrrp_script chk {\n    script /bin/true\n}\nvrrp_instance VI_1 {\n    state MASTER\n    interface eth0\n    \
         virtual_router_id 51\n    priority 150\n    advert_int 1\n    virtual_ipaddress {\n        192.0.2.10/24\n    }\n    \
         track_script {\n        chk weight -60\n    }\n}\n",
    ),
    (
        "web2/keepalived.conf",
        "vrrp_instance VI_1 {\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n    priority 100\n    \
         advert_int 1\n    virtual_ipaddress {\n        192.0.2.10/24\n    }\n}\nvirtual_server 192.0.2.10 80 {\n    \
         real_server 198.51.100.1 80 {\n    }\n}\n",
    ),
];

/// The pair with a mark in front of a word of the first or second host.
fn pair(host: usize, word: &str) -> Marked {
    let text = PAIR[host].1.replacen(word, &format!("‸{word}"), 1);
    assert!(text.contains('‸'), "{word}");
    let mut files = PAIR;
    files[host].1 = &text;
    Marked::new(&files)
}

#[test]
fn the_schema_s_words_with_range_unit_default_and_versions() {
    check(
        "vrrp_instance VI_1 {\n    adver‸t_int 2\n}\n",
        &["Range: 0.01..255", "Unit: seconds", "Default: 1", "2.2.7", "**In effect: 2 s**"],
        &[],
    );
    check("vrrp_instance VI_1 {\n    ‸no_virtual_ipaddress\n}\n", &["unknown to 2.2.7"], &[]);
}

#[test]
fn rounded_values_show_what_counts() {
    check("vrrp_instance VI_1 {\n    advert_int ‸1.6\n}\n", &["**In effect: 2 s**"], &[]);
    check("vrrp_instance VI_1 {\n    version 3\n    advert_int ‸1.234\n}\n", &["**In effect: 1.23 s**"], &[]);
}

#[test]
fn the_secret_is_not_repeated() {
    check(
        "vrrp_instance VI_1 {\n    authentication {\n        auth_type PASS\n        auth_pass ‸verysecret\n    }\n}\n",
        &["auth_pass"],
        &["verysecret", "verysecr"],
    );
}

#[test]
fn an_instance_says_what_is_inherited_and_from_where() {
    check(
        "global_defs {\n    vrrp_garp_master_delay 7\n}\nvrrp_inst‸ance VI_1 {\n    priority 9\n}\n",
        &["`garp_master_delay` 7 s (`vrrp_garp_master_delay` in `global_defs`, line 2)", "`advert_int` 1 s (default)"],
        &["`priority` 9"],
    );
    check(
        "global_defs {\n    vrrp_ver‸sion 3\n}\nvrrp_instance A {\n}\nvrrp_instance B {\n    version 2\n}\n",
        &["**Counts for**", "`vrrp_instance A`", "**In effect: 3**"],
        &["`vrrp_instance B`"],
    );
}

#[test]
fn times_and_priorities_say_how_long_a_failover_takes() {
    let alone = "vrrp_instance VI_1 {\n    virtual_router_id 1\n    prior‸ity 100\n    advert_int 1\n}\n";
    check(alone, &["takes over 3.609 s after the last advert: 3 × 1.000 s and 0.609 s of skew"], &["Virtual router"]);
    let card = card(&pair(1, "priority"));
    for part in ["master: web1, failover 3.6 s", "crash of web1: web2 is master after", "script `chk` fails on web1"] {
        assert!(card.contains(part), "{part} in:\n{card}");
    }
}

#[test]
fn addresses_instances_and_scripts_say_who_uses_them() {
    let card_of = |host: usize, word: &str| card(&pair(host, word));
    let address = card_of(0, "192.0.2.10");
    let wanted =
        ["`vrrp_instance VI_1` in web1", "`vrrp_instance VI_1` in web2", "`virtual_server 192.0.2.10 80` in web2"];
    for part in wanted {
        assert!(address.contains(part), "{part} in:\n{address}");
    }
    let server = card_of(1, "192.0.2.10 80");
    assert!(server.contains("**Held by**") && server.contains("`vrrp_instance VI_1` in web1"), "{server}");
    let script = card_of(0, "chk {");
    assert!(script.contains("`track_script` of `vrrp_instance VI_1` in web1, line 14"), "{script}");
    let instance = card_of(0, "vrrp_instance");
    assert!(instance.contains("`VI_1` in web2"), "{instance}");
}

#[test]
fn a_definition_shows_its_text_and_a_comment_nothing() {
    check("$PRIO=150\nvrrp_instance VI_1 {\n    priority $PR‸IO\n}\n", &["$PRIO=150"], &[]);
    let marked = Marked::one("vrrp_instance VI_1 { # pri‸ority $X\n}\n");
    assert!(hover(marked.company(), marked.view(), marked.offset).is_none());
}
