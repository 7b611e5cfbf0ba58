//! Timelines that keepalived 2.2.7 showed, one check each: servers that were stopped and started at known times, the
//! times of its packets, requests and runs. Here a probe takes no time unless a test says so.

use super::*;
use crate::time::Instant;
use kalc_ir::checker::{Connection, Http, HttpProtocol, Url};
use kalc_ir::{CheckerKind, OriginId, Origins, TrackFileId, Weight};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

const SECOND: u64 = 1_000_000;

fn connection() -> Connection {
    Connection {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 80,
        source: None,
        source_port: None,
        interface: None,
        timeout_us: SECOND,
        fwmark: 0,
    }
}

/// `delay_loop 3`, `retry 2`, `delay_before_retry 1`, `warmup 0`.
fn spec(kind: CheckerKind) -> kalc_ir::Checker {
    kalc_ir::Checker {
        kind,
        retry: 2,
        delay_before_retry_us: SECOND,
        delay_loop_us: 3 * SECOND,
        warmup_us: 0,
        alpha: false,
        log_all_failures: false,
        unknown: Vec::new(),
        dropped: Vec::new(),
        settings: Vec::new(),
        origin: OriginId::default(),
        origins: Origins::new(),
    }
}

fn tcp() -> kalc_ir::Checker {
    spec(CheckerKind::Tcp { connection: connection() })
}

fn smtp() -> kalc_ir::Checker {
    spec(CheckerKind::Smtp { connection: connection(), helo_name: "probe.example".to_owned() })
}

fn misc(is_dynamic: bool) -> kalc_ir::Checker {
    spec(CheckerKind::Misc { command: None, timeout_us: 4 * SECOND, is_dynamic })
}

fn dns() -> kalc_ir::Checker {
    spec(CheckerKind::Dns { connection: connection(), record: "SOA", name: ".".to_owned() })
}

fn web(pages: usize, fast_recovery: bool) -> kalc_ir::Checker {
    let url = Url {
        path: "/".to_owned(),
        digest: None,
        status_codes: vec![(200, 299)],
        virtualhost: None,
        regex: None,
        regex_no_match: false,
        tls_compliant: false,
        unknown: Vec::new(),
        settings: Vec::new(),
        origin: OriginId::default(),
        origins: Origins::new(),
    };
    spec(CheckerKind::Http(Http {
        connection: connection(),
        tls: false,
        protocol: HttpProtocol::V1_0,
        sni: false,
        sni_name: None,
        fast_recovery,
        tls_compliant: false,
        urls: vec![url; pages],
    }))
}

/// Runs a check until a second, with an answer for each probe by its time and page, which takes `took` seconds. The
/// timeline has the seconds of probes, with the page where that is not 0, and verdicts.
fn timeline(spec: &kalc_ir::Checker, until: u64, took: u64, answer: impl Fn(u64, u16) -> Outcome) -> String {
    let mut checker = Checker::new(spec, Duration::ZERO);
    let (mut out, mut told) = (Vec::new(), Vec::new());
    let mut pending = None;
    checker.step(Instant::ZERO, Event::Start, &mut out);
    for second in 0..=until {
        let now = Instant::from_micros(second * SECOND);
        // One second may see several steps; a check that never stops would be found out here.
        for turn in 0_u32.. {
            assert!(turn < 100, "it does not come to rest");
            for effect in out.drain(..) {
                match effect {
                    Effect::Probe { run, page } => {
                        told.push(if page == 0 { format!("{second}") } else { format!("{second}/{page}") });
                        pending = Some((second + took, run, answer(second, page)));
                    }
                    Effect::Verdict(verdict) => told.push(verdict_word(&verdict)),
                    Effect::Failing { tries_left, .. } => told.push(format!("failing({tries_left})")),
                }
            }
            match pending.take() {
                Some((at, run, outcome)) if at <= second => {
                    checker.step(now, Event::Ended { run, outcome }, &mut out);
                }
                later => {
                    pending = later;
                    if checker.deadline().is_none_or(|at| at > now) {
                        break;
                    }
                    checker.step(now, Event::Tick, &mut out);
                }
            }
        }
    }
    told.join(" ")
}

