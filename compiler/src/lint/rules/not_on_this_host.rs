//! Something that the file names is not on this host.
//!
//! With `--host` kalc looks at the machine that it runs on: its interfaces and addresses, the scripts of the file and the users
//! that run them. Without an interface keepalived does not start, unless `dynamic_interfaces` is set. A script that is missing,
//! or that its user may not execute, is removed from the trackers, and the instance stays up as if all were well; the missing
//! bit passes even its test.
//!
//! The examples are about a machine with `ens33` and 192.0.2.1/24.
//!
//! ```keepalived fail
//! ## for host=example
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! vrrp_instance VI_1 {
//!     interface ens33
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! Here the user of the script may not execute it:
//!
//! ```keepalived fail
//! ## for host=example
//! vrrp_script chk {
//!     script "/usr/local/bin/plain"
//! }
//! vrrp_instance VI_1 {
//!     interface ens33
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! ## for host=example
//! vrrp_script chk {
//!     script "/usr/local/bin/check"
//! }
//! vrrp_instance VI_1 {
//!     interface ens33
//!     virtual_router_id 51
//!     mcast_src_ip 192.0.2.1
//!     use_vmac v51
//!     track_script {
//!         chk
//!     }
//!     virtual_ipaddress_excluded {
//!         192.0.2.10/24 dev v51
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//! }
//! ```

use crate::diagnostic::Severity;
use crate::facts::{HostFacts, Program};
use crate::host::Host;
use crate::lint::commands::{self, commands};
use crate::lint::{Findings, Fixable, Meta, Needs, place};
use kalc_ir::global::DynamicInterfaces;
use kalc_ir::vrrp::{Instance, VirtualInterface};
use kalc_ir::{Command, OriginId};
use rustc_hash::FxHashSet;

pub(super) const META: Meta =
    Meta { code: "KA313", severity: Severity::Error, fix: Fixable::Suggested, blocks_run: false };

pub(super) const MACHINE: Needs = Needs::Machine;

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    let Some(facts) = host.settings.facts.as_deref() else { return };
    let mut told = FxHashSet::default();
    for instance in &host.ir.vrrp_instances {
        interfaces(host, facts, instance, &mut told, out);
        source(host, facts, instance, out);
    }
    let mut users = FxHashSet::default();
    for command in commands(host) {
        script(host, facts, command, &mut told, out);
        user(host, facts, command, &mut users, out);
    }
}

/// Interfaces that an instance names.
fn interfaces(host: &Host, facts: &HostFacts, instance: &Instance, told: &mut FxHashSet<String>, out: &mut Findings<'_>) {
    if host.ir.global.dynamic_interfaces != DynamicInterfaces::Refused || instance.is_unknown("interface") {
        return;
    }
    let own = instance.interface.as_deref().zip(instance.origins.get("interface"));
    let addresses = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
    let of_addresses = addresses.filter(|address| address.interface != instance.interface && address.unknown.is_empty());
    let of_addresses = of_addresses.filter_map(|address| Some((address.interface.as_deref()?, address.origin)));
    let tracked = instance.trackers.interfaces.iter().map(|tracked| (&*tracked.interface, tracked.origin));
    let named: Vec<(&str, OriginId)> = own.into_iter().chain(of_addresses).chain(tracked).collect();
    for (name, origin) in named {
        if facts.has_interface(name) || is_made(host, name) || !told.insert(name.to_owned()) {
            continue;
        }
        let list: Vec<String> =
            facts.interfaces.iter().filter(|i| i.name != "lo").map(|i| format!("`{}`", i.name)).collect();
        let id = place::statement(origin);
        let finding = out
            .setting(host, id, format!("this host has no interface `{name}`"))
            .why("keepalived does not start without it, unless `dynamic_interfaces` is set")
            .help(format!("it has {}", if list.is_empty() { "none but `lo`".to_owned() } else { list.join(", ") }));
        let word = host.config.values(id).iter().find(|value| host.text(value) == name);
        if let (Some(other), Some(word)) = (the_right_one(facts, instance), word) {
            finding.suggested_fix(&[(word.span, other.to_owned())]);
        }
    }
}

