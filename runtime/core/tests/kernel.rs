//! The laws of the way from one table to another.

use kalc_core::kernel::{
    Destination, DestinationKey, DestinationSettings, Edit, Service, ServiceKey, ServiceSettings, Table, Takes, diff,
    flag,
};
use kalc_ir::Family;
use kalc_ir::ipvs::{Forwarding, Protocol, Tunnel, TunnelChecksum};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// Few keys, so that two tables often have the same ones.
fn key() -> impl Strategy<Value = ServiceKey> {
    let address =
        (1..4u8, prop_oneof![Just(Protocol::Tcp), Just(Protocol::Udp)]).prop_map(|(last, protocol)| ServiceKey {
            family: Family::Ipv4,
            takes: Takes::Address { protocol, address: IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)), port: 80 },
        });
    let mark = prop_oneof![Just(Family::Ipv4), Just(Family::Ipv6)]
        .prop_map(|family| ServiceKey { family, takes: Takes::Fwmark(7) });
    prop_oneof![3 => address, 1 => mark]
}

fn service() -> impl Strategy<Value = Service> {
    let settings = (prop_oneof![Just("rr"), Just("wlc")], prop_oneof![Just(0), Just(flag::PERSISTENT)], 0..2u32)
        .prop_map(|(scheduler, flags, timeout_s)| ServiceSettings {
            scheduler: scheduler.into(),
            flags,
            timeout_s,
            netmask: u32::MAX,
            engine: None,
        });
    let forwarding = prop_oneof![
        Just(Forwarding::Nat),
        Just(Forwarding::Dr),
        Just(Forwarding::Tun { tunnel: Tunnel::Ipip, checksum: TunnelChecksum::None }),
    ];
    let destination = (forwarding, 0..3u32, 0..5u32).prop_map(|(forwarding, weight, position)| Destination {
        settings: DestinationSettings { forwarding, weight, upper_threshold: 0, lower_threshold: 0 },
        position,
    });
    let to =
        (1..6u8).prop_map(|last| DestinationKey { address: IpAddr::V4(Ipv4Addr::new(198, 51, 100, last)), port: 80 });
    (settings, prop::collection::btree_map(to, destination, 0..5))
        .prop_map(|(settings, destinations)| Service { settings, destinations })
}

fn table() -> impl Strategy<Value = Table> {
    prop::collection::btree_map(key(), service(), 0..5)
}

fn scope() -> impl Strategy<Value = BTreeSet<ServiceKey>> {
    prop::collection::btree_set(key(), 0..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What is in scope becomes what is desired, what is out of scope stays; no edit names what is not there.
    #[test]
    fn edits_lead_from_one_table_to_the_other((actual, desired, scope) in (table(), table(), scope())) {
        let mut kernel = actual.clone();
        for edit in diff(&actual, &desired, &scope) {
            prop_assert_eq!(edit.apply(&mut kernel), Ok(()), "{:?}", edit);
        }
        for key in actual.keys().chain(desired.keys()) {
            let expected = if scope.contains(key) { desired.get(key) } else { actual.get(key) };
            prop_assert_eq!(kernel.get(key), expected);
        }
    }

    #[test]
    fn a_table_that_is_right_needs_no_edit((table, scope) in (table(), scope())) {
        prop_assert_eq!(diff(&table, &table, &scope), []);
    }

    /// At no moment is a service without a server, or without one that takes clients, that has one before and after.
    #[test]
    fn no_service_is_empty_on_the_way((actual, desired, scope) in (table(), table(), scope())) {
        let mut kernel = actual.clone();
        for edit in diff(&actual, &desired, &scope) {
            prop_assert_eq!(edit.apply(&mut kernel), Ok(()));
            for key in &scope {
                let (Some(before), Some(after)) = (actual.get(key), desired.get(key)) else { continue };
                let now = kernel.get(key);
                if before.takes_clients() && after.takes_clients() {
                    prop_assert!(now.is_some_and(Service::takes_clients), "{:?}", edit);
                }
                if !before.destinations.is_empty() && !after.destinations.is_empty() {
                    prop_assert!(now.is_some_and(|now| !now.destinations.is_empty()), "{:?}", edit);
                }
            }
        }
    }

    /// What is there before and after is never taken out: its connections survive.
    #[test]
    fn what_stays_is_edited_in_place((actual, desired, scope) in (table(), table(), scope())) {
        for edit in diff(&actual, &desired, &scope) {
            let (old, new) = (actual.get(&edit.service()), desired.get(&edit.service()));
            let has = |service: Option<&Service>, to: &DestinationKey| {
                service.is_some_and(|service| service.destinations.contains_key(to))
            };
            match &edit {
                Edit::AddService { .. } => prop_assert!(old.is_none()),
                Edit::RemoveService { .. } => prop_assert!(new.is_none()),
                Edit::AddDestination { destination, .. } => prop_assert!(!has(old, destination)),
                Edit::RemoveDestination { destination, .. } => prop_assert!(!has(new, destination)),
                Edit::SetService { .. } | Edit::SetDestination { .. } => {}
            }
        }
    }
}

/// The kernel puts a new destination at the head of its list, and the schedulers that hash walk that list: two
/// directors agree only if both fill it in the order of the configuration.
#[test]
fn destinations_are_added_in_the_order_of_the_configuration() {
    let key = ServiceKey { family: Family::Ipv4, takes: Takes::Fwmark(1) };
    let settings =
        DestinationSettings { forwarding: Forwarding::Nat, weight: 1, upper_threshold: 0, lower_threshold: 0 };
    let to = |last: u8| DestinationKey { address: IpAddr::V4(Ipv4Addr::new(198, 51, 100, last)), port: 80 };
    let destinations = [(3, 0), (1, 1), (2, 2)].map(|(last, position)| (to(last), Destination { settings, position }));
    let how = ServiceSettings { scheduler: "sh".into(), flags: 0, timeout_s: 0, netmask: u32::MAX, engine: None };
    let desired = Table::from([(key, Service { settings: how, destinations: destinations.into() })]);
    let edits = diff(&Table::new(), &desired, &BTreeSet::from([key]));
    let order: Vec<DestinationKey> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::AddDestination { destination, .. } => Some(*destination),
            _ => None,
        })
        .collect();
    assert_eq!(order, [to(3), to(1), to(2)]);
}
