//! kalc beside the keepalived of Debian 12, on the probes in `probes/`.
//!
//! A probe agrees if keepalived says something about the text exactly when kalc does, and if kalc has a finding at the
//! line that keepalived names first. Every difference is listed in `probes/differences.tsv` with its reason, and every
//! listed one must still be there. What keepalived says about the machine (a script that is not installed, a user that
//! does not exist) is no word about the text.

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use support::{root, run, skip};

/// The version whose behaviour `differences.tsv` lists.
const VERSION: &str = "v2.2.7";

/// This version ends itself with SIGTERM after it has looked at scripts, before it says what it found: no verdict.
const NO_VERDICT: i32 = 143;

/// Rules for what keepalived's test accepts by design: a file that only they speak of is one that kalc accepts too.
const BEYOND_THE_TEST: [&str; 6] = ["KA411", "KA701", "KA702", "KA807", "KA851", "KA962"];

/// Parts of what keepalived says about the machine.
const ABOUT_THE_MACHINE: [&str; 12] = [
    "not found/accessible",
    "SECURITY VIOLATION",
    "default user",
    "script uid/gid",
    "doesn't exist",
    "Non-existent interface",
    "Unable to access",
    "insecure",
    "No such file",
    "not executable",
    "IPVS",
    "ip_vs",
];

/// What keepalived says of a probe.
#[derive(Debug, Default)]
struct Verdict {
    speaks: bool,
    /// The first place that it names: a file without its folder, and a line.
    line: Option<(String, u64)>,
    said: String,
}

#[test]
fn every_difference_to_keepalived_is_explained() {
    const TEST: &str = "every_difference_to_keepalived_is_explained";
    let folder = root().join("tests/probes");
    let out = tempfile::tempdir().expect("a folder");
    if let Err(reason) = run_keepalived(&folder, out.path()) {
        return skip(TEST, &reason);
    }
    let recorded = table(&folder.join("recorded.tsv"), 4);
    let listed: BTreeMap<(String, String), String> = table(&folder.join("differences.tsv"), 3)
        .into_iter()
        .map(|row| ((row[0].clone(), row[1].clone()), row[2].clone()))
        .collect();

    let mut wrong = String::new();
    let mut found = BTreeMap::new();
    let (mut count, mut speaks) = (0, 0);
    for path in support::files(&folder, ".conf") {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let verdict = match verdict(out.path(), &name) {
            Some(verdict) => verdict,
            None => match recorded.iter().find(|row| row[0] == name) {
                Some(row) => recorded_verdict(row),
                None => {
                    let _ = writeln!(wrong, "{name}: keepalived ends itself and recorded.tsv knows no verdict");
                    continue;
                }
            },
        };
        count += 1;
        speaks += usize::from(verdict.speaks);
        if let Some(difference) = compare(&folder, &name, &verdict) {
            found.insert((name, difference.0), difference.1);
        }
    }
    for ((name, direction), detail) in &found {
        if !listed.contains_key(&(name.clone(), (*direction).to_owned())) {
            let _ = writeln!(wrong, "{name}\t{direction}\tnot listed: {detail}");
        }
    }
    for ((name, direction), reason) in &listed {
        if !found.keys().any(|key| key.0 == *name && key.1 == direction) {
            let _ = writeln!(wrong, "{name}\t{direction}\tlisted and no longer so: {reason}");
        }
    }
    assert!(wrong.is_empty(), "differences.tsv does not tell the truth:\n{wrong}");
    println!("{count} probes, keepalived speaks of {speaks}, {} differences, all listed", found.len());
}

