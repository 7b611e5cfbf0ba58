//! Faults drawn at random over three hosts, two of them kalc and one keepalived: whatever happened, once it is quiet there is
//! one master, the one with the highest priority, and nothing is left behind or grows; and at no time do two that hear each
//! other hold an address for longer than it takes one to hear the other.
//!
//! `KALC_STORM_SECONDS` (40) says for how long, `KALC_STORM_SEED` (1) which storm. `KALC_STORM_SECONDS=3600 cargo test --test
//! netns a_storm -- --nocapture` is the hour that a release goes through; it prints what happened.

use crate::holdings::{Span, Watch};
use crate::support::lab::{Daemon, Lab, Program};
use kalc_core::chance::Chance;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const HOSTS: usize = 3;
const PROGRAMS: [Program; HOSTS] = [Program::Kalc, Program::Kalc, Program::Keepalived];
/// Of each virtual router: address, and the priority of each host.
const ROUTERS: [(&str, [u8; HOSTS]); 2] = [("10.99.0.100/24", [150, 100, 50]), ("10.99.0.101/24", [50, 150, 100])];
/// How long it may take from the end of all faults until the right hosts hold the addresses, on a machine that is busy with
/// other things. The protocol takes 3 x advert_int + skew, a second here, and keepalived a second to start.
const SETTLED_WITHIN: Duration = Duration::from_secs(20);
/// How long two masters may stay that hear each other: until the next advertisement of the better one, which sends one each
/// `advert_int` (0.3 s, RFC 9568 section 6.4.3), and as long as a busy machine may let the other one wait for its turn. That is
/// less than the second after which a backup takes over, so none of them can become master and yield within it.
const BOTH_FOR: Duration = Duration::from_millis(300 + 500);
/// How long after its start a daemon has taken away what an earlier one left behind.
const CLEAN_AFTER: [Duration; HOSTS] =
    [Duration::from_millis(500), Duration::from_millis(500), Duration::from_millis(2000)];
/// How long a daemon may take to end.
const STOPPED_WITHIN: Duration = Duration::from_secs(8);
/// How long after its start a daemon hears signals for sure.
const GROWN_UP_AFTER: Duration = Duration::from_millis(1500);
/// How long it is watched that nothing moves any more.
const WATCHED_FOR: Duration = Duration::from_millis(2500);

fn config(host: usize, change: u8) -> String {
    let mut text = String::new();
    for (index, (address, priorities)) in ROUTERS.iter().enumerate() {
        let (vrid, priority) = (51 + index, priorities[host - 1] + change);
        // Without a delay of its own keepalived announces for five seconds.
        text += &format!(
            "vrrp_instance VI_{vrid} {{\n state BACKUP\n interface eth0\n virtual_router_id {vrid}\n version 3\n \
             priority {priority}\n advert_int 0.3\n garp_master_delay 1\n virtual_ipaddress {{\n  {address}\n }}\n}}\n"
        );
    }
    text
}

/// What can happen to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Kill,
    Stop,
    Sleep,
    Reload,
    NoCarrier,
    CutOff,
    Loss(u32),
    Deleted,
}

fn draw(chance: &mut Chance) -> Fault {
    match chance.below(10) {
        0 | 1 => Fault::Kill,
        2 => Fault::Stop,
        3 | 4 => Fault::Sleep,
        5 => Fault::Reload,
        6 => Fault::NoCarrier,
        7 => Fault::CutOff,
        8 => Fault::Loss(u32::try_from(10 + chance.below(60)).unwrap_or(10)),
        _ => Fault::Deleted,
    }
}

struct Storm {
    lab: Lab,
    chance: Chance,
    began: Instant,
    daemons: Vec<Option<Daemon>>,
    /// When each was started: a signal that comes before its handler ends any program.
    started: [Instant; HOSTS],
    /// What is to be undone.
    open: Vec<(usize, Fault)>,
    watch: Watch,
    /// By host: when it could not hear the others, or they could not hear it.
    deaf: Vec<Vec<Span>>,
    /// By host: since when it cannot hear the others, for each open fault.
    deaf_since: Vec<Vec<(Fault, Instant)>>,
    /// The longest time that two masters heard each other.
    longest: Duration,
    journal: Vec<String>,
    /// By process: descriptors, kilobytes and children at the first and at the last look.
    sizes: BTreeMap<u32, [Size; 2]>,
    settled: Vec<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    files: usize,
    kilobytes: usize,
    children: usize,
    at: Duration,
}

