//! The formatter: what it makes of texts, and the laws that hold for all of them.

use kalc_compiler::edit;
use kalc_compiler::format::{Refusal, RefusalKind, format};
use kalc_compiler::host::Host;
use kalc_compiler::ir_json::fingerprint;
use kalc_compiler::lint::page::examples;
use kalc_compiler::lint::rules::RULES;
use kalc_grammar::expand::Profile;
use kalc_grammar::fault::FaultKind;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use std::path::Path;

fn formatted_with(text: &str, files: &MemoryFiles) -> Result<String, Refusal> {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let edits = format(&file, files)?;
    Ok(String::from_utf8(edit::apply(text.as_bytes(), &edits)).expect("text stays text"))
}

fn formatted(text: &str) -> String {
    formatted_with(text, &MemoryFiles::default()).unwrap_or_else(|refusal| panic!("{refusal:?} for\n{text}"))
}

#[track_caller]
fn check(text: &str, expect: &str) {
    let once = formatted(text);
    assert_eq!(once, expect);
    assert_eq!(formatted(&once), once, "twice is once");
}

/// The fingerprint under an id.
fn meaning(text: &str, files: &MemoryFiles, config_id: Option<&str>) -> String {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let profile = Profile { config_id: config_id.map(str::to_owned), ..Profile::default() };
    fingerprint(&Host::read(file, files, &profile).ir)
}

/// Whether the blocks that a host sees do not depend on guesses.
fn is_balanced(text: &str, files: &MemoryFiles, config_id: Option<&str>) -> bool {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let profile = Profile { config_id: config_id.map(str::to_owned), ..Profile::default() };
    let faults = Host::read(file, files, &profile).faults;
    !faults.iter().any(|fault| matches!(fault.kind, FaultKind::Unclosed { .. } | FaultKind::ExtraClose { .. }))
}

/// Every law for one text. False if it is refused.
fn obeys(text: &str, files: &MemoryFiles) -> bool {
    let once = match formatted_with(text, files) {
        Ok(once) => once,
        Err(refusal) => {
            assert_ne!(refusal.kind, RefusalKind::Meaning, "{refusal:?} for\n{text}");
            return false;
        }
    };
    assert_eq!(formatted_with(&once, files).as_deref(), Ok(once.as_str()), "twice is once for\n{text}");
    for id in [None, Some("web1"), Some("web2"), Some("a"), Some("b")] {
        if !is_balanced(text, files, id) {
            continue;
        }
        assert_eq!(meaning(&once, files, id), meaning(text, files, id), "{text}\n=>\n{once}");
    }
    true
}

#[test]
fn blocks_statements_and_lists_have_lines_of_their_own() {
    check(
        "vrrp_instance A\n{\nstate   MASTER\n\tinterface eth0 }\nvrrp_instance B{ virtual_ipaddress { 10.0.0.1/24  dev eth0 } }",
        "vrrp_instance A {\n    state MASTER\n    interface eth0\n}\nvrrp_instance B {\n    virtual_ipaddress {\n        10.0.0.1/24 dev eth0\n    }\n}\n",
    );
    check(
        "vrrp_sync_group G { group { A B } }\nvrrp_sync_group H {\n  group {\n    A  B # both\n  }\n}\n",
        "vrrp_sync_group G {\n    group {\n        A\n        B\n    }\n}\nvrrp_sync_group H {\n    group {\n        A\n        B # both\n    }\n}\n",
    );
    check("vrrp_instance A { } vrrp_instance B {}\n", "vrrp_instance A {\n}\nvrrp_instance B {\n}\n");
}

#[test]
fn two_entries_of_an_address_list_stay_on_the_line_on_which_one_is_lost() {
    check(
        "vrrp_instance A {\nvirtual_ipaddress { 10.0.0.1  10.0.0.2 }\n}\n",
        "vrrp_instance A {\n    virtual_ipaddress {\n        10.0.0.1 10.0.0.2\n    }\n}\n",
    );
    // So does a statement that keepalived does not see.
    check(
        "vrrp_instance A {\n  state MASTER  interface eth0\n}\n",
        "vrrp_instance A {\n    state MASTER interface eth0\n}\n",
    );
}

