//! What the daemon may do, and that it is enough.

use crate::support::lab::{Daemon, Lab, Program};
use crate::support::skip;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

/// Bits of `linux/capability.h` that the daemon keeps: DAC_OVERRIDE, DAC_READ_SEARCH, NET_BIND_SERVICE, NET_ADMIN, NET_RAW.
const KEPT: u64 = 1 << 1 | 1 << 2 | 1 << 10 | 1 << 12 | 1 << 13;

/// Those of the process that starts scripts: CHOWN, FOWNER, KILL, SETGID, SETUID as well.
const OF_SCRIPTS: u64 = KEPT | 1 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 7;

fn rights(status: &str, which: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(which)).expect("the kernel tells");
    u64::from_str_radix(line.trim(), 16).expect("a number")
}

/// What the kernel says of the process that starts a daemon's scripts.
fn starter(daemon: &Daemon) -> String {
    let status = std::fs::read_to_string(format!("/proc/{}/status", starter_pid(daemon))).expect("it runs");
    assert!(status.starts_with("Name:\tkalc-starter\n"), "{status}");
    status
}

fn starter_pid(daemon: &Daemon) -> String {
    let children = format!("/proc/{0}/task/{0}/children", daemon.pid());
    let children = std::fs::read_to_string(children).expect("it runs");
    let [pid] = children.split_whitespace().collect::<Vec<_>>()[..] else { panic!("one child: {children}") };
    pid.to_owned()
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
        // The thread that writes the log needs nothing.
        let kept = if status.contains("Name:\tkalc-log\n") { 0 } else { KEPT };
        for which in ["CapPrm:", "CapEff:"] {
            assert_eq!(rights(&status, which), kept & rights(&own, "CapPrm:"), "{status}");
        }
        assert!(status.contains("\nNoNewPrivs:\t1\n") && status.contains("\nSeccomp:\t2\n"), "{status}");
        assert_eq!(rights(&status, "CapBnd:"), rights(&own, "CapBnd:"));
    }
    assert!(threads >= 3, "{threads} threads");
    let starter = starter(&daemon);
    for which in ["CapPrm:", "CapEff:"] {
        assert_eq!(rights(&starter, which), OF_SCRIPTS & rights(&own, "CapPrm:"), "{starter}");
    }
    assert!(starter.contains("\nNoNewPrivs:\t0\n") && starter.contains("\nSeccomp:\t0\n"), "{starter}");
    let script = || std::fs::read_to_string(lab.folder().join("seen")).unwrap_or_default();
    lab.wait(|| script().contains("CapBnd:"), &[&daemon], "the script has run");
    assert_eq!(rights(&script(), "CapEff:"), rights(&own, "CapEff:"));
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn neither_the_daemon_nor_who_starts_its_scripts_is_left_alone() {
    let test = "neither_the_daemon_nor_who_starts_its_scripts_is_left_alone";
    let Some(lab) = Lab::new(test, 1) else { return };
    let is_there = |pid: &str| Path::new("/proc").join(pid).exists();
    // Without it no check runs and nobody is told of anything: the daemon gives back what it has, and says why.
    let daemon = lab.start(1, Program::Kalc, &config(&lab, "root"));
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it holds");
    let starter = starter_pid(&daemon);
    assert!(Command::new("kill").args(["-KILL", &starter]).status().is_ok_and(|status| status.success()));
    lab.wait(|| !lab.has(1, "10.99.0.100/24"), &[&daemon], "it gives the address back");
    lab.wait(|| daemon.log().contains("the process that starts scripts is gone"), &[&daemon], "it says why");
    assert_eq!(daemon.stop(), 2);
    // Told to end by whoever ends all processes of a service, it waits for the daemon.
    let daemon = lab.start_again(1, Program::Kalc);
    lab.wait(|| lab.has(1, "10.99.0.100/24"), &[&daemon], "it holds");
    let starter = starter_pid(&daemon);
    for name in ["-TERM", "-INT", "-HUP", "-USR1"] {
        assert!(Command::new("kill").args([name, &starter]).status().is_ok_and(|status| status.success()));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(is_there(&starter) && lab.has(1, "10.99.0.100/24"), "{}", daemon.log());
    // The daemon alone, as the kernel does it that is out of memory.
    let pid = daemon.pid().to_string();
    assert!(Command::new("kill").args(["-KILL", &pid]).status().is_ok_and(|status| status.success()));
    lab.wait(|| !is_there(&starter), &[], "it ends as well");
}

#[test]
fn scripts_get_the_groups_of_their_user_if_that_is_asked_for() {
    let test = "scripts_get_the_groups_of_their_user_if_that_is_asked_for";
    let Some(lab) = Lab::new(test, 1) else { return };
    let (groups, seen) = (lab.folder().join("group"), lab.folder().join("seen"));
    std::fs::write(&groups, "root:x:0:\nbackup:x:34:\nextra:x:4711:root,nobody\nmore:x:4712:root\n").expect("a file");
    for (settings, expect) in [("", ""), (" set_supplementary_groups\n", "0 4711 4712")] {
        let text = config(&lab, "root").replacen("global_defs {\n", &format!("global_defs {{\n{settings}"), 1);
        std::fs::write(lab.config(1), text).expect("a file");
        // `ip netns exec` gives it mounts of its own.
        let mut daemon = Command::new("ip")
            .args(["netns", "exec", &lab.space(1), "sh", "-c", "mount --bind \"$0\" /etc/group && exec \"$@\""])
            .arg(&groups)
            .args([env!("CARGO_BIN_EXE_kalc"), "run", "-f"])
            .arg(lab.config(1))
            .arg("--run-dir")
            .arg(lab.run_dir(1))
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let script = || std::fs::read_to_string(&seen).unwrap_or_default();
        lab.wait(|| script().contains("Groups:") && script().ends_with('\n'), &[], "the script has run");
        let text = script();
        let found = text.lines().find_map(|line| line.strip_prefix("Groups:")).expect("groups");
        assert_eq!(found.trim(), expect);
        assert!(Command::new("kill").arg(daemon.id().to_string()).status().is_ok_and(|status| status.success()));
        assert!(daemon.wait().expect("it ends").success());
        std::fs::remove_file(&seen).expect("it was there");
    }
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
    // As under `ProtectSystem=strict`, only its folder can be written, by scripts as well.
    let (run, elsewhere) = (lab.run_dir(1), lab.folder().join("elsewhere"));
    for folder in [&run, &elsewhere] {
        std::fs::create_dir(folder).expect("a folder");
    }
    let seen = run.join("seen");
    let text =
        config(&lab, "root").replace(&lab.folder().join("seen").display().to_string(), &seen.display().to_string());
    let made = elsewhere.join("made");
    let text = text.replace(" notify_master", &format!(" notify \"/bin/touch {}\"\n notify_master", made.display()));
    std::fs::write(lab.config(1), text).expect("a file");
    let (_, names) = unit();
    let bound: Vec<String> =
        names.split_whitespace().map(|name| format!("+{}", name.trim_start_matches("CAP_").to_lowercase())).collect();
    let mounts = "run=$1 elsewhere=$2; shift 2; mount --bind \"$run\" \"$run\" && mount -o remount,bind,ro / && \
                  mount --bind \"$elsewhere\" \"$elsewhere\" && mount -o remount,bind,ro \"$elsewhere\" && exec \"$@\"";
    // `ip netns exec` gives it mounts of its own.
    let mut daemon = Command::new("ip")
        .args(["netns", "exec", &lab.space(1), "sh", "-c", mounts, "sh"])
        .args([&run, &elsewhere])
        .args(["setpriv", "--no-new-privs"])
        .arg(format!("--bounding-set=-all,{}", bound.join(",")))
        .args([env!("CARGO_BIN_EXE_kalc"), "run", "-f"])
        .arg(lab.config(1))
        .arg("--run-dir")
        .arg(&run)
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
    let script = || std::fs::read_to_string(&seen).unwrap_or_default();
    lab.wait(|| script().contains("CapBnd:"), &[], "the script has run");
    // Scripts of root are often `ip` and `ipvsadm`: they have all that the unit has.
    assert_eq!(rights(&script(), "CapEff:"), rights(&status(), "CapBnd:"));
    assert!(!made.exists(), "a script has written where it cannot");
    let kill = Command::new("kill").arg(daemon.id().to_string()).status();
    assert!(kill.is_ok_and(|status| status.success()));
    assert!(daemon.wait().expect("it ends").success());
    assert!(!lab.has(1, "10.99.0.100/24"));
}

/// System calls of a group of systemd's, with those of the groups in it; `None` if there is no systemd to ask.
fn group(name: &str) -> Option<BTreeSet<String>> {
    let output = Command::new("systemd-analyze").args(["syscall-filter", "--no-pager", name]).output().ok()?;
    let text = String::from_utf8(output.stdout).expect("text");
    let mut calls = BTreeSet::new();
    for line in text.lines().skip(1).map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.starts_with('@') {
            true => calls.extend(group(line)?),
            false => drop(calls.insert(line.to_owned())),
        }
    }
    Some(calls)
}

