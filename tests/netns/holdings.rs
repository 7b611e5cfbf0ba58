//! Who held which address when, seen from within each host, and for how long two that could hear each other held the same one.

use crate::support::lab::Lab;
use nix::ifaddrs::getifaddrs;
use nix::sched::{CloneFlags, setns};
use std::fs::File;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often each host is looked at.
const EVERY: Duration = Duration::from_millis(5);

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When it began.
    pub from: Instant,
    /// When it ended.
    pub until: Instant,
}

impl Span {
    fn meets(self, other: Span) -> Option<Span> {
        let (from, until) = (self.from.max(other.from), self.until.min(other.until));
        (from < until).then_some(Span { from, until })
    }

    /// How long it is.
    pub fn length(self) -> Duration {
        self.until - self.from
    }
}

/// Takes the holes out of a stretch.
fn without(span: Span, holes: &[Span]) -> Vec<Span> {
    let mut rest = vec![span];
    for hole in holes {
        rest = rest
            .into_iter()
            .flat_map(|span| match span.meets(*hole) {
                None => [Some(span), None],
                Some(gone) => [
                    (span.from < gone.from).then_some(Span { until: gone.from, ..span }),
                    (gone.until < span.until).then_some(Span { from: gone.until, ..span }),
                ],
            })
            .flatten()
            .collect();
    }
    rest
}

struct Change {
    at: Instant,
    host: usize,
    address: usize,
    is_held: bool,
}

/// Looks at the addresses of all hosts until it is dropped.
pub struct Watch {
    changes: Receiver<Change>,
    is_over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    /// By host and address: since when it is held.
    open: Vec<Vec<Option<Instant>>>,
}

impl Watch {
    /// Begins to look.
    pub fn new(lab: &Lab, hosts: usize, addresses: &[Ipv4Addr]) -> Watch {
        let (sender, changes) = channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let inside = Arc::new(Barrier::new(hosts + 1));
        let threads = (1..=hosts).map(|host| {
            let space = File::open(Path::new("/run/netns").join(lab.space(host))).expect("a namespace");
            let (sender, addresses, is_over) = (sender.clone(), addresses.to_vec(), is_over.clone());
            let inside = inside.clone();
            std::thread::spawn(move || {
                setns(space, CloneFlags::CLONE_NEWNET).expect("root may enter it");
                inside.wait();
                look(host, &addresses, &sender, &is_over);
            })
        });
        let threads = threads.collect();
        inside.wait();
        Watch { changes, is_over, threads, open: vec![vec![None; addresses.len()]; hosts] }
    }

    /// Since the last call, by address: for how long two hosts held it that could hear each other all the time, the longest
    /// such stretch first. `deaf` are the stretches in which a host was not on the segment, or not awake, by host.
    pub fn held_twice(&mut self, deaf: &[Vec<Span>]) -> Vec<(usize, [usize; 2], Span)> {
        assert!(self.threads.iter().all(|thread| !thread.is_finished()), "a host is not looked at any more");
        let now = Instant::now();
        let mut held: Vec<Vec<Vec<Span>>> = self.open.iter().map(|of| vec![Vec::new(); of.len()]).collect();
        while let Ok(change) = self.changes.try_recv() {
            let open = &mut self.open[change.host - 1][change.address];
            match (open.take(), change.is_held) {
                (None, true) => *open = Some(change.at),
                (Some(from), false) => {
                    held[change.host - 1][change.address].push(Span { from, until: change.at });
                }
                (since, _) => *open = since,
            }
        }
        for (open, held) in self.open.iter().zip(&mut held) {
            for (since, held) in open.iter().zip(held) {
                held.extend(since.map(|from| Span { from, until: now }));
            }
        }
        let mut found = Vec::new();
        for (first, one) in held.iter().enumerate() {
            for (second, other) in held.iter().enumerate().skip(first + 1) {
                for (address, (one, other)) in one.iter().zip(other).enumerate() {
                    let both = one.iter().flat_map(|span| other.iter().filter_map(|other| span.meets(*other)));
                    let heard = both.flat_map(|span| without(span, &deaf[first]));
                    let heard = heard.flat_map(|span| without(span, &deaf[second]));
                    found.extend(heard.map(|span| (address, [first + 1, second + 1], span)));
                }
            }
        }
        found.sort_by_key(|(_, _, span)| std::cmp::Reverse(span.length()));
        found
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            // `held_twice` tells of one that died; here may be a panic already.
            let _ = thread.join();
        }
    }
}

fn look(host: usize, addresses: &[Ipv4Addr], sender: &Sender<Change>, is_over: &AtomicBool) {
    let mut before = vec![false; addresses.len()];
    while !is_over.load(Ordering::Relaxed) {
        let own: Vec<Ipv4Addr> = getifaddrs()
            .expect("the kernel lists them")
            .filter_map(|one| Some(one.address?.as_sockaddr_in()?.ip()))
            .collect();
        let at = Instant::now();
        for (address, is_held) in before.iter_mut().enumerate() {
            let now = own.contains(&addresses[address]);
            if now != *is_held {
                *is_held = now;
                if sender.send(Change { at, host, address, is_held: now }).is_err() {
                    return;
                }
            }
        }
        std::thread::sleep(EVERY);
    }
}

#[test]
fn holes_are_taken_out_of_a_stretch() {
    let zero = Instant::now();
    let span = |from: u64, until: u64| Span {
        from: zero + Duration::from_millis(from),
        until: zero + Duration::from_millis(until),
    };
    assert_eq!(without(span(10, 20), &[]), [span(10, 20)]);
    assert_eq!(without(span(10, 20), &[span(0, 10), span(20, 30)]), [span(10, 20)]);
    assert_eq!(without(span(10, 20), &[span(12, 14), span(13, 16)]), [span(10, 12), span(16, 20)]);
    assert_eq!(without(span(10, 20), &[span(0, 12), span(18, 30)]), [span(12, 18)]);
    assert!(without(span(10, 20), &[span(0, 30)]).is_empty());
}

#[test]
fn an_address_on_two_hosts_is_found() {
    let Some(lab) = Lab::new("an_address_on_two_hosts_is_found", 2) else { return };
    let address = Ipv4Addr::new(10, 99, 0, 100);
    let mut watch = Watch::new(&lab, 2, &[address]);
    let nothing = vec![Vec::new(); 2];
    let pause = || std::thread::sleep(Duration::from_millis(100));
    let from = Instant::now();
    lab.ip(1, "addr add 10.99.0.100/24 dev eth0");
    pause();
    assert!(watch.held_twice(&nothing).is_empty(), "one host holds it");
    lab.ip(2, "addr add 10.99.0.100/24 dev eth0");
    pause();
    let found = watch.held_twice(&nothing);
    let [(0, [1, 2], span)] = found[..] else { panic!("{found:?}") };
    assert!(span.length() > Duration::from_millis(50), "{span:?}");
    let deaf = vec![vec![Span { from, until: Instant::now() + Duration::from_secs(60) }], Vec::new()];
    assert!(watch.held_twice(&deaf).is_empty(), "they could not hear each other");
    lab.ip(1, "addr del 10.99.0.100/24 dev eth0");
    pause();
    watch.held_twice(&nothing);
    pause();
    assert!(watch.held_twice(&nothing).is_empty(), "one host holds it");
}
