//! The node from outside: packets between two of them, timers, trackers, reloads.

mod configs;

use configs::{instance as pair, plan};
use kalc_core::vrrp::StateName::{self, Backup, Fault, Init, Master};
use kalc_core::wire::Packet;
use kalc_core::{Action, Input, Instant, LinkFacts, LinkId, Node, NoticeEvent, RunId, ScriptOutcome};
use kalc_ir::net::Mac;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Hosts on one wire, with a clock of their own.
struct Wire {
    now: Instant,
    hosts: Vec<Host>,
}

struct Host {
    node: Node,
    is_alive: bool,
    /// What it did: not adverts.
    log: Vec<(Instant, Action)>,
    adverts: Vec<(Instant, u8)>,
}

const ETH0: LinkId = LinkId(0);

fn facts(host: usize) -> LinkFacts {
    let last = u8::try_from(host + 1).expect("few hosts");
    LinkFacts {
        is_up: true,
        mac: Some(Mac([2, 0, 0, 0, 0, last])),
        ipv4: Some(Ipv4Addr::new(192, 0, 2, last)),
        ipv6: None,
    }
}

impl Wire {
    fn new(configs: &[&str]) -> Wire {
        let mut wire = Wire { now: Instant::from_micros(1_000_000), hosts: Vec::new() };
        for config in configs {
            let host = wire.hosts.len();
            let node = Node::new(plan(config));
            wire.hosts.push(Host { node, is_alive: true, log: Vec::new(), adverts: Vec::new() });
            wire.feed(host, Input::Link { link: ETH0, facts: Some(facts(host)) });
        }
        for host in 0..configs.len() {
            wire.feed(host, Input::Start);
        }
        wire
    }

    fn feed(&mut self, host: usize, input: Input<'_>) {
        let mut out = Vec::new();
        self.hosts[host].node.step(self.now, input, &mut out);
        self.carry_out(host, out);
    }

    fn carry_out(&mut self, host: usize, actions: Vec<Action>) {
        for action in actions {
            let Action::Send(advert) = &action else {
                self.hosts[host].log.push((self.now, action));
                continue;
            };
            // Priority: third byte behind an IPv4 header of 20 bytes, 24 more with an authentication header.
            let pdu = if advert.bytes[9] == 51 { 44 } else { 20 };
            self.hosts[host].adverts.push((self.now, advert.bytes[pdu + 2]));
            for other in (0..self.hosts.len()).filter(|other| *other != host) {
                let is_for = advert.destination == IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18))
                    || facts(other).ipv4.map(IpAddr::V4) == Some(advert.destination);
                if is_for && self.hosts[other].is_alive {
                    self.feed(other, Input::Packet { link: ETH0, packet: Packet::V4 { bytes: &advert.bytes } });
                }
            }
        }
    }

    fn run(&mut self, millis: u64) {
        let until = self.now + Duration::from_millis(millis);
        loop {
            let due = |host: &Host| host.node.deadline().filter(|_| host.is_alive);
            let next = (0..self.hosts.len()).filter_map(|index| Some((due(&self.hosts[index])?, index))).min();
            let Some((at, host)) = next.filter(|(at, _)| *at <= until) else { break };
            self.now = at.max(self.now);
            self.feed(host, Input::Tick);
        }
        self.now = until;
    }

    fn states(&self) -> Vec<StateName> {
        self.hosts.iter().map(|host| host.node.instances().next().expect("one instance").state).collect()
    }

    fn notices(&self, host: usize) -> Vec<NoticeEvent> {
        let notice = |(_, action): &(Instant, Action)| match action {
            Action::Notify(notice) => Some(notice.event),
            _ => None,
        };
        self.hosts[host].log.iter().filter_map(notice).collect()
    }

    fn script_run(&mut self, host: usize) -> Option<RunId> {
        self.hosts[host].log.iter().rev().find_map(|(_, action)| match action {
            Action::RunScript { run, .. } => Some(*run),
            _ => None,
        })
    }

    fn end_script(&mut self, host: usize, outcome: ScriptOutcome) {
        let run = self.script_run(host).expect("a script runs");
        self.feed(host, Input::ScriptEnded { run, outcome });
    }
}

#[test]
fn the_higher_priority_becomes_master_after_its_master_down_interval() {
    let mut wire = Wire::new(&[&pair("priority 150"), &pair("priority 100")]);
    assert_eq!(wire.states(), [Backup, Backup]);
    wire.run(3413);
    assert_eq!(wire.states(), [Backup, Backup]);
    wire.run(2);
    assert_eq!(wire.states(), [Master, Backup]);
    wire.run(60_000);
    assert_eq!(wire.states(), [Master, Backup]);
    assert_eq!(wire.hosts[0].adverts.len(), 61);
    assert!(wire.hosts[1].adverts.is_empty());
}

