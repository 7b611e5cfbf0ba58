//! `kalc simulate`: hosts against each other in virtual time.

mod support;

use serde_json::Value;
use support::{root, run};

fn examples(name: &str) -> String {
    root().join("examples").join(name).display().to_string()
}

#[test]
fn a_killed_master_is_replaced_and_comes_back() {
    let path = examples("pair");
    let output = run(
        &root(),
        &["simulate", &path, "--event", "kill web1 at 8s", "--event", "start web1 at 20s", "--for", "40s"],
    );
    let lines: Vec<&str> = output.stdout.lines().filter(|line| line.contains("MASTER")).collect();
    assert_eq!(
        lines,
        [
            "    3.414  web1  web MASTER  hears no master",
            "   10.945  web2  web MASTER  hears no master",
            "   23.414  web1  web MASTER  hears no master",
            "  web1  web  MASTER  holds 192.0.2.61",
        ],
        "{}",
        output.stdout
    );
    assert_eq!(output.status, 0);
}

#[test]
fn peers_that_refuse_each_other_break_a_law() {
    let output = run(&root(), &["simulate", &examples("mismatch"), "--for", "20s"]);
    assert_eq!(output.status, 1, "{}", output.stdout);
    let told = output.stdout.lines().filter(|line| line.contains("!! VRID 71: a and b have been master at once"));
    assert_eq!(told.count(), 1, "{}", output.stdout);
}

#[test]
fn the_answer_is_there_as_json() {
    let output = run(&root(), &["simulate", &examples("pair"), "--for", "10s", "--format", "json"]);
    let json: Value = serde_json::from_str(&output.stdout).expect("JSON");
    assert_eq!(json["ended_ms"], 10_000);
    assert_eq!(json["hosts"][0]["instances"][0]["state"], "MASTER");
    assert_eq!(json["hosts"][0]["instances"][0]["holds"][0], "192.0.2.61");
    assert_eq!(json["violations"], serde_json::json!([]));
}

#[test]
fn many_worlds_are_drawn_from_seeds() {
    let output = run(&root(), &["simulate", &examples("pair"), "--seeds", "200", "--for", "60s"]);
    assert_eq!((output.status, output.stdout.as_str()), (0, "200 worlds, no law was broken\n"));
    let output = run(&root(), &["simulate", &examples("mismatch"), "--seeds", "3", "--for", "60s"]);
    assert_eq!(output.status, 1);
    assert!(output.stdout.contains("again: --seeds 1 --seed 1"), "{}", output.stdout);
}

#[test]
fn events_that_cannot_be_read_are_explained() {
    for (event, said) in [("kill web9 at 5s", "there is no host `web9`"), ("kill web1", "does not say when")] {
        let output = run(&root(), &["simulate", &examples("pair"), "--event", event]);
        assert_eq!(output.status, 2);
        assert!(output.stderr.contains(said), "{}", output.stderr);
    }
}