/// Where kalc and keepalived differ about a probe: the direction, and what the one that speaks says.
fn compare(folder: &Path, name: &str, verdict: &Verdict) -> Option<(&'static str, String)> {
    let result = run(folder, &["check", "--format", "json", "-i", "lb1", &format!("{name}.conf")]);
    assert!(result.status <= 1, "{name}: {result:#?}");
    let json = result.json();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = json["diagnostics"].as_array().expect("a list");
    let own: Vec<_> = all
        .iter()
        .filter(|d| d["severity"] != "hint" && !BEYOND_THE_TEST.contains(&d["code"].as_str().expect("a code")))
        .collect();
    // An info is advice: it may stand beside keepalived's word, and beside its silence.
    let loud = own.iter().find(|d| d["severity"] != "info");
    match (verdict.speaks, loud) {
        (true, _) if own.is_empty() => return Some(("kalc misses", verdict.said.clone())),
        (false, Some(d)) => return Some(("kalc alone", format!("{} {}", text(&d["code"]), text(&d["message"])))),
        (true | false, _) => {}
    }
    let (file, line) = verdict.line.as_ref()?;
    let covers = |place: &Value| {
        let name = text(&place["file"]);
        let at = |end: &str| place["range"][end]["line"].as_u64().expect("a line");
        name.rsplit('/').next() == Some(file) && (at("start")..=at("end")).contains(line)
    };
    let covered = own.iter().any(|d| covers(d) || d["related"].as_array().expect("a list").iter().any(covers));
    (verdict.speaks && !covered).then(|| {
        let kalc: Vec<_> =
            own.iter().map(|d| format!("{}:{}", text(&d["code"]), d["range"]["start"]["line"])).collect();
        ("line", format!("{} (kalc: {})", verdict.said, kalc.join(" ")))
    })
}

/// Runs keepalived over all probes in namespaces of its own, or says why that cannot be.
fn run_keepalived(folder: &Path, out: &Path) -> Result<(), String> {
    let version = Command::new("keepalived").arg("--version").output().map_err(|_| "there is no keepalived here")?;
    let version = String::from_utf8_lossy(&[version.stdout, version.stderr].concat()).into_owned();
    if !version.contains(VERSION) {
        return Err(format!("the differences are those of keepalived {VERSION}"));
    }
    if Command::new("ip").arg("-V").output().is_err() {
        return Err("there is no `ip` here".to_owned());
    }
    let mut reason = String::new();
    // As root plainly; as somebody else as root of a user namespace, where the system allows that.
    for user in [&[][..], &["--map-root-user"]] {
        let output = Command::new("unshare")
            .args(user)
            .args(["--net", "--uts", "--mount"])
            .arg(folder.join("run.sh"))
            .arg(out)
            .output()
            .map_err(|_| "there is no `unshare` here")?;
        if output.status.success() {
            return Ok(());
        }
        reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    }
    Err(format!("namespaces cannot be had here: {reason}"))
}

/// What keepalived said of a probe; `None` if it ended before it could.
fn verdict(out: &Path, name: &str) -> Option<Verdict> {
    let read = |ending: &str| {
        let bytes = std::fs::read(out.join(format!("{name}.{ending}"))).expect("run.sh tries every probe");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let status: i32 = read("status").trim().parse().expect("a number");
    if status == NO_VERDICT {
        return None;
    }
    let text = read("text");
    let said: Vec<&str> = text
        .lines()
        .map(without_time)
        .filter(|line| !line.is_empty() && !ABOUT_THE_MACHINE.iter().any(|part| line.contains(part)))
        .collect();
    let line = said.iter().find_map(|text| named_line(text, &format!("{name}.conf")));
    // 4, 5 and 6 are also its words for what it says about the machine; all others but 0 are about the text.
    let speaks = !said.is_empty() || ![0, 4, 5, 6].contains(&status);
    Some(Verdict { speaks, line, said: format!("status {status}, {}", said.first().unwrap_or(&"no word")) })
}

/// A message without the time before it, which always takes 26 characters.
fn without_time(line: &str) -> &str {
    let is_time = line.get(24..26) == Some(": ") && line.get(20..24).is_some_and(|year| year.parse::<u32>().is_ok());
    if is_time { line[26..].trim() } else { line.trim() }
}

/// The place in `(Line 7) …` or `(parts/x.inc: Line 7) …`.
fn named_line(text: &str, main: &str) -> Option<(String, u64)> {
    let (before, after) = text.split_once("Line ")?;
    let digits = after.split(|c: char| !c.is_ascii_digit()).next()?;
    let file = before.trim_start_matches('(').trim_end_matches([':', ' ']);
    let file = if file.is_empty() { main } else { file.rsplit('/').next()? };
    Some((file.to_owned(), digits.parse().ok()?))
}

fn recorded_verdict(row: &[String]) -> Verdict {
    let line = row[2].parse().ok().map(|line| (format!("{}.conf", row[0]), line));
    Verdict { speaks: row[1] == "speaks", line, said: row[3].clone() }
}

/// The rows of a table, without its comments.
fn table(path: &Path, columns: usize) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    rows.map(|line| {
        let row: Vec<_> = line.split('\t').map(str::to_owned).collect();
        assert_eq!(row.len(), columns, "{}: {line}", path.display());
        row
    })
    .collect()
}
