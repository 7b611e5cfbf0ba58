//! The hooks as people use them: the real pre-commit on a real repository, and the lines that `docs/hooks.md` gives for
//! configuration management.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::{root, skip};
use tempfile::TempDir;

const GOOD: &str = "vrrp_instance web {\n    state BACKUP\n    interface eth0\n    virtual_router_id 51\n    priority 100\n    advert_int 1\n    garp_master_delay 5\n    virtual_ipaddress {\n        192.0.2.10/24 dev eth0\n    }\n}\n";

const PAIR: &str = "[[cluster]]\nname = \"web\"\nmembers = [ { host = \"web1\", file = \"web1/keepalived.conf\" },\n            { host = \"web2\", file = \"web2/keepalived.conf\" } ]\n";

/// The program named, in the environment that tests and hooks get: this kalc comes first on the PATH.
fn command(folder: &Path, program: &str) -> Command {
    let bin = Path::new(env!("CARGO_BIN_EXE_kalc")).parent().expect("a folder").to_owned();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(bin).chain(std::env::split_paths(&path))).expect("a PATH");
    let mut command = Command::new(program);
    command.current_dir(folder).env("PATH", path).env("HOME", folder).env("PRE_COMMIT_HOME", folder.join("../cache"));
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "kalc").env(format!("GIT_{role}_EMAIL"), "kalc@example.invalid");
    }
    command
}

fn git(folder: &Path, args: &[&str]) -> Output {
    command(folder, "git")
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
        .args(args)
        .output()
        .expect("git starts")
}

fn must(folder: &Path, args: &[&str]) {
    let output = git(folder, args);
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// A repository that has one of kalc's hooks, and the repository that it comes from; both go with the folder.
fn repository(hook: &str, files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let (hooks, repo) = (folder.path().join("hooks"), folder.path().join("repo"));
    let manifest = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).expect("the hooks");
    write(&hooks, ".pre-commit-hooks.yaml", &manifest);
    must(&hooks, &["init", "-q"]);
    must(&hooks, &["add", "."]);
    must(&hooks, &["commit", "-qm", "hooks"]);
    must(&hooks, &["tag", "v0"]);
    std::fs::create_dir_all(&repo).expect("a folder");
    must(&repo, &["init", "-q"]);
    let config = format!("repos:\n- repo: {}\n  rev: v0\n  hooks:\n  - id: {hook}\n", hooks.display());
    write(&repo, ".pre-commit-config.yaml", &config);
    for (name, text) in files {
        write(&repo, name, text);
    }
    let install = command(&repo, "pre-commit").arg("install").output().expect("pre-commit starts");
    assert!(install.status.success(), "{}", String::from_utf8_lossy(&install.stderr));
    (folder, repo)
}

