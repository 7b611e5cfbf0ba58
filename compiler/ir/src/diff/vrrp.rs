//! Instances and sync groups.

use super::show::Show;
use super::{Action, Diff, Place, fields};
use crate::Ir;
use crate::net::Address;
use crate::notify::Notify;
use crate::raw::Raw;
use crate::vrrp::{Auth, Hmac, HmacKey, HmacSource, Instance, Peer, SyncGroup, Transport};
use std::fmt::Display;

impl<'i> Diff<'i> {
    pub(super) fn instances(&mut self) {
        let name = |instance: &Instance| instance.name.clone();
        let place = |name: &str| Place::new("vrrp_instance", name);
        for (old, new, place) in self.matched(&self.old.vrrp_instances, &self.new.vrrp_instances, name, place) {
            self.instance(old, new, &place);
        }
    }

    fn instance(&mut self, old: &'i Instance, new: &'i Instance, place: &Place) {
        // Another virtual router under the same name: it says goodbye and begins anew.
        let identity = [
            ("virtual_router_id", old.vrid != new.vrid),
            ("interface", old.interface != new.interface),
            ("family", old.family != new.family),
            ("version", old.version != new.version),
        ];
        let because: Vec<&'static str> =
            identity.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        if !because.is_empty() {
            self.push(place, Action::RestartsElection { because });
        }
        self.addresses(place, "virtual_ipaddress", &old.virtual_addresses, &new.virtual_addresses);
        self.addresses(place, "virtual_ipaddress_excluded", &old.excluded_addresses, &new.excluded_addresses);
        fields!(self, place, old, new, Instance {
            vrid, interface, family, version, state, priority, advert_interval_us, down_timer_adverts, preempts,
            preempt_delay_us, timer_expired_backup, is_strict, accepts, source, tracks_source, checks_unicast_source,
            faults_without_peer, old_unicast_checksum, v3_checksum_as_v2, skips_check_adv_addr, lower_prio_no_advert,
            higher_prio_send_advert, owner_ignore_adverts, virtual_interface, uses_vmac_for_addresses,
            ignores_own_interface, promotes_secondaries, vrf, receive_buffer_bytes, garp_master_delay_us,
            garp_master_repeat, garp_master_refresh_us, garp_master_refresh_repeat, garp_lower_prio_delay_us,
            garp_lower_prio_repeat, garp_extra_if_us, garp_extra_if_all, notifies_priority_changes, mails, unknown,
        } elsewhere {
            name, auth, transport, virtual_addresses, excluded_addresses, virtual_routes, virtual_rules, trackers,
            sync_group, notify, dropped, settings, origin, origins,
        });
        self.auth(place, &old.auth, &new.auth);
        self.transport(place, &old.transport, &new.transport);
        self.lines(place, "virtual_routes", &old.virtual_routes, &new.virtual_routes);
        self.lines(place, "virtual_rules", &old.virtual_rules, &new.virtual_rules);
        self.raws(place, "setting", &old.settings, &new.settings);
        self.watched(place, &old.trackers, &new.trackers);
        self.notify(place, &old.notify, &new.notify);
        let group = |ir: &Ir, instance: &Instance| instance.sync_group.map(|id| ir.sync_group(id).name.clone());
        let (before, after) = (group(self.old, old), group(self.new, new));
        if before != after {
            self.changed(place, "sync_group", before.show(""), after.show(""));
        }
    }

    /// Addresses that come, go, or are set otherwise; in adverts their order counts too.
    pub(super) fn addresses(&mut self, place: &Place, kind: &'static str, old: &'i [Address], new: &'i [Address]) {
        let key = |address: &Address| address.address.to_string();
        let text = |address: &Address| format!("{}/{}", address.address, address.prefix);
        let of = |name: &str| place.part(kind, name);
        let before = self.changes.len();
        let pairs = self.matched(old, new, key, of);
        // Those that come and go are told with their prefix.
        for change in &mut self.changes[before..] {
            let list = if change.action == Action::Added { new } else { old };
            if let Some(part) = &mut change.part
                && let Some(address) = list.iter().find(|address| key(address) == part.name)
            {
                part.name = text(address);
            }
        }
        for (old, new, place) in pairs {
            fields!(self, &place, old, new, Address {
                prefix, interface, scope, broadcast, label, peer, preferred_lifetime_us, is_home, detects_duplicates,
                manages_temporary, without_prefix_route, joins_group, is_tracked, uses_vmac, track_group, unknown,
            } elsewhere { address, dropped, origin });
        }
        let order = |list: &[Address]| list.iter().map(|address| address.address).collect::<Vec<_>>();
        let (mut before, mut after) = (order(old), order(new));
        let moved = before != after;
        let (first, second) = (before.clone(), after.clone());
        before.sort_unstable();
        after.sort_unstable();
        if moved && before == after {
            self.changed(&place.part(kind, ""), "order", first.show(""), second.show(""));
        }
    }

    fn auth(&mut self, place: &Place, old: &Auth, new: &Auth) {
        let kind = |auth: &Auth| match auth {
            Auth::None => "none",
            Auth::Pass { .. } => "PASS",
            Auth::Ah { .. } => "AH",
            Auth::Hmac(_) => "auth_hmac",
        };
        if kind(old) != kind(new) {
            return self.changed(place, "authentication", kind(old).to_owned(), kind(new).to_owned());
        }
        match (old, new) {
            (Auth::Pass { secret: old }, Auth::Pass { secret: new })
            | (Auth::Ah { secret: old }, Auth::Ah { secret: new }) => {
                if old.bytes != new.bytes {
                    self.changed(place, "auth_pass", "a secret".to_owned(), "another one".to_owned());
                }
            }
            (Auth::Hmac(old), Auth::Hmac(new)) => self.hmac(&place.part("auth_hmac", ""), old, new),
            (Auth::None | Auth::Pass { .. } | Auth::Ah { .. } | Auth::Hmac(_), _) => {}
        }
    }