/// What the unit permits: each line adds, or with `~` takes away.
fn permitted() -> Option<BTreeSet<String>> {
    let text = std::fs::read_to_string(unit().0).expect("the unit");
    let mut calls = group("@default")?;
    for line in text.lines().filter_map(|line| line.strip_prefix("SystemCallFilter=")) {
        let (is_taken, names) = line.strip_prefix('~').map_or((false, line), |names| (true, names));
        for name in names.split_whitespace() {
            let named = match name.starts_with('@') {
                true => group(name)?,
                false => BTreeSet::from([name.to_owned()]),
            };
            match is_taken {
                true => calls.retain(|call| !named.contains(call)),
                false => calls.extend(named),
            }
        }
    }
    Some(calls)
}

#[test]
fn the_daemon_makes_no_system_call_that_the_unit_forbids() {
    let test = "the_daemon_makes_no_system_call_that_the_unit_forbids";
    let Some(permitted) = permitted() else { return skip(test, "there is no systemd-analyze") };
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        return skip(test, "there is no strace");
    }
    let Some(lab) = Lab::new(test, 1) else { return };
    let fifo = format!("global_defs {{\n notify_fifo {}\n", lab.folder().join("fifo").display());
    std::fs::write(lab.config(1), config(&lab, "root").replacen("global_defs {\n", &fifo, 1)).expect("a file");
    let trace = lab.folder().join("trace");
    let mut daemon = Command::new("ip")
        .args(["netns", "exec", &lab.space(1), "strace", "-f", "-qq", "-o"])
        .arg(&trace)
        .args([env!("CARGO_BIN_EXE_kalc"), "run", "-f"])
        .arg(lab.config(1))
        .arg("--run-dir")
        .arg(lab.run_dir(1))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let ask = |command: &str| {
        let kalc = Command::new(env!("CARGO_BIN_EXE_kalc")).arg(command).arg("--run-dir").arg(lab.run_dir(1)).output();
        let kalc = kalc.expect("it runs");
        assert!(kalc.status.success(), "{}", String::from_utf8_lossy(&kalc.stderr));
    };
    let seen = lab.folder().join("seen");
    lab.wait(|| lab.has(1, "10.99.0.100/24") && seen.exists(), &[], "it holds");
    ask("status");
    ask("reload");
    let pid = std::fs::read_to_string(lab.run_dir(1).join("kalc.pid")).expect("a pid file");
    let kill = Command::new("kill").arg(pid.trim()).status();
    assert!(kill.is_ok_and(|status| status.success()));
    assert!(daemon.wait().expect("it ends").success());
    let text = std::fs::read_to_string(&trace).expect("a trace");
    let name = |line: &str| -> Option<String> {
        let (_, call) = line.split_once(' ')?;
        let (name, _) = call.trim_start().split_once('(')?;
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_').then(|| name.to_owned())
    };
    let made: BTreeSet<String> = text.lines().filter_map(name).collect();
    assert!(made.contains("landlock_restrict_self") && made.contains("sendto"), "{made:?}");
    let forbidden: Vec<&String> = made.difference(&permitted).collect();
    assert!(forbidden.is_empty(), "{forbidden:?} of {made:?}");
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
