//! What is wrong with the words of a statement: one fault for one mistake, and what is read all the same.

use kalc_grammar::config;
use kalc_grammar::expand::Logical;
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::lex::lex;
use kalc_grammar::source::{SourceFile, Sources};
use kalc_grammar::syntax;

/// The faults of a text as `kind at the words`, then the keywords that were read.
fn read(text: &str) -> (String, String) {
    let mut sources = Sources::default();
    let main = sources.add(SourceFile::new("keepalived.conf", text.as_bytes().to_vec()));
    let logical = Logical::identity(&sources, main);
    let tokens = lex(&logical.text);
    let (tree, mut faults) = syntax::parse(&logical.text, &tokens);
    let (config, words) = config::read(&logical, &tokens, &tree);
    faults.extend(words);
    let faults: Vec<String> = faults
        .iter()
        .map(|fault| {
            let At::Logical(span) = fault.at else { return "in a file".to_owned() };
            let kind = format!("{:?}", fault.kind);
            let kind = kind.split([' ', '(']).next().unwrap_or("");
            let form = match &fault.kind {
                FaultKind::ForeignSyntax { form, .. } => format!(" {form:?}"),
                FaultKind::SeveralItems { items, .. } => format!(" {}", items.len()),
                _ => String::new(),
            };
            format!("{kind}{form}: {}", config.slice(span))
        })
        .collect();
    let read: Vec<&str> = config.settings.iter().map(|setting| setting.keyword.name).collect();
    (faults.join("; "), read.join(" "))
}

/// In an instance.
fn check(statements: &str, faults: &str, keywords: &str) {
    let (found, read) = read(&format!("vrrp_instance a {{\n{statements}\n}}\n"));
    assert_eq!(
        (found.as_str(), read.strip_prefix("vrrp_instance").unwrap_or("").trim()),
        (faults, keywords),
        "{statements}"
    );
}

#[test]
fn a_word_that_is_no_keyword_is_one_of_three_kinds() {
    check("nosuch 1", "UnknownKeyword: nosuch", "");
    check("prioriy 1", "UnknownKeyword: prioriy", "priority");
    check("delay_loop 1", "MisplacedKeyword: delay_loop", "");
    check("vrrp_script c {\nscript \"/x\"\n}", "MisplacedKeyword: vrrp_script", "vrrp_script script");
}

#[test]
fn other_languages_are_read_on() {
    check("priority = 1", "ForeignSyntax Equals: = ", "priority");
    check("priority=1", "ForeignSyntax Equals: =", "priority");
    check("priority: 1;", "ForeignSyntax Colon: : 1;", "priority");
    check("priority 1 // one", "ForeignSyntax Slashes: // one", "priority");
    check("// one {", "Unclosed: {; ForeignSyntax Slashes: // one", "");
    check("/* a\nb\nc */\npriority 1", "ForeignSyntax SlashStar: /* a\nb\nc */", "priority");
    check("authentication {\nauth_pass a;\n}", "", "authentication auth_pass");
    check("notify \"/x a=b; //c\"", "", "notify");
}

#[test]
fn look_alikes_are_told_once() {
    check("priority\u{a0}1", "LookAlike: \u{a0}", "priority");
    check("notify \u{201c}/x y\u{201d}", "LookAlike: \u{201c}/x y\u{201d}", "notify");
    check("priority \u{ff11}", "BadValue: \u{ff11}", "priority");
}

#[test]
fn placeholders_are_no_bad_values() {
    check("priority <number>", "Placeholder: <number>", "priority");
    check("priority <a number>", "Placeholder: <a number>", "priority");
    check("priority {{ p }}", "Placeholder: {{ p }}", "priority");
    check("state MASTER|BACKUP", "Placeholder: MASTER|BACKUP", "state");
    check("state #STATE#", "Placeholder: #STATE#", "state");
    check("interface %IF%", "Placeholder: %IF%", "interface");
    check("{% if x %}\npriority 1\n{% endif %}", "Placeholder: {% if x %}; Placeholder: {% endif %}", "priority");
}

