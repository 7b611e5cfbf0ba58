//! Pairs as guides for keepalived set them up, end to end: who holds the address, and which scripts are called with
//! which arguments in which order. keepalived 2.2.7 goes through the same scenes, and must make the same calls.
//!
//! Only order and outcome are asserted; how long things take is measured elsewhere.

mod calls;
mod operation;
#[path = "../support/mod.rs"]
mod support;

use calls::Calls;
use support::lab::{Daemon, Lab, Program, has_keepalived};
use support::skip;

const VIP: &str = "10.99.0.100/24";

/// Goes through a scene with every pairing, side by side.
fn check(test: &str, scene: impl Fn(&Stage) + Sync) {
    let pairings = [
        (Program::Kalc, Program::Kalc),
        (Program::Keepalived, Program::Keepalived),
        (Program::Kalc, Program::Keepalived),
    ];
    std::thread::scope(|scope| {
        for (first, second) in pairings {
            if (first, second) != (Program::Kalc, Program::Kalc) && !has_keepalived() {
                skip(test, "there is no keepalived 2.2.7 here");
                continue;
            }
            let scene = &scene;
            scope.spawn(move || {
                if let Some(lab) = Lab::new(test, 2) {
                    let calls = [1, 2].map(|host| Calls::new(lab.folder(), host));
                    scene(&Stage { lab, calls, programs: [first, second] });
                }
            });
        }
    });
}

/// Two hosts and what they run.
struct Stage {
    lab: Lab,
    calls: [Calls; 2],
    programs: [Program; 2],
}

impl Stage {
    fn start(&self, host: usize, config: &str) -> Daemon {
        self.lab.start(host, self.programs[host - 1], config)
    }

    fn calls(&self, host: usize) -> &Calls {
        &self.calls[host - 1]
    }

    fn holder(&self, host: usize, daemons: &[&Daemon], scene: &str) {
        self.lab.wait_for_holder(host, &[VIP], daemons, &format!("{:?}: {scene}", self.programs));
    }

    /// Waits until scripts of a host have been called that often.
    fn called(&self, host: usize, count: usize, daemons: &[&Daemon]) {
        let calls = self.calls(host);
        self.lab.wait(
            || calls.all().len() >= count,
            daemons,
            &format!("{:?}: {count} calls on host {host}", self.programs),
        );
    }

    /// A host has called exactly this, in this order.
    fn assert_calls(&self, host: usize, expect: &[&str]) {
        assert_eq!(self.calls(host).all(), expect, "{:?}: calls on host {host}", self.programs);
    }

    /// Where a daemon keeps its process id.
    fn pid_file(&self, host: usize) -> String {
        let path = match self.programs[host - 1] {
            Program::Kalc => self.lab.run_dir(host).join("kalc.pid"),
            Program::Keepalived => self.lab.folder().join(format!("parent-{host}.pid")),
        };
        path.display().to_string()
    }
}

#[test]
fn an_equal_pair_that_does_not_preempt_tells_of_every_change() {
    check("an_equal_pair_that_does_not_preempt_tells_of_every_change", |stage| {
        let config = |host: usize| {
            let (own, peer) = (format!("10.99.0.{host}"), format!("10.99.0.{}", 3 - host));
            let record = stage.calls(host).command();
            format!(
                "global_defs {{\n enable_script_security\n script_user root\n}}\n\
                 vrrp_instance VI_1 {{\n state BACKUP\n nopreempt\n interface eth0\n virtual_router_id 51\n \
                 priority 100\n advert_int 1\n unicast_src_ip {own}\n unicast_peer {{\n  {peer}\n }}\n \
                 virtual_ipaddress {{\n  {VIP}\n }}\n \
                 notify_master \"{record} master\"\n notify_backup \"{record} backup\"\n \
                 notify_fault \"{record} fault\"\n notify_stop \"{record} stop\"\n notify \"{record} notify\"\n}}\n"
            )
        };
        let a = stage.start(1, &config(1));
        stage.holder(1, &[&a], "alone");
        let b = stage.start(2, &config(2));
        stage.called(2, 2, &[&a, &b]);
        stage.lab.carrier(1, "down");
        stage.holder(2, &[&a, &b], "the first one lost its link");
        stage.called(1, 6, &[&a, &b]);
        stage.lab.carrier(1, "up");
        stage.called(1, 8, &[&a, &b]);
        stage.holder(2, &[&a, &b], "the first one is back");
        b.stop();
        stage.holder(1, &[&a], "the second one has ended");
        stage.called(1, 10, &[&a]);
        a.stop();
        let (master, backup) = ("notify INSTANCE VI_1 MASTER 100", "notify INSTANCE VI_1 BACKUP 100");
        let (fault, stop) = ("notify INSTANCE VI_1 FAULT 100", "notify INSTANCE VI_1 STOP 100");
        stage.assert_calls(
            1,
            &["backup", backup, "master", master, "fault", fault, "backup", backup, "master", master, "stop", stop],
        );
        stage.assert_calls(2, &["backup", backup, "master", master, "stop", stop]);
    });
}

