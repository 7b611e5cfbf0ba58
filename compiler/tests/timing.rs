//! Times and elections: the formulas against numbers worked out by hand, to a millisecond.

use kalc_compiler::cluster::election::{Event, Outcome, Router};
use kalc_compiler::cluster::failover::{Cause, failovers};
use kalc_compiler::cluster::report::margins;
use kalc_compiler::cluster::timing::{Bounds, Detection, Timers};
use kalc_compiler::fleet::{Fleet, Given};
use kalc_compiler::host::Host;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_ir::unit::VrrpVersion;

fn timers(version: VrrpVersion, advert_ms: u64) -> Timers {
    Timers { version, advert_us: advert_ms * 1000, down_adverts: 3, preempt_delay_us: 0, startup_delay_us: 0 }
}

#[track_caller]
fn is(us: u64, ms: u64) {
    assert!(us.abs_diff(ms * 1000) <= 1000, "{us} us is not {ms} ms");
}

#[track_caller]
fn between(bounds: Bounds, least_ms: u64, most_ms: u64) {
    is(bounds.least_us, least_ms);
    is(bounds.most_us, most_ms);
}

#[test]
fn skew_and_master_down_by_priority() {
    // Priority; skew of version 2; master down with 1 s and 5 s, in version 3 with 1 s and 0.1 s.
    let table = [
        (254, 8, 3008, 15008, 3008, 301),
        (150, 414, 3414, 15414, 3414, 341),
        (102, 602, 3602, 15602, 3602, 360),
        (100, 609, 3609, 15609, 3609, 361),
        (98, 617, 3617, 15617, 3617, 362),
        (90, 648, 3648, 15648, 3648, 365),
        (50, 805, 3805, 15805, 3805, 380),
        (30, 883, 3883, 15883, 3883, 388),
        (1, 996, 3996, 15996, 3996, 400),
    ];
    for (priority, skew, one, five, v3_one, v3_tenth) in table {
        is(timers(VrrpVersion::V2, 1000).skew(priority), skew);
        is(timers(VrrpVersion::V2, 1000).master_down(priority), one);
        is(timers(VrrpVersion::V2, 5000).master_down(priority), five);
        is(timers(VrrpVersion::V3, 1000).master_down(priority), v3_one);
        is(timers(VrrpVersion::V3, 100).master_down(priority), v3_tenth);
    }
}

#[test]
fn a_script_is_noticed_after_its_failures_in_a_row() {
    let of = |interval: u64, timeout: u64, fall| Detection::of_script(interval * 1_000_000, timeout * 1_000_000, fall);
    between(of(2, 2, 1).quick, 0, 2000);
    between(of(2, 2, 3).quick, 4000, 6000);
    between(of(5, 5, 1).hanging.expect("scripts can hang"), 5000, 10_000);
    // No run is started while one hangs: with 5 s of timeout every third interval of 2 s.
    between(of(2, 5, 2).hanging.expect("scripts can hang"), 6000 + 5000, 12_000 + 5000);
}

struct Spec<'t> {
    priority: u8,
    source: &'t str,
    /// `interval` and `weight` of one script.
    script: Option<(u32, i32)>,
    more: &'t str,
}

const PLAIN: Spec = Spec { priority: 100, source: "", script: None, more: "" };