/// Whether a commit of what is staged went through, and what was said.
fn commit(repo: &Path) -> (bool, String) {
    let output = git(repo, &["commit", "-qm", "change"]);
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

fn can_run(test: &str) -> bool {
    let here = tempfile::tempdir().expect("a folder");
    for program in ["git", "pre-commit"] {
        let works = command(here.path(), program).arg("--version").output().is_ok_and(|output| output.status.success());
        if !works {
            skip(test, &format!("there is no {program}"));
            return false;
        }
    }
    true
}

#[test]
fn manifest_offers_the_promised_hooks() {
    const TEST: &str = "manifest_offers_the_promised_hooks";
    let manifest = std::fs::read_to_string(root().join(".pre-commit-hooks.yaml")).expect("the hooks");
    for hook in ["- id: kalc-check\n", "- id: kalc-check-system\n", "- id: kalc-fmt\n", "- id: kalc-fmt-system\n"] {
        assert!(manifest.contains(hook), "{hook}");
    }
    assert_eq!(manifest.matches(r"files: '(^|/)([^/]*\.)?keepalived([^/]*)?\.conf$'").count(), 4);
    if can_run(TEST) {
        let valid = command(&root(), "pre-commit").args(["validate-manifest", ".pre-commit-hooks.yaml"]).output();
        let valid = valid.expect("pre-commit starts");
        assert!(valid.status.success(), "{}", String::from_utf8_lossy(&valid.stdout));
    }
}

#[test]
fn commit_of_a_bad_file_stops_and_of_a_good_one_passes() {
    if !can_run("commit_of_a_bad_file_stops_and_of_a_good_one_passes") {
        return;
    }
    let bad = GOOD.replace("advert_int", "adver_int");
    let (_folder, repo) =
        repository("kalc-check-system", &[("etc/keepalived.conf", &bad), ("readme.md", "adver_int 1\n")]);
    must(&repo, &["add", "."]);
    let (passed, said) = commit(&repo);
    assert!(!passed, "{said}");
    assert!(said.contains("etc/keepalived.conf:6:5") && said.contains("KA101"), "the line is named: {said}");
    write(&repo, "etc/keepalived.conf", GOOD);
    must(&repo, &["add", "."]);
    let (passed, said) = commit(&repo);
    assert!(passed, "{said}");
    // A change that is no configuration runs nothing.
    write(&repo, "readme.md", "more\n");
    must(&repo, &["add", "."]);
    assert!(commit(&repo).0);
}

#[test]
fn commit_of_a_crooked_file_formats_it() {
    if !can_run("commit_of_a_crooked_file_formats_it") {
        return;
    }
    let crooked = GOOD.replace("    priority 100\n", "  priority   100\n");
    let (_folder, repo) =
        repository("kalc-fmt-system", &[("web1.keepalived.conf", &crooked), ("other.conf", "a   {\n")]);
    must(&repo, &["add", "."]);
    let (passed, said) = commit(&repo);
    assert!(!passed && said.contains("files were modified by this hook"), "{said}");
    assert_eq!(std::fs::read_to_string(repo.join("web1.keepalived.conf")).expect("the file"), GOOD);
    must(&repo, &["add", "."]);
    let (passed, said) = commit(&repo);
    assert!(passed, "{said}");
    // What is not understood is told, and stops the commit.
    write(&repo, "web1.keepalived.conf", &GOOD.replace("{\n    state", "\n    state"));
    must(&repo, &["add", "."]);
    let (passed, said) = commit(&repo);
    assert!(!passed && said.contains("not formatted"), "{said}");
}

#[test]
fn two_hosts_are_a_cluster_when_one_is_staged() {
    if !can_run("two_hosts_are_a_cluster_when_one_is_staged") {
        return;
    }
    let files = [("kalc.toml", PAIR), ("web1/keepalived.conf", GOOD), ("web2/keepalived.conf", GOOD)];
    let (_folder, repo) = repository("kalc-check-system", &files);
    must(&repo, &["add", "."]);
    let (passed, said) = commit(&repo);
    assert!(passed, "{said}");
    write(&repo, "web1/keepalived.conf", &GOOD.replace("advert_int 1", "advert_int 2"));
    must(&repo, &["add", "web1/keepalived.conf"]);
    let (passed, said) = commit(&repo);
    assert!(!passed, "{said}");
    assert!(said.contains("KA602") && said.contains("web1/keepalived.conf:6:5"), "{said}");
    assert!(said.contains("web2/keepalived.conf:6:5"), "both sides are shown: {said}");
}

/// The lines in the document, run by a shell as the tools run them: `%s` and `%` stand for a file that is not yet in place.
#[test]
fn lines_for_configuration_management_work() {
    let page = std::fs::read_to_string(root().join("docs/hooks.md")).expect("the document");
    let folder = tempfile::tempdir().expect("a folder");
    let bad = GOOD.replace("advert_int", "adver_int");
    let mut tried = 0;
    for line in page.lines().map(str::trim) {
        let Some(rest) = line.strip_prefix("validate: ").or_else(|| line.strip_prefix("validate_cmd => ")) else {
            continue;
        };
        let sign = if line.starts_with("validate: ") { "%s" } else { "%" };
        let shown = rest.trim_end_matches(',').trim_matches(['"', '\'']);
        assert!(shown.contains(sign), "{line}");
        for (text, status) in [(GOOD, 0), (bad.as_str(), 1)] {
            write(folder.path(), ".ansible_tmp1x2keepalived", text);
            let file = folder.path().join(".ansible_tmp1x2keepalived");
            let line = shown
                .replace(sign, &file.to_string_lossy())
                .replace("/usr/local/bin/kalc", "kalc")
                .replace("/usr/bin/kalc", "kalc");
            let output = command(folder.path(), "sh").args(["-c", &line]).output().expect("a shell");
            let said = String::from_utf8_lossy(&output.stdout);
            assert_eq!(output.status.code(), Some(status), "{line}: {said}");
            assert_eq!(said.contains("KA101"), status == 1, "{line}: {said}");
        }
        tried += 1;
    }
    assert_eq!(tried, 2, "one line for Ansible and one for Puppet");
}
