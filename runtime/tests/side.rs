//! The side thread from outside: real scripts, files, processes and sockets; no root, no network.

mod stand;

use kalc_core::{Invocation, Notice, NoticeEvent, RunId, ScriptOutcome, Subject};
use kalc_ir::{InstanceId, ProcessId, ScriptId, TrackFileId};
use kalc_runtime::control::client::Client;
use kalc_runtime::control::{Answer, Request};
use kalc_runtime::load::Refusal;
use kalc_runtime::side::{SideCommand, SideEvent, SpawnError};
use kalc_runtime::status::Status;
use stand::{Stand, loaded, script, wait_until};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const RUN: RunId = RunId(7);
const SCRIPT: ScriptId = ScriptId(0);

fn check(text: &str, settings: &str) -> String {
    format!(
        "vrrp_script chk {{\n script \"{text}\"\n {settings}\n}}\n\
         vrrp_instance VI {{\n interface eth0\n virtual_router_id 1\n track_script {{\n chk\n }}\n}}\n"
    )
}

fn outcome(stand: &mut Stand) -> ScriptOutcome {
    stand.wait(|event| match event {
        SideEvent::ScriptEnded { run: RUN, outcome } => Some(*outcome),
        _ => None,
    })
}

fn notice(stand: &Stand, arguments: &[&str]) -> Notice {
    let ir = &stand.configuration().ir;
    let command = ir.vrrp_instances[0].notify.any.as_deref().expect("a command").clone();
    Notice {
        subject: Subject::Instance(InstanceId(0)),
        name: Arc::from("VI"),
        event: NoticeEvent::Master,
        priority: 100,
        commands: vec![Invocation { command, arguments: arguments.iter().map(|&word| word.to_owned()).collect() }],
    }
}

#[test]
fn checks_pass_fail_and_are_timed_out() {
    let mut stand = Stand::new("");
    let cases = [
        ("exit 0", ScriptOutcome::Passed),
        ("exit 3", ScriptOutcome::Failed),
        ("kill -9 $$", ScriptOutcome::Failed),
        ("exec sleep 600", ScriptOutcome::TimedOut),
    ];
    for (text, expect) in cases {
        let path = script(stand.folder(), "check", text);
        stand.configure(&check(&path, "timeout 1"));
        stand.send(SideCommand::RunScript { run: RUN, script: SCRIPT });
        assert_eq!(outcome(&mut stand), expect, "{text}");
    }
    // It vanishes while the daemon runs.
    fs::remove_file(stand.folder().join("check")).expect("it was there");
    stand.send(SideCommand::RunScript { run: RUN, script: SCRIPT });
    assert_eq!(outcome(&mut stand), ScriptOutcome::Failed);
    stand.end();
}

#[test]
fn a_check_that_ignores_sigterm_is_told_at_once_and_killed_before_it_runs_again() {
    let mut stand = Stand::new("");
    let log = stand.folder().join("log");
    let text = format!("trap '' TERM\necho $$ >> {}\nwhile :; do sleep 1; done", log.display());
    let path = script(stand.folder(), "check", &text);
    stand.configure(&check(&path, "timeout 1"));
    let pids = || -> Vec<String> { fs::read_to_string(&log).unwrap_or_default().lines().map(str::to_owned).collect() };
    let lives = |pid: &str| Path::new(&format!("/proc/{pid}")).exists();
    stand.send(SideCommand::RunScript { run: RUN, script: SCRIPT });
    assert_eq!(outcome(&mut stand), ScriptOutcome::TimedOut);
    let first = pids();
    assert!(lives(&first[0]), "it was given no time after SIGTERM");
    stand.send(SideCommand::RunScript { run: RUN, script: SCRIPT });
    wait_until("the second run", || pids().len() == 2);
    assert!(!lives(&first[0]), "two runs of one check at the same time");
    stand.end();
}

#[test]
fn the_end_takes_a_running_check_and_what_it_started_with_it() {
    let mut stand = Stand::new("");
    let log = stand.folder().join("log");
    let path = script(stand.folder(), "check", &format!("sleep 600 &\necho $$ $! > {}\nwait", log.display()));
    stand.configure(&check(&path, "timeout 500"));
    stand.send(SideCommand::RunScript { run: RUN, script: SCRIPT });
    wait_until("the check", || fs::read_to_string(&log).is_ok_and(|text| text.ends_with('\n')));
    let run_dir = stand.run_dir().to_owned();
    let text = fs::read_to_string(&log).expect("it has started");
    let folder = stand.end();
    let is_gone = |pid: &str| {
        // Whoever adopted it may not have waited for it yet.
        fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| stat.contains(") Z"))
    };
    wait_until("the processes to end", || text.split_whitespace().all(is_gone));
    assert_eq!(fs::read_dir(run_dir).expect("the folder stays").count(), 0, "the socket or the pid file is left");
    drop(folder);
}

