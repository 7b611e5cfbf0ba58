//! `kalc simulate`: the hosts' daemons against each other in virtual time.

use super::check::today;
use crate::cli::{SimulateArgs, SimulateFormat};
use crate::error::{self, Error, Status};
use crate::inputs::{self, Found, Peers};
use crate::{output, project};
use kalc_compiler::host::Host;
use kalc_compiler::project::{self as run, Overrides, Run};
use kalc_core::sim::fault::{Names, duration, parse};
use kalc_core::sim::random::{self, Chance, Scope};
use kalc_core::sim::{Fault, HostSetup, Setup, World};
use kalc_core::vrrp::StateName;
use kalc_core::{Instant, Plan};
use kalc_ir::Ir;
use kalc_ir::vrrp::{Auth, HmacSource, Secret, VirtualInterface};
use rayon::prelude::*;
use serde_json::json;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// Runs the command.
pub fn run(args: &SimulateArgs) -> Result<Status, Error> {
    let setups = setups(args)?;
    let names = HostNames(&setups);
    let read = |text: &String| parse(text, &names).map_err(|reason| Error::Event { reason });
    let events = args.event.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let length = duration(&args.length).map_err(|reason| Error::Event { reason })?;
    let (text, is_lawful) = match args.seeds {
        Some(seeds) => many(&setups, args.seed, seeds, length),
        None => one(&setups, args, &events, length),
    };
    output::write(&text, None)?;
    Ok(if is_lawful { Status::Clean } else { Status::Found })
}

/// The hosts, each with what its daemon would do.
fn setups(args: &SimulateArgs) -> Result<Vec<HostSetup>, Error> {
    let project = project::find(None)?;
    let reader = project::reader(project.as_ref(), &args.reading, None, &[]);
    let Found { mut units, errors, is_folder, .. } =
        inputs::check(&args.paths, "<stdin>", project.as_ref(), Peers::Added, &reader);
    if let Some(first) = errors.into_iter().next() {
        return Err(first);
    }
    let run = Run::new(units.iter_mut().collect());
    let overrides = Overrides::default();
    let plan = run::Plan {
        project: project.as_ref(),
        overrides: &overrides,
        today: today(),
        compares: true,
        is_folder,
        settings: &reader.settings,
    };
    let groups = run.groups(&plan);
    let hosts: Vec<&Host> = groups.iter().flat_map(|group| group.hosts.iter().copied()).collect();
    let mut setups = Vec::new();
    for (name, host) in short_names(&hosts).into_iter().zip(hosts) {
        let plan = Plan::new(Arc::new(with_keys(&host.ir))).map_err(|refused| {
            let what = refused.iter().map(|refused| {
                if refused.name.is_empty() {
                    refused.what.to_owned()
                } else {
                    format!("{} of {}", refused.what, refused.name)
                }
            });
            Error::NotExecuted { host: name.clone(), what: what.collect::<Vec<_>>().join(", ") }
        })?;
        if plan.ir.vrrp_instances.is_empty() {
            error::note(&format!("`{name}` has no vrrp_instance and only looks on"));
        }
        setups.push(HostSetup { name, plan });
    }
    Ok(setups)
}

/// Names by which events speak of hosts: folder or file, without what all have in common, else a, b, c.
fn short_names(hosts: &[&Host]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = hosts.iter().map(|host| host.name().split('/').collect()).collect();
    let last = |back: usize| -> Vec<String> {
        let part = |parts: &Vec<&str>| parts.iter().rev().nth(back).map_or(String::new(), |part| (*part).to_owned());
        parts.iter().map(part).collect()
    };
    let stem = |name: String| name.strip_suffix(".conf").map(str::to_owned).unwrap_or(name);
    let is_usable = |names: &[String]| {
        let mut sorted = names.to_vec();
        sorted.sort();
        sorted.dedup();
        sorted.len() == names.len() && names.iter().all(|name| !name.is_empty() && !name.contains(char::is_whitespace))
    };
    for back in 0..4 {
        let names: Vec<String> = last(back).into_iter().map(stem).collect();
        if is_usable(&names) {
            return names;
        }
    }
    (0..hosts.len()).map(|index| format!("host{}", index + 1)).collect()
}

struct HostNames<'a>(&'a [HostSetup]);

impl Names for HostNames<'_> {
    fn host(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|host| host.name == name)
    }

    fn script(&self, host: usize, name: &str) -> Option<usize> {
        self.0.get(host)?.plan.ir.scripts.iter().position(|script| script.name == name)
    }
}

/// One world with the events that were asked for.
fn one(setups: &[HostSetup], args: &SimulateArgs, events: &[(Instant, Fault)], length: Duration) -> (String, bool) {
    let mut world = World::new(Setup { hosts: setups.to_vec(), seed: args.seed });
    for (at, fault) in events {
        world.schedule(*at, *fault);
    }
    world.run_until(Instant::ZERO + length);
    let text = match args.format {
        SimulateFormat::Human => human(setups, &world),
        SimulateFormat::Json => format!("{:#}\n", as_json(setups, &world)),
    };
    (text, world.is_lawful())
}

