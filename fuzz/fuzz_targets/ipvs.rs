//! Any bytes as what the kernel says of its load balancer: what is understood, asked for by us, is understood as the same.
#![no_main]

use kalc_core::kernel::{Edit, ServiceKey, Takes};
use kalc_ir::Family;
use kalc_runtime::ipvs::{Counters, attributes_of, destination, service};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut of = ServiceKey { family: Family::Ipv4, takes: Takes::Fwmark(1) };
    if let Some((key, settings, _)) = service(input) {
        let again = attributes_of(&Edit::AddService { service: key, settings: settings.clone() });
        // A name with a zero inside ends there.
        if !settings.scheduler.contains('\0') && settings.engine.as_ref().is_none_or(|engine| !engine.contains('\0')) {
            assert_eq!(service(&again), Some((key, settings, Counters::default())));
        }
        of = key;
    }
    if let Some((key, settings, _)) = destination(input, &of) {
        let again = attributes_of(&Edit::AddDestination { service: of, destination: key, settings });
        assert_eq!(destination(&again, &of), Some((key, settings, Counters::default())));
    }
});
