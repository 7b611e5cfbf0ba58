//! One example in every output. `UPDATE=1 cargo test --test outputs` writes the snapshots anew.

mod support;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use support::{root, run};

fn snapshots() -> PathBuf {
    root().join("tests/snapshots")
}

/// What `kalc check` prints of the two hosts, the version left out.
fn output(format: &str) -> String {
    let found =
        run(&snapshots(), &["check", "--hints", "--format", format, "./web1/keepalived.conf", "web2/keepalived.conf"]);
    assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{found:#?}");
    found
        .stdout
        .replace(concat!("\"semanticVersion\": \"", env!("CARGO_PKG_VERSION")), "\"semanticVersion\": \"VERSION")
}

fn validate(schema: &str, text: &str) {
    let path = root().join("tests/schemas").join(schema);
    let schema = std::fs::read_to_string(&path).expect("a schema");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("a schema");
    let report: Value = serde_json::from_str(text).expect("JSON");
    let wrong: Vec<String> =
        validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_format_is_as_recorded() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    for (format, file) in [
        ("human", "human.txt"),
        ("short", "short.txt"),
        ("json", "findings.json"),
        ("sarif", "findings.sarif"),
        ("github", "github.txt"),
        ("gitlab", "gitlab.json"),
    ] {
        let path = snapshots().join(file);
        let found = output(format);
        if update {
            std::fs::write(&path, &found).expect("a snapshot");
        } else if std::fs::read_to_string(&path).unwrap_or_default() != found {
            wrong.push(format!("{} differs:\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "look at these, then UPDATE=1\n{}", wrong.join("\n"));
}

#[test]
fn cluster_reads_as_recorded() {
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    for (format, file) in [("human", "cluster.txt"), ("json", "cluster.json")] {
        let found = run(
            &snapshots(),
            &["cluster", "--format", format, "./web1/keepalived.conf", "web2/keepalived.conf", "../../examples/pair"],
        );
        assert_eq!((found.status, found.stderr.as_str()), (1, ""), "{found:#?}");
        let path = snapshots().join(file);
        if update {
            std::fs::write(&path, &found.stdout).expect("a snapshot");
        } else {
            assert_eq!(
                std::fs::read_to_string(&path).unwrap_or_default(),
                found.stdout,
                "{file}: UPDATE=1 after a look"
            );
        }
    }
}

#[test]
fn sarif_is_valid_and_whole() {
    let text = output("sarif");
    validate("sarif.json", &text);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = log["runs"][0]["results"].as_array().expect("results");
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"], "{result:#}");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let at = |key: &str| region[key].as_u64().expect("a number");
        assert!((at("startLine"), at("startColumn")) < (at("endLine"), at("endColumn")), "never empty: {region:#}");
    }
    let has = |key: &str| results.iter().any(|result| result[key].as_array().is_some_and(|list| !list.is_empty()));
    assert!(has("fixes") && has("relatedLocations"), "the example shows both");
    unique(results.iter().map(|result| &result["partialFingerprints"]["kalc/v1"]));
}

#[test]
fn gitlab_is_valid_and_fingerprints_stay() {
    let text = output("gitlab");
    validate("gitlab-code-quality.json", &text);
    let report: Value = serde_json::from_str(&text).expect("JSON");
    unique(report.as_array().expect("a list").iter().map(|entry| &entry["fingerprint"]));
    // Lines above a finding do not make it another one.
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(snapshots().join("web2/keepalived.conf")).expect("the example");
    let fingerprints = |text: &str| {
        std::fs::write(folder.path().join("x.conf"), text).expect("a file");
        let absolute = folder.path().canonicalize().expect("a path").join("x.conf");
        let found = run(folder.path(), &["check", "--format", "gitlab", absolute.to_str().expect("UTF-8")]).json();
        let list = found.as_array().expect("a list").clone();
        assert!(!list.is_empty() && list.iter().all(|entry| entry["location"]["path"] == "x.conf"), "{list:#?}");
        list.into_iter().map(|entry| entry["fingerprint"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(fingerprints(&text), fingerprints(&format!("# one\n# two\n{text}")));
}

#[test]
fn reports_without_findings_are_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("x.conf"), "").expect("a file");
    let check = |format| run(folder.path(), &["check", "--format", format, "x.conf"]).stdout;
    validate("sarif.json", &check("sarif"));
    validate("gitlab-code-quality.json", &check("gitlab"));
    assert_eq!(check("github"), "");
}

fn unique<'v>(values: impl Iterator<Item = &'v Value>) {
    let mut seen = BTreeSet::new();
    for value in values {
        assert!(seen.insert(value.as_str().expect("a fingerprint").to_owned()), "{value} stands twice");
    }
}

/// `docs/runtime.md` is what the schema says.
#[test]
fn the_page_about_the_daemon_is_up_to_date() {
    let found = run(&root(), &["schema", "--format", "markdown"]).stdout;
    let path = root().join("docs/runtime.md");
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::write(&path, &found).expect("a page");
    }
    let page = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == found, "kalc schema --format markdown >docs/runtime.md");
}