fn verdict_word(verdict: &Verdict) -> String {
    let weight = match verdict.weight {
        WeightChange::None => String::new(),
        WeightChange::To(weight) => format!("={weight}"),
        WeightChange::By(change) => format!("{change:+}"),
    };
    format!("{}{weight}", if verdict.is_up { "UP" } else { "DOWN" })
}

fn refused() -> Outcome {
    Outcome::Failed(Failure::Refused)
}

/// Down in these seconds, the first included.
fn down(from: u64, to: u64) -> impl Fn(u64, u16) -> Outcome {
    move |second, _| if (from..to).contains(&second) { refused() } else { Outcome::Passed }
}

#[test]
fn tcp_dead_from_the_start_is_down_at_once_and_tried_in_threes() {
    assert_eq!(timeline(&tcp(), 16, 0, down(0, 99)), "1 DOWN 4 5 6 9 10 11 14 15 16");
}

#[test]
fn tcp_goes_down_after_its_tries_and_returns_with_one_success() {
    assert_eq!(timeline(&tcp(), 26, 0, down(10, 20)), "1 UP 4 7 10 11 12 DOWN 15 16 17 20 UP 23 26");
}

#[test]
fn time_that_a_probe_takes_counts_for_tcp() {
    // Each attempt times out after two seconds.
    let mut spec = tcp();
    spec.retry = 1;
    assert_eq!(timeline(&spec, 17, 2, down(0, 99)), "1 DOWN 6 9 14 17");
}

#[test]
fn failures_are_told_if_all_are_to_be_logged_and_only_while_up() {
    let mut spec = tcp();
    spec.log_all_failures = true;
    assert_eq!(timeline(&spec, 9, 0, down(7, 9)), "1 UP 4 7 failing(2) 8 failing(1) 9");
}

#[test]
fn without_retry_one_failure_is_enough() {
    let mut spec = tcp();
    spec.retry = 0;
    assert_eq!(timeline(&spec, 13, 0, down(6, 12)), "1 UP 4 7 DOWN 10 13 UP");
}

#[test]
fn alpha_is_down_until_the_first_success() {
    let mut spec = tcp();
    spec.alpha = true;
    assert!(!Checker::new(&spec, Duration::ZERO).is_up());
    assert_eq!(timeline(&spec, 4, 0, down(0, 0)), "1 UP 4");
    assert_eq!(timeline(&spec, 6, 0, down(0, 6)), "1 DOWN 4 5 6 UP");
}

#[test]
fn smtp_is_tried_again_even_at_first() {
    assert_eq!(timeline(&smtp(), 13, 0, down(0, 99)), "1 2 3 DOWN 6 7 8 11 12 13");
}

#[test]
fn dns_and_udp_are_tried_every_loop_while_down() {
    assert_eq!(timeline(&dns(), 10, 0, down(0, 99)), "1 DOWN 4 7 10");
    assert_eq!(timeline(&dns(), 15, 0, down(7, 99)), "1 UP 4 7 8 9 DOWN 12 15");
}

#[test]
fn pages_take_turns() {
    assert_eq!(timeline(&web(3, false), 13, 0, down(99, 99)), "1 4/1 7/2 UP 10 13/1");
}

#[test]
fn a_page_that_fails_in_the_first_round_counts_alone() {
    let bad = |second, page| if page == 1 && second < 10 { refused() } else { Outcome::Passed };
    // keepalived: u0, u1 fails, u1, u1 passes, then all three.
    assert_eq!(timeline(&web(3, false), 22, 0, bad), "1 4/1 DOWN 7/1 10/1 13 16/1 19/2 UP 22");
}

