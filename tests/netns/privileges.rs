//! What the daemon may do, and that it is enough.

use crate::support::lab::{Lab, Program};
use crate::support::skip;
use std::path::Path;
use std::process::{Command, Stdio};

/// Bits of `linux/capability.h` that the daemon keeps: CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER, KILL, SETGID, SETUID,
/// NET_BIND_SERVICE, NET_ADMIN, NET_RAW.
const KEPT: u64 = 1 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 10 | 1 << 12 | 1 << 13;

fn rights(status: &str, which: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(which)).expect("the kernel tells");
    u64::from_str_radix(line.trim(), 16).expect("a number")
}

fn config(lab: &Lab, user: &str) -> String {
    let seen = lab.folder().join("seen");
    format!(
        "global_defs {{\n script_user {user}\n}}\nvrrp_script check {{\n script \"/bin/true\"\n interval 1\n user nobody\n}}\n\
         vrrp_instance VI_1 {{\n state MASTER\n interface eth0\n virtual_router_id 51\n version 3\n priority 200\n \
         advert_int 0.1\n no_accept\n track_script {{\n  check\n }}\n virtual_ipaddress {{\n  10.99.0.100/24\n }}\n \
         virtual_routes {{\n  198.51.100.0/24 via 10.99.0.2 dev eth0\n }}\n notify_master \"/bin/cp /proc/self/status {}\"\n}}\n",
        seen.display()
    )
}

#[test]
fn the_daemon_gives_up_what_it_does_not_use_and_scripts_of_root_do_not() {
    let Some(lab) = Lab::new("the_daemon_gives_up_what_it_does_not_use_and_scripts_of_root_do_not", 1) else { return };
    let daemon = lab.start(1, Program::Kalc, &config(&lab, "root"));
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it holds");
    let own = std::fs::read_to_string("/proc/self/status").expect("a file");
    let mut threads = 0;
    for task in std::fs::read_dir(format!("/proc/{}/task", daemon.pid())).expect("a folder") {
        let status = task.expect("a task").path().join("status");
        // A thread may end meanwhile.
        let Ok(status) = std::fs::read_to_string(status) else { continue };
        threads += 1;
        for which in ["CapPrm:", "CapEff:"] {
            assert_eq!(rights(&status, which), KEPT & rights(&own, "CapPrm:"), "{status}");
        }
        assert_eq!(rights(&status, "CapBnd:"), rights(&own, "CapBnd:"));
    }
    assert!(threads >= 3, "{threads} threads");
    let script = || std::fs::read_to_string(lab.folder().join("seen")).unwrap_or_default();
    lab.wait(|| script().contains("CapBnd:"), &[&daemon], "the script has run");
    assert_eq!(rights(&script(), "CapEff:"), rights(&own, "CapEff:"));
    assert_eq!(daemon.stop(), 0);
}

/// What the kernel says of a thread: nice value, real-time priority and scheduling policy (proc(5), fields 19, 40 and 41).
fn treatment(stat: &str) -> [i64; 3] {
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let fields: Vec<&str> = fields.split_whitespace().collect();
    [16, 37, 38].map(|field| fields[field].parse().expect("a number"))
}

/// `SCHED_RR`, and `SCHED_RESET_ON_FORK` is not told.
const ROUND_ROBIN: i64 = 2;

