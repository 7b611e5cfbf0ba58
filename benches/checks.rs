//! How many TCP checks a second of CPU time makes: machines of the core and probes of the daemon, without the kernel's
//! load balancer.
//!
//! `cargo run --release --example checks -- SERVERS SECONDS PORT` checks 127.1.x.y:PORT again and again; somebody has to
//! listen there. It prints checks, CPU time and memory.

use kalc_compiler::host::Host;
use kalc_core::Instant;
use kalc_core::check::{Checker, Effect, Event};
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use kalc_runtime::probe::Probes;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|word| word.parse().ok()).collect();
    let [servers, seconds, port] = numbers[..] else {
        eprintln!("usage: checks SERVERS SECONDS PORT");
        std::process::exit(2);
    };
    let mut text = String::from("virtual_server 192.0.2.1 80 {\nprotocol TCP\ndelay_loop 0.1\n");
    for server in 0..servers {
        let (high, low) = (server / 250, server % 250 + 1);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "real_server 127.1.{high}.{low} {port} {{\nTCP_CHECK {{\nwarmup 0\n}}\n}}");
    }
    text.push_str("}\n");
    let file = SourceFile::new("keepalived.conf", text.into_bytes());
    let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (probes, failed) = runtime.block_on(run(&host, Duration::from_secs(seconds)));
    let used = std::fs::read_to_string("/proc/self/stat").expect("proc");
    let fields: Vec<u64> = used.split(' ').filter_map(|field| field.parse().ok()).collect();
    // Ticks in user and system mode, counted without the name and the state; a tick is 10 ms.
    let millis = (fields[11] + fields[12]) * 10;
    println!(
        "{probes} checks, {failed} failed, {millis} ms of CPU, {} checks per CPU second",
        probes * 1000 / millis.max(1)
    );
}

async fn run(host: &Host, time: Duration) -> (u64, u64) {
    let probes = Probes::alone(&host.ir).expect("a thread");
    probes.make_room();
    let begun = tokio::time::Instant::now();
    let now = || Instant::from_nanos(u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX));
    let specs = host.ir.virtual_servers[0].real_servers.iter().map(|server| &server.checkers[0]);
    let mut checks: Vec<Checker> = specs.map(|spec| Checker::new(spec, Duration::ZERO)).collect();
    let mut due = BTreeSet::new();
    let mut running = JoinSet::new();
    let mut effects = Vec::new();
    for (index, check) in checks.iter_mut().enumerate() {
        check.step(now(), Event::Start, &mut effects);
        due.extend(check.deadline().map(|at| (at, index)));
    }
    while begun.elapsed() < time {
        // All that is due, then all that has ended, as the daemon does; only then is there something to wait for.
        let mut events = Vec::new();
        while due.first().is_some_and(|(at, _): &(Instant, usize)| *at <= now()) {
            events.extend(due.pop_first().map(|(_, index)| (index, Event::Tick)));
        }
        while let Some(Ok((index, run, outcome))) = running.try_join_next() {
            events.push((index, Event::Ended { run, outcome }));
        }
        if events.is_empty() {
            let wait = due.first().map_or(time, |(at, _)| at.saturating_since(now()));
            tokio::select! {
                Some(Ok((index, run, outcome))) = running.join_next() => events.push((index, Event::Ended { run, outcome })),
                () = tokio::time::sleep(wait) => {}
            }
        }
        for (index, event) in events {
            let check: &mut Checker = &mut checks[index];
            check.step(now(), event, &mut effects);
            due.extend(check.deadline().map(|at| (at, index)));
            for effect in effects.drain(..) {
                if let Effect::Probe { run, page } = effect {
                    let probe = Arc::clone(probes.get(0, index, 0).expect("it is ready"));
                    running.spawn(async move { (index, run, probe.run(page).await) });
                }
            }
        }
        tokio::task::yield_now().await;
    }
    let counts = |count: fn(&Checker) -> u64| checks.iter().map(count).sum();
    let probes = counts(|check| check.counts().probes);
    let failed = counts(|check| check.counts().failures);
    (probes, failed)
}