fn hosts(specs: &[Spec<'_>]) -> Vec<Host> {
    let host = |(index, spec): (usize, &Spec<'_>)| {
        let (block, track) = match spec.script {
            None => (String::new(), ""),
            Some((interval, weight)) => (
                format!("vrrp_script chk {{\n script /bin/true\n interval {interval}\n weight {weight}\n}}\n"),
                "track_script {\n chk\n }",
            ),
        };
        let source = if spec.source.is_empty() { String::new() } else { format!("mcast_src_ip {}", spec.source) };
        let text = format!(
            "{block}vrrp_instance VI {{\n interface eth0\n virtual_router_id 51\n priority {}\n {source}\n {track}\n {}\n virtual_ipaddress {{\n 192.0.2.10\n }}\n}}\n",
            spec.priority, spec.more
        );
        let name = ["a", "b", "c"][index];
        Host::read(SourceFile::new(name, text.into_bytes()), &MemoryFiles::default(), &Profile::default())
    };
    specs.iter().enumerate().map(host).collect()
}

fn router(hosts: &[Host]) -> Router {
    let fleet = Fleet::new(hosts, Given::default());
    assert_eq!(fleet.routers.len(), 1);
    Router::new(&fleet, &fleet.routers[0])
}

fn outcome(router: &Router, event: Event) -> Outcome {
    router.scenario(event).outcome.expect("everything is known")
}

fn fails(member: usize) -> Event {
    Event::Tracker { member, tracker: 0 }
}

#[track_caller]
fn takes(router: &Router, cause: Cause, least_ms: u64, most_ms: u64) {
    let failover = failovers(router).into_iter().find(|failover| failover.cause == cause).expect("such a failover");
    between(failover.time, least_ms, most_ms);
}

#[test]
fn a_weight_that_moves_the_master() {
    let script = Some((2, 4));
    let router = router(&hosts(&[Spec { script, ..PLAIN }, Spec { priority: 98, script, ..PLAIN }]));
    let scenarios = router.scenarios();
    let effective: Vec<_> = scenarios.iter().map(|scenario| scenario.effective.clone()).collect();
    let masters: Vec<_> =
        scenarios.iter().map(|scenario| scenario.outcome.as_ref().and_then(Outcome::master)).collect();
    assert_eq!(
        effective,
        [
            vec![Some(104), Some(102)],
            vec![Some(100), Some(102)],
            vec![Some(104), Some(98)],
            vec![Some(100), Some(98)],
            vec![None, Some(102)],
            vec![Some(104), None],
        ]
    );
    assert_eq!(masters, [Some(0), Some(1), Some(0), Some(0), Some(1), Some(0)]);
    takes(&router, Cause::Crash, 2602, 3602);
    takes(&router, Cause::Stop, 602, 602);
    takes(&router, Cause::Tracker(0), 2602, 5602);
    is(router.members[0].timers.after_start(104), 3594);
    assert_eq!(margins(&router, 0)[0].spare(), 2);
}

#[test]
fn nopreempt_stops_a_weight_and_no_fault() {
    let spec = |priority, weight| Spec { priority, script: Some((2, weight)), more: "nopreempt", ..PLAIN };
    let weighted = router(&hosts(&[spec(51, 4), spec(50, 4)]));
    assert_eq!(outcome(&weighted, Event::Healthy), Outcome::FirstComer(vec![0, 1], Some(0)));
    assert_eq!(weighted.scenario(fails(0)).effective, [Some(51), Some(54)]);
    // Whoever was there stays, also with the failing check.
    assert_eq!(weighted.scenario(fails(0)).stable_sets, [vec![0], vec![1]]);
    is(weighted.members[0].timers.after_start(55), 3785);
    is(weighted.members[1].timers.after_start(54), 3789);
    // Without a weight the check is a fault, and the other one takes over.
    let fault = router(&hosts(&[spec(51, 0), spec(50, 0)]));
    assert_eq!(outcome(&fault, fails(0)), Outcome::Master(1));
    takes(&fault, Cause::Tracker(0), 805, 2805);
    // Without nopreempt the weight works.
    let free = |priority| Spec { priority, script: Some((2, 4)), ..PLAIN };
    takes(&router(&hosts(&[free(51), free(50)])), Cause::Tracker(0), 2789, 5789);
}

#[test]
fn equal_hosts_depend_on_who_came_first() {
    let spec = |source| Spec { source, script: Some((5, 0)), more: "advert_int 5\n nopreempt", ..PLAIN };
    let router = router(&hosts(&[spec("192.0.2.5"), spec("192.0.2.6")]));
    // After a common start the higher address stays.
    assert_eq!(outcome(&router, Event::Healthy), Outcome::FirstComer(vec![0, 1], Some(1)));
    is(router.members[0].timers.after_start(100), 15_609);
    takes(&router, Cause::Crash, 10_609, 15_609);
    takes(&router, Cause::Stop, 609, 609);
    takes(&router, Cause::Tracker(0), 609, 5609);
    let hanging = failovers(&router).into_iter().find_map(|failover| failover.hanging).expect("a script can hang");
    between(hanging, 5609, 10_609);
    assert_eq!(outcome(&router, Event::Everywhere(router.members[0].trackers[0].key.clone())), Outcome::Nobody);
}

#[test]
fn a_standing_master_comes_back() {
    let master = Spec { priority: 50, more: "state MASTER\n nopreempt", ..PLAIN };
    let router = router(&hosts(&[master, Spec { priority: 30, more: "nopreempt", ..PLAIN }]));
    // MASTER cancels its own nopreempt, and on the lower host the word does nothing.
    assert_eq!(outcome(&router, Event::Healthy), Outcome::Master(0));
    takes(&router, Cause::Crash, 2883, 3883);
    is(router.members[0].timers.after_start(50), 3805);
}

#[test]
fn a_check_on_the_master_alone() {
    let router = router(&hosts(&[Spec { script: Some((1, -20)), ..PLAIN }, Spec { priority: 90, ..PLAIN }]));
    assert_eq!(router.scenario(fails(0)).effective, [Some(80), Some(90)]);
    takes(&router, Cause::Tracker(0), 2648, 4648);
    takes(&router, Cause::Stop, 648, 648);
}

#[test]
fn margins_of_weights() {
    let pair = |p: u8, q: u8, weight| {
        let spec = |priority| Spec { priority, script: Some((2, weight)), ..PLAIN };
        let router = router(&hosts(&[spec(p), spec(q)]));
        (margins(&router, 0)[0].spare(), outcome(&router, fails(0)).master())
    };
    // 103 against 100 with everything fine.
    assert_eq!(pair(101, 98, 2), (-1, Some(0)));
    assert_eq!(pair(101, 98, 4).1, Some(1));
    // 200 and 100: both forms work by one; the positive one is cut at 254.
    assert_eq!(pair(200, 100, -101), (1, Some(1)));
    assert_eq!(pair(200, 100, 101).1, Some(1));
    // Equal priorities move nothing.
    assert_eq!(pair(200, 99, 101).1, Some(0));
    assert_eq!(pair(200, 98, 101).1, Some(0));
}

#[test]
fn below_a_second() {
    let v3 = |priority| Spec { priority, more: "version 3\n advert_int 0.1", ..PLAIN };
    let router = router(&hosts(&[v3(254), v3(200)]));
    assert_eq!(router.members[0].timers.skew(254), 781);
    assert_eq!(router.members[1].timers.skew(200), 21_875);
    takes(&router, Cause::Crash, 222, 322);
}

#[test]
fn who_hears_nobody_becomes_master_too() {
    let unicast = |priority, source: &str, peers: &str| {
        let text = format!("unicast_src_ip {source}\n unicast_peer {{\n {peers}\n }}");
        let text: &'static str = Box::leak(text.into_boxed_str());
        Spec { priority, more: text, ..PLAIN }
    };
    let trio = hosts(&[
        unicast(150, "192.0.2.1", "192.0.2.2"),
        unicast(100, "192.0.2.2", "192.0.2.1\n 192.0.2.3"),
        unicast(50, "192.0.2.3", "192.0.2.1\n 192.0.2.2"),
    ]);
    let router = router(&trio);
    assert_eq!(outcome(&router, Event::Healthy), Outcome::Several(vec![vec![0, 2]]));
    assert_eq!(outcome(&router, Event::Away(0)), Outcome::Master(1));
}

#[test]
fn intervals_that_differ() {
    let v2 = |priority, more| Spec { priority, more, ..PLAIN };
    let two = router(&hosts(&[v2(100, "advert_int 1"), v2(90, "advert_int 5")]));
    assert_eq!(outcome(&two, Event::Healthy), Outcome::Several(vec![vec![0, 1]]));
    let three = router(&hosts(&[v2(100, "version 3\n advert_int 1"), v2(90, "version 3\n advert_int 5")]));
    assert_eq!(outcome(&three, Event::Healthy), Outcome::Master(0));
    // The backup counts in the master's second.
    takes(&three, Cause::Crash, 2648, 3648);
}

#[test]
fn nopreempt_on_one_side() {
    let spec = |priority, more| Spec { priority, more, ..PLAIN };
    let low = router(&hosts(&[spec(100, ""), spec(90, "nopreempt")]));
    assert_eq!(outcome(&low, Event::Healthy), Outcome::Master(0));
    let high = router(&hosts(&[spec(100, "nopreempt"), spec(90, "")]));
    assert_eq!(outcome(&high, Event::Healthy), Outcome::FirstComer(vec![0, 1], Some(0)));
}

#[test]
fn what_the_files_do_not_say_is_not_worked_out() {
    let unknown = Spec { more: "advert_int ${_ENV INTERVAL}", ..PLAIN };
    let router = router(&hosts(&[PLAIN, unknown]));
    assert_eq!(router.scenario(Event::Healthy).outcome, None);
    assert!(!router.unknown.is_empty() && failovers(&router).is_empty());
}