    fn hmac(&mut self, place: &Place, old: &Hmac, new: &Hmac) {
        fields!(self, place, old, new, Hmac { active_key, time_window_us, is_monotonic, mode } elsewhere { keys });
        let secret = |key: &HmacKey| match &key.source {
            HmacSource::Secret(secret) => (Some(secret.bytes.clone()), None),
            HmacSource::File(path) => (None, Some(path.clone())),
        };
        let keys = |hmac: &Hmac| hmac.keys.iter().map(|key| (key.id, secret(key))).collect::<Vec<_>>();
        let ids = |hmac: &Hmac| hmac.keys.iter().map(|key| key.id).collect::<Vec<_>>();
        if ids(old) != ids(new) {
            self.changed(place, "keys", ids(old).show(""), ids(new).show(""));
        } else if keys(old) != keys(new) {
            self.changed(place, "keys", "secrets".to_owned(), "other ones".to_owned());
        }
    }

    fn transport(&mut self, place: &Place, old: &Transport, new: &Transport) {
        let kind = |transport: &Transport| match transport {
            Transport::Multicast { .. } => "multicast",
            Transport::Unicast { .. } => "unicast",
        };
        if kind(old) != kind(new) {
            self.changed(place, "transport", kind(old).to_owned(), kind(new).to_owned());
        }
        let group = |transport: &Transport| match transport {
            Transport::Multicast { group } => *group,
            Transport::Unicast { .. } => None,
        };
        if kind(old) == kind(new) && group(old) != group(new) {
            self.changed(place, "mcast_dst_ip", group(old).show(""), group(new).show(""));
        }
        let unicast = |transport: &Transport| match transport {
            Transport::Multicast { .. } => (Vec::new(), None),
            Transport::Unicast { peers, ttl } => (peers.clone(), Some(*ttl)),
        };
        let ((before, old_ttl), (after, new_ttl)) = (unicast(old), unicast(new));
        if kind(old) == kind(new) && old_ttl != new_ttl {
            self.changed(place, "unicast_ttl", old_ttl.show(""), new_ttl.show(""));
        }
        let texts = |peers: Vec<Peer>| {
            peers.into_iter().map(|peer| {
                let Peer { address, min_ttl, max_ttl, origin: _ } = peer;
                match (min_ttl, max_ttl) {
                    (0, 255) => address.to_string(),
                    (min, max) => format!("{address} (TTL {min} to {max})"),
                }
            })
        };
        let (before, after) = (texts(before).collect(), texts(after).collect());
        self.texts(place, "unicast_peer", before, after);
    }

    pub(super) fn notify(&mut self, place: &Place, old: &Notify, new: &Notify) {
        let Notify { master, backup, fault, stop, any, master_rx_lower_pri, deleted, reports_deleted } = old;
        let commands = [
            ("notify_master", master, &new.master),
            ("notify_backup", backup, &new.backup),
            ("notify_fault", fault, &new.fault),
            ("notify_stop", stop, &new.stop),
            ("notify", any, &new.any),
            ("notify_master_rx_lower_pri", master_rx_lower_pri, &new.master_rx_lower_pri),
            ("notify_deleted", deleted, &new.deleted),
        ];
        for (keyword, old, new) in commands {
            if old != new {
                self.changed(place, keyword, old.show(""), new.show(""));
            }
        }
        if *reports_deleted != new.reports_deleted {
            self.changed(place, "reports_deleted", reports_deleted.show(""), new.reports_deleted.show(""));
        }
    }

    pub(super) fn raws(&mut self, place: &Place, kind: &'static str, old: &[Raw], new: &[Raw]) {
        let texts = |raws: &[Raw]| raws.iter().map(|raw| raw.show("")).collect();
        if old != new {
            let before = self.changes.len();
            self.texts(place, kind, texts(old), texts(new));
            if self.changes.len() == before {
                self.changed(&place.part(kind, ""), "order", old.to_vec().show(""), new.to_vec().show(""));
            }
        }
    }

    /// Entries that have a text which says all of them.
    pub(super) fn lines<T: Display + PartialEq>(&mut self, place: &Place, kind: &'static str, old: &[T], new: &[T]) {
        let texts = |entries: &[T]| -> Vec<String> { entries.iter().map(T::to_string).collect() };
        if old != new {
            let before = self.changes.len();
            self.texts(place, kind, texts(old), texts(new));
            if self.changes.len() == before {
                self.changed(&place.part(kind, ""), "order", texts(old).join("; "), texts(new).join("; "));
            }
        }
    }

    pub(super) fn sync_groups(&mut self) {
        let name = |group: &SyncGroup| group.name.clone();
        let place = |name: &str| Place::new("vrrp_sync_group", name);
        let (before, after) = (self.old, self.new);
        for (old, new, place) in self.matched(&before.sync_groups, &after.sync_groups, name, place) {
            fields!(self, &place, old, new, SyncGroup {
                tracking_weight, notifies_priority_changes, mails, unknown,
            } elsewhere { name, members, trackers, notify, dropped, settings, origin, origins });
            let members =
                |ir: &Ir, group: &SyncGroup| group.members.iter().map(|id| ir.instance(*id).name.clone()).collect();
            self.texts(&place, "vrrp_instance", members(before, old), members(after, new));
            self.watched(&place, &old.trackers, &new.trackers);
            self.notify(&place, &old.notify, &new.notify);
            self.raws(&place, "setting", &old.settings, &new.settings);
        }
    }
}
