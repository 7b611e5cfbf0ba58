//! A daemon that is asked, told, watched and ended.

use crate::support::lab::{Lab, PATIENCE, Program};
use crate::support::{Run, run};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

fn config(priority: u8) -> String {
    format!(
        "vrrp_script check {{\n script /bin/true\n}}\n\
         vrrp_instance VI_1 {{\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority {priority}\n \
         track_script {{\n  check\n }}\n virtual_ipaddress {{\n  10.99.0.100/24\n }}\n}}\n"
    )
}

/// `kalc` with the folder of the daemon on the only host.
fn ask(lab: &Lab, arguments: &[&str]) -> Run {
    let run_dir = lab.run_dir(1).display().to_string();
    let mut all = arguments.to_vec();
    all.extend(["--run-dir", &run_dir]);
    run(lab.folder(), &all)
}

fn state(lab: &Lab) -> Option<String> {
    let status = ask(lab, &["status", "--format", "json"]);
    if status.status != 0 {
        return None;
    }
    Some(status.json()["instances"][0]["state"].as_str().expect("a state").to_owned())
}

#[test]
fn a_daemon_shows_itself_reloads_refuses_and_ends() {
    let Some(lab) = Lab::new("a_daemon_shows_itself_reloads_refuses_and_ends", 1) else { return };
    let daemon = lab.start(1, Program::Kalc, &config(100));
    lab.wait(|| state(&lab).as_deref() == Some("MASTER"), &[&daemon], "it is master");
    let file = lab.config(1).display().to_string();
    let fingerprint = || run(lab.folder(), &["compile", "--fingerprint", &file]).stdout.trim().to_owned();

    let status = ask(&lab, &["status", "--format", "json"]).json();
    assert_eq!(status["config_fingerprint"], fingerprint());
    assert_eq!(status["pid"], daemon.pid());
    assert_eq!(status["virtual_servers"], serde_json::json!([]));
    let instance = &status["instances"][0];
    assert_eq!(instance["name"], "VI_1");
    assert_eq!((&instance["base_priority"], &instance["effective_priority"]), (&100.into(), &100.into()));
    assert_eq!(instance["vips"], serde_json::json!(["10.99.0.100/24"]));
    let held =
        |is_held: bool| serde_json::json!([{ "address": "10.99.0.100/24", "interface": "eth0", "held": is_held }]);
    assert_eq!(instance["addresses"], held(true));
    assert_eq!(instance["master_address"], "10.99.0.1");
    assert!(instance["stats"]["adverts_sent"].as_u64().is_some_and(|count| count > 0), "{instance}");
    let tracker = &status["trackers"][0];
    assert_eq!(
        (&tracker["kind"], &tracker["name"], &tracker["state"]),
        (&"script".into(), &"check".into(), &"up".into())
    );
    let text = ask(&lab, &["status"]).stdout;
    assert!(text.contains("VI_1      MASTER  100       eth0 vrid 51  10.99.0.1"), "{text}");
    assert!(text.lines().any(|line| line.ends_with(" s  10.99.0.100/24")), "{text}");

    // An instance that is not master names its addresses, and says that they are not here.
    lab.ip(1, "link set eth0 down");
    lab.wait(|| state(&lab).as_deref() == Some("FAULT"), &[&daemon], "its link is down");
    lab.wait(
        || ask(&lab, &["status", "--format", "json"]).json()["instances"][0]["addresses"] == held(false),
        &[&daemon],
        "the address is not held",
    );
    assert!(ask(&lab, &["status"]).stdout.contains(" s  not here: 10.99.0.100/24"));
    lab.ip(1, "link set eth0 up");
    lab.wait(|| state(&lab).as_deref() == Some("MASTER"), &[&daemon], "its link is up again");

    // Two daemons cannot share a folder.
    let run_dir = lab.run_dir(1).display().to_string();
    let second = run(lab.folder(), &["run", "-f", &file, "--run-dir", &run_dir]);
    assert_eq!(second.status, 2, "{second:#?}");

    // A configuration that cannot be run leaves the old one running.
    let before = fingerprint();
    std::fs::write(&file, config(100).replace("virtual_router_id 51", "virtual_router_id 0")).expect("a file");
    let refused = ask(&lab, &["reload"]);
    assert_eq!(refused.status, 1, "{refused:#?}");
    assert!(refused.stdout.contains("1.conf:7:"), "{refused:#?}");
    assert_eq!(ask(&lab, &["status", "--format", "json"]).json()["config_fingerprint"], before);

    std::fs::write(&file, config(120)).expect("a file");
    let reloaded = ask(&lab, &["reload"]);
    assert_eq!(reloaded.status, 0, "{reloaded:#?}");
    let status = ask(&lab, &["status", "--format", "json"]).json();
    assert_eq!(status["config_fingerprint"], fingerprint());
    assert_ne!(status["config_fingerprint"], before);
    assert_eq!(status["instances"][0]["state"], "MASTER");
    assert_eq!(status["instances"][0]["effective_priority"], 120);
    let told = "reload: vrrp_instance VI_1: priority 100 -> 120";
    lab.wait(|| daemon.log().contains(told), &[&daemon], "what the reload changes is in the log");

    assert_eq!(ask(&lab, &["ctl", "log-level", "debug"]).status, 0);
    assert_eq!(ask(&lab, &["ctl", "dump"]).status, 0);
    lab.wait(|| daemon.log().contains("info: VI_1      MASTER"), &[&daemon], "the state is in the log");
    let mut daemon = daemon;
    assert_eq!(ask(&lab, &["ctl", "stop"]).status, 0);
    let until = Instant::now() + PATIENCE;
    while daemon.is_running() {
        assert!(Instant::now() < until, "it does not end");
        sleep(Duration::from_millis(20));
    }
    assert!(!lab.has(1, "10.99.0.100/24"));
    assert_eq!(ask(&lab, &["status"]).status, 2);
    let left = |name: &str| Path::new(&run_dir).join(name).exists();
    assert!(!left("kalc.sock") && !left("kalc.pid"));
}

