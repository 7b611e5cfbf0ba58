//! Words of statements: which parameter takes which word, and what is wrong with it.

use kalc_grammar::config::{self, Config};
use kalc_grammar::expand::Logical;
use kalc_grammar::fault::{At, BadValue, Fault, FaultKind};
use kalc_grammar::lex::lex;
use kalc_grammar::schema::line::route::TO;
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

#[test]
fn the_parts_of_a_route_may_stand_anywhere() {
    let text = "static_routes {
 blackhole 198.51.100.0/24
 via 192.0.2.1 src 192.0.2.9 throw 198.51.100.0/24 dev eth0
 default nexthop via 192.0.2.1 dev eth0 weight 1 nexthop via inet 192.0.2.2 weight 2 onlink
 inet6 to unicast 2001:db8:9::/64 via 2001:db8::2
 198.51.100.0/24 encap ip id 1 dst 192.0.2.1 tos 4 dev eth0
}
";
    let (config, faults) = read(text);
    assert_eq!(faults.len(), 0);
    let to = |line: usize| {
        let entry = config.children(config.roots().next()?).nth(line)?;
        let value = config.option(entry, &TO)?.first()?;
        Some(config.slice(value.span))
    };
    assert_eq!(to(0), Some("198.51.100.0/24"));
    assert_eq!(to(1), Some("198.51.100.0/24"));
    assert_eq!(to(2), None);
    assert_eq!(bad("static_routes {\n default nexthop via 192.0.2.1 wieght 1\n}\n")[0].0, "wieght");
    assert_eq!(read("static_routes {\n default via 192.0.2.1 192.0.2.0/24\n}\n").1.len(), 1);
}

#[test]
fn ranges_of_addresses_may_cross_networks() {
    let group = |entry: &str| bad(&format!("virtual_server_group g {{\n {entry} 80\n}}\n"));
    for entry in
        ["192.0.2.30-35", "192.0.2.30-192.0.3.5", "192.0.2.7-192.0.2.7", "2001:db8::1-2001:db8::2:5", "192.0.2.64/28"]
    {
        assert_eq!(group(entry), [], "{entry}");
    }
    for (entry, reason) in [
        ("192.0.2.9-9", BadValue::TooSmall),
        ("192.0.2.9-192.0.2.3", BadValue::TooSmall),
        ("192.0.2.5-2001:db8::1", BadValue::Malformed),
        ("192.0.2.65/28", BadValue::BadPrefix),
    ] {
        assert_eq!(group(entry), [(entry.to_owned(), reason)], "{entry}");
    }
}

#[test]
fn names_of_a_umask_may_have_blanks_between_them() {
    let umask = |words: &str| bad(&format!("global_defs {{\n umask {words}\n}}\n"));
    for words in ["0177", "IRUSR|IWUSR", "IRUSR | IWOTH", "IRUSR| IWOTH"] {
        assert_eq!(umask(words), [], "{words}");
    }
    assert_eq!(umask("IRUSR | IFOO"), [("IFOO".to_owned(), BadValue::NotAChoice)]);
}
