//! Names: what they are, where they stand, whether they may change.

use super::support::Marked;
use kalc_lsp::ide::references::{highlights, references};
use kalc_lsp::ide::rename::{prepare, rename};

/// The file with every mention in brackets; what is given has a star.
fn marked_up(text: &str) -> String {
    let marked = Marked::one(text);
    let mut text = text.replace('‸', "");
    let Some(found) = highlights(&[marked.view()], marked.offset) else { return text };
    for (span, mention) in found.iter().rev() {
        text.insert_str(span.end as usize, if mention.is_definition { "⟩*" } else { "⟩" });
        text.insert(span.start as usize, '⟨');
    }
    text
}

#[test]
fn mentions_of_a_definition_are_whole_names_outside_comments() {
    let text =
        "$A=1\n$AB=$A\n# $A\nvrrp_instance VI_${A} {\n    priority $‸A # $A\n    interface \"$A\"\n    state $ABC\n}\n";
    let wanted = "$⟨A⟩*=1\n$AB=$⟨A⟩\n# $A\nvrrp_instance VI_${⟨A⟩} {\n    priority $⟨A⟩ # $A\n    interface \"$⟨A⟩\"\n    state $ABC\n}\n";
    assert_eq!(marked_up(text), wanted);
}

#[test]
fn names_of_one_kind_do_not_mix_with_those_of_another() {
    let text = "vrrp_script VI_1 {\n}\nvrrp_instance VI_‸1 {\n    track_script {\n        VI_1\n    }\n}\nvrrp_sync_group VI_1 {\n    \
                group {\n        VI_1\n        \"VI_1\"\n    }\n}\n";
    let wanted = "vrrp_script VI_1 {\n}\nvrrp_instance ⟨VI_1⟩* {\n    track_script {\n        VI_1\n    }\n}\nvrrp_sync_group VI_1 \
                  {\n    group {\n        ⟨VI_1⟩\n        \"⟨VI_1⟩\"\n    }\n}\n";
    assert_eq!(marked_up(text), wanted);
}

#[test]
fn lines_of_other_configuration_ids_are_seen() {
    let text =
        "vrrp_script a {\n}\nvrrp_instance VI_1 {\n    track_script {\n        @one a\n        @two ‸a\n    }\n}\n";
    let marked = Marked::one(text);
    let views: Vec<_> = marked.company().views("/etc/keepalived.conf").collect();
    assert_eq!(views.len(), 3, "without an id and with each");
    let found = highlights(&views, marked.offset).expect("mentions");
    assert_eq!(found.len(), 3, "{found:#?}");
    let (company, view) = (marked.company(), views[2]);
    assert_eq!(references(company, view, marked.offset).expect("mentions").len(), 3);
    assert_eq!(rename(company, view, marked.offset, "b").expect("a change").len(), 3);
}

#[test]
fn what_others_call_by_another_name_stays() {
    let marked = Marked::new(&[
        ("a/keepalived.conf", "vrrp_script ‸chk {\n}\nvrrp_instance A {\n    virtual_router_id 1\n}\n"),
        ("b/keepalived.conf", "vrrp_script chk {\n}\nvrrp_instance B {\n    virtual_router_id 2\n}\n"),
    ]);
    let places = rename(marked.company(), marked.view(), marked.offset, "other").expect("a change");
    let files: Vec<&String> = places.keys().map(|(path, _)| path).collect();
    assert_eq!(files, ["/etc/a/keepalived.conf"], "strangers share no names");
}

#[test]
fn what_is_no_name_cannot_be_renamed() {
    for text in [
        "vrrp_instance VI_1 {\n    state MAS‸TER\n}\n",
        "vrrp_inst‸ance VI_1 {\n}\n",
        "# VI_‸1\nvrrp_instance VI_1 {\n}\n",
        "vrrp_instance VI_1 {\n    track_script {\n        no‸where\n    }\n}\n",
        "vrrp_instance VI_1 {\n    priority ${_RAN‸DOM 1 2}\n}\n",
        "vrrp_instance VI_1 {\n    interface et‸h0\n}\n",
        "~SEQ(i, 1, 2) vrrp_instance VI_$‸i {\n}\n",
    ] {
        let marked = Marked::one(text);
        let answer = prepare(marked.company(), marked.view(), marked.offset);
        assert!(answer.is_err(), "{text}: {answer:?}");
    }
}