#[test]
fn threads_are_treated_as_keepaliveds_processes_and_scripts_as_any_other() {
    let test = "threads_are_treated_as_keepaliveds_processes_and_scripts_as_any_other";
    let Some(lab) = Lab::new(test, 1) else { return };
    let settings = "global_defs {\n vrrp_priority -5\n vrrp_rt_priority 40\n vrrp_cpu_affinity 0\n vrrp_no_swap\n \
                    checker_priority -3\n script_user root\n}";
    let text = config(&lab, "root").replacen("global_defs {\n script_user root\n}", settings, 1);
    // The status of a script says nothing of its priority.
    let text = text.replace("/proc/self/status", "/proc/self/stat");
    let daemon = lab.start(1, Program::Kalc, &text);
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it holds");
    let folder = format!("/proc/{}", daemon.pid());
    let mut seen = std::collections::BTreeMap::new();
    for task in std::fs::read_dir(format!("{folder}/task")).expect("a folder") {
        let path = task.expect("a task").path();
        let read = |file: &str| std::fs::read_to_string(path.join(file)).unwrap_or_default();
        let (name, stat, status) = (read("comm"), read("stat"), read("status"));
        if stat.is_empty() {
            continue;
        }
        let cpus = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("CPUs");
        seen.insert(name.trim().to_owned(), (treatment(&stat), cpus.trim().to_owned()));
    }
    let all = std::fs::read_to_string("/proc/self/status").expect("a file");
    let all = all.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).expect("CPUs").trim();
    for name in ["kalc", "kalc-kernel"] {
        assert_eq!(seen[name], ([-5, 40, ROUND_ROBIN], "0".to_owned()), "{seen:?}\n{}", daemon.log());
    }
    assert_eq!(seen["kalc-side"], ([0, 0, 0], all.to_owned()), "{seen:?}");
    let locked = std::fs::read_to_string(format!("{folder}/status")).expect("a file");
    let locked = locked.lines().find_map(|line| line.strip_prefix("VmLck:")).expect("locked memory");
    assert_ne!(locked.trim(), "0 kB");
    let script = || std::fs::read_to_string(lab.folder().join("seen")).unwrap_or_default();
    lab.wait(|| script().contains(')'), &[&daemon], "the script has run");
    assert_eq!(treatment(&script()), [0, 0, 0]);
    // What nothing asks for is given up again: only real-time priority and memory were asked for.
    let status = std::fs::read_to_string(format!("{folder}/status")).expect("a file");
    let own = std::fs::read_to_string("/proc/self/status").expect("a file");
    let with_more = (KEPT | 1 << 14 | 1 << 23) & rights(&own, "CapPrm:");
    assert_eq!(rights(&status, "CapPrm:"), with_more);
    assert_eq!(daemon.stop(), 0);
    // A lower one can be taken back as well, here for a script at the end.
    let last = lab.folder().join("last");
    let settings = format!(
        "global_defs {{\n vrrp_priority 5\n vrrp_cpu_affinity 0\n shutdown_script \"/bin/cp /proc/self/stat {}\"\n script_user \
         root\n}}",
        last.display()
    );
    let text = config(&lab, "root").replacen("global_defs {\n script_user root\n}", &settings, 1);
    let daemon = lab.start(1, Program::Kalc, &text);
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it holds");
    let main = std::fs::read_to_string(format!("/proc/{}/stat", daemon.pid())).expect("it runs");
    assert_eq!(treatment(&main), [5, 0, 0]);
    assert_eq!(daemon.stop(), 0);
    assert_eq!(treatment(&std::fs::read_to_string(&last).expect("the script has run")), [0, 0, 0]);
}

/// The unit, and what stands behind a key in it.
fn unit() -> (std::path::PathBuf, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd/kalc.service");
    let text = std::fs::read_to_string(&path).expect("the unit");
    let line = text.lines().find_map(|line| line.strip_prefix("CapabilityBoundingSet=")).expect("it bounds rights");
    (path.clone(), line.to_owned())
}

#[test]
fn the_rights_of_the_unit_are_enough() {
    let test = "the_rights_of_the_unit_are_enough";
    if Command::new("setpriv").arg("--version").stdout(Stdio::null()).status().is_err() {
        skip(test, "there is no setpriv");
        return;
    }
    let Some(lab) = Lab::new(test, 1) else { return };
    std::fs::write(lab.config(1), config(&lab, "root")).expect("a file");
    let (_, names) = unit();
    let bound: Vec<String> =
        names.split_whitespace().map(|name| format!("+{}", name.trim_start_matches("CAP_").to_lowercase())).collect();
    let mut daemon = Command::new("ip")
        .args(["netns", "exec", &lab.space(1), "setpriv", "--no-new-privs"])
        .arg(format!("--bounding-set=-all,{}", bound.join(",")))
        .args([env!("CARGO_BIN_EXE_kalc"), "run", "-f"])
        .arg(lab.config(1))
        .arg("--run-dir")
        .arg(lab.run_dir(1))
        .stdin(Stdio::null())
        .spawn()
        .expect("it starts");
    // The address is there once the check, of another user, has passed.
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[], "it holds");
    let rules = ["netns", "exec", &lab.space(1), "nft", "list", "ruleset"].map(str::to_owned);
    let rules = Command::new("ip").args(rules).output().expect("nft runs");
    assert!(String::from_utf8_lossy(&rules.stdout).contains("10.99.0.100"), "{rules:?}");
    let status = || std::fs::read_to_string(format!("/proc/{}/status", daemon.id())).expect("it runs");
    assert!(status().contains("NoNewPrivs:\t1"));
    assert_eq!(rights(&status(), "CapEff:") & !rights(&status(), "CapBnd:"), 0);
    let kill = Command::new("kill").arg(daemon.id().to_string()).status();
    assert!(kill.is_ok_and(|status| status.success()));
    assert!(daemon.wait().expect("it ends").success());
    assert!(!lab.has(1, "10.99.0.100/24"));
}

#[test]
fn the_unit_leaves_little_open() {
    let (path, _) = unit();
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold=29"])
        .arg(&path)
        .output();
    match output {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => skip("the_unit_leaves_little_open", &format!("there is no systemd-analyze: {error}")),
    }
}
