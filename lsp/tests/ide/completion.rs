//! What may be typed.

use super::support::Marked;
use kalc_grammar::schema::walk;
use kalc_lsp::ide::completion::{Item, ItemKind, completion};

fn items(text: &str) -> Vec<Item> {
    let marked = Marked::one(text);
    let found = completion(marked.company(), marked.view(), marked.offset, None, marked.files());
    found.map(|found| found.items).unwrap_or_default()
}

fn labels(text: &str) -> Vec<String> {
    items(text).into_iter().map(|item| item.label).collect()
}

#[test]
fn every_block_offers_its_own_words_and_no_others() {
    let mut seen = 0;
    for row in walk() {
        // The path of blocks to it, each opened with a name where it takes one.
        if !row.keyword.opens_block() || row.keyword.entry.is_some() || row.path.contains("<entry>") {
            continue;
        }
        let words: Vec<&str> = row.path.split('.').collect();
        let text: String = words.iter().map(|word| format!("{word} a b {{\n")).collect();
        let found = labels(&format!("{text}    ‸\n{}", "}\n".repeat(words.len())));
        let mut wanted: Vec<&str> = row.keyword.rows().map(|row| row.name).collect();
        wanted.sort_unstable();
        let mut offered: Vec<&str> = found.iter().map(String::as_str).filter(|label| *label != "include").collect();
        offered.sort_unstable();
        assert_eq!(offered, wanted, "{}", row.path);
        for item in items(&format!("{text}    ‸\n{}", "}\n".repeat(words.len()))) {
            let snippet = item.snippet.unwrap_or_default();
            let places = snippet.replace(" {\n\t$0\n}", "");
            assert_eq!(places.matches("${").count(), places.matches('}').count(), "{snippet}");
            assert_eq!(item.kind == ItemKind::Block, snippet.contains("$0"), "{snippet}");
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn old_words_are_marked_and_come_with_the_new_one() {
    let found = items("vrrp_instance VI_1 {\n    ‸\n}\n");
    let old: Vec<&Item> = found.iter().filter(|item| item.deprecated).collect();
    assert!(!old.is_empty());
    for item in old {
        assert!(item.documentation.as_deref().is_some_and(|text| text.contains("**Deprecated**")), "{item:#?}");
    }
}

#[test]
fn places_to_fill_in_are_those_that_must_be_there() {
    let found = items("vrrp_instance VI_1 {\n    ‸\n}\n");
    let snippet = |label: &str| {
        let item = found.iter().find(|item| item.label == label).unwrap_or_else(|| panic!("{label}"));
        item.snippet.clone()
    };
    assert_eq!(snippet("priority").as_deref(), Some("priority ${1:number 1..255}"));
    assert_eq!(snippet("state").as_deref(), Some("state ${1|MASTER,BACKUP|}"));
    assert_eq!(snippet("virtual_ipaddress").as_deref(), Some("virtual_ipaddress {\n\t$0\n}"));
    assert_eq!(snippet("nopreempt"), None);
    let root = items("‸");
    let block = |label: &str| {
        let item = root.iter().find(|item| item.label == label).unwrap_or_else(|| panic!("{label}"));
        item.snippet.clone().unwrap_or_else(|| panic!("{label}"))
    };
    assert_eq!(block("vrrp_sync_group"), "vrrp_sync_group ${1:vrrp_sync_group} {\n\t$0\n}");
    // What a block hardly does without comes with it.
    assert!(block("vrrp_instance").starts_with("vrrp_instance ${1:VI_1} {\n\tstate ${2|BACKUP,MASTER|}\n"));
    assert!(block("vrrp_instance unicast").contains("\tunicast_peer {\n\t\t${"));
    // In the middle of a line the rest is there already.
    assert!(items("vrrp_instance VI_1 {\n    ‸ 100\n}\n").iter().all(|item| item.snippet.is_none()));
}

#[test]
fn names_are_those_of_their_kind_and_interfaces_those_of_all_hosts() {
    let scripts =
        "vrrp_script a {\n}\nvrrp_script \"b c\" {\n}\nvrrp_instance VI_1 {\n    track_script {\n        ‸\n    }\n}\n";
    assert_eq!(labels(scripts)[..2], ["a", "b c"]);
    let group = "vrrp_instance VI_1 {\n}\nvrrp_script s {\n}\nvrrp_sync_group G {\n    group {\n        ‸\n    }\n}\n";
    assert!(labels(group).contains(&"VI_1".to_owned()) && !labels(group).contains(&"s".to_owned()));
    let marked = Marked::new(&[
        ("a/keepalived.conf", "vrrp_instance A {\n    interface ‸\n    track_interface {\n        bond0\n    }\n}\n"),
        (
            "b/keepalived.conf",
            "vrrp_instance B {\n    interface eth7\n    virtual_ipaddress {\n        192.0.2.1 dev eth9\n    }\n}\n",
        ),
    ]);
    let found = completion(marked.company(), marked.view(), marked.offset, None, marked.files()).expect("words");
    let labels: Vec<&str> = found.items.iter().map(|item| item.label.as_str()).collect();
    assert_eq!(labels, ["bond0", "eth7", "eth9"]);
}

#[test]
fn definitions_behind_the_sign_and_files_behind_include() {
    let text = "$PRIO=150\n$OTHER=1\nvrrp_instance VI_1 {\n    priority $P‸\n}\n";
    assert_eq!(labels(text), ["$PRIO", "$OTHER"]);
    assert_eq!(labels(&text.replace("$P‸", "${‸}")), ["${PRIO}", "${OTHER}"]);
    let files = |text: &str| {
        let marked =
            Marked::new(&[("keepalived.conf", text), ("conf.d/a.conf", ""), ("conf.d/b.inc", ""), ("x.inc", "")]);
        let found = completion(marked.company(), marked.view(), marked.offset, Some('/'), marked.files());
        let found = found.unwrap_or_default();
        assert!(found.items.iter().all(|item| item.kind == ItemKind::File), "{found:#?}");
        found.items.into_iter().map(|item| item.label).collect::<Vec<_>>()
    };
    assert_eq!(files("include ‸\n"), ["x.inc"]);
    assert_eq!(files("    includea conf.d/‸\n"), ["conf.d/a.conf", "conf.d/b.inc"]);
    assert_eq!(files("include /etc/conf.d/b‸\n"), ["/etc/conf.d/a.conf", "/etc/conf.d/b.inc"]);
    assert!(files("include # ‸\n").is_empty());
    assert!(files("script /etc/‸\n").is_empty());
}

#[test]
fn nothing_is_offered_where_nothing_may_be() {
    for text in ["# ‸\n", "vrrp_script a {\n    script \"/bin/‸\n}\n", "unknown_block {\n    ‸\n}\n", "router_id ‸\n"]
    {
        assert!(labels(text).is_empty(), "{text}: {:?}", labels(text));
    }
    let asked = |text: &str, trigger: char| {
        let marked = Marked::one(text);
        completion(marked.company(), marked.view(), marked.offset, Some(trigger), marked.files()).is_some()
    };
    assert!(!asked("vrrp_instance VI_1 {‸\n}\n", '{'));
    assert!(!asked("vrrp_instance VI_1 {\n    ‸\n}\n", ' '));
    assert!(asked("vrrp_instance VI_1 {\n    state ‸\n}\n", ' '));
    assert!(!asked("vrrp_script a {\n    script /‸\n}\n", '/'));
}