#[test]
fn what_a_check_leaves_in_the_background_goes_on() {
    let mut stand = Stand::new("");
    let log = stand.folder().join("log");
    let text = format!("(sleep 2; echo done > {}) >/dev/null 2>&1 &\nexit 0", log.display());
    let path = script(stand.folder(), "check", &text);
    stand.configure(&check(&path, ""));
    stand.send(SideCommand::RunScript { run: RUN, script: SCRIPT });
    assert_eq!(outcome(&mut stand), ScriptOutcome::Passed);
    wait_until("the child that outlives the check", || log.exists());
    stand.end();
}

#[test]
fn commands_start_in_order_and_wait_for_nobody() {
    let mut stand = Stand::new("");
    let log = stand.folder().join("log");
    // Process ids tell the order in which they were started; the first one lasts longest.
    let text = format!("case $3 in 1) sleep 2;; esac\necho $$ \"$@\" >> {}", log.display());
    let path = script(stand.folder(), "tell", &text);
    stand.configure(&format!(
        "vrrp_instance VI {{\n interface eth0\n virtual_router_id 1\n notify \"{path} a 'b c'\"\n}}\n"
    ));
    for turn in ["1", "2", "3"] {
        let notice = notice(&stand, &[turn]);
        stand.send(SideCommand::Notify(notice));
    }
    let lines = || -> Vec<String> { fs::read_to_string(&log).unwrap_or_default().lines().map(str::to_owned).collect() };
    wait_until("the three commands", || lines().len() == 3);
    assert!(lines()[2].ends_with("a b c 1"), "the second one waited for the first: {:?}", lines());
    let mut by_start: Vec<(u32, String)> = lines()
        .iter()
        .map(|line| line.split_once(' ').expect("two words"))
        .map(|(pid, rest)| (pid.parse().expect("a number"), rest.to_owned()))
        .collect();
    by_start.sort();
    // Numbers begin anew at some time; then nothing can be said.
    if by_start[2].0 - by_start[0].0 < 10_000 {
        let words: Vec<_> = by_start.iter().map(|(_, rest)| rest.as_str()).collect();
        assert_eq!(words, ["a b c 1", "a b c 2", "a b c 3"]);
    }
    stand.end();
}

#[test]
fn a_command_has_a_group_of_its_own_and_nothing_to_read_or_write() {
    let mut stand = Stand::new("");
    let log = stand.folder().join("log");
    let text = format!(
        "streams=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)\n\
         {{ echo \"$streams\"; umask; cut -d' ' -f5 /proc/$$/stat; echo $$; \
         echo \"[$NOTIFY_SOCKET]\"; echo \"$*\"; \
         grep SigIgn /proc/$$/status; }} > {0}.new\nmv {0}.new {0}",
        log.display()
    );
    let path = script(stand.folder(), "tell", &text);
    stand.configure(&format!("vrrp_instance VI {{\n interface eth0\n virtual_router_id 1\n notify {path}\n}}\n"));
    let notice = notice(&stand, &["INSTANCE", "VI", "MASTER", "100"]);
    stand.send(SideCommand::Notify(notice));
    wait_until("the command", || log.exists());
    let text = fs::read_to_string(&log).expect("a file");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..4], ["/dev/null", "/dev/null", "/dev/null", "0177"], "{text}");
    assert_eq!(lines[4], lines[5], "it leads its process group");
    assert_eq!(lines[6..8], ["[]", "INSTANCE VI MASTER 100"]);
    let ignored = u64::from_str_radix(lines[8].trim_start_matches("SigIgn:").trim(), 16).expect("a set of signals");
    // 32 and 33 are the C library's own.
    assert_eq!(ignored & 0x7fff_ffff, 0, "it ignores no signal: {ignored:x}");
    stand.end();
}

#[test]
fn checks_that_cannot_run_do_not_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = script(folder.path(), "good", "exit 0");
    let plain = folder.path().join("plain");
    fs::write(&plain, "no program").expect("a file");
    let tracked = |command: &str, global: &str| {
        let loaded = loaded(&format!("global_defs {{\n {global}\n}}\n{}", check(command, "")));
        (
            loaded.configuration.ir.vrrp_instances[0].trackers.scripts.len(),
            loaded.configuration.programs.unrunnable().len(),
        )
    };
    assert_eq!(tracked(&good, ""), (1, 0));
    assert_eq!(tracked("/no/such/file", ""), (0, 1));
    assert_eq!(tracked(plain.to_str().expect("plain"), ""), (0, 1));
    assert_eq!(tracked("true", ""), (1, 0));
    if nix::unistd::geteuid().is_root() {
        assert_eq!(tracked(&good, "script_user no_such_user_0"), (0, 1));
        assert_eq!(tracked("/bin/true", "enable_script_security\n script_user root"), (1, 0));
        let writable = folder.path().join("writable");
        fs::create_dir(&writable).expect("a folder");
        let open = script(&writable, "open", "exit 0");
        fs::set_permissions(&writable, fs::Permissions::from_mode(0o777)).expect("a mode");
        assert_eq!(tracked(&open, "script_user root"), (1, 0));
        assert_eq!(tracked(&open, "enable_script_security\n script_user root"), (0, 1));
    }
}

