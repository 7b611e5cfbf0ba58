//! The announcer: order, pace, and what is forgotten.

use kalc_compiler::host::Host;
use kalc_core::announce::{Announcement, Announcer, Gaps, Pace};
use kalc_core::time::Instant;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

fn v4(interface: u32, number: u8) -> Announcement {
    Announcement { interface, address: IpAddr::V4(Ipv4Addr::new(10, 99, 0, number)) }
}

fn v6(interface: u32, number: u16) -> Announcement {
    Announcement { interface, address: IpAddr::V6(Ipv6Addr::new(0xfd99, 0, 0, 0, 0, 0, 0, number)) }
}

fn at(ms: u32) -> Instant {
    Instant::from_nanos(0) + MS * ms
}

fn gaps(garp: u32, gna: u32) -> Gaps {
    Gaps { garp: MS * garp, gna: MS * gna }
}

/// All that leaves, each with the millisecond in which it does, if somebody waits for every deadline.
fn run(announcer: &mut Announcer, from: Instant) -> Vec<(u64, Announcement)> {
    let mut now = from;
    let mut sent = Vec::new();
    while let Some(deadline) = announcer.deadline() {
        now = now.max(deadline);
        let announcement = announcer.next(now).expect("the deadline is over");
        sent.push((now.as_nanos() / 1_000_000, announcement));
        assert!(sent.len() < 10_000, "it does not end");
    }
    assert!(announcer.is_idle() && announcer.next(now).is_none());
    sent
}

#[test]
fn without_a_pace_all_leave_at_once_round_by_round() {
    let mut announcer = Announcer::new(Pace::default());
    let items = [v4(1, 1), v6(1, 2), v4(2, 3)];
    announcer.burst(at(5), 0, &items, 3);
    let expected: Vec<_> = items.iter().cycle().take(9).map(|&item| (5, item)).collect();
    assert_eq!(run(&mut announcer, at(5)), expected);
}

#[test]
fn nothing_leaves_before_it_may() {
    let mut announcer = Announcer::new(Pace::new(gaps(100, 0)));
    announcer.burst(at(0), 0, &[v4(1, 1), v4(1, 2)], 1);
    assert_eq!(announcer.deadline(), Some(at(0)));
    assert_eq!(announcer.next(at(0)), Some(v4(1, 1)));
    assert_eq!(announcer.deadline(), Some(at(100)));
    assert_eq!(announcer.next(at(99)), None);
    // Whoever comes late does not catch up: the pause is between frames.
    assert_eq!(announcer.next(at(150)), Some(v4(1, 2)));
    assert_eq!((announcer.deadline(), announcer.next(at(999))), (None, None));
    // The pause holds for the next burst too, whosever it is.
    announcer.burst(at(160), 1, &[v4(1, 3)], 1);
    assert_eq!(announcer.deadline(), Some(at(250)));
    assert_eq!(run(&mut announcer, at(160)), [(250, v4(1, 3))]);
    // And is over some time.
    announcer.burst(at(900), 1, &[v4(1, 3)], 1);
    assert_eq!(announcer.deadline(), Some(at(900)));
}

#[test]
fn every_interface_has_its_own_pace() {
    // As recorded from keepalived: three addresses on one interface, two on another, 0.2 s.
    let mut announcer = Announcer::new(Pace::new(gaps(200, 0)));
    announcer.burst(at(0), 0, &[v4(1, 11), v4(1, 12), v4(1, 13), v4(2, 21), v4(2, 22)], 1);
    let expected = [(0, v4(1, 11)), (0, v4(2, 21)), (200, v4(1, 12)), (200, v4(2, 22)), (400, v4(1, 13))];
    assert_eq!(run(&mut announcer, at(0)), expected);
}

