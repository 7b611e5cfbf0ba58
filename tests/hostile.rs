//! Inputs that nobody means well with. Each must come to an end without a panic, and what is found must be in the file.
//!
//! No test measures time; one whose time were quadratic here would take hours.

mod support;

use kalc_compiler::check::{check_fleet, check_host};
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::host::Host;
use kalc_compiler::render::{Summary, json, short};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use std::path::Path;
use support::{files, root};

/// A host that includes nothing.
fn host(name: &str, bytes: &[u8]) -> Host {
    let mut memory = MemoryFiles::default();
    memory.files.insert(name.to_owned(), bytes.to_vec());
    Host::read(SourceFile::new(name, bytes.to_vec()), &memory, &Profile::default())
}

fn check(what: &str, bytes: &[u8]) -> Vec<Diagnostic> {
    let host = host("/etc/keepalived/keepalived.conf", bytes);
    let diagnostics = check_host(&host);
    for d in &diagnostics {
        let text = host.sources.iter().find(|(_, file)| file.name() == &*d.place.file).map(|(_, file)| file.text());
        let range = d.place.start.offset as usize..d.place.end.offset as usize;
        assert!(text.is_some_and(|text| text.get(range).is_some()), "{what}: {d:?}");
    }
    diagnostics
}

#[test]
fn depth_costs_no_stack() {
    for keyword in ["vrrp_instance a", "a", ""] {
        let opened = format!("{keyword} {{\n").repeat(100_000);
        assert!(!check("unclosed blocks", opened.as_bytes()).is_empty());
        let closed = format!("{keyword} {{\n").repeat(20_000) + &"}\n".repeat(20_000);
        check("nested blocks", closed.as_bytes());
    }
    assert!(!check("closing braces", "}\n".repeat(100_000).as_bytes()).is_empty());
}

#[test]
fn depth_by_indentation_costs_no_more() {
    let text: String = (0..2_000).map(|depth| format!("{}vrrp_instance a {{\n", " ".repeat(depth))).collect();
    check("a staircase", text.as_bytes());
}

#[test]
fn long_lines_and_many_quotes_are_read() {
    check("one word", "x".repeat(1 << 20).as_bytes());
    check("one line of words", "ab ".repeat(1 << 19).as_bytes());
    check("one line of a keyword", ("vrrp_instance a {\n priority ".to_owned() + &"1".repeat(1 << 20)).as_bytes());
    check("quotes", "\"".repeat(200_000).as_bytes());
    check("quotes on lines", "\"\n".repeat(200_000).as_bytes());
    check("braces on one line", "{}".repeat(100_000).as_bytes());
    check("dollars", "$".repeat(200_000).as_bytes());
    check("open names", "${".repeat(200_000).as_bytes());
    check("open names in a word", ("a ".to_owned() + &"${x".repeat(100_000)).as_bytes());
    check("comment signs", "a#".repeat(200_000).as_bytes());
    check("backslashes", "\\\n".repeat(200_000).as_bytes());
    check("NUL", &vec![0; 1 << 18]);
    check("no UTF-8", &vec![0xff; 1 << 18]);
}

#[test]
fn many_of_one_kind_are_read() {
    let instances: String = (0..20_000).map(|n| format!("vrrp_instance a {{\n priority {n}\n}}\n")).collect();
    check("instances of one name", instances.as_bytes());
    let addresses: String = (0..50_000).map(|_| "192.0.2.1 192.0.2.2 dev\n").collect();
    check("addresses", format!("vrrp_instance a {{\n virtual_ipaddress {{\n{addresses}}}\n}}\n").as_bytes());
    check("conditions", "@a b\n@^a c\n".repeat(50_000).as_bytes());
    check("unknown words", "vrrp_instnce\n".repeat(50_000).as_bytes());
}

#[test]
fn expansion_has_an_end() {
    check("a name that is itself", b"$X=${X}${X}\n$X\n${X}\n");
    let chain: String = (0..200).map(|n| format!("$A{}=${{A{n}}}${{A{n}}}\n", n + 1)).collect();
    check("names that double", format!("$A0=ab\n{chain}$A200\nx ${{A200}}\n").as_bytes());
    check("sequences in sequences", b"~SEQ(x, 1, 40) ~SEQ(y, 1, 40) ~SEQ(z, 1, 40) a $x $y $z\n");
    check(
        "a sequence that never ends",
        b"~SEQ(x, 1, 0, 5) a $x\n~SEQ(x, 5, 1, 1) a\n~SEQ(x, -9223372036854775808, 9223372036854775807) a\n",
    );
    check("a file that includes itself", b"include keepalived.conf\ninclude *.conf\n");
    check("lines that are never done", ("$X=".to_owned() + &"a\\\n".repeat(100_000) + "\n\n$X\n$X\n$X\n").as_bytes());
}

/// A small generator of numbers (splitmix64): the same seed gives the same inputs on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit.max(1) as u64) as usize
    }
}

/// Texts that a change may put anywhere.
const SPLINTERS: [&str; 28] = [
    "{",
    "}",
    "\"",
    "#",
    "!",
    "\n",
    "\\\n",
    " ",
    "\t",
    "$X",
    "${X}",
    "$X=",
    "~SEQ(x, 1, 3) ",
    "~LST(x, a, b) ",
    "@lb1 ",
    "@^lb1 ",
    "include a.conf\n",
    "é",
    "\u{feff}",
    "\0",
    "99999999999999999999",
    "-1",
    "0.5",
    "192.0.2.1/33",
    "::1",
    "${_ENV X}",
    "${_RANDOM 1 9}",
    "nb_get_retry 3",
];

fn change(numbers: &mut Numbers, text: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(40)).min(bytes.len());
        match numbers.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, SPLINTERS[numbers.below(SPLINTERS.len())].bytes())),
            2 => drop(bytes.splice(at..end, SPLINTERS[numbers.below(SPLINTERS.len())].bytes())),
            3 => {
                let from = numbers.below(other.len());
                let to = (from + numbers.below(200)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            4 if at < bytes.len() => bytes[at] = numbers.below(256) as u8,
            _ => bytes.truncate(at.max(bytes.len() / 2)),
        }
    }
    bytes
}

#[test]
fn changed_examples_are_checked_all_the_same() {
    let read = |path: &Path| std::fs::read(path).expect("a file");
    let mut texts: Vec<Vec<u8>> = files(&root().join("examples"), ".conf").iter().map(|path| read(path)).collect();
    texts.extend(files(&root().join("tests/probes"), ".conf").iter().map(|path| read(path)));
    let mut numbers = Numbers(2);
    for round in 0..3_000 {
        let text = &texts[numbers.below(texts.len())];
        let other = &texts[numbers.below(texts.len())];
        let bytes = change(&mut numbers, text, other);
        let result = std::panic::catch_unwind(|| {
            let mut diagnostics = check("a changed example", &bytes);
            diagnostics.extend(check_fleet(&[host("/a", &bytes), host("/b", other)]));
            short::render(&diagnostics);
            json::render(&diagnostics, Summary::new(2, &diagnostics));
        });
        assert!(result.is_ok(), "round {round}: {:?}", String::from_utf8_lossy(&bytes));
    }
}
