//! The tree: what it looks like, that it is total, and that chumsky builds what a hand-written matcher builds.

use kalc_grammar::fault::FaultKind;
use kalc_grammar::lex::{TokenKind, Tokens, lex};
use kalc_grammar::syntax::{NONE, NodeId, Tree, parse};
use std::fmt::Write;

/// The tree as nested brackets: `a b[c d[]]`; a block that nothing closes ends with `?`.
fn print(text: &str) -> String {
    let tokens = lex(text);
    let (tree, faults) = parse(text, &tokens);
    let mut out = String::new();
    let roots: Vec<_> = tree.roots().collect();
    print_nodes(text, &tokens, &tree, &roots, &mut out);
    for fault in faults {
        let name = match fault.kind {
            FaultKind::Unclosed { noticed: Some(_), .. } => "unclosed noticed",
            FaultKind::Unclosed { noticed: None, .. } => "unclosed",
            FaultKind::ExtraClose { .. } => "extra }",
            FaultKind::ExtraOpen => "extra {",
            FaultKind::OpenQuote => "open quote",
            other => panic!("{other:?} is no fault of structure"),
        };
        write!(out, " !{name}").expect("a string takes text");
    }
    out
}

fn print_nodes(text: &str, tokens: &Tokens, tree: &Tree, ids: &[NodeId], out: &mut String) {
    for (index, &id) in ids.iter().enumerate() {
        if index > 0 {
            out.push_str("; ");
        }
        let words: Vec<_> = tree.words(id, &tokens.significant).iter().map(|word| word.text(text)).collect();
        out.push_str(&words.join(" "));
        if tree.node(id).open != NONE {
            out.push('[');
            let children: Vec<_> = tree.children(id).collect();
            print_nodes(text, tokens, tree, &children, out);
            out.push_str(if tree.node(id).close == NONE { "?]" } else { "]" });
        }
    }
}

fn check(text: &str, expect: &str) {
    assert_eq!(print(text), expect, "{text:?}");
}

#[test]
fn statements_and_blocks() {
    check("", "");
    check("a b\nc", "a b; c");
    check("a {\nb\n}\n", "a[b]");
    check("a{b c}d", "a[b c]; d");
    check("a\n# {\n\n{ b }", "a[b]");
    check("a { b { c } } d {}", "a[b[c]]; d[]");
    check("a \"x { y\" {\n}\n", "a x { y[]");
}

#[test]
fn broken_structure_is_still_a_tree() {
    check("{", "[?] !extra { !unclosed");
    check("}", " !extra }");
    check("a \"b c\nd", "a; d !open quote");
    check("\"x\na", "x\n".get(..0).map_or("", |_| "a !open quote"));
    check("a {\n b {\n c\n", "a[b[c?]?] !unclosed !unclosed");
    check("a { { b } }", "a[[b]] !extra {");
}

#[test]
fn a_missing_brace_is_found_by_indentation() {
    check("a {\n  b {\n    c\n  d\n}\ne {\n}\n", "a[b[c?]; d]; e[] !unclosed noticed");
    check("a {\n  b {\n    c\n}\ne {\n}\n", "a[b[c?]]; e[] !unclosed noticed");
    check("a {\n  b\nvrrp_script c {\n}\n", "a[b?]; vrrp_script c[] !unclosed noticed");
    // A keyword that is none of the root's stays in its block, and so does what follows a `}` that is indented wrongly.
    check("x {\n  b\npriority {\n}\n", "x[b; priority[]?] !unclosed");
    check("x {\n  b {\n}\n  priority c\n", "x[b[]; priority c?] !unclosed");
    // A list of addresses has no keywords in it.
    check(
        "virtual_ipaddress {\n1.2.3.4\npriority 1\n}\nb {\n",
        "virtual_ipaddress[1.2.3.4?]; priority 1; b[?] !unclosed noticed !extra } !unclosed",
    );
    // Without indentation a keyword of the root shows it.
    check("a {\nb\nvrrp_script c {\nd\n}\n", "a[b?]; vrrp_script c[d] !unclosed noticed");
}