impl Storm {
    fn say(&mut self, what: String) {
        self.journal.push(format!("{:9.3} {what}", self.began.elapsed().as_secs_f64()));
    }

    fn pause(&mut self, below: Duration) {
        std::thread::sleep(self.chance.duration_below(below));
    }

    fn begin(&mut self, host: usize, fault: Fault) {
        let is_busy =
            |open: &(usize, Fault)| open.0 == host && std::mem::discriminant(&open.1) == std::mem::discriminant(&fault);
        let sleeps = self.open.contains(&(host, Fault::Sleep));
        let is_gone = self.daemons[host - 1].is_none();
        let needs_daemon = matches!(fault, Fault::Kill | Fault::Stop | Fault::Sleep | Fault::Reload | Fault::Deleted);
        let is_young = self.started[host - 1].elapsed() < GROWN_UP_AFTER && fault == Fault::Reload;
        if self.open.iter().any(is_busy) || is_young || needs_daemon && (is_gone || sleeps) {
            return;
        }
        // The rules of the switch are about one host at a time.
        if matches!(fault, Fault::Loss(_)) && self.open.iter().any(|(_, other)| matches!(other, Fault::Loss(_))) {
            return;
        }
        // A port without a carrier cannot be set.
        let is_of_the_port = |fault: Fault| matches!(fault, Fault::NoCarrier | Fault::CutOff);
        if is_of_the_port(fault) && self.open.iter().any(|open| open.0 == host && is_of_the_port(open.1)) {
            return;
        }
        self.say(format!("host {host}: {fault:?}"));
        if !matches!(fault, Fault::Reload | Fault::Deleted) {
            self.deaf_since[host - 1].push((fault, Instant::now()));
        }
        let signal = |daemons: &[Option<Daemon>], name: &str| {
            if let Some(daemon) = &daemons[host - 1] {
                daemon.signal(name);
            }
        };
        match fault {
            Fault::Kill => {
                if let Some(daemon) = self.daemons[host - 1].take() {
                    daemon.kill();
                }
            }
            Fault::Stop => {
                if let Some(daemon) = self.daemons[host - 1].take()
                    && daemon.stop_within(STOPPED_WITHIN).is_none()
                {
                    // Told while it starts or reloads, keepalived may miss it; kalc must not.
                    assert_eq!(PROGRAMS[host - 1], Program::Keepalived, "it does not end");
                    self.say(format!("host {host}: it does not end and is killed"));
                }
            }
            Fault::Sleep => {
                if let Some(daemon) = &self.daemons[host - 1] {
                    daemon.signal_all("STOP");
                }
            }
            Fault::Reload => {
                let change = u8::try_from(self.chance.below(3)).unwrap_or(0);
                std::fs::write(self.lab.config(host), config(host, change)).expect("a file");
                signal(&self.daemons, "HUP");
                return;
            }
            Fault::NoCarrier => self.lab.carrier(host, "down"),
            Fault::CutOff => self.lab.port(host, "disabled"),
            Fault::Loss(percent) => self.lab.lose(host, percent),
            Fault::Deleted => {
                for (address, _) in ROUTERS {
                    if self.lab.has(host, address) {
                        self.lab.try_ip(host, &format!("addr del {address} dev eth0"));
                    }
                }
                return;
            }
        }
        self.open.push((host, fault));
    }

