//! Texts beside and between the lines: lenses, hints, signatures.

use super::support::Marked;
use kalc_grammar::source::Span;
use kalc_lsp::ide::hints::hints;
use kalc_lsp::ide::lens::lenses;
use kalc_lsp::ide::signature::{Signature, signatures};

/// The text with the hints in it, in brackets.
fn hinted(text: &str) -> String {
    let marked = Marked::one(&format!("‸{text}"));
    let found = hints(marked.view(), Span::new(0, text.len() as u32));
    let mut text = text.to_owned();
    for (at, hint) in found.iter().rev() {
        assert!(!hint.tooltip.is_empty());
        text.insert_str(*at as usize, &format!("⟨{}⟩", hint.label));
    }
    text
}

#[test]
fn hints_say_units_defaults_and_what_counts_of_a_secret() {
    let text = "vrrp_script chk { # é🚀\n    script /bin/true\n    interval 2\n}\nvrrp_instance VI_1 {\n    priority 100\n    garp_master_delay 5\n    \
                authentication {\n        auth_type PASS\n        auth_pass cuongquan1\n    }\n}\nvrrp_instance VI_2\n{\n}\n";
    let wanted = "vrrp_script chk {⟨timeout 2 s, rise 1, fall 1⟩ # é🚀\n    script /bin/true\n    interval 2⟨s⟩\n}\nvrrp_instance VI_1 \
                  {⟨advert_int 1 s, version 2⟩\n    priority 100\n    garp_master_delay 5⟨s⟩\n    authentication {\n        \
                  auth_type PASS\n        auth_pass cuongquan1⟨= cuongqua⟩\n    }\n}\nvrrp_instance VI_2\n{\n}\n";
    assert_eq!(hinted(text), wanted);
    // What is written, fits or is no number has none.
    let quiet = "vrrp_instance VI_1 {\n    priority 100\n    advert_int 1x\n    version 3\n    authentication {\n        auth_type \
                 PASS\n        auth_pass short\n    }\n}\n";
    assert_eq!(hinted(quiet).matches('⟨').count(), 1, "{}", hinted(quiet));
}

#[test]
fn hints_of_a_range_are_only_those() {
    let text = "vrrp_instance VI_1 {\n    advert_int 1\n    preempt_delay 2\n}\n";
    let marked = Marked::one(&format!("‸{text}"));
    let from = text.find("preempt").expect("the line") as u32;
    let found = hints(marked.view(), Span::new(from, from + 3));
    assert!(found.is_empty(), "{found:#?}");
    let found = hints(marked.view(), Span::new(from, text.len() as u32));
    assert_eq!(found.values().map(|hint| hint.label.as_str()).collect::<Vec<_>>(), ["s"]);
}

#[test]
fn a_lens_says_who_is_master() {
    let host = |priority: u8| {
        format!(
            "vrrp_instance VI_1 {{\n    interface eth0\n    virtual_router_id 51\n    priority {priority}\n    virtual_ipaddress \
             {{\n        192.0.2.10/24\n    }}\n}}\nvrrp_instance ALONE {{\n    interface eth1\n    virtual_router_id 9\n}}\n"
        )
    };
    let (one, two) = (host(150), host(100));
    let one = format!("‸{one}");
    let marked = Marked::new(&[
        ("web1/keepalived.conf", &one),
        ("web2/keepalived.conf", &two.replace("ALONE", "OTHER").replace(" 9", " 8")),
    ]);
    let found = lenses(marked.company(), marked.view());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].title, "master: web1, failover 3.6 s");
    assert_eq!(found[0].span.start, 0);
    // A tie has no master that the files can tell.
    let marked = Marked::new(&[("web1/keepalived.conf", &one), ("web2/keepalived.conf", &host(150))]);
    let found = lenses(marked.company(), marked.view());
    assert!(found[0].title.starts_with("master: ") && !found[0].title.contains("failover"), "{found:#?}");
}

/// The innermost signature with the active parameter in brackets.
fn signature(text: &str) -> Option<String> {
    let marked = Marked::one(text);
    let Signature { label, parameters, active, .. } = signatures(marked.view(), marked.offset).pop()?;
    let Some(&(start, end)) = active.and_then(|active| parameters.get(active)) else { return Some(label) };
    Some(format!("{}⟨{}⟩{}", &label[..start as usize], &label[start as usize..end as usize], &label[end as usize..]))
}

#[test]
fn signatures_show_the_word_that_is_next() {
    let inside = |line: &str| signature(&format!("vrrp_instance VI_1 {{\n    {line}\n}}\n")).unwrap_or_default();
    assert_eq!(inside("priority ‸"), "priority ⟨<number 1..255>⟩");
    assert_eq!(inside("priority 1‸"), "priority ⟨<number 1..255>⟩");
    assert_eq!(inside("priority 100 ‸"), "priority <number 1..255>");
    let address = |line: &str| inside(&format!("virtual_ipaddress {{\n        {line}\n    }}"));
    assert!(address("‸").starts_with("⟨<address[/prefix]>⟩ [dev|"), "{}", address("‸"));
    assert!(address("192.0.2.1/24 ‸").starts_with("<address[/prefix]> ⟨[dev|"), "{}", address("192.0.2.1/24 ‸"));
    assert_eq!(address("192.0.2.1/24 dev ‸"), "dev ⟨<interface>⟩");
    assert!(address("192.0.2.1/24 dev eth0 ‸").starts_with("<address[/prefix]> ⟨["), "back to the entry");
    let track = inside("track_script {\n        chk weight ‸\n    }");
    assert!(track.starts_with("weight ⟨<"), "{track}");
    let route = inside("virtual_routes {\n        192.0.2.0/24 via ‸\n    }");
    assert!(route.starts_with("via ⟨"), "{route}");
    let rule = inside("virtual_rules {\n        from ‸\n    }");
    assert!(rule.starts_with("from ⟨"), "{rule}");
    assert_eq!(signature("# priority ‸\n"), None);
    assert_eq!(signature("unknown ‸\n"), None);
}