#[test]
fn a_surplus_brace_inside_a_block_closes_nothing() {
    check("a {\n  b {\n  }\n  }\n  c\n}\n", "a[b[]; c] !extra }");
    check("a {\n}\n}\nb\n", "a[]; b !extra }");
    check("a {\n  b\n  }\n  c\n}\n", "a[b; c] !extra }");
    // Without indentation a keyword that cannot stand at the root shows it.
    check("vrrp_instance a {\nstate b\n}\npriority 1\n}\n", "vrrp_instance a[state b; priority 1] !extra }");
}

#[test]
fn text_that_adds_up_is_never_repaired() {
    check("a {\nvrrp_script c {\n}\n}\n", "a[vrrp_script c[]]");
    check("  a {\nb\n }", "a[b]");
}

/// The same structure by hand, without repairs: what the tree of a text whose braces add up has to be.
fn oracle(tokens: &Tokens) -> Vec<(u32, u32, u32, u32, u32)> {
    let t = &tokens.significant;
    let (mut nodes, mut open, mut i) = (Vec::new(), Vec::new(), 0);
    while i < t.len() {
        let first = i as u32;
        match t[i].kind {
            TokenKind::Close => {
                if let Some(id) = open.pop() {
                    let end = nodes.len() as u32;
                    let node: &mut (u32, u32, u32, u32, u32) = &mut nodes[id as usize];
                    (node.2, node.4) = (end, i as u32);
                }
                i += 1;
                continue;
            }
            TokenKind::Open => {}
            _ => {
                i += 1;
                while i < t.len() && !t[i].first && !matches!(t[i].kind, TokenKind::Open | TokenKind::Close) {
                    i += 1;
                }
            }
        }
        let last = i as u32;
        let id = nodes.len() as u32;
        let brace = i < t.len() && t[i].kind == TokenKind::Open;
        nodes.push((first, last, id + 1, if brace { i as u32 } else { NONE }, NONE));
        if brace {
            open.push(id);
            i += 1;
        }
    }
    nodes
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
fn chumsky_and_the_hand_written_matcher_agree() {
    let mut dice = Dice(7);
    for _ in 0..3000 {
        let mut text = String::new();
        let mut depth = 0;
        for _ in 0..dice.roll(60) {
            match dice.roll(9) {
                0 if depth > 0 => {
                    text.push_str(["}", " }\n", "\n}"][dice.roll(3)]);
                    depth -= 1;
                }
                1 => {
                    text.push_str([" {", "x{", "y\n\n{", "z {\n"][dice.roll(4)]);
                    depth += 1;
                }
                2 => text.push('\n'),
                3 => text.push_str("# { \" }\n"),
                4 => text.push_str(" \"q { r\" "),
                _ => text.push_str(["a ", "bc ", "d\n", "${X}", "1.2.3.4/24 "][dice.roll(5)]),
            }
        }
        text.push('\n');
        text.push_str(&"}".repeat(depth));
        let tokens = lex(&text);
        assert_eq!(tokens.open_braces, 0);
        let (tree, _) = parse(&text, &tokens);
        let found: Vec<_> = tree.nodes.iter().map(|n| (n.first, n.last, n.end, n.open, n.close)).collect();
        assert_eq!(found, oracle(&tokens), "{text:?}");
    }
}

#[test]
fn any_text_gives_a_tree() {
    let mut dice = Dice(11);
    let alphabet = [
        "{",
        "}",
        "\"",
        "#",
        "!",
        "\n",
        " ",
        "\t",
        "a",
        "vrrp_script",
        "é",
        "\\",
        "$",
        "${",
        "\0",
        "\r",
        "=",
        "@",
        "~",
    ];
    for _ in 0..5000 {
        let text: String = (0..dice.roll(80)).map(|_| alphabet[dice.roll(alphabet.len())]).collect();
        let tokens = lex(&text);
        let (tree, _) = parse(&text, &tokens);
        for (index, node) in tree.nodes.iter().enumerate() {
            assert!(node.end as usize > index && node.end as usize <= tree.nodes.len(), "{text:?}");
            assert!(node.first <= node.last && node.last as usize <= tokens.significant.len(), "{text:?}");
        }
    }
}

#[test]
fn depth_costs_no_stack() {
    let text = "a {\n".repeat(200_000);
    let tokens = lex(&text);
    let (tree, faults) = parse(&text, &tokens);
    assert_eq!((tree.nodes.len(), faults.len()), (200_000, 200_000));
}