/// A daemon in the namespace of the only host, with something in its environment.
fn command(lab: &Lab) -> Command {
    std::fs::write(lab.config(1), config(100)).expect("a file");
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &lab.space(1), env!("CARGO_BIN_EXE_kalc"), "run", "-f"]).arg(lab.config(1));
    command.arg("--run-dir").arg(lab.run_dir(1)).stdin(Stdio::null());
    command
}

#[test]
fn the_service_manager_is_told() {
    let Some(lab) = Lab::new("the_service_manager_is_told", 1) else { return };
    let path = lab.folder().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let next = |wanted: &str| {
        let mut buffer = [0; 4096];
        loop {
            let length = socket.recv(&mut buffer).unwrap_or_else(|error| panic!("{wanted} was not told: {error}"));
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if text.lines().any(|line| line == wanted) {
                return text;
            }
        }
    };
    let mut daemon = command(&lab)
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "2000000")
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    next("READY=1");
    next("WATCHDOG=1");
    assert_eq!(ask(&lab, &["reload"]).status, 0);
    assert!(next("RELOADING=1").contains("MONOTONIC_USEC="));
    next("READY=1");
    assert_eq!(ask(&lab, &["ctl", "stop"]).status, 0);
    next("STOPPING=1");
    assert!(daemon.wait().expect("it ends").success());
}

#[test]
fn a_log_that_nobody_reads_delays_nothing() {
    let Some(lab) = Lab::new("a_log_that_nobody_reads_delays_nothing", 1) else { return };
    let mut daemon = command(&lab).stderr(Stdio::piped()).spawn().expect("it starts");
    lab.wait(|| state(&lab).as_deref() == Some("MASTER"), &[], "it is master");
    // Far more than a pipe holds, and more than may wait.
    for _ in 0..700 {
        assert_eq!(ask(&lab, &["ctl", "dump"]).status, 0);
    }
    let sent = || ask(&lab, &["status", "--format", "json"]).json()["instances"][0]["stats"]["adverts_sent"].as_u64();
    let before = sent();
    lab.wait(|| sent() > before, &[], "adverts still leave");
    assert_eq!(ask(&lab, &["ctl", "stop"]).status, 0);
    assert!(daemon.wait().expect("it ends").success());
}