#[test]
fn the_interfaces_of_a_group_share_one() {
    let mut pace = Pace::new(gaps(200, 0));
    pace.group(gaps(100, 0), [1, 2]);
    let mut announcer = Announcer::new(pace);
    announcer.burst(at(0), 0, &[v4(1, 11), v4(1, 12), v4(2, 21), v4(3, 31), v4(3, 32)], 1);
    let expected = [(0, v4(1, 11)), (0, v4(3, 31)), (100, v4(1, 12)), (200, v4(2, 21)), (200, v4(3, 32))];
    assert_eq!(run(&mut announcer, at(0)), expected);
}

#[test]
fn a_group_without_garp_interval_is_not_paced_in_it() {
    let mut pace = Pace::new(gaps(200, 0));
    pace.group(gaps(0, 100), [1]);
    let mut announcer = Announcer::new(pace);
    announcer.burst(at(0), 0, &[v4(1, 1), v4(1, 2), v6(1, 1), v6(1, 2)], 1);
    let mut sent = run(&mut announcer, at(0));
    assert_eq!(sent.pop(), Some((100, v6(1, 2))));
    sent.sort_by_key(|(ms, item)| (*ms, item.address));
    assert_eq!(sent, [(0, v4(1, 1)), (0, v4(1, 2)), (0, v6(1, 1))]);
}

#[test]
fn arp_does_not_wait_for_neighbour_advertisements() {
    let mut announcer = Announcer::new(Pace::new(gaps(100, 1000)));
    announcer.burst(at(0), 0, &[v6(1, 1), v6(1, 2), v4(1, 1), v4(1, 2)], 1);
    let times: Vec<u64> = run(&mut announcer, at(0)).iter().map(|(ms, _)| *ms).collect();
    assert_eq!(times, [0, 0, 100, 1000]);
}

#[test]
fn every_repeat_leaves_though_frames_are_queued() {
    // vectors: 2 addresses, 3 repeats, 0.1 s; keepalived 2.2.7 sends three frames of these.
    let mut announcer = Announcer::new(Pace::new(gaps(100, 0)));
    announcer.burst(at(0), 0, &[v4(1, 100), v4(1, 101)], 3);
    let expected: Vec<_> = (0..6).map(|index| (index * 100, v4(1, if index % 2 == 0 { 100 } else { 101 }))).collect();
    assert_eq!(run(&mut announcer, at(0)), expected);
}

#[test]
fn bursts_take_turns_by_round() {
    let mut announcer = Announcer::new(Pace::new(gaps(1, 0)));
    announcer.burst(at(0), 0, &[v4(1, 1), v4(1, 2)], 2);
    announcer.burst(at(0), 1, &[v4(1, 3)], 2);
    let order: Vec<_> = run(&mut announcer, at(0)).into_iter().map(|(_, item)| item).collect();
    assert_eq!(order, [v4(1, 1), v4(1, 2), v4(1, 3), v4(1, 1), v4(1, 2), v4(1, 3)]);
}

#[test]
fn what_repeats_a_burst_adds_rounds_to_it() {
    let mut announcer = Announcer::new(Pace::new(gaps(1, 0)));
    let items = [v4(1, 1), v4(1, 2)];
    announcer.burst(at(0), 7, &items, 2);
    assert_eq!(announcer.next(at(0)), Some(items[0]));
    announcer.burst(at(0), 7, &items, 1);
    assert_eq!(run(&mut announcer, at(0)).len(), 5);
    // Another owner, or other addresses, are another burst.
    announcer.burst(at(90), 7, &items, 2);
    announcer.burst(at(90), 8, &items, 2);
    announcer.burst(at(90), 7, &items[..1], 2);
    announcer.cancel(8);
    assert_eq!(run(&mut announcer, at(90)).len(), 6);
}