#[test]
fn a_page_that_fails_is_tried_again_and_then_the_round_goes_on() {
    let bad = |second, page| if page == 1 && second == 13 { refused() } else { Outcome::Passed };
    assert_eq!(timeline(&web(3, false), 20, 0, bad), "1 4/1 7/2 UP 10 13/1 14/1 17/2 20");
}

#[test]
fn a_returning_web_server_proves_all_pages() {
    let bad = |second, page| if page == 1 && (9..22).contains(&second) { refused() } else { Outcome::Passed };
    let seen = "1 4/1 7/2 UP 10 13/1 14/1 15/1 DOWN 18/1 21/1 24/1 27 30/1 33/2 UP 36";
    assert_eq!(timeline(&web(3, false), 36, 0, bad), seen);
}

#[test]
fn a_single_page_needs_two_successes() {
    assert_eq!(timeline(&web(1, false), 16, 0, down(0, 8)), "1 DOWN 4 7 10 13 UP 16");
}

#[test]
fn fast_recovery_asks_for_all_pages_at_once() {
    let bad = |second, page| if page == 1 && (9..22).contains(&second) { refused() } else { Outcome::Passed };
    let seen = "1 1/1 1/2 UP 4 7/1 10/2 13 16/1 17/1 18/1 DOWN 21/1 24/1 24 24/1 24/2 UP 27 30/1";
    assert_eq!(timeline(&web(3, true), 30, 0, bad), seen);
}

#[test]
fn a_script_sets_the_weight() {
    let status = |second, _| match second {
        1 | 4 => Outcome::Passed,
        7 => Outcome::PassedWithWeight(3),
        10 => Outcome::PassedWithWeight(10),
        13..=17 => Outcome::Failed(Failure::Exit(1)),
        20 => Outcome::PassedWithWeight(0),
        _ => Outcome::Passed,
    };
    let mut spec = misc(true);
    spec.retry = 1;
    assert_eq!(timeline(&spec, 26, 0, status), "1 UP 4 7 UP=3 10 UP=10 13 14 DOWN 17 20 UP=0 23 UP 26");
}

#[test]
fn scripts_are_counted_from_their_beginning() {
    assert_eq!(timeline(&misc(false), 10, 2, down(99, 99)), "1 UP 4 7 10");
    // One that takes longer than the loop is followed by the next.
    assert_eq!(timeline(&misc(false), 9, 4, down(99, 99)), "1 UP 5 9");
    // That holds for tries, too.
    assert_eq!(timeline(&misc(false), 12, 2, down(2, 99)), "1 UP 4 6 8 DOWN 11");
}

fn file(change: i32, is_reversed: bool) -> Checker {
    let kind = CheckerKind::File { file: TrackFileId(0), weight: Weight { change, is_reversed } };
    let mut checker = Checker::new(&spec(kind), Duration::ZERO);
    checker.step(Instant::ZERO, Event::Start, &mut Vec::new());
    assert_eq!(checker.deadline(), None);
    checker
}