#[test]
fn a_tracked_file_is_followed_through_everything_that_happens_to_it() {
    let mut stand = Stand::new("");
    let file = stand.folder().join("later/value");
    let value = |stand: &mut Stand| {
        stand.wait(|event| match event {
            SideEvent::File { file: TrackFileId(0), value, .. } => Some(*value),
            _ => None,
        })
    };
    stand.configure(&format!("track_file tf {{\n file {}\n}}\n", file.display()));
    assert_eq!(value(&mut stand), 0);
    // Its folder comes later.
    let folder = file.parent().expect("a folder");
    fs::create_dir(folder).expect("a folder");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::write(&file, "5\n").expect("a file");
    assert_eq!(value(&mut stand), 5);
    fs::write(&file, "-3 and more\n").expect("a file");
    assert_eq!(value(&mut stand), -3);
    let other = folder.join("other");
    fs::write(&other, "0x10").expect("a file");
    fs::rename(&other, &file).expect("renamed");
    assert_eq!(value(&mut stand), 16);
    fs::remove_file(&file).expect("removed");
    assert_eq!(value(&mut stand), 0);
    fs::write(&file, "7").expect("a file");
    assert_eq!(value(&mut stand), 7);
    // The folder is replaced by another one.
    fs::rename(folder, stand.folder().join("gone")).expect("renamed");
    assert_eq!(value(&mut stand), 0);
    fs::create_dir(folder).expect("a folder");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("a mode");
    fs::write(&file, "9").expect("a file");
    assert_eq!(value(&mut stand), 9);
    stand.end();
}

#[test]
fn tracked_processes_are_counted() {
    let mut stand = Stand::new("");
    let program = stand.folder().join("kalc_tracked");
    fs::copy("/bin/sleep", &program).expect("a copy");
    let count = |stand: &mut Stand, process: u32| {
        stand.wait(|event| match event {
            SideEvent::Processes { process: ProcessId(id), running, .. } if *id == process => Some(*running),
            _ => None,
        })
    };
    let path = program.display();
    stand.configure(&format!(
        "vrrp_track_process name {{\n process kalc_tracked\n}}\n\
         vrrp_track_process line {{\n process {path} 601\n}}\n"
    ));
    assert_eq!((count(&mut stand, 0), count(&mut stand, 1)), (0, 0));
    let start = |argument: &str| Command::new(&program).arg(argument).stdin(Stdio::null()).spawn().expect("it starts");
    let mut first = start("600");
    assert_eq!(count(&mut stand, 0), 1);
    let mut second = start("601");
    assert_eq!(count(&mut stand, 1), 1);
    // Not waited for: a zombie does not count.
    second.kill().expect("it runs");
    assert_eq!(count(&mut stand, 1), 0);
    first.kill().expect("it runs");
    stand.wait(|event| matches!(event, SideEvent::Processes { process: ProcessId(0), running: 0, .. }).then_some(()));
    first.wait().expect("it has ended");
    second.wait().expect("it has ended");
    stand.end();
}

#[test]
fn the_start_is_told_when_files_and_processes_are_known() {
    let mut stand = Stand::new("");
    stand.configure("");
    stand.wait(|event| matches!(event, SideEvent::Surveyed { .. }).then_some(()));
    stand.end();
}

#[test]
fn pipes_get_a_line_for_each_change() {
    let mut stand = Stand::new("");
    let (pipe, log) = (stand.folder().join("pipe"), stand.folder().join("log"));
    let reader = script(stand.folder(), "reader", &format!("echo \"$1\" > {0}; cat \"$2\" >> {0}", log.display()));
    stand.configure(&format!(
        "global_defs {{\n vrrp_notify_fifo {}\n vrrp_notify_fifo_script \"{reader} one\"\n}}\n\
         vrrp_instance VI {{\n interface eth0\n virtual_router_id 1\n notify /bin/true\n}}\n",
        pipe.display()
    ));
    let mut notice = notice(&stand, &[]);
    stand.send(SideCommand::Notify(notice.clone()));
    notice.subject = Subject::Group(kalc_ir::SyncGroupId(0));
    (notice.name, notice.event, notice.priority) = (Arc::from("G"), NoticeEvent::Stop, 0);
    stand.send(SideCommand::Notify(notice));
    let expect = "one\nINSTANCE \"VI\" MASTER 100\nGROUP \"G\" STOP 0\n";
    wait_until("the lines", || fs::read_to_string(&log).is_ok_and(|text| text == expect));
    stand.end();
    assert!(!pipe.exists(), "a pipe that was made is taken away");
}

