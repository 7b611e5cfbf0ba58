//! From the table that is to the table that should be.

use super::{Destination, DestinationKey, DestinationSettings, Service, ServiceKey, ServiceSettings, Table};
use std::collections::{BTreeMap, BTreeSet};

/// One change of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A service appears, without destinations.
    AddService {
        /// Which.
        service: ServiceKey,
        /// How it works.
        settings: ServiceSettings,
    },
    /// A service works in another way; its destinations and connections stay.
    SetService {
        /// Which.
        service: ServiceKey,
        /// How it works.
        settings: ServiceSettings,
    },
    /// A service goes away with its destinations.
    RemoveService {
        /// Which.
        service: ServiceKey,
    },
    /// A destination appears.
    AddDestination {
        /// Of which service.
        service: ServiceKey,
        /// Which.
        destination: DestinationKey,
        /// How packets get there.
        settings: DestinationSettings,
    },
    /// A destination is used in another way; its connections stay.
    SetDestination {
        /// Of which service.
        service: ServiceKey,
        /// Which.
        destination: DestinationKey,
        /// How packets get there.
        settings: DestinationSettings,
    },
    /// A destination goes away.
    RemoveDestination {
        /// Of which service.
        service: ServiceKey,
        /// Which.
        destination: DestinationKey,
    },
}

/// An edit that does not fit the table: something is there already, or is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit;

impl Edit {
    /// The service that it is about.
    pub const fn service(&self) -> ServiceKey {
        match self {
            Edit::AddService { service, .. }
            | Edit::SetService { service, .. }
            | Edit::RemoveService { service }
            | Edit::AddDestination { service, .. }
            | Edit::SetDestination { service, .. }
            | Edit::RemoveDestination { service, .. } => *service,
        }
    }

    /// Makes the change in a table, as the kernel does.
    ///
    /// # Errors
    /// Where the kernel says `EEXIST`, `ESRCH` or `ENOENT`; the table stays as it is.
    pub fn apply(&self, table: &mut Table) -> Result<(), Misfit> {
        match self {
            Edit::AddService { service, settings } => {
                if table.contains_key(service) {
                    return Err(Misfit);
                }
                table.insert(*service, Service { settings: settings.clone(), destinations: BTreeMap::new() });
            }
            Edit::SetService { service, settings } => {
                table.get_mut(service).ok_or(Misfit)?.settings = settings.clone();
            }
            Edit::RemoveService { service } => {
                table.remove(service).ok_or(Misfit)?;
            }
            Edit::AddDestination { service, destination, settings } => {
                let destinations = &mut table.get_mut(service).ok_or(Misfit)?.destinations;
                if destinations.contains_key(destination) {
                    return Err(Misfit);
                }
                destinations.insert(*destination, Destination { settings: *settings, position: 0 });
            }
            Edit::SetDestination { service, destination, settings } => {
                let known = table.get_mut(service).and_then(|known| known.destinations.get_mut(destination));
                known.ok_or(Misfit)?.settings = *settings;
            }
            Edit::RemoveDestination { service, destination } => {
                let removed = table.get_mut(service).and_then(|known| known.destinations.remove(destination));
                removed.ok_or(Misfit)?;
            }
        }
        Ok(())
    }
}

/// The edits that make the services in `scope` as they should be. A service in scope that is not desired goes away; what
/// is out of scope is left alone on both sides.
pub fn diff(actual: &Table, desired: &Table, scope: &BTreeSet<ServiceKey>) -> Vec<Edit> {
    let mut edits = Vec::new();
    for key in scope {
        diff_service(*key, actual.get(key), desired.get(key), &mut edits);
    }
    edits
}

/// The edits for one service, in an order that keeps it serving: what takes clients comes before what no longer does.
fn diff_service(service: ServiceKey, actual: Option<&Service>, desired: Option<&Service>, edits: &mut Vec<Edit>) {
    let none = BTreeMap::new();
    let (old, new) = match (actual, desired) {
        (None, None) => return,
        (Some(_), None) => return edits.push(Edit::RemoveService { service }),
        (None, Some(new)) => {
            edits.push(Edit::AddService { service, settings: new.settings.clone() });
            (&none, &new.destinations)
        }
        (Some(old), Some(new)) => {
            if old.settings != new.settings {
                edits.push(Edit::SetService { service, settings: new.settings.clone() });
            }
            (&old.destinations, &new.destinations)
        }
    };
    let mut added: Vec<_> = new.iter().filter(|(key, _)| !old.contains_key(key)).collect();
    added.sort_by_key(|(_, destination)| destination.position);
    let add = |(key, new): (&DestinationKey, &Destination)| Edit::AddDestination {
        service,
        destination: *key,
        settings: new.settings,
    };
    edits.extend(added.into_iter().map(add));
    let changed = new.iter().filter(|(key, new)| old.get(key).is_some_and(|old| old != *new));
    let (serving, idle): (Vec<_>, Vec<_>) = changed.partition(|(_, new)| new.settings.weight > 0);
    let set = |(key, new): (&DestinationKey, &Destination)| Edit::SetDestination {
        service,
        destination: *key,
        settings: new.settings,
    };
    edits.extend(serving.into_iter().chain(idle).map(set));
    let gone = old.keys().filter(|key| !new.contains_key(key));
    edits.extend(gone.map(|key| Edit::RemoveDestination { service, destination: *key }));
}