    fn end(&mut self, host: usize, fault: Fault) {
        self.say(format!("host {host}: {fault:?} ends"));
        match fault {
            Fault::Kill | Fault::Stop => {
                self.daemons[host - 1] = Some(self.lab.start_again(host, PROGRAMS[host - 1]));
                self.started[host - 1] = Instant::now();
            }
            Fault::Sleep => {
                if let Some(daemon) = &self.daemons[host - 1] {
                    daemon.signal_all("CONT");
                }
            }
            Fault::NoCarrier => self.lab.carrier(host, "up"),
            Fault::CutOff => self.lab.port(host, "forwarding"),
            Fault::Loss(_) => self.lab.lose(host, 0),
            Fault::Reload | Fault::Deleted => {}
        }
        let until = match fault {
            Fault::Kill | Fault::Stop => Instant::now() + CLEAN_AFTER[host - 1],
            Fault::Sleep | Fault::Reload | Fault::NoCarrier | Fault::CutOff | Fault::Loss(_) | Fault::Deleted => {
                Instant::now()
            }
        };
        let since = &mut self.deaf_since[host - 1];
        if let Some(at) = since.iter().position(|(open, _)| *open == fault) {
            let (_, from) = since.remove(at);
            self.deaf[host - 1].push(Span { from, until });
        }
    }

    /// What it may not have been, in all the time since the last lull.
    fn look_back(&mut self) {
        let found = self.watch.held_twice(&self.deaf);
        self.deaf.iter_mut().for_each(Vec::clear);
        let Some((router, hosts, span)) = found.first() else { return };
        self.longest = self.longest.max(span.length());
        if span.length() > BOTH_FOR {
            let (from, until) = (span.from - self.began, span.until - self.began);
            let address = ROUTERS[*router].0;
            self.fail(&format!(
                "{address} was on both of {hosts:?}, which heard each other, from {from:?} to {until:?}"
            ));
        }
    }

    /// Faults that overlap, and their ends.
    fn blow(&mut self) {
        for _ in 0..2 + self.chance.below(6) {
            let host = 1 + usize::try_from(self.chance.below(HOSTS as u64)).unwrap_or(0);
            let fault = draw(&mut self.chance);
            self.begin(host, fault);
            self.pause(Duration::from_millis(900));
            if self.chance.permille(400) && !self.open.is_empty() {
                let at = usize::try_from(self.chance.below(self.open.len() as u64)).unwrap_or(0);
                let (host, fault) = self.open.remove(at);
                self.end(host, fault);
            }
        }
        for host in 1..=HOSTS {
            let text = config(host, 0);
            if std::fs::read_to_string(self.lab.config(host)).is_ok_and(|now| now != text) {
                std::fs::write(self.lab.config(host), text).expect("a file");
                // It reads what was written, now or by the signal.
                while self.started[host - 1].elapsed() < GROWN_UP_AFTER {
                    std::thread::sleep(Duration::from_millis(10));
                }
                if let Some(daemon) = &self.daemons[host - 1] {
                    daemon.signal("HUP");
                }
            }
        }
        for (host, fault) in std::mem::take(&mut self.open) {
            self.end(host, fault);
        }
    }

    /// Which hosts hold an address.
    fn holders(&self, address: &str) -> Vec<usize> {
        (1..=HOSTS).filter(|host| self.lab.has(*host, address)).collect()
    }

    fn is_right(&self) -> bool {
        ROUTERS.iter().all(|(address, priorities)| {
            let best = (1..=HOSTS).max_by_key(|host| priorities[host - 1]);
            self.holders(address) == best.into_iter().collect::<Vec<_>>()
        })
    }