#[test]
fn comments_and_blank_lines_are_kept() {
    check(
        "! first  \n\n\n  # second\nvrrp_instance A   # third\n\n  ! fourth\n{ # fifth\n\nstate BACKUP# sixth\n} # seventh\n\n\n",
        "! first\n\n\n# second\nvrrp_instance A { # third\n    ! fourth\n    # fifth\n\n    state BACKUP# sixth\n} # seventh\n",
    );
    check("vrrp_instance A\n{ # why\n}\n", "vrrp_instance A { # why\n}\n");
    check("vrrp_instance A {\n#    priority 100\n}\n", "vrrp_instance A {\n    #    priority 100\n}\n");
    check("", "");
    check("\n\n", "");
}

#[test]
fn conditions_decide_about_depth_and_stay_on_their_line() {
    check(
        "@a vrrp_instance A {\n@b   vrrp_instance B {\ninterface eth0\n@a priority  100\n# both\n}\n@a vrrp_script x { script /bin/true }\n",
        "@a vrrp_instance A {\n@b vrrp_instance B {\n    interface eth0\n    @a priority 100\n    # both\n}\n@a vrrp_script x { script /bin/true }\n",
    );
    // The brace belongs to a line that not everybody reads.
    check("@a vrrp_instance A\n@^a vrrp_instance B\n{\n}\n", "@a vrrp_instance A\n@^a vrrp_instance B\n{\n}\n");
    check("@ a priority 1\n@a\n", "@ a priority 1\n@a\n");
}

#[test]
fn definitions_and_sequences_are_not_touched() {
    check(
        "  $X=a   b  \n$M=vrrp_instance A { \\\n  state   BACKUP \\\n}\n$M\nvrrp_instance B {\n$Y=1   2\n    ~SEQ(i, 1,  3)   10.0.0.$i\ninclude  x y\n}\n",
        "$X=a   b  \n$M=vrrp_instance A { \\\n  state   BACKUP \\\n}\n$M\nvrrp_instance B {\n    $Y=1   2\n    ~SEQ(i, 1,  3)   10.0.0.$i\n    include  x y\n}\n",
    );
    // What a definition opens, the text closes.
    check("$OPEN=vrrp_instance A {\n$OPEN\nstate BACKUP\n}\n", "$OPEN=vrrp_instance A {\n$OPEN\n    state BACKUP\n}\n");
    check(
        "$CLOSE=}\nvrrp_instance A {\nstate BACKUP\n$CLOSE\n",
        "$CLOSE=}\nvrrp_instance A {\n    state BACKUP\n$CLOSE\n",
    );
    // A definition of several lines counts only at the end of a line.
    check("$M=a \\\nb\nvrrp_instance A { $M }\n", "$M=a \\\nb\nvrrp_instance A { $M }\n");
    check("$N=A\nvrrp_instance $N { priority 1 }\n", "$N=A\nvrrp_instance $N {\n    priority 1\n}\n");
}

#[test]
fn directives_behind_a_brace_start_a_line() {
    check(
        "vrrp_instance A { @a priority  1 }\nvrrp_instance B { include  x.conf\n}\n",
        "vrrp_instance A {\n    @a priority 1 }\nvrrp_instance B {\n    include  x.conf\n}\n",
    );
}

#[test]
fn blanks_that_may_mean_something_stay() {
    check(
        "vrrp_script a {\n  script   '/bin/x  one'\n  interval   2\n}\nvrrp_script b {\n  script   \"/bin/x  one\"\n}\n",
        "vrrp_script a {\n    script   '/bin/x  one'\n    interval 2\n}\nvrrp_script b {\n    script \"/bin/x  one\"\n}\n",
    );
    check("global_defs {\n  router_id a\"b  c\"d \\ \n}\n", "global_defs {\n    router_id a\"b  c\"d \\ \n}\n");
}

