//! What somebody can do who has taken the daemon over: code that is loaded with it tries it.

use crate::support::lab::{Lab, PATIENCE};
use crate::support::skip;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// `EPERM`: the calls are not for a daemon. `EACCES`: the paths are not. `ENOSYS`: ask for a thread in the older way.
const FORBIDDEN: (i32, i32, i32) = (1, 13, 38);

fn build(folder: &Path) -> Result<PathBuf, String> {
    let library = folder.join("intruder.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/netns/intruder/intruder.c");
    let output = Command::new("gcc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).output();
    let output = output.map_err(|error| format!("there is no gcc: {error}"))?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(library)
}

/// The attempts and their error numbers.
fn attempts(log: &Path) -> BTreeMap<String, i32> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let pair = |line: &str| -> Option<(String, i32)> {
        let (what, error) = line.split_once(' ')?;
        Some((what.to_owned(), error.parse().ok()?))
    };
    text.lines().filter_map(pair).collect()
}

#[test]
fn who_takes_the_daemon_over_can_neither_write_elsewhere_nor_execute_anything() {
    let test = "who_takes_the_daemon_over_can_neither_write_elsewhere_nor_execute_anything";
    let Some(lab) = Lab::new(test, 1) else { return };
    let library = match build(lab.folder()) {
        Ok(library) => library,
        Err(reason) => return skip(test, &reason),
    };
    let elsewhere = lab.folder().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a folder");
    std::fs::write(elsewhere.join("there"), "precious").expect("a file");
    let (seen, bait) = (lab.folder().join("seen"), lab.folder().join("bait"));
    // A script of the configuration, and one that is not; the first proves that scripts run at all.
    let text = format!(
        "global_defs {{\n script_user root\n}}\nvrrp_instance VI_1 {{\n state MASTER\n interface eth0\n \
         virtual_router_id 51\n version 3\n priority 200\n advert_int 0.1\n virtual_ipaddress {{\n  10.99.0.100/24\n }}\n \
         notify_master \"/bin/touch {}\"\n}}\n",
        seen.display()
    );
    std::fs::write(lab.config(1), text).expect("a file");
    let wish = serde_json::json!({ "id": 1_u64 << 40, "wish": { "Run": {
        "program": { "path": "/bin/touch", "arguments": ["/bin/touch", bait], "identity": { "uid": 0, "gid": 0, "groups": [] } },
        "more": [],
    } } });
    let log = lab.folder().join("attempts");
    let err = std::fs::File::create(lab.folder().join("log")).expect("a file");
    let mut daemon = Command::new("ip")
        .args(["netns", "exec", &lab.space(1), "env"])
        .arg(format!("LD_PRELOAD={}", library.display()))
        .arg(format!("INTRUDER_LOG={}", log.display()))
        .arg(format!("INTRUDER_DIR={}", elsewhere.display()))
        .arg(format!("INTRUDER_RUN={}", lab.run_dir(1).display()))
        .arg(format!("INTRUDER_WISH={wish}"))
        .args([env!("CARGO_BIN_EXE_kalc"), "run", "-f"])
        .arg(lab.config(1))
        .arg("--run-dir")
        .arg(lab.run_dir(1))
        .stdin(Stdio::null())
        .stderr(err)
        .spawn()
        .expect("it starts");
    lab.wait(|| lab.has(1, "10.99.0.100/24") && seen.exists(), &[], "it holds");
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &daemon.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    };
    signal("-40");
    let began = Instant::now();
    while !attempts(&log).contains_key("done") {
        assert!(began.elapsed() < PATIENCE, "{:?}", attempts(&log));
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let messages = || std::fs::read_to_string(lab.folder().join("log")).unwrap_or_default();
    lab.wait(|| messages().contains("refused: /bin/touch"), &[], "the wish is refused");
    signal("-TERM");
    assert!(daemon.wait().expect("it ends").success(), "{}", messages());
    let (call, path, missing) = FORBIDDEN;
    let expect = [
        ("make-inside", 0),
        ("make-outside", path),
        ("write-outside", path),
        ("unlink-outside", path),
        ("chmod-outside", call),
        ("chown-outside", call),
        ("truncate-outside", path),
        // EXDEV: linking needs the right to write where the file is.
        ("link-outside", 18),
        ("mkdir-outside", path),
        ("write-setting", 0),
        ("write-core-pattern", path),
        ("write-printk", path),
        ("write-passwd", path),
        ("read-passwd", 0),
        ("execve", call),
        ("execveat", call),
        ("memfd", call),
        ("clone", call),
        ("clone3", missing),
        ("ptrace", call),
        ("setuid", call),
        ("mount", call),
        ("unshare", call),
        ("module", call),
        ("bpf", call),
        ("io_uring", call),
        ("wish", 0),
        ("done", 0),
    ];
    let expect: BTreeMap<String, i32> = expect.map(|(what, error)| (what.to_owned(), error)).into();
    assert_eq!(attempts(&log), expect);
    assert_eq!(std::fs::read_to_string(elsewhere.join("there")).expect("it is still there"), "precious");
    assert!(!bait.exists(), "a program ran that nobody has named");
}
