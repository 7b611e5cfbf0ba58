//! Two hosts and a wire between them.

use super::*;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;

const A: &str = "10.99.0.1";
const B: &str = "10.99.0.2";
const DELAY: Duration = Duration::from_micros(200);
const FIRST: BfdId = BfdId(0);

fn ir(neighbor: &str, lines: &str) -> Arc<Ir> {
    let text = format!("bfd_instance N {{\nneighbor_ip {neighbor}\n{lines}\n}}\n");
    let file = SourceFile::new("keepalived.conf", text.into_bytes());
    Arc::new(kalc_compiler::host::Host::read(file, &MemoryFiles::default(), &Profile::default()).ir)
}

struct Host {
    sessions: Sessions,
    address: IpAddr,
    changes: Vec<(Instant, bool, Diagnostic)>,
    sent: Vec<(Instant, Control)>,
}

struct World {
    now: Instant,
    hosts: [Host; 2],
    /// Arrival, receiver, packet.
    wire: Vec<(Instant, usize, [u8; LENGTH])>,
    /// In thousandths.
    loss: u16,
    is_cut: bool,
    ttl: u8,
    chance: Chance,
}

impl World {
    fn new(seed: u64, a: &str, b: &str) -> World {
        let host = |address: &str, ir, seed| Host {
            sessions: Sessions::new(ir, seed, Instant::ZERO),
            address: address.parse().expect("an address"),
            changes: Vec::new(),
            sent: Vec::new(),
        };
        World {
            now: Instant::ZERO,
            hosts: [host(A, ir(B, a), seed), host(B, ir(A, b), seed ^ 0xff)],
            wire: Vec::new(),
            loss: 0,
            is_cut: false,
            ttl: 255,
            chance: Chance::new(seed),
        }
    }

    fn carry_out(&mut self, host: usize, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Send { bytes, .. } => {
                    self.hosts[host].sent.push((self.now, Control::decode(&bytes).expect("what we send is right")));
                    if !self.is_cut && !self.chance.permille(self.loss) {
                        self.wire.push((self.now + DELAY, 1 - host, bytes));
                    }
                }
                Action::Changed { is_up, diagnostic, .. } => {
                    self.hosts[host].changes.push((self.now, is_up, diagnostic));
                }
            }
        }
    }

    fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let arrival = self.wire.iter().map(|(at, ..)| *at).min();
            let deadlines = self.hosts.iter().filter_map(|host| host.sessions.deadline());
            let Some(next) = deadlines.chain(arrival).min().filter(|next| *next <= end) else { break };
            self.now = self.now.max(next);
            let (due, later) = std::mem::take(&mut self.wire).into_iter().partition(|(at, ..)| *at <= self.now);
            self.wire = later;
            for (_, host, bytes) in due {
                let source = self.hosts[1 - host].address;
                let origin = Origin { source, ttl: self.ttl, is_multihop: false };
                let mut actions = Vec::new();
                let now = self.now;
                let _ = self.hosts[host].sessions.hear(now, origin, &bytes, &mut actions);
                self.carry_out(host, actions);
            }
            for host in 0..2 {
                let mut actions = Vec::new();
                let now = self.now;
                self.hosts[host].sessions.tick(now, &mut actions);
                self.carry_out(host, actions);
            }
        }
        self.now = end;
    }

    fn up(&self) -> [bool; 2] {
        [0, 1].map(|host| self.hosts[host].sessions.is_up(FIRST))
    }
}

const FAST: &str = "min_rx 100\nmin_tx 150\nmultiplier 3";
const OTHER: &str = "min_rx 200\nmin_tx 120\nmultiplier 4";

#[test]
fn both_come_up_agree_on_intervals_and_notice_a_cut() {
    for seed in 0..50 {
        let mut world = World::new(seed, FAST, OTHER);
        world.run(Duration::from_secs(4));
        assert_eq!(world.up(), [true, true], "seed {seed}");
        let view = |world: &World, host: usize| {
            let view = world.hosts[host].sessions.views().next().expect("a session");
            (view.interval.as_millis(), view.detection_time.as_millis())
        };
        // As keepalived has it with these settings: max(150, 200) and 4 x max(100, 120), max(120, 100) and 3 x max(200, 150).
        assert_eq!([view(&world, 0), view(&world, 1)], [(200, 480), (120, 600)], "seed {seed}");
        let was = world.now;
        world.is_cut = true;
        world.run(Duration::from_secs(2));
        assert_eq!(world.up(), [false, false]);
        for (host, bound) in [(0, 480), (1, 600)] {
            let (at, is_up, why) = *world.hosts[host].changes.last().expect("a change");
            let took = at.saturating_since(was);
            assert!(took <= Duration::from_millis(bound) + DELAY, "seed {seed}: {took:?}");
            assert_eq!((is_up, why), (false, Diagnostic::Expired));
        }
        world.is_cut = false;
        world.run(Duration::from_secs(4));
        assert_eq!(world.up(), [true, true], "seed {seed}");
    }
}

