//! Clusters under faults drawn from seeds, and small worlds one by one.

mod configs;

use configs::{instance, plan};
use kalc_core::Instant;
use kalc_core::sim::random::{self, Chance, Scope};
use kalc_core::sim::{Fault, HostSetup, Setup, World};
use kalc_core::vrrp::StateName;
use std::time::Duration;

/// A cluster, and who is master once everything is well; `None` where history decides.
struct Cluster {
    name: &'static str,
    configs: Vec<String>,
    best: Option<usize>,
    interval: Duration,
}

fn clusters() -> Vec<Cluster> {
    let second = Duration::from_secs(1);
    let of = |name, configs: &[&str], best, interval| Cluster {
        name,
        configs: configs.iter().map(|rest| instance(rest)).collect(),
        best,
        interval,
    };
    let peers = |own: u8, others: &[u8]| {
        let others: Vec<String> = others.iter().map(|other| format!("192.0.2.{other}")).collect();
        format!("unicast_src_ip 192.0.2.{own}\n unicast_peer {{\n {}\n }}\n", others.join("\n "))
    };
    let ah = "authentication {\n auth_type AH\n auth_pass cuongqua\n }";
    let hmac = "auth_hmac {\n key 1 0123456789abcdef0123456789abcdef\n active_key 1\n }";
    let script = "vrrp_script chk {\n script /bin/true\n interval 1\n fall 2\n rise 2\n weight WEIGHT\n}\n";
    let checked = |weight: &str, priority: u8| {
        let track = format!("priority {priority}\n track_script {{\n chk\n }}");
        format!("{}{}", script.replace("WEIGHT", weight), instance(&track))
    };
    let group = |priority: u8| {
        let member = |vrid: u8| {
            format!(
                "vrrp_instance VI_{vrid} {{\n interface eth0\n virtual_router_id {vrid}\n priority {priority}\n virtual_ipaddress {{\n 192.0.2.{vrid}\n }}\n}}\n"
            )
        };
        format!("{}{}vrrp_sync_group G {{\n group {{\n VI_51\n VI_52\n }}\n}}\n", member(51), member(52))
    };
    vec![
        of("pair", &["priority 150", "priority 100"], Some(0), second),
        of(
            "nopreempt",
            &["priority 150\n state BACKUP\n nopreempt", "priority 100\n state BACKUP\n nopreempt"],
            None,
            second,
        ),
        of("trio", &["priority 100", "priority 150", "priority 50"], Some(1), second),
        of("tie", &["priority 100", "priority 100"], None, second),
        of(
            "fast",
            &["version 3\n priority 150\n advert_int 0.01", "version 3\n priority 100\n advert_int 0.01"],
            Some(0),
            second / 100,
        ),
        of(
            "learning",
            &["version 3\n priority 150\n advert_int 0.2", "version 3\n priority 100\n advert_int 1"],
            Some(0),
            second,
        ),
        of("delayed", &["priority 150\n preempt_delay 5", "priority 100"], Some(0), second),
        of("headers", &[&format!("priority 150\n {ah}"), &format!("priority 100\n {ah}")], Some(0), second),
        of("signed", &[&format!("priority 150\n {hmac}"), &format!("priority 100\n {hmac}")], Some(0), second),
        of(
            "unicast",
            &[
                &format!("priority 50\n {}", peers(1, &[2, 3])),
                &format!("priority 100\n {}", peers(2, &[1, 3])),
                &format!("priority 150\n {}", peers(3, &[1, 2])),
            ],
            Some(2),
            second,
        ),
        Cluster { name: "weight", configs: vec![checked("4", 100), checked("4", 98)], best: Some(0), interval: second },
        Cluster { name: "check", configs: vec![checked("0", 100), checked("0", 90)], best: Some(0), interval: second },
        Cluster { name: "group", configs: vec![group(150), group(100)], best: Some(0), interval: second },
    ]
}

impl Cluster {
    fn world(&self, seed: u64) -> World {
        let host =
            |(index, config): (usize, &String)| HostSetup { name: format!("host{}", index + 1), plan: plan(config) };
        World::new(Setup { hosts: self.configs.iter().enumerate().map(host).collect(), seed })
    }