fn human(setups: &[HostSetup], world: &World) -> String {
    let mut text = String::new();
    for (at, entry) in world.timeline() {
        if let Some(line) = world.labels().line(*at, entry) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    let _ = writeln!(
        text,
        "\nafter {}.{:03} s:",
        world.now().as_nanos() / 1_000_000_000,
        world.now().as_nanos() / 1_000_000 % 1000
    );
    let width = setups.iter().map(|host| host.name.len()).max().unwrap_or(1);
    for (host, setup) in setups.iter().enumerate() {
        for view in world.node(host).instances() {
            let state = world.state(host, view.id);
            let addresses: Vec<String> = addresses(setup, view.id.index());
            let holds = if world.has_addresses(host, view.id) {
                format!("holds {}", addresses.join(", "))
            } else {
                String::new()
            };
            let gone = if world.is_running(host) { "" } else { "not running" };
            let line = format!("  {:width$}  {}  {state:<6}  {holds}{gone}", setup.name, view.name);
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    let broken = world.violations().count();
    text.push_str(&match broken {
        0 => "no law was broken\n".to_owned(),
        1 => "1 law was broken (see !!)\n".to_owned(),
        many => format!("laws were broken {many} times (see !!)\n"),
    });
    text
}

fn addresses(setup: &HostSetup, instance: usize) -> Vec<String> {
    let instance = &setup.plan.ir.vrrp_instances[instance];
    let all = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
    all.map(|address| address.address.to_string()).collect()
}

fn as_json(setups: &[HostSetup], world: &World) -> serde_json::Value {
    let millis = |at: Instant| at.as_nanos() / 1_000_000;
    let timeline: Vec<_> = world
        .timeline()
        .iter()
        .filter_map(|(at, entry)| Some(json!({ "at_ms": millis(*at), "text": world.labels().line(*at, entry)?.trim_start().split_once("  ").map_or("", |(_, text)| text.trim_start()) })))
        .collect();
    let violations: Vec<_> = world
        .violations()
        .map(|(at, violation)| json!({ "at_ms": millis(at), "text": world.labels().violation(violation) }))
        .collect();
    let hosts: Vec<_> = setups
        .iter()
        .enumerate()
        .map(|(host, setup)| {
            let instances: Vec<_> = world
                .node(host)
                .instances()
                .map(|view| {
                    json!({
                        "name": view.name,
                        "state": world.state(host, view.id).word(),
                        "holds": if world.has_addresses(host, view.id) { addresses(setup, view.id.index()) } else { Vec::new() },
                    })
                })
                .collect();
            json!({ "name": setup.name, "is_running": world.is_running(host), "instances": instances })
        })
        .collect();
    json!({ "version": 1, "ended_ms": millis(world.now()), "timeline": timeline, "violations": violations, "hosts": hosts })
}

/// Many worlds with faults drawn from seeds; afterwards everything is healed, and somebody must be master.
fn many(setups: &[HostSetup], first: u64, seeds: u64, length: Duration) -> (String, bool) {
    let broken: Option<(u64, String)> = (first..first.saturating_add(seeds)).into_par_iter().find_map_first(|seed| {
        let world = drawn(setups, seed, length);
        let is_settled = is_settled(setups, &world);
        (!world.is_lawful() || !is_settled).then(|| (seed, human(setups, &world)))
    });
    match broken {
        None => (format!("{seeds} worlds, no law was broken\n"), true),
        Some((seed, timeline)) => {
            (format!("{timeline}\nseed {seed} broke a law; again: --seeds 1 --seed {seed}\n"), false)
        }
    }
}

/// One world under faults for `length`, then whole for long enough to settle.
fn drawn(setups: &[HostSetup], seed: u64, length: Duration) -> World {
    let mut world = World::new(Setup { hosts: setups.to_vec(), seed });
    let intervals = setups.iter().flat_map(|host| &host.plan.ir.vrrp_instances).map(|i| i.advert_interval_us);
    let interval = Duration::from_micros(intervals.max().unwrap_or(1_000_000));
    let scripts = setups.iter().map(|host| host.plan.ir.scripts.len()).min().unwrap_or(0);
    let until = Instant::ZERO + length;
    let mut chance = Chance::new(seed ^ 0x6b61_6c63);
    for (at, fault) in random::faults(&mut chance, Scope { hosts: setups.len(), interval, scripts }, until) {
        world.schedule(at, fault);
    }
    world.run_until(until);
    world.heal_all();
    let delays = setups.iter().flat_map(|host| &host.plan.ir.vrrp_instances).map(|i| i.preempt_delay_us);
    let script_time = setups
        .iter()
        .flat_map(|host| &host.plan.ir.scripts)
        .map(|s| (s.interval_us + s.timeout_us) * u64::from(s.rise.max(1)));
    let patience = Duration::from_micros(delays.chain(script_time).max().unwrap_or(0));
    world.run_until(until + interval * 20 + patience);
    world
}

/// Whether each virtual router has exactly one master.
fn is_settled(setups: &[HostSetup], world: &World) -> bool {
    let mut masters = std::collections::BTreeMap::new();
    for (host, setup) in setups.iter().enumerate() {
        for view in world.node(host).instances() {
            let ir = &setup.plan.ir.vrrp_instances[view.id.index()];
            let count = masters.entry((ir.family, ir.vrid)).or_insert(0);
            *count += usize::from(view.state == StateName::Master);
        }
    }
    masters.values().all(|count| *count == 1)
}

/// The configuration without what belongs to a real host: macvlans, and keys in files, in whose place something stands that is
/// the same for files of one name.
fn with_keys(ir: &Ir) -> Ir {
    let mut ir = ir.clone();
    for instance in &mut ir.vrrp_instances {
        if matches!(instance.virtual_interface, VirtualInterface::Vmac { .. }) {
            instance.virtual_interface = VirtualInterface::None;
        }
        let Auth::Hmac(auth) = &mut instance.auth else { continue };
        for key in &mut auth.keys {
            if let HmacSource::File(path) = &key.source {
                let secret = Secret { bytes: path.clone().into_bytes(), written_length: path.len() as u32 };
                key.source = HmacSource::Secret(secret);
            }
        }
    }
    ir
}