#[test]
fn blocks_that_keepalived_does_not_see_keep_their_lines() {
    check(
        "vrrp_instnce A\n{\n  state   MASTER }\nglobal_defs\n{\n}\n",
        "vrrp_instnce A\n{\n    state   MASTER }\nglobal_defs\n{\n}\n",
    );
}

#[test]
fn line_ends_of_other_systems_go() {
    check("vrrp_instance A\r\n{\r\n  state BACKUP # x\r\n\r\n}\r\n", "vrrp_instance A {\n    state BACKUP # x\n\n}\n");
}

#[test]
fn no_line_becomes_too_long() {
    // keepalived reads 1022 characters at once.
    let long = format!("notify \"/bin/{}\"", "x".repeat(1022 - 2 - 14));
    let text = format!("vrrp_instance A {{\n  {long}\n}}\n");
    check(&text, &text);
    let header = format!("vrrp_script {}", "x".repeat(1021 - 12));
    let text = format!("{header}\n{{\n    script /bin/true\n}}\n");
    check(&text, &text);
}

#[test]
fn bytes_that_are_no_text_stay() {
    let bytes = b"vrrp_instance A {\n# \xff\xfe  \nstate  BACKUP\n}\n".to_vec();
    let file = SourceFile::new("keepalived.conf", bytes.clone());
    assert_eq!(file.bytes(), bytes);
    let edits = format(&file, &MemoryFiles::default()).expect("a comment may hold anything");
    assert_eq!(edit::apply(&bytes, &edits), b"vrrp_instance A {\n    # \xff\xfe\n    state BACKUP\n}\n");
}

#[test]
fn files_that_are_not_understood_are_refused() {
    let refused = |text: &str, kind: RefusalKind, line: u32, part: &str| {
        let refusal = formatted_with(text, &MemoryFiles::default()).expect_err(text);
        assert_eq!((refusal.kind, refusal.place.map(|place| place.start.line)), (kind, Some(line)), "{text}");
        assert!(refusal.reason.contains(part), "{}", refusal.reason);
    };
    refused("global_defs {\n}\nvrrp_instance A {\n", RefusalKind::Syntax, 3, "never closed");
    refused("global_defs {\n}\n}\n", RefusalKind::Syntax, 3, "closes nothing");
    refused("global_defs {\n  router_id \"x\n}\n", RefusalKind::Syntax, 2, "quote");
    refused("@a vrrp_instance A {\n@b }\n", RefusalKind::Syntax, 1, "id `a`");
    refused(&format!("# {}\n", "x".repeat(1100)), RefusalKind::Syntax, 1, "1022");
    refused("{% if x %}\nvrrp_instance A {\n}\n{% endif %}\n", RefusalKind::Template, 1, "template");
}

#[test]
fn laws_hold_for_every_example_of_every_rule() {
    let (mut count, mut refused) = (0, 0);
    for rule in RULES {
        for example in examples(&rule.page()) {
            let files = MemoryFiles::new(example.files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
            for (_, text) in &example.files {
                count += 1;
                refused += usize::from(!obeys(text, &files));
            }
        }
    }
    assert!(count > 150 && refused * 5 < count, "{refused} of {count} were refused");
}

/// Small configurations about one thing each, most of them with a mistake.
fn probes() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/probes");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("the probes").map(|entry| entry.expect("one").path()).collect();
    paths.sort();
    let probes = paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "conf"));
    probes.map(|path| String::from_utf8_lossy(&std::fs::read(path).expect("a probe")).into_owned()).collect()
}

#[test]
fn laws_hold_for_every_probe() {
    let probes = probes();
    let refused = probes.iter().filter(|text| !obeys(text, &MemoryFiles::default())).count();
    assert!(probes.len() > 200 && refused * 5 < probes.len(), "{refused} of {} were refused", probes.len());
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len() as u64) as usize]
    }
}

