//! Baselines: what makes a finding the same one.

use kalc_compiler::baseline::{Baseline, Texts};
use kalc_compiler::check::check_host;
use kalc_compiler::diagnostic::Diagnostic;
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;

const TEXT: &str = "vrrp_instance A {
    state master
    interface eth0
    virtual_router_id 1
    garp_master_delay 5
    authentication {
        auth_type PASS
        auth_pass muchtoolong
    }
    virtual_ipaddress {
        192.0.2.1/24
    }
}
";

fn name(file: &str) -> String {
    file.to_owned()
}

fn found(text: &str) -> (Host, Vec<Diagnostic>) {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    let mut found = check_host(&host);
    found.retain(|d| ["KA115", "KA401"].contains(&d.code));
    (host, found)
}

fn baseline(text: &str) -> Baseline {
    let (host, found) = found(text);
    let mut texts = Texts::new(host.sources.iter().map(|(_, file)| file), &name);
    let baseline = Baseline::of(&found, &mut texts);
    assert_eq!(Baseline::read(&baseline.write()).as_ref(), Ok(&baseline), "what is written can be read");
    baseline
}

/// Codes of findings that are new, how many are known, and statements that are gone, for a text beside a baseline of another.
fn split(old: &str, new: &str) -> (Vec<&'static str>, usize, Vec<String>) {
    let (host, found) = found(new);
    let mut texts = Texts::new(host.sources.iter().map(|(_, file)| file), &name);
    let split = baseline(old).split(found, &mut texts);
    let gone = split.gone.into_iter().map(|(key, _)| [key.path, vec![key.statement]].concat().join(" > "));
    (split.new.into_iter().map(|d| d.code).collect(), split.known, gone.collect())
}

#[test]
fn lines_blanks_and_comments_do_not_count() {
    let moved =
        format!("# first\n\nglobal_defs {{\n}}\n{}", TEXT.replace("state master", "# why\n\tstate    master # so"));
    assert_eq!(split(TEXT, &moved), (vec![], 2, vec![]));
    let joined = TEXT.replace("A {\n    state", "A\n{ state");
    assert_eq!(split(TEXT, &joined), (vec![], 2, vec![]));
}

#[test]
fn another_value_or_another_block_is_another_finding() {
    let gone = "vrrp_instance A > state master".to_owned();
    assert_eq!(split(TEXT, &TEXT.replace("master\n", "backup\n")), (vec!["KA115"], 1, vec![gone.clone()]));
    assert_eq!(split(TEXT, &TEXT.replace("master\n", "MASTER\n")), (vec![], 1, vec![gone]));
    let (new, known, gone) = split(TEXT, &TEXT.replace(" A ", " B "));
    assert_eq!((new.len(), known, gone.len()), (2, 0, 2));
}

#[test]
fn one_more_of_the_same_kind_is_new() {
    let second = TEXT.replace(" A ", " B ").replace("id 1", "id 2");
    let (new, known, gone) = split(TEXT, &(TEXT.to_owned() + &second));
    assert_eq!((new.len(), known, gone.len()), (2, 2, 0));
    let twice = TEXT.replace("    state master\n", "    state master\n    state master\n");
    let (new, known, _) = split(TEXT, &twice);
    assert_eq!((new.len(), known), (1, 2));
}

#[test]
fn secrets_are_not_written_down() {
    let text = baseline(TEXT).write();
    assert!(text.contains("\"auth_pass *\"") && !text.contains("muchtoolong"), "{text}");
}

#[test]
fn what_is_no_baseline_is_refused() {
    for wrong in ["", "{}", "[]", "{\"version\": 2, \"findings\": []}", "{\"version\": 1, \"findings\": [{}]}"] {
        assert!(Baseline::read(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Baseline::read("{\"version\": 1, \"findings\": []}"), Ok(Baseline::default()));
}
