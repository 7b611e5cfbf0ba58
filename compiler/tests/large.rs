//! Large files: their rules are shared by threads, and a finding with thousands of places stays readable.

use kalc_compiler::check::{check_fleet, check_host};
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::host::Host;
use kalc_compiler::render::human::{Style, Texts, render};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use std::sync::Arc;

fn text(instances: usize) -> String {
    let instance = |n: usize| {
        let (high, low) = (n / 250, n % 250 + 1);
        format!(
            "vrrp_instance R{n} {{\n    interface eth{high}\n    virtual_router_id {low}\n    priority 300\n    virtual_ipaddress {{\n        10.0.{high}.{low}\n    }}\n}}\n"
        )
    };
    (0..instances).map(instance).collect()
}

fn host(text: &str) -> Host {
    Host::read(SourceFile::new("large.conf", text.as_bytes().to_vec()), &MemoryFiles::default(), &Profile::default())
}

/// What is found of each block, whatever else is in the file.
fn by_rule(found: &[Diagnostic]) -> Vec<(&'static str, usize)> {
    let mut counted: Vec<(&'static str, usize)> = Vec::new();
    for diagnostic in found {
        match counted.last_mut().filter(|(code, _)| *code == diagnostic.code) {
            Some((_, count)) => *count += 1,
            None => counted.push((diagnostic.code, 1)),
        }
    }
    counted
}

#[test]
fn threads_find_what_one_finds_and_in_its_order() {
    // 1,500 instances have more statements than one thread gets, ten have not.
    let (small, large) = (host(&text(10)), host(&text(1500)));
    let (few, many) = (by_rule(&check_host(&small)), by_rule(&check_host(&large)));
    let codes = |counted: &[(&'static str, usize)]| counted.iter().map(|(code, _)| *code).collect::<Vec<_>>();
    let bad_number =
        |counted: &[(&'static str, usize)]| counted.iter().find(|(code, _)| *code == "KA201").map(|(_, n)| *n);
    assert_eq!((bad_number(&few), bad_number(&many)), (Some(10), Some(1500)));
    let of_many = codes(&many);
    let shared: Vec<_> = codes(&few).into_iter().filter(|code| of_many.contains(code)).collect();
    let kept: Vec<_> = of_many.iter().copied().filter(|code| shared.contains(code)).collect();
    assert_eq!(kept, shared);
}

#[test]
fn a_finding_with_many_places_shows_some_and_says_how_many_more() {
    let text = text(1500);
    let hosts = [host(&text)];
    let mut found = check_host(&hosts[0]);
    found.extend(check_fleet(&hosts));
    let most = found.iter().max_by_key(|diagnostic| diagnostic.related.len()).expect("something is found");
    assert!(most.related.len() > 100, "{} has {} places", most.code, most.related.len());
    let mut texts = Texts::default();
    texts.add("large.conf", &Arc::from(text.as_str()));
    let shown = render(std::slice::from_ref(most), &texts, Style { color: false, unicode: false });
    assert!(shown.lines().count() < 80, "{shown}");
    let left_out = format!("places like these left out here: {}", most.related.len() - 8);
    assert!(shown.contains(&left_out), "{shown}");
}
