//! What people are told of virtual servers.

use kalc_core::director::{Quorum, Trace};
use kalc_core::kernel::{DestinationSettings, Edit};
use kalc_ir::ipvs::Forwarding;

/// Tells of something inside the director.
pub fn trace(trace: &Trace) {
    match trace {
        Trace::Server { service, server, is_up: true, .. } => tracing::info!("{service}: {server} is up"),
        Trace::Server { service, server, is_up: false, reason } => {
            let why = reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
            tracing::warn!("{service}: {server} is down{why}");
        }
        Trace::Failing { service, server, failure, tries_left } => {
            tracing::info!("{service}: {server}: {failure}; {tries_left} more tries");
        }
        Trace::Weight { service, server, from, to } => {
            tracing::info!("{service}: {server}: weight {from} to {to}");
        }
        Trace::Quorum { service, quorum, weight, needed, hysteresis } => match quorum {
            Quorum::Held => {
                tracing::info!("{service}: quorum gained, weight {weight} of {needed} with hysteresis {hysteresis}");
            }
            Quorum::Lost | Quorum::NeverHeld => {
                tracing::warn!("{service}: no quorum, weight {weight} of {needed} with hysteresis {hysteresis}");
            }
        },
        Trace::Suspended { service, is_suspended } => {
            let words = if *is_suspended { "is not here, checks stop" } else { "is here, checks go on" };
            tracing::info!("{service}: its address {words}");
        }
        Trace::Drift(fix) => tracing::warn!("somebody else changed the table; put right: {}", edit(fix)),
    }
}

/// An edit in words.
pub fn edit(edit: &Edit) -> String {
    match edit {
        Edit::AddService { service, settings } => format!("add service {service} {}", settings.scheduler),
        Edit::SetService { service, settings } => format!("set service {service} {}", settings.scheduler),
        Edit::RemoveService { service } => format!("remove service {service}"),
        Edit::AddDestination { service, destination, settings } => {
            format!("add server {destination} to {service} {}", how(settings))
        }
        Edit::SetDestination { service, destination, settings } => {
            format!("set server {destination} of {service} {}", how(settings))
        }
        Edit::RemoveDestination { service, destination } => format!("remove server {destination} from {service}"),
    }
}

fn how(settings: &DestinationSettings) -> String {
    let method = match settings.forwarding {
        Forwarding::Nat => "NAT",
        Forwarding::Dr => "DR",
        Forwarding::Tun { .. } => "TUN",
    };
    format!("{method} weight {}", settings.weight)
}