#[test]
fn comments_that_cut_a_value() {
    check("interface a#b c", "CommentInsideWord: a#b", "interface");
    check("interface #b", "CommentInsideWord: #b", "interface");
    check("interface # b", "MissingValue: interface", "interface");
    check("interface \"a\"#b", "", "interface");
    check("mcast_src_ip 1.2.3.4 #b", "", "mcast_src_ip");
}

#[test]
fn one_entry_a_line() {
    check("unicast_peer {\n1.2.3.4 1.2.3.5\n}", "SeveralItems 2: 1.2.3.4 1.2.3.5", "unicast_peer <entry> <entry>");
    check("unicast_peer {\n1.2.3.4,1.2.3.5\n}", "SeveralItems 2: 1.2.3.4,1.2.3.5", "unicast_peer <entry> <entry>");
    check("unicast_peer {\n1.2.3.4,\n1.2.3.5\n}", "SeveralItems 1: 1.2.3.4,", "unicast_peer <entry> <entry>");
    check("unicast_peer {\n1.2.3.4 min_ttl 3\n}", "", "unicast_peer <entry>");
}

#[test]
fn statements_on_one_line_are_all_read() {
    check("state MASTER priority 1 nopreempt", "TrailingWords: priority 1 nopreempt", "state priority nopreempt");
    check("priority 1 and more", "TrailingWords: and more", "priority");
}

#[test]
fn a_block_that_ended_too_early_goes_on() {
    let text = "vrrp_script c {\n}\nscript \"/x\"\ninterval 1\nvrrp_instance a {\npriority 1\n";
    let (faults, keywords) = read(&format!("{text}}}\n"));
    assert_eq!(faults, "MisplacedKeyword: script");
    assert_eq!(keywords, "vrrp_script script interval vrrp_instance priority");
}

#[test]
fn braces_that_should_not_be_there() {
    check("priority {\n1\n}", "UnexpectedBlock: {", "priority");
    check("nosuch x {\npriority 1\n}", "UnknownKeyword: nosuch", "priority");
    check("nosuch x {\n1.2.3.4 y\n}", "UnknownKeyword: nosuch", "");
}

/// A small generator of text: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

#[test]
fn any_text_is_read_and_its_settings_nest() {
    let words = [
        "vrrp_instance",
        "virtual_ipaddress",
        "track_script",
        "priority",
        "state",
        "script",
        "group",
        "nosuch",
        "a",
        "1",
        "10.0.0.1",
        "1,2",
        ",",
        "{",
        "}",
        "\n",
        "\n",
        "\n",
        " ",
        "\"",
        "#",
        "!",
        "\\#",
        "=",
        ":",
        ";",
        "//",
        "/*",
        "*/",
        "<",
        ">",
        "{{",
        "}}",
        "{%",
        "%}",
        "\u{a0}",
        "\u{201c}",
        "\u{feff}",
        "\u{ff0c}",
        "$X",
        "${X}",
        "\r",
        "\u{1a}",
        "|",
        "é",
    ];
    let mut dice = Dice(5);
    for _ in 0..20_000 {
        let text: String = (0..dice.roll(50))
            .map(|_| format!("{}{}", words[dice.roll(words.len())], [" ", ""][dice.roll(2)]))
            .collect();
        let mut sources = Sources::default();
        let main = sources.add(SourceFile::new("keepalived.conf", text.clone().into_bytes()));
        let logical = Logical::identity(&sources, main);
        let tokens = lex(&logical.text);
        let (tree, _) = syntax::parse(&logical.text, &tokens);
        let (config, faults) = config::read(&logical, &tokens, &tree);
        for (index, setting) in config.settings.iter().enumerate() {
            let end = setting.parent.map_or(config.settings.len() as u32, |parent| config.setting(parent).end);
            assert!(setting.end as usize > index && setting.end <= end, "{text:?}");
            assert!(logical.text.get(setting.span.range()).is_some(), "{text:?}");
        }
        for fault in &faults {
            let At::Logical(span) = fault.at else { continue };
            assert!(logical.text.get(span.range()).is_some(), "{text:?} {fault:?}");
        }
    }
}