/// Whether keepalived makes an interface of that name.
fn is_made(host: &Host, name: &str) -> bool {
    host.ir.vrrp_instances.iter().any(|instance| match &instance.virtual_interface {
        VirtualInterface::None => false,
        VirtualInterface::Vmac { name: own, .. } | VirtualInterface::Ipvlan { name: own, .. } => match own {
            Some(own) => own == name,
            None => name.starts_with(&host.ir.global.vmac_prefix),
        },
    })
}

/// The one interface in whose network the virtual addresses are.
fn the_right_one<'f>(facts: &'f HostFacts, instance: &Instance) -> Option<&'f str> {
    let first = instance.virtual_addresses.first()?.address;
    let fits = facts.interfaces.iter().filter(|i| i.name != "lo" && i.addresses.iter().any(|own| own.contains(first)));
    match fits.collect::<Vec<_>>()[..] {
        [one] => Some(&one.name),
        _ => None,
    }
}

/// The address that adverts come from.
fn source(host: &Host, facts: &HostFacts, instance: &Instance, out: &mut Findings<'_>) {
    let (Some(source), Some(origin)) = (instance.source, instance.origins.get("source")) else { return };
    let is_virtual = instance.virtual_addresses.iter().any(|address| address.address == source);
    if instance.is_unknown("source") || is_virtual || facts.interface_of(source).is_some() {
        return;
    }
    out.at(host, place::span(host, origin), format!("this host has no address {source}"))
        .why("keepalived cannot send adverts from it, so peers do not hear this host")
        .help("write an address of this host");
}

fn script(host: &Host, facts: &HostFacts, command: &Command, told: &mut FxHashSet<String>, out: &mut Findings<'_>) {
    let Some(path) = commands::script_path(command).filter(|path| path.starts_with('/')) else { return };
    let Some(program) = facts.programs.get(path) else { return };
    let user = effective_user(host, facts, command);
    let wrong = match program {
        Program::Missing => "is not on this host".to_owned(),
        Program::NotAFile => "is no file".to_owned(),
        Program::File { .. } => match user.and_then(|name| Some((name, facts.users.get(name)?.as_ref()?))) {
            // What an interpreter reads need not be executable.
            Some((name, user)) if command.arguments[0] == path && !program.runs_for(user) => {
                format!("may not be executed by `{name}`")
            }
            Some(_) | None => return,
        },
    };
    if !told.insert(path.to_owned()) {
        return;
    }
    out.at(host, commands::place(host, command), format!("`{path}` {wrong}"))
        .why("a check that cannot run is dropped, and the instance stays up as if all were well; other scripts never run")
        .help("install it with the execute bit, or correct the path");
}

fn user(host: &Host, facts: &HostFacts, command: &Command, told: &mut FxHashSet<String>, out: &mut Findings<'_>) {
    let Some(name) = command.user.as_ref().or(host.ir.global.script_user.as_ref()) else { return };
    if facts.users.get(name) != Some(&None) || !told.insert(name.clone()) {
        return;
    }
    let at = host.ir.global.origins.get("script_user").filter(|_| host.ir.global.script_user.as_ref() == Some(name));
    out.at(host, place::span(host, at.unwrap_or(command.origin)), format!("this host has no user `{name}`"))
        .why("keepalived reports it and does not run the scripts")
        .help("add the user, or name another one");
}

/// Who runs a command.
pub(super) fn effective_user<'h>(host: &'h Host, facts: &HostFacts, command: &'h Command) -> Option<&'h str> {
    let named = command.user.as_deref().or(host.ir.global.script_user.as_deref());
    named.or_else(|| {
        let fallback = facts.users.get("keepalived_script")?;
        Some(if fallback.is_some() { "keepalived_script" } else { "root" })
    })
}