/// A pair whose check tells whether a file is there.
fn checked_pair(stage: &Stage, host: usize, priority: u8, script: &str, lines: &str) -> String {
    let (record, file) = (stage.calls(host).command(), check_file(stage, host));
    std::fs::write(&file, "").expect("a file");
    format!(
        "global_defs {{\n enable_script_security\n script_user root\n}}\n\
         vrrp_script check {{\n script \"/usr/bin/test -e {file}\"\n interval 1\n {script}\n}}\n\
         vrrp_instance VI_1 {{\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority {priority}\n \
         advert_int 1\n {lines}\n track_script {{\n  check\n }}\n virtual_ipaddress {{\n  {VIP}\n }}\n \
         notify \"{record} notify\"\n}}\n"
    )
}

fn check_file(stage: &Stage, host: usize) -> String {
    stage.lab.folder().join(format!("alive-{host}")).display().to_string()
}

/// The better host loses what its check looks for, and gets it back. `better` and `worse` are its priorities then.
fn fails_and_recovers(stage: &Stage, a: &Daemon, b: &Daemon) {
    stage.holder(1, &[a, b], "the better host");
    stage.called(1, 2, &[a, b]);
    std::fs::remove_file(check_file(stage, 1)).expect("it is there");
    stage.holder(2, &[a, b], "its check failed");
    stage.called(1, 3, &[a, b]);
    std::fs::write(check_file(stage, 1), "").expect("a file");
    stage.holder(1, &[a, b], "its check is good again");
    stage.called(1, 4, &[a, b]);
    stage.called(2, 3, &[a, b]);
}

#[test]
fn a_check_with_weight_4_moves_the_address_of_an_ah_pair() {
    check("a_check_with_weight_4_moves_the_address_of_an_ah_pair", |stage| {
        // Ten characters, of which eight are carried.
        let auth = "authentication {\n  auth_type AH\n  auth_pass cuongquach\n }";
        // The better host is master before the other one starts, so that every call follows from the scene.
        let a = stage.start(1, &checked_pair(stage, 1, 100, "weight 4", auth));
        stage.holder(1, &[&a], "alone");
        stage.called(1, 2, &[&a]);
        let b = stage.start(2, &checked_pair(stage, 2, 98, "weight 4", auth));
        stage.called(2, 1, &[&a, &b]);
        fails_and_recovers(stage, &a, &b);
        a.stop();
        stage.holder(2, &[&b], "the better host has ended");
        stage.called(2, 4, &[&b]);
        b.stop();
        // What the check adds is in the number that scripts are told, once it has passed.
        stage.assert_calls(
            1,
            &[
                "notify INSTANCE VI_1 BACKUP 100",
                "notify INSTANCE VI_1 MASTER 104",
                "notify INSTANCE VI_1 BACKUP 100",
                "notify INSTANCE VI_1 MASTER 104",
                "notify INSTANCE VI_1 STOP 104",
            ],
        );
        stage.assert_calls(
            2,
            &[
                "notify INSTANCE VI_1 BACKUP 98",
                "notify INSTANCE VI_1 MASTER 102",
                "notify INSTANCE VI_1 BACKUP 102",
                "notify INSTANCE VI_1 MASTER 102",
                "notify INSTANCE VI_1 STOP 102",
            ],
        );
    });
}