#[test]
fn a_burst_that_was_cancelled_sends_no_more() {
    let mut announcer = Announcer::new(Pace::new(gaps(10, 0)));
    announcer.burst(at(0), 0, &[v4(1, 1), v4(2, 2), v6(1, 3)], 5);
    announcer.burst(at(0), 1, &[v4(1, 4)], 1);
    assert!(announcer.next(at(0)).is_some());
    announcer.cancel(0);
    announcer.cancel(99);
    assert_eq!(run(&mut announcer, at(0)).into_iter().map(|(_, item)| item).collect::<Vec<_>>(), [v4(1, 4)]);
    announcer.cancel(1);
    assert_eq!(announcer.deadline(), None);
}

#[test]
fn nothing_to_announce_is_no_burst() {
    let mut announcer = Announcer::new(Pace::default());
    announcer.burst(at(0), 0, &[], 5);
    announcer.burst(at(0), 0, &[v4(1, 1)], 0);
    assert!(announcer.is_idle());
    assert_eq!(announcer.deadline(), None);
}

#[test]
fn what_is_not_paced_keeps_nobody_from_sending() {
    let mut announcer = Announcer::new(Pace::new(gaps(0, 10)));
    let many: Vec<_> = (0..100).map(|number| v4(1, number)).collect();
    announcer.burst(at(0), 0, &many, 5);
    announcer.burst(at(0), 1, &[v6(1, 1)], 2);
    let first: Vec<_> = (0..2).filter_map(|_| announcer.next(at(0))).collect();
    assert!(first.contains(&v6(1, 1)), "{first:?}");
    assert_eq!(announcer.next(at(9)), Some(many[1]));
    let second: Vec<_> = (0..2).filter_map(|_| announcer.next(at(10))).collect();
    assert_eq!(second, [many[2], v6(1, 1)]);
}

#[test]
fn another_pace_goes_on_where_the_old_one_was() {
    let mut announcer = Announcer::new(Pace::new(gaps(10, 0)));
    announcer.burst(at(0), 0, &[v4(1, 1), v4(2, 2), v4(1, 3)], 2);
    assert_eq!(announcer.next(at(0)), Some(v4(1, 1)));
    let left = |announcer: &Announcer| {
        let mut left: Vec<_> = run(&mut announcer.clone(), at(0)).into_iter().map(|(_, item)| item).collect();
        left.sort_by_key(|item| item.address);
        left
    };
    let before = left(&announcer);
    assert_eq!(before.len(), 5);
    announcer.set_pace(at(1), Pace::default());
    assert_eq!((announcer.deadline(), left(&announcer)), (Some(at(1)), before.clone()));
    let mut grouped = Pace::default();
    grouped.group(gaps(20, 20), [1]);
    announcer.set_pace(at(2), grouped);
    assert_eq!(left(&announcer), before);
    // A pause that was begun is kept if the lane is the same.
    let mut announcer = Announcer::new(Pace::new(gaps(100, 0)));
    announcer.burst(at(0), 0, &[v4(1, 1)], 2);
    assert!(announcer.next(at(0)).is_some());
    announcer.set_pace(at(1), Pace::new(gaps(50, 0)));
    assert_eq!(announcer.deadline(), Some(at(100)));
}

#[test]
fn the_pace_is_that_of_the_configuration() {
    let text = "\
global_defs {
vrrp_garp_interval 0.2
vrrp_gna_interval 0.3
}
garp_group {
garp_interval 0.1
interfaces {
eth1
eth2
nowhere
}
}
";
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    let link = |name: &str| name.strip_prefix("eth").and_then(|number| number.parse().ok());
    let mut expected = Pace::new(gaps(200, 300));
    expected.group(gaps(100, 0), [1, 2]);
    assert_eq!(Pace::from_ir(&host.ir, link), expected);
}

#[test]
fn thousands_of_addresses_are_no_trouble() {
    let items: Vec<_> = (0..5000u16).map(|number| v6(1, number)).collect();
    let mut announcer = Announcer::new(Pace::default());
    announcer.burst(at(0), 0, &items, 5);
    let mut count = 0;
    while announcer.next(at(0)).is_some() {
        count += 1;
    }
    assert_eq!(count, 25_000);
}