#[test]
fn a_takeover_is_known_beforehand() {
    let mut wire = Wire::new(&[&pair("priority 100")]);
    let node = &wire.hosts[0].node;
    assert!(node.takeover_at().is_some());
    assert_eq!(node.takeover_at(), node.deadline());
    wire.run(5000);
    let node = &wire.hosts[0].node;
    // A master's next deadline is an advert.
    assert_eq!((node.takeover_at(), node.deadline().is_some()), (None, true));
}

#[test]
fn the_advert_goes_before_the_addresses_and_the_announcements() {
    let mut wire = Wire::new(&[&pair("priority 150")]);
    let mut out = Vec::new();
    wire.now = wire.hosts[0].node.deadline().expect("a timer");
    wire.hosts[0].node.step(wire.now, Input::Tick, &mut out);
    let order: Vec<_> = out
        .iter()
        .filter_map(|action| match action {
            Action::Send(_) => Some("advert"),
            Action::Bind(_) => Some("addresses"),
            Action::Announce { rounds: 5, .. } => Some("announcements"),
            Action::Notify(_) => Some("notice"),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["advert", "addresses", "announcements", "notice"]);
}

#[test]
fn a_clean_stop_is_taken_over_in_skew_time() {
    let mut wire = Wire::new(&[&pair("priority 150"), &pair("priority 100")]);
    wire.run(10_000);
    wire.feed(0, Input::Stop);
    assert_eq!(wire.hosts[0].adverts.last().map(|(_, priority)| *priority), Some(0));
    wire.run(609);
    assert_eq!(wire.states(), [Init, Backup]);
    wire.run(1);
    assert_eq!(wire.states(), [Init, Master]);
    assert_eq!(wire.notices(0), [NoticeEvent::Backup, NoticeEvent::Master, NoticeEvent::Stop]);
}

#[test]
fn a_killed_master_is_missed_after_three_intervals_and_the_skew() {
    let mut wire = Wire::new(&[&pair("priority 150"), &pair("priority 100")]);
    wire.run(10_000);
    let last = wire.hosts[0].adverts.last().expect("adverts").0;
    wire.hosts[0].is_alive = false;
    wire.run(10_000);
    let first = wire.hosts[1].adverts[0].0;
    assert_eq!(first.saturating_since(last).as_micros(), 3_609_375);
}

#[test]
fn a_returning_master_preempts_and_with_nopreempt_does_not() {
    for (nopreempt, expected) in [("", [Master, Backup]), ("state BACKUP\n nopreempt", [Backup, Master])] {
        let mut wire = Wire::new(&[&pair(&format!("priority 150\n{nopreempt}")), &pair("priority 100")]);
        wire.run(5_000);
        wire.feed(0, Input::Link { link: ETH0, facts: Some(LinkFacts { is_up: false, ..facts(0) }) });
        assert_eq!(wire.states(), [Fault, Backup]);
        wire.run(5_000);
        assert_eq!(wire.states(), [Fault, Master]);
        wire.feed(0, Input::Link { link: ETH0, facts: Some(facts(0)) });
        wire.run(5_000);
        assert_eq!(wire.states(), expected, "{nopreempt}");
    }
}

#[test]
fn preempt_delay_spares_the_lower_master_for_a_while() {
    let mut wire = Wire::new(&[&pair("priority 150\n state BACKUP\n preempt_delay 30"), &pair("priority 100")]);
    wire.run(5_000);
    assert_eq!(wire.states(), [Master, Backup]);
    wire.feed(0, Input::Link { link: ETH0, facts: None });
    wire.run(10_000);
    wire.feed(0, Input::Link { link: ETH0, facts: Some(facts(0)) });
    wire.run(30_000);
    assert_eq!(wire.states(), [Backup, Master]);
    wire.run(5_000);
    assert_eq!(wire.states(), [Master, Backup]);
}

#[test]
fn of_two_masters_the_lower_one_leaves_and_the_higher_one_announces_again() {
    let mut wire = Wire::new(&[&pair("priority 150"), &pair("priority 100")]);
    wire.hosts[1].is_alive = false;
    wire.run(5_000);
    wire.hosts[1].is_alive = true;
    wire.hosts[0].is_alive = false;
    wire.run(5_000);
    assert_eq!(wire.states(), [Master, Master]);
    wire.hosts[0].is_alive = true;
    wire.hosts[0].log.clear();
    // The lower one speaks first: it is answered at once.
    let tick = wire.hosts[1].node.deadline().expect("a timer");
    wire.now = tick;
    wire.feed(1, Input::Tick);
    assert_eq!(wire.states(), [Master, Backup]);
    assert!(wire.hosts[0].log.iter().any(|(_, action)| matches!(action, Action::Announce { rounds: 5, .. })));
}

#[test]
fn a_master_that_was_kept_from_running_gives_way_if_somebody_may_have_taken_over() {
    // How long it sleeps, and who is master in the end.
    for (setting, sleep, expected) in [
        ("", 6_000, [Master, Backup]),
        ("timer_expired_backup", 2_900, [Master, Backup]),
        ("timer_expired_backup", 6_000, [Backup, Master]),
        // Nobody has more than 100: that takes half a second longer, and nobody has taken over yet.
        ("timer_expired_backup 100", 3_400, [Master, Backup]),
        ("timer_expired_backup 100", 6_000, [Backup, Master]),
    ] {
        let config = pair(&format!("priority 150\nstate BACKUP\nnopreempt\n{setting}"));
        let mut wire = Wire::new(&[&config, &pair("priority 100")]);
        wire.run(5_000);
        assert_eq!(wire.states(), [Master, Backup]);
        // From one of its adverts on.
        let advert = wire.hosts[0].node.deadline().expect("a timer");
        wire.run(u64::try_from(advert.saturating_since(wire.now).as_millis()).expect("soon") + 1);
        wire.hosts[0].is_alive = false;
        wire.run(sleep);
        wire.hosts[0].is_alive = true;
        wire.run(5_000);
        assert_eq!(wire.states(), expected, "{setting} {sleep}");
    }
    // Alone it is master again, after the time that it waits for others.
    let config = pair("priority 150\nstate BACKUP\nnopreempt\ntimer_expired_backup");
    let mut wire = Wire::new(&[&config]);
    wire.run(5_000);
    wire.hosts[0].is_alive = false;
    wire.run(6_000);
    wire.hosts[0].is_alive = true;
    wire.run(100);
    assert_eq!(wire.states(), [Backup]);
    wire.run(5_000);
    assert_eq!(wire.states(), [Master]);
}

#[test]
fn with_equal_priorities_the_higher_address_stays() {
    let mut wire = Wire::new(&[&pair("priority 100"), &pair("priority 100")]);
    wire.run(20_000);
    assert_eq!(wire.states().iter().filter(|state| **state == Master).count(), 1);
    wire.hosts[0].is_alive = false;
    wire.run(5_000);
    wire.hosts[0].is_alive = true;
    wire.run(3_000);
    assert_eq!(wire.states(), [Backup, Master]);
}

#[test]
fn an_owner_is_master_at_once() {
    let wire = Wire::new(&[&pair("state MASTER\n priority 255")]);
    assert_eq!(wire.states(), [Master]);
}

#[test]
fn version_2_peers_with_other_intervals_do_not_hear_each_other() {
    let mut wire = Wire::new(&[&pair("priority 150"), &pair("priority 100\n advert_int 2")]);
    wire.run(20_000);
    assert_eq!(wire.states(), [Master, Master]);
}

#[test]
fn a_version_3_backup_learns_the_interval_of_the_master() {
    let config = |rest: &str| pair(&format!("version 3\n {rest}"));
    let mut wire = Wire::new(&[&config("priority 150\n advert_int 0.2"), &config("priority 100\n advert_int 1")]);
    wire.run(10_000);
    assert_eq!(wire.states(), [Master, Backup]);
    let last = wire.hosts[0].adverts.last().expect("adverts").0;
    wire.hosts[0].is_alive = false;
    wire.run(10_000);
    let first = wire.hosts[1].adverts[0].0;
    // 3 * 0.2 s + (256 - 100) * 0.2 s / 256
    assert_eq!(first.saturating_since(last).as_micros(), 721_875);
}

#[test]
fn authentication_headers_go_on_counting_over_a_failover() {
    let config = |priority: u8| {
        pair(&format!("priority {priority}\n authentication {{\n auth_type AH\n auth_pass cuongquach\n }}"))
    };
    let mut wire = Wire::new(&[&config(100), &config(98)]);
    wire.run(20_000);
    assert_eq!(wire.states(), [Master, Backup]);
    wire.hosts[0].is_alive = false;
    wire.run(20_000);
    assert_eq!(wire.states(), [Master, Master]);
    // A new daemon begins to count at 1, and takes over what it hears.
    wire.hosts[0].node = Node::new(plan(&config(100)));
    wire.hosts[0].is_alive = true;
    wire.feed(0, Input::Link { link: ETH0, facts: Some(facts(0)) });
    wire.feed(0, Input::Start);
    wire.run(20_000);
    assert_eq!(wire.states(), [Master, Backup]);
}

#[test]
fn a_script_with_weight_moves_the_master() {
    let checked = |priority: u8| {
        format!(
            "vrrp_script chk {{\n script /bin/true\n interval 2\n weight 4\n}}\n{}",
            pair(&format!("priority {priority}\n track_script {{\n chk\n }}"))
        )
    };
    let mut wire = Wire::new(&[&checked(100), &checked(98)]);
    wire.run(0);
    wire.end_script(0, ScriptOutcome::Passed);
    wire.end_script(1, ScriptOutcome::Passed);
    wire.run(10_000);
    assert_eq!(wire.states(), [Master, Backup]);
    let priorities = |wire: &Wire| -> Vec<u8> {
        wire.hosts.iter().map(|host| host.node.instances().next().expect("one").effective_priority).collect()
    };
    assert_eq!(priorities(&wire), [104, 102]);
    wire.end_script(0, ScriptOutcome::TimedOut);
    wire.run(5_000);
    assert_eq!((priorities(&wire), wire.states()), (vec![100, 102], vec![Backup, Master]));
}

#[test]
fn init_fail_is_no_fault_before_the_first_result() {
    let config = format!(
        "vrrp_script chk {{\n script /bin/true\n fall 3\n init_fail\n}}\n{}",
        pair("priority 100\n track_script {\n chk\n }")
    );
    for (outcome, state) in [(ScriptOutcome::Failed, Fault), (ScriptOutcome::Passed, Backup)] {
        let mut wire = Wire::new(&[&config]);
        wire.run(1);
        assert_eq!((wire.states(), wire.notices(0)), (vec![Init], vec![]));
        wire.end_script(0, outcome);
        assert_eq!(wire.states(), [state]);
        assert_eq!(wire.notices(0).len(), 1);
    }
}

#[test]
fn changes_of_priority_run_no_command() {
    let config = format!(
        "vrrp_script chk {{\n script /bin/true\n weight 4\n}}\n{}",
        pair("priority 100\n notify_priority_changes\n notify /bin/true\n track_script {\n chk\n }")
    );
    let mut wire = Wire::new(&[&config]);
    wire.run(1);
    wire.end_script(0, ScriptOutcome::Passed);
    let told = |event: NoticeEvent| {
        let commands = |(_, action): &(Instant, Action)| match action {
            Action::Notify(notice) if notice.event == event => Some(notice.commands.len()),
            _ => None,
        };
        wire.hosts[0].log.iter().find_map(commands)
    };
    assert_eq!((told(NoticeEvent::Backup), told(NoticeEvent::BackupPriority)), (Some(1), Some(0)));
}

#[test]
fn what_a_reload_takes_away_runs_the_command_for_every_change_alone() {
    let rest = "priority 100\n notify /bin/true\n notify_fault /bin/false\n";
    let mut wire = Wire::new(&[&pair(rest)]);
    wire.run(5000);
    let (mut farewell, mut out) = (Vec::new(), Vec::new());
    wire.hosts[0].node.reload(wire.now, plan(""), &mut farewell, &mut out);
    let commands: Vec<_> = farewell
        .iter()
        .filter_map(|action| match action {
            Action::Notify(notice) => Some(notice.commands.iter().map(|run| run.command.arguments[0].clone())),
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(commands, ["/bin/true"]);
}

#[test]
fn a_script_without_weight_is_waited_for_and_is_a_fault() {
    let checked =
        format!("vrrp_script chk {{\n script /bin/true\n}}\n{}", pair("priority 100\n track_script {\n chk\n }"));
    let mut wire = Wire::new(&[&checked]);
    wire.run(10_000);
    assert_eq!(wire.states(), [Init]);
    wire.end_script(0, ScriptOutcome::Failed);
    assert_eq!(wire.states(), [Fault]);
    wire.run(1_000);
    wire.end_script(0, ScriptOutcome::Passed);
    assert_eq!(wire.states(), [Backup]);
    wire.run(3_610);
    assert_eq!(wire.states(), [Master]);
}

fn group(priorities: [u8; 2]) -> String {
    let instance = |name: &str, vrid: u8, priority: u8| {
        format!(
            "vrrp_instance {name} {{\n interface {name}\n virtual_router_id {vrid}\n priority {priority}\n virtual_ipaddress {{\n 192.0.2.{vrid}\n }}\n}}\n"
        )
    };
    format!(
        "{}{}vrrp_sync_group G {{\n group {{\n eth0\n eth1\n }}\n notify /bin/true\n}}\n",
        instance("eth0", 51, priorities[0]),
        instance("eth1", 52, priorities[1])
    )
}

#[test]
fn a_sync_group_moves_as_one() {
    let mut node = Node::new(plan(&group([100, 90])));
    let (mut now, mut out) = (Instant::from_micros(1), Vec::new());
    for link in [0, 1] {
        node.step(now, Input::Link { link: LinkId(link), facts: Some(facts(0)) }, &mut out);
    }
    node.step(now, Input::Start, &mut out);
    let run = |node: &mut Node, now: &mut Instant, out: &mut Vec<Action>, millis: u64| {
        let until = *now + Duration::from_millis(millis);
        while let Some(at) = node.deadline().filter(|at| *at <= until) {
            *now = at.max(*now);
            node.step(*now, Input::Tick, out);
        }
        *now = until;
    };
    let states = |node: &Node| node.instances().map(|instance| instance.state).collect::<Vec<_>>();
    run(&mut node, &mut now, &mut out, 3_620);
    assert_eq!(states(&node), [Backup, Backup], "the first waits for the second");
    run(&mut node, &mut now, &mut out, 40);
    assert_eq!(states(&node), [Master, Master]);
    out.clear();
    node.step(now, Input::Link { link: LinkId(1), facts: None }, &mut out);
    assert_eq!(states(&node), [Fault, Fault]);
    let goodbyes = out.iter().filter(|action| matches!(action, Action::Send(_))).count();
    assert_eq!(goodbyes, 1, "the member whose interface is gone cannot say goodbye, the other one does");
    node.step(now, Input::Link { link: LinkId(1), facts: Some(facts(0)) }, &mut out);
    assert_eq!(states(&node), [Backup, Backup]);
    let group: Vec<_> = out
        .iter()
        .filter_map(|action| match action {
            Action::Notify(notice) if notice.priority == 0 => Some(notice.event),
            _ => None,
        })
        .collect();
    assert_eq!(group, [NoticeEvent::Fault, NoticeEvent::Backup]);
}

#[test]
fn a_reload_keeps_the_master_and_binds_what_is_new() {
    let mut wire = Wire::new(&[&pair("priority 150"), &pair("priority 100")]);
    wire.run(5_000);
    let (mut farewell, mut out) = (Vec::new(), Vec::new());
    let now = wire.now;
    let changed = pair("priority 150").replace("192.0.2.10", "192.0.2.10\n 192.0.2.11");
    wire.hosts[0].node.reload(now, plan(&changed), &mut farewell, &mut out);
    assert!(farewell.is_empty(), "{farewell:?}");
    assert!(matches!(out[..], [Action::Bind(_), Action::Announce { .. }]), "{out:?}");
    wire.run(30_000);
    assert_eq!(wire.states(), [Master, Backup]);
    assert!(!wire.hosts[0].log.iter().any(|(_, action)| matches!(action, Action::Unbind(_))));
}

#[test]
fn a_reload_without_the_instance_says_goodbye() {
    let mut wire = Wire::new(&[&pair("priority 150")]);
    wire.run(5_000);
    let (mut farewell, mut out) = (Vec::new(), Vec::new());
    let now = wire.now;
    let other = pair("priority 150").replace("51", "52");
    wire.hosts[0].node.reload(now, plan(&other), &mut farewell, &mut out);
    assert!(matches!(farewell[..2], [Action::Send(_), Action::Unbind(_)]), "{farewell:?}");
    assert_eq!(wire.states(), [Backup]);
}

#[test]
fn a_burst_of_lower_adverts_is_not_answered_by_a_storm() {
    let mut wire = Wire::new(&[&pair("priority 150"), &pair("priority 100")]);
    wire.hosts[1].is_alive = false;
    wire.run(5_000);
    let mut out = Vec::new();
    wire.hosts[1].node.step(wire.now, Input::Tick, &mut out);
    let bytes = out.iter().find_map(|action| match action {
        Action::Send(advert) => Some(advert.bytes.to_vec()),
        _ => None,
    });
    let bytes = bytes.expect("it hears nobody and is master");
    let before = wire.hosts[0].adverts.len();
    for _ in 0..10_000 {
        wire.feed(0, Input::Packet { link: ETH0, packet: Packet::V4 { bytes: &bytes } });
    }
    let heard = wire.hosts[0].node.instances().next().expect("one").counters.adverts_received;
    assert_eq!((heard, wire.hosts[0].adverts.len() - before), (10_000, 1));
}