#[test]
fn a_check_with_weight_minus_20_moves_the_address_of_a_web_pair() {
    check("a_check_with_weight_minus_20_moves_the_address_of_a_web_pair", |stage| {
        let auth = "authentication {\n  auth_type PASS\n  auth_pass 1111\n }";
        let a = stage.start(1, &checked_pair(stage, 1, 101, "weight -20\n fall 2\n rise 2", auth));
        stage.holder(1, &[&a], "alone");
        let b = stage.start(2, &checked_pair(stage, 2, 100, "weight -20\n fall 2\n rise 2", auth));
        stage.called(2, 1, &[&a, &b]);
        fails_and_recovers(stage, &a, &b);
        a.stop();
        stage.holder(2, &[&b], "the better host has ended");
        stage.called(2, 4, &[&b]);
        b.stop();
        stage.assert_calls(
            1,
            &[
                "notify INSTANCE VI_1 BACKUP 101",
                "notify INSTANCE VI_1 MASTER 101",
                "notify INSTANCE VI_1 BACKUP 81",
                "notify INSTANCE VI_1 MASTER 101",
                "notify INSTANCE VI_1 STOP 101",
            ],
        );
        stage.assert_calls(
            2,
            &[
                "notify INSTANCE VI_1 BACKUP 100",
                "notify INSTANCE VI_1 MASTER 100",
                "notify INSTANCE VI_1 BACKUP 100",
                "notify INSTANCE VI_1 MASTER 100",
                "notify INSTANCE VI_1 STOP 100",
            ],
        );
    });
}

#[test]
fn scripts_that_rewrite_the_configuration_and_send_sighup_keep_the_address_where_it_is() {
    check("scripts_that_rewrite_the_configuration_and_send_sighup_keep_the_address_where_it_is", |stage| {
        let config = |host: usize| {
            let rewrite = stage.calls(host).rewriter(&stage.lab.config(host), &stage.pid_file(host));
            format!(
                "global_defs {{\n enable_script_security\n script_user root\n}}\n\
                 vrrp_instance VI_1 {{\n state BACKUP\n interface eth0\n virtual_router_id 51\n priority 100\n \
                 advert_int 1\n virtual_ipaddress {{\n  {VIP}\n }}\n \
                 notify_master \"{rewrite} 150\"\n notify_backup \"{rewrite} 100\"\n}}\n"
            )
        };
        let priority = |host: usize, number: &str| {
            let text = std::fs::read_to_string(stage.lab.config(host)).unwrap_or_default();
            text.contains(&format!("priority {number}"))
        };
        let a = stage.start(1, &config(1));
        stage.holder(1, &[&a], "alone");
        stage.called(1, 2, &[&a]);
        let b = stage.start(2, &config(2));
        stage.called(2, 1, &[&a, &b]);
        a.stop();
        stage.holder(2, &[&b], "the first one has ended");
        stage.called(2, 2, &[&b]);
        stage.lab.wait(|| priority(2, "150"), &[&b], "the second one's configuration says 150");
        let a = stage.lab.start_again(1, stage.programs[0]);
        stage.called(1, 3, &[&a, &b]);
        stage.lab.wait(|| priority(1, "100"), &[&a, &b], "the first one's configuration says 100");
        // A whole advert interval and more later everything is as it was.
        std::thread::sleep(std::time::Duration::from_secs(5));
        stage.holder(2, &[&a, &b], "who became master last");
        a.stop();
        b.stop();
        stage.assert_calls(1, &["rewrite 100", "rewrite 150", "rewrite 100"]);
        stage.assert_calls(2, &["rewrite 100", "rewrite 150"]);
    });
}