    fn fail(&self, what: &str) -> ! {
        let journal = self.journal.iter().rev().take(60).rev().cloned().collect::<Vec<_>>().join("\n");
        let holders: Vec<_> = ROUTERS.iter().map(|(address, _)| (address, self.holders(address))).collect();
        let logs = self.daemons.iter().flatten().map(|daemon| {
            let log = daemon.log();
            let tail: Vec<&str> = log.lines().rev().filter(|line| !line.contains("gratuitous ARP")).take(40).collect();
            format!("host {}:\n{}\n", daemon.host, tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
        });
        panic!("{what}\n{journal}\n{holders:?}\n{}", logs.collect::<String>());
    }

    fn calm(&mut self) {
        // What a killed daemon left looks right until the next one starts: it must stay so for longer than a takeover takes.
        let began = Instant::now();
        let mut wrong = began;
        while wrong.elapsed() < WATCHED_FOR {
            if !self.is_right() {
                wrong = Instant::now();
                if wrong.duration_since(began) > SETTLED_WITHIN {
                    self.fail("it does not settle");
                }
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let took = wrong.duration_since(began);
        self.settled.push(took);
        self.say(format!("settled after {took:?}"));
        self.look_back();
        self.weigh();
    }

    fn weigh(&mut self) {
        for (index, program) in PROGRAMS.iter().enumerate() {
            let Some(daemon) = self.daemons[index].as_mut().filter(|_| *program == Program::Kalc) else { continue };
            assert!(daemon.is_running(), "{}", daemon.log());
            let pid = daemon.pid();
            let size = size(pid, self.began.elapsed());
            self.sizes.entry(pid).or_insert([size; 2])[1] = size;
        }
    }
}

fn size(pid: u32, at: Duration) -> Size {
    let folder = format!("/proc/{pid}");
    let files = std::fs::read_dir(format!("{folder}/fd")).map_or(0, Iterator::count);
    let status = std::fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = kilobytes.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0);
    let threads = std::fs::read_dir(format!("{folder}/task")).into_iter().flatten().flatten();
    let children = threads
        .map(|thread| std::fs::read_to_string(thread.path().join("children")).unwrap_or_default())
        .map(|children| children.split_whitespace().count())
        .sum();
    Size { files, kilobytes, children, at }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn a_storm_leaves_one_master_and_no_trace() {
    let Some(lab) = Lab::new("a_storm_leaves_one_master_and_no_trace", HOSTS) else { return };
    let (seed, seconds) = (number("KALC_STORM_SEED", 1), number("KALC_STORM_SECONDS", 40));
    println!("seed {seed}, {seconds} s");
    let daemons = (1..=HOSTS).map(|host| Some(lab.start(host, PROGRAMS[host - 1], &config(host, 0)))).collect();
    let addresses =
        ROUTERS.map(|(address, _)| address.split_once('/').expect("a prefix").0.parse().expect("an address"));
    let watch = Watch::new(&lab, HOSTS, &addresses);
    let mut storm = Storm {
        lab,
        watch,
        deaf: vec![Vec::new(); HOSTS],
        deaf_since: vec![Vec::new(); HOSTS],
        longest: Duration::ZERO,
        chance: Chance::new(seed),
        began: Instant::now(),
        daemons,
        started: [Instant::now(); HOSTS],
        open: Vec::new(),
        journal: vec![format!("seed {seed}")],
        sizes: BTreeMap::new(),
        settled: Vec::new(),
    };
    storm.calm();
    while storm.began.elapsed() < Duration::from_secs(seconds) {
        storm.blow();
        storm.calm();
    }
    for (pid, [first, last]) in &storm.sizes {
        // The first look may come while a reload or a bind still goes on.
        let is_lean = last.files <= first.files + 2 && last.children <= first.children;
        if !is_lean || last.kilobytes > first.kilobytes + 2048 {
            storm.fail(&format!("process {pid} has grown: {first:?} to {last:?}"));
        }
    }
    let longest = storm.sizes.iter().max_by_key(|(_, [first, last])| last.at.saturating_sub(first.at));
    storm.settled.sort();
    println!(
        "{} lulls, settled after {:?} at the median, {:?} at most; two masters heard each other for {:?} at most; of {} kalc \
         processes the longest: {longest:?}",
        storm.settled.len(),
        storm.settled[storm.settled.len() / 2],
        storm.settled.last(),
        storm.longest,
        storm.sizes.len(),
    );
    for (daemon, program) in storm.daemons.iter_mut().filter_map(Option::take).zip(PROGRAMS) {
        assert!(daemon.stop_within(STOPPED_WITHIN).is_some() || program == Program::Keepalived, "it does not end");
    }
    for (address, _) in ROUTERS {
        // A keepalived that had to be killed takes nothing with it.
        if storm.holders(address).iter().any(|host| PROGRAMS[host - 1] == Program::Kalc) {
            storm.fail("an address is left behind");
        }
    }
}
