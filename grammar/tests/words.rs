//! Words of statements: which parameter takes which word, and what is wrong with it.

use kalc_grammar::config::{self, Config};
use kalc_grammar::expand::Logical;
use kalc_grammar::fault::{At, BadValue, Fault, FaultKind};
use kalc_grammar::lex::lex;
use kalc_grammar::source::{SourceFile, Sources};
use kalc_grammar::syntax;

fn read(text: &str) -> (Config, Vec<Fault>) {
    let mut sources = Sources::default();
    let main = sources.add(SourceFile::new("keepalived.conf", text.as_bytes().to_vec()));
    let logical = Logical::identity(&sources, main);
    let tokens = lex(&logical.text);
    let (tree, _) = syntax::parse(&logical.text, &tokens);
    config::read(&logical, &tokens, &tree)
}

/// The bad words of a text, each with what is wrong.
fn bad(text: &str) -> Vec<(String, BadValue)> {
    let (config, faults) = read(text);
    let bad = |fault: &Fault| match (&fault.kind, fault.at) {
        (FaultKind::BadValue { reason, .. }, At::Logical(span)) => Some((config.slice(span).to_owned(), *reason)),
        _ => None,
    };
    faults.iter().filter_map(bad).collect()
}

#[test]
fn a_word_that_fits_no_optional_parameter_is_the_next_one() {
    let good = "static_routes {\n default via 192.0.2.1 mtu lock 1400\n 192.0.2.0/24 via inet 192.0.2.1\n}\n";
    assert_eq!(read(good).1.len(), 0);
    assert_eq!(
        bad("static_routes {\n default via gateway mtu lokc\n}\n"),
        [("gateway".to_owned(), BadValue::NotAnAddress), ("lokc".to_owned(), BadValue::NotANumber)]
    );
}

#[test]
fn case_is_told_apart_everywhere() {
    assert_eq!(
        bad("static_routes {\n default via 192.0.2.1 mtu LOCK 1400 pref Low\n}\n")[0],
        ("LOCK".to_owned(), BadValue::NotANumber)
    );
    assert_eq!(
        bad("virtual_server 192.0.2.1 80 {\n sorry_server_lvs_method TUN TYPE gue\n lvs_flush_on_stop vs\n}\n")[0],
        ("TYPE".to_owned(), BadValue::WrongCase("type"))
    );
}

#[test]
fn an_offset_leads_to_its_statement() {
    let text = "global_defs {\n router_id a\n}\n";
    let (config, _) = read(text);
    let keyword = |offset| config.setting_at(offset).map(|id| config.setting(id).keyword.name);
    assert_eq!(keyword(0), Some("global_defs"));
    assert_eq!(keyword(25), Some("router_id"));
    assert_eq!(read("# nothing\n").0.setting_at(3), None);
}