/// A canonical configuration with random contents.
fn canonical(dice: &mut Dice) -> String {
    let mut text = String::from(
        "global_defs {\n    router_id lb\n    notification_email {\n        a@example.com\n        b@example.com\n    }\n}\n\n",
    );
    for script in 0..dice.roll(3) {
        text.push_str(&format!(
            "vrrp_script chk{script} {{\n    script \"/bin/check  {script}\"\n    interval 2\n}}\n\n"
        ));
    }
    for instance in 0..1 + dice.roll(3) {
        text.push_str(&format!(
            "vrrp_instance VI_{instance} {{\n    state BACKUP\n    interface eth{}\n",
            dice.roll(3)
        ));
        text.push_str(&format!("    virtual_router_id {}\n    priority {}\n", 10 + instance, 1 + dice.roll(254)));
        text.push_str("    virtual_ipaddress {\n");
        for address in 0..1 + dice.roll(4) {
            text.push_str(&format!("        192.0.2.{address}/24 dev eth0\n"));
        }
        text.push_str("    }\n");
        if dice.roll(2) == 0 {
            text.push_str("    authentication {\n        auth_type PASS\n        auth_pass s3cret\n    }\n");
        }
        text.push_str("}\n\n");
    }
    text.push_str("virtual_server 192.0.2.1 80 {\n    protocol TCP\n    real_server 192.0.2.7 80 {\n        TCP_CHECK {\n            connect_timeout 3\n        }\n    }\n}\n");
    text
}

/// The same words with other blanks, line ends and places of braces, as far as keepalived reads the same.
fn shaken(text: &str, dice: &mut Dice) -> String {
    let mut out = String::new();
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        if line.is_empty() {
            out.push('\n');
            continue;
        }
        out.push_str(dice.pick(&["", "\t", "   ", "            "]));
        let mut words = line.trim_start().split(' ').peekable();
        let mut quoted = false;
        while let Some(word) = words.next() {
            if word == "{" && dice.roll(4) == 0 {
                out.push_str("\n  ");
            }
            out.push_str(word);
            quoted ^= word.matches('"').count() % 2 == 1;
            match (words.peek(), quoted) {
                (None, _) => {}
                (Some(_), true) => out.push(' '),
                (Some(&"{"), false) => out.push_str(dice.pick(&["", " ", "  "])),
                (Some(_), false) => out.push_str(dice.pick(&[" ", " ", "\t", "   "])),
            }
        }
        out.push_str(dice.pick(&["", "", " ", "\t"]));
        // Behind a `{` and before or behind a `}` the line may go on, unless an empty line is to be kept.
        let next = lines.get(index + 1).map_or("", |next| next.trim_start());
        let joins = line.ends_with(['{', '}']) || next == "}";
        if !next.is_empty() && joins && dice.roll(3) == 0 {
            out.push(' ')
        } else {
            out.push_str(dice.pick(&["\n", "\n", "\r\n"]))
        }
    }
    out
}

#[test]
fn every_layout_of_the_same_words_becomes_the_canonical_one() {
    for seed in 0..120 {
        let mut dice = Dice(seed);
        let text = canonical(&mut dice);
        assert_eq!(formatted(&text), text, "seed {seed}: canonical stays");
        let shaken = shaken(&text, &mut dice);
        assert_eq!(formatted(&shaken), text, "seed {seed}:\n{shaken}");
        assert_eq!(meaning(&shaken, &MemoryFiles::default(), None), meaning(&text, &MemoryFiles::default(), None));
    }
}

/// Blanks, line ends, comments and directives put anywhere between the words: the meaning is whatever it is, and stays.
#[test]
fn laws_hold_for_texts_that_were_torn_apart() {
    let probes = probes();
    let mut formatted = 0;
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let text = &probes[dice.roll(probes.len() as u64) as usize];
        let mut torn = String::new();
        for word in text.split_inclusive(char::is_whitespace) {
            torn.push_str(word);
            if dice.roll(15) == 0 {
                torn.push_str(dice.pick(&[
                    "\n", "  ", "\t", "\n\n", " # c\n", "\n@a ", "\n@^b ", "\n$X=1\n", "\\\n", "! \n", "\r\n", "{ ",
                    " }\n",
                ]));
            }
        }
        formatted += usize::from(obeys(&torn, &MemoryFiles::default()));
    }
    assert!(formatted > 100, "{formatted} were formatted");
}