    /// Faults from the seed, then everything is well again for long enough.
    fn run(&self, seed: u64) -> World {
        let mut world = self.world(seed);
        let mut chance = Chance::new(seed ^ 0x5eed);
        let scripts = plan(&self.configs[0]).ir.scripts.len();
        let scope = Scope { hosts: self.configs.len(), interval: self.interval, scripts };
        let until = Instant::ZERO + self.interval * 60;
        for (at, fault) in random::faults(&mut chance, scope, until) {
            world.schedule(at, fault);
        }
        world.run_until(until);
        world.heal_all();
        world.run_until(until + self.interval * 30);
        world
    }

    fn assert_well(&self, world: &World, seed: u64) {
        let masters = masters(world);
        let is_well = world.is_lawful() && masters.len() == 1 && self.best.is_none_or(|best| masters == [best]);
        assert!(is_well, "cluster {} seed {seed}: masters {masters:?}\n{}", self.name, text(world));
    }
}

/// Hosts on which every instance is master.
fn masters(world: &World) -> Vec<usize> {
    let is_master = |host: &usize| {
        world.is_running(*host) && world.node(*host).instances().all(|view| view.state == StateName::Master)
    };
    (0..world.host_count()).filter(is_master).collect()
}

fn text(world: &World) -> String {
    let lines = world.timeline().iter().filter_map(|(at, entry)| world.labels().line(*at, entry));
    lines.collect::<Vec<_>>().join("\n")
}

fn seeds() -> u64 {
    std::env::var("KALC_SIM_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(60)
}

#[test]
fn every_cluster_survives_every_seed() {
    for cluster in clusters() {
        for seed in 0..seeds() {
            cluster.assert_well(&cluster.run(seed), seed);
        }
    }
}

#[test]
fn a_seed_gives_the_same_world_again() {
    for cluster in clusters() {
        assert_eq!(text(&cluster.run(7)), text(&cluster.run(7)), "{}", cluster.name);
    }
}

/// Every course of five things that can happen to two hosts, a third of a master-down interval apart.
#[test]
fn every_small_world_is_lawful() {
    let choices: Vec<Vec<Fault>> = vec![
        vec![],
        vec![Fault::Kill(0)],
        vec![Fault::Kill(1)],
        vec![Fault::Start(0)],
        vec![Fault::Start(1)],
        vec![Fault::Stop(0)],
        vec![Fault::LinkDown(0)],
        vec![Fault::LinkUp(0)],
        vec![Fault::Cut { from: 0, to: 1 }],
        vec![Fault::Cut { from: 1, to: 0 }],
        vec![Fault::Heal],
    ];
    let depth = if cfg!(debug_assertions) { 4 } else { 5 };
    for cluster in clusters().into_iter().filter(|cluster| ["pair", "nopreempt", "headers"].contains(&cluster.name)) {
        let mut worlds = 0;
        let mut stack = vec![(cluster.world(1), 0)];
        while let Some((world, level)) = stack.pop() {
            worlds += 1;
            if level == depth {
                let mut world = world;
                world.heal_all();
                world.run_until(world.now() + cluster.interval * 12);
                cluster.assert_well(&world, 1);
                continue;
            }
            for choice in &choices {
                let mut next = world.clone();
                for fault in choice {
                    next.inflict(*fault);
                }
                next.run_until(next.now() + cluster.interval * 12 / 10);
                stack.push((next, level + 1));
            }
        }
        assert!(worlds > 11_usize.pow(depth), "{worlds}");
    }
}

/// Laws that cannot be broken prove nothing: clusters that are wrong are told.
#[test]
fn wrong_clusters_break_laws() {
    let broken = |configs: [&str; 2]| {
        let host =
            |(index, rest): (usize, &&str)| HostSetup { name: format!("host{index}"), plan: plan(&instance(rest)) };
        let mut world = World::new(Setup { hosts: configs.iter().enumerate().map(host).collect(), seed: 1 });
        world.run_until(Instant::ZERO + Duration::from_secs(30));
        let mut laws: Vec<_> = world.violations().map(|(_, violation)| violation.law()).collect();
        laws.dedup();
        laws
    };
    use kalc_core::sim::Law;
    assert_eq!(broken(["priority 150", "priority 100\n advert_int 2"]), [Law::OneMaster]);
    let secret = |secret| format!("priority 100\n authentication {{\n auth_type PASS\n auth_pass {secret}\n }}");
    assert_eq!(broken([&secret("one"), &secret("two")]), [Law::OneMaster]);
    assert_eq!(broken(["priority 150", "priority 100"]), []);
}