#[test]
fn the_state_is_shown_over_the_socket() {
    let mut stand = Stand::new("");
    let socket = stand.run_dir().join("kalc.sock");
    assert_eq!(fs::metadata(&socket).expect("a socket").permissions().mode() & 0o777, 0o600);
    let run_dir = stand.run_dir().to_owned();
    let asked = thread::spawn(move || Client::connect(&run_dir).expect("it listens").ask(&Request::Status));
    let status = Status { pid: 42, ..Status::default() };
    let asker = stand.take(|event| match event {
        SideEvent::Snapshot(asker) => Ok(asker),
        other => Err(other),
    });
    asker.send(status.clone()).expect("somebody waits");
    let answer = asked.join().expect("no panic").expect("an answer");
    assert_eq!(answer, Answer::Status { status: Box::new(status) });
    stand.end();
}

#[test]
fn nonsense_on_the_socket_is_answered_or_cut_off() {
    let stand = Stand::new("");
    let connect = || UnixStream::connect(stand.run_dir().join("kalc.sock")).expect("it listens");
    let mut stream = BufReader::new(connect());
    for line in ["nonsense\n", "{}\n", "{\"command\":\"fly\"}\n", "\u{0}\n"] {
        stream.get_mut().write_all(line.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_line(&mut answer).expect("it answers");
        assert!(answer.contains("\"failed\""), "{answer}");
    }
    let mut stream = BufReader::new(connect());
    stream.get_mut().write_all(&[b'x'; 4096]).expect("it reads");
    let mut answer = String::new();
    stream.read_line(&mut answer).expect("it answers");
    assert!(answer.contains("too long"), "{answer}");
    assert_eq!(stream.read_line(&mut answer).expect("it closes"), 0);
    // More clients than there are places for: the others are cut off, those who are there are still served.
    let mut first = BufReader::new(connect());
    let crowd: Vec<UnixStream> = (0..40).map(|_| connect()).collect();
    first.get_mut().write_all(b"{}\n").expect("it reads");
    answer.clear();
    first.read_line(&mut answer).expect("it answers");
    assert!(answer.contains("\"failed\""), "{answer}");
    drop(crowd);
    stand.end();
}

#[test]
fn a_reload_is_refused_or_handed_over() {
    let mut stand = Stand::new("");
    let run_dir = stand.run_dir().to_owned();
    let ask = move || {
        let run_dir = run_dir.clone();
        thread::spawn(move || Client::connect(&run_dir).expect("it listens").ask(&Request::Reload))
    };
    let findings = vec!["keepalived.conf:1:1: error KA001 that: this".to_owned()];
    stand.set_next(Err(Refusal { findings: findings.clone() }));
    let answer = ask().join().expect("no panic").expect("an answer");
    assert_eq!(answer, Answer::Refused { findings });
    stand.set_next(Ok(loaded("vrrp_instance NEW {\n interface eth0\n virtual_router_id 1\n}\n")));
    let asked = ask();
    let (loaded, done) = stand.take(|event| match event {
        SideEvent::Reload { loaded, done } => Ok((loaded, done)),
        other => Err(other),
    });
    assert_eq!(loaded.configuration.ir.vrrp_instances[0].name, "NEW");
    done.send(()).expect("somebody waits");
    let answer = asked.join().expect("no panic").expect("an answer");
    assert!(matches!(answer, Answer::Reloaded { .. }), "{answer:?}");
    stand.end();
}

#[test]
fn two_daemons_do_not_share_a_folder() {
    let stand = Stand::new("");
    let second = stand.spawn_another();
    let pid = std::process::id().to_string();
    assert!(matches!(&second, Err(SpawnError::Running { pid: found, .. }) if *found == pid), "{second:?}");
    stand.end();
}

#[test]
fn the_end_does_not_wait_for_nothing() {
    let mut stand = Stand::new("");
    stand.configure("");
    stand.wait(|event| matches!(event, SideEvent::Surveyed { .. }).then_some(()));
    let before = Instant::now();
    stand.end();
    assert!(before.elapsed() < Duration::from_millis(900), "{:?}", before.elapsed());
}