#[test]
fn intervals_are_jittered_and_slow_until_it_is_up() {
    let mut world = World::new(7, FAST, FAST);
    world.is_cut = true;
    world.run(Duration::from_secs(20));
    let gaps = |sent: &[(Instant, Control)]| -> Vec<u128> {
        sent.windows(2).map(|pair| pair[1].0.saturating_since(pair[0].0).as_millis()).collect()
    };
    let slow = gaps(&world.hosts[0].sent);
    assert!(slow.iter().all(|gap| (749..=1000).contains(gap)), "{slow:?}");
    assert!(slow.iter().any(|gap| *gap < 900) && slow.iter().any(|gap| *gap > 850), "{slow:?}");
    assert!(world.hosts[0].sent.iter().all(|(_, control)| control.min_tx_us == 1_000_000));
    world.is_cut = false;
    world.run(Duration::from_secs(5));
    let count = world.hosts[0].sent.len();
    world.run(Duration::from_secs(5));
    let fast = gaps(&world.hosts[0].sent[count..]);
    assert!(fast.iter().all(|gap| (111..=150).contains(gap)), "{fast:?}");
    // The poll that told of the faster interval was answered.
    let is_poll = |(_, control): &(Instant, Control)| control.is_poll;
    assert!(world.hosts[0].sent.iter().any(is_poll) && !world.hosts[0].sent[count..].iter().any(is_poll));
}

#[test]
fn a_passive_end_waits_and_two_of_them_wait_for_ever() {
    let passive = format!("{FAST}\npassive");
    let mut world = World::new(1, &passive, &passive);
    world.run(Duration::from_secs(10));
    assert!(world.up() == [false, false] && world.hosts.iter().all(|host| host.sent.is_empty()));
    let mut world = World::new(1, &passive, FAST);
    world.run(Duration::from_secs(4));
    assert_eq!(world.up(), [true, true]);
    assert!(world.hosts[0].sent[0].0 > world.hosts[1].sent[0].0);
}

#[test]
fn who_goes_falls_silent() {
    let mut world = World::new(4, FAST, OTHER);
    world.run(Duration::from_secs(4));
    let now = world.now;
    world.hosts[0].sessions.reload(ir("10.99.0.3", FAST), now);
    world.run(Duration::from_millis(100));
    assert_eq!(world.up(), [false, true]);
    world.is_cut = true;
    world.run(Duration::from_secs(1));
    let (_, is_up, why) = *world.hosts[1].changes.last().expect("a change");
    assert_eq!((is_up, why), (false, Diagnostic::Expired));
}

#[test]
fn a_reload_keeps_a_session_and_tells_its_new_intervals() {
    let mut world = World::new(5, FAST, OTHER);
    world.run(Duration::from_secs(4));
    let now = world.now;
    world.hosts[0].sessions.reload(ir(B, "min_rx 50\nmin_tx 60\nmultiplier 5"), now);
    world.run(Duration::from_secs(2));
    assert_eq!(world.up(), [true, true]);
    assert_eq!(world.hosts.each_ref().map(|host| host.changes.len()), [1, 1]);
    let view = world.hosts[1].sessions.views().next().expect("a session");
    assert_eq!((view.interval.as_millis(), view.detection_time.as_millis()), (120, 1000));
}

#[test]
fn loss_below_the_multiplier_is_borne_and_never_ends_in_disagreement() {
    for seed in 0..200 {
        let mut world =
            World::new(seed, "min_rx 100\nmin_tx 100\nmultiplier 8", "min_rx 100\nmin_tx 100\nmultiplier 8");
        world.loss = 200;
        world.run(Duration::from_secs(60));
        // Eight losses in a row happen once in 400,000 packets.
        assert!(world.hosts.iter().all(|host| host.changes.len() <= 5), "seed {seed}: {:?}", world.hosts[0].changes);
        world.loss = 0;
        world.run(Duration::from_secs(5));
        assert_eq!(world.up(), [true, true], "seed {seed}");
    }
}

#[test]
fn strangers_and_packets_from_afar_do_not_count() {
    let mut world = World::new(9, FAST, OTHER);
    world.ttl = 254;
    world.run(Duration::from_secs(5));
    assert_eq!(world.up(), [false, false]);
    let mut world = World::new(9, "max_hops 1", "max_hops 1");
    world.ttl = 254;
    world.run(Duration::from_secs(5));
    assert_eq!(world.up(), [true, true]);
    let bytes = world.hosts[1].sent.last().expect("a packet").1.encode();
    let mut actions = Vec::new();
    let mut hear = |source: &str, is_multihop, bytes: &[u8]| {
        let origin = Origin { source: source.parse().expect("an address"), ttl: 255, is_multihop };
        world.hosts[0].sessions.hear(world.now, origin, bytes, &mut actions)
    };
    assert_eq!(hear("10.99.0.9", false, &bytes), Err(Refusal::Stranger));
    assert_eq!(hear(B, true, &bytes), Err(Refusal::Stranger));
    assert_eq!(hear(B, false, &bytes[..20]), Err(Refusal::Length));
    let mut wrong = bytes;
    wrong[8] ^= 1;
    assert_eq!(hear(B, false, &wrong), Err(Refusal::Stranger));
    assert_eq!(hear(B, false, &bytes), Ok(()));
    // From the session's neighbour alone, whatever number it names; from others a known number is of no use.
    assert_eq!(hear("fd99::2", false, &bytes), Err(Refusal::Stranger));
}