fn files(mut checker: Checker, numbers: &[i64]) -> String {
    let mut out = Vec::new();
    for number in numbers {
        checker.step(Instant::ZERO, Event::File(*number), &mut out);
    }
    let told = out.iter().map(|effect| match effect {
        Effect::Verdict(verdict) => verdict_word(verdict),
        Effect::Probe { .. } | Effect::Failing { .. } => "?".to_owned(),
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_file_changes_the_weight_and_only_the_smallest_number_takes_it_down() {
    let numbers = [3, 3, -4, -300, -2_147_483_647, -2_147_483_648, 65_536, 0];
    assert_eq!(files(file(1, false), &numbers), "UP+3 UP-4 UP-300 UP-2147483647 DOWN UP+65536 UP");
    assert_eq!(files(file(2, true), &[5, i64::MAX, 0]), "UP-10 DOWN UP");
}

#[test]
fn suspended_checks_rest_and_go_on_at_their_pace() {
    let mut checker = Checker::new(&tcp(), Duration::from_millis(500));
    let mut out = Vec::new();
    let at = |millis: u64| Instant::from_micros(millis * 1000);
    checker.step(at(0), Event::Suspend, &mut out);
    checker.step(at(0), Event::Start, &mut out);
    assert_eq!((checker.deadline(), checker.is_suspended()), (None, true));
    // The first check would have been at 1.5 s, the next ones 3 s apart.
    checker.step(at(5000), Event::Resume, &mut out);
    assert_eq!(checker.deadline(), Some(at(7500)));
    checker.step(at(7500), Event::Tick, &mut out);
    assert_eq!(out, [Effect::Probe { run: 1, page: 0 }]);
    checker.step(at(8000), Event::Suspend, &mut out);
    checker.step(at(8000), Event::Ended { run: 1, outcome: refused() }, &mut out);
    checker.step(at(9000), Event::Resume, &mut out);
    checker.step(at(11000), Event::Tick, &mut out);
    checker.step(at(11000), Event::Ended { run: 1, outcome: refused() }, &mut out);
    assert_eq!(out.len(), 2, "the first run's result counts no more: {out:?}");
    assert!(checker.is_up());
}

#[test]
fn a_reload_keeps_what_is_known() {
    let mut old = Checker::new(&tcp(), Duration::ZERO);
    let mut out = Vec::new();
    let now = Instant::from_micros(SECOND);
    old.step(Instant::ZERO, Event::Start, &mut out);
    old.step(now, Event::Tick, &mut out);
    old.step(now, Event::Ended { run: 1, outcome: refused() }, &mut out);
    let mut new = Checker::new(&tcp(), Duration::ZERO);
    new.take_over(&old);
    assert!(!new.is_up() && new.has_concluded());
    assert_eq!(new.last_failure(), Some(&Failure::Refused));
}

proptest! {
    /// Whatever comes, a check that has started waits, probes, rests or follows; verdicts change something; runs count up.
    #[test]
    fn a_check_never_stops_by_itself(
        kind in 0_usize..5,
        alpha: bool,
        events in proptest::collection::vec((0_u8..6, 0_u64..5_000_000), 0..200),
    ) {
        let mut spec = [tcp(), smtp(), web(3, false), web(2, true), misc(true)][kind].clone();
        spec.alpha = alpha;
        let mut checker = Checker::new(&spec, Duration::ZERO);
        let mut now = Instant::ZERO;
        let mut out = Vec::new();
        let (mut run, mut is_probing) = (0, false);
        let mut believed = (checker.is_up(), checker.weight());
        let mut told_once = false;
        checker.step(now, Event::Start, &mut out);
        for (what, pause) in events {
            now = now + Duration::from_micros(pause);
            let event = match what {
                0 => Event::Tick,
                1 => Event::Ended { run, outcome: Outcome::Passed },
                2 => Event::Ended { run, outcome: refused() },
                3 => Event::Ended { run: run.wrapping_sub(1), outcome: refused() },
                4 => Event::Suspend,
                _ => Event::Resume,
            };
            match event {
                Event::Ended { run: of, .. } if of == run => is_probing = false,
                Event::Suspend => is_probing = false,
                _ => {}
            }
            checker.step(now, event, &mut out);
            for effect in out.drain(..) {
                match effect {
                    Effect::Probe { run: next, page } => {
                        prop_assert!(next > run && page < 3 && !is_probing);
                        (run, is_probing) = (next, true);
                    }
                    Effect::Verdict(verdict) => {
                        let now_believed = (verdict.is_up, verdict.weight);
                        prop_assert!(believed != now_believed || !told_once);
                        prop_assert_eq!(verdict.is_up, verdict.reason.is_none());
                        (believed, told_once) = (now_believed, true);
                    }
                    Effect::Failing { tries_left, .. } => prop_assert!(tries_left > 0),
                }
            }
            let states = [checker.deadline().is_some(), is_probing, checker.is_suspended()];
            prop_assert_eq!(states.iter().filter(|holds| **holds).count(), 1, "{:?}", states);
            prop_assert_eq!((checker.is_up(), checker.weight()), believed);
        }
    }
}
