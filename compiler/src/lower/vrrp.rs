//! `vrrp_instance`.

use super::block::{self, Block, Reading, first};
use super::{Lowerer, addresses, auth, interface, notify, peers, routes, timers, track};
use crate::share;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::vrrp_instance as row;
use kalc_grammar::schema::vrrp_instance::{interface as iface, unicast};
use kalc_grammar::value::Data;
use kalc_ir::vrrp::{Auth, InitialState, Instance, VirtualInterface};
use kalc_ir::{Address, Family, Global, OriginId, Priority, Reason, Unknown, Vrid, VrrpVersion};
use std::net::IpAddr;

/// Most addresses that an advert can name: 255 can be counted, and with an MTU of 1500 bytes a packet has room for 89 of
/// IPv6 (measured with 2.2.7).
pub fn most_addresses(family: Option<Family>) -> usize {
    match family {
        Some(Family::Ipv6) => 89,
        Some(Family::Ipv4) | None => 255,
    }
}

impl Lowerer<'_> {
    /// Instances in a row; a second one of the same name, and one without exactly one name, is skipped.
    pub(super) fn instances(&mut self, run: &[SettingId]) {
        let mut named = Vec::with_capacity(run.len());
        for &id in run {
            if self.is_misread(id) {
                self.drop(id, Reason::Misspelt);
                continue;
            }
            let Some(name) = self.name(id) else { continue };
            if block::has_trailing_words(self.config, id) {
                self.drop(id, Reason::BadName);
            } else if self.instance_names.add(name.clone(), self.ir.vrrp_instances.len() + named.len()) {
                named.push((id, name));
            } else {
                self.drop(id, Reason::Duplicate);
            }
        }
        let instances = share::map(&named, self.is_much(run), |(id, name)| self.instance(*id, name));
        self.ir.vrrp_instances.extend(instances);
    }

    fn instance(&self, id: SettingId, name: &str) -> Instance {
        let mut block = Block::new(self.config, id);
        let b = &mut block;
        let global = &self.ir.global;

        let family = peers::family(self.config, id);
        let only_family = family.map(|(family, _)| family);
        let strict = b.switch(&row::STRICT_MODE, "is_strict").unwrap_or(global.vrrp_strict);
        let version = timers::version(b, global, family, strict);
        let advert_interval_us = timers::advert_interval(b, version);
        let auth = auth::auth(b, &auth::Context { version, family: only_family, strict, advert_interval_us });
        let election = election(b, strict, &auth);
        let vrid = b.int::<u8>(&row::VIRTUAL_ROUTER_ID, "vrid").and_then(Vrid::new);
        let own_interface = b.text(&iface::INTERFACE, "interface");
        let (mut virtual_interface, ipvlan_source) = interface::virtual_interface(b, vrid, only_family, strict);
        let source = peers::source(b, only_family).or(ipvlan_source);
        let peers = peers::Peers::read(b, global, only_family);
        interface::settle_base(b, &mut virtual_interface, peers.is_unicast(), strict);
        // Where an interface is made for the addresses, its name is known last.
        let home = own_interface.as_deref().filter(|_| virtual_interface == VirtualInterface::None);
        let (mut virtual_addresses, mut excluded_addresses) = virtual_addresses(b, only_family, home);
        if home.is_none() {
            // `dev` with the interface below means the made one, too (measured).
            for address in virtual_addresses.iter_mut().chain(&mut excluded_addresses) {
                address.interface = address.interface.take().filter(|name| Some(name) != own_interface.as_ref());
            }
        }
        let mut trackers = self.trackers(b);
        drop_own_interface(b, &mut trackers, own_interface.as_deref());
        if election.priority.is_owner() {
            track::restrict(self.config, &mut trackers, Reason::WeightOfOwner, &mut b.notes.dropped);
        }
        let garp = timers::announcements(b, global, strict);
        let owner = election.priority.is_owner();
        let instance = Instance {
            name: name.to_owned(),
            vrid,
            family: only_family,
            version,
            state: election.state,
            priority: election.priority,
            advert_interval_us,
            down_timer_adverts: match b.int(&row::DOWN_TIMER_ADVERTS, "down_timer_adverts") {
                _ if strict => 3,
                Some(adverts) => adverts,
                None => global.vrrp_down_timer_adverts,
            },
            preempts: election.preempts,
            preempt_delay_us: election.preempt_delay_us,
            timer_expired_backup: timer_expired(b).filter(|_| !election.preempts),
            is_strict: strict,
            accepts: accepts(b, strict, version, owner),
            auth,
            source,
            tracks_source: b.flag(&unicast::TRACK_SRC_IP, "tracks_source") && source.is_some(),
            checks_unicast_source: b.flag(&unicast::CHECK_UNICAST_SRC, "checks_unicast_source")
                || global.vrrp_check_unicast_src
                || peers.limits_ttl(),
            faults_without_peer: b.flag(&unicast::UNICAST_FAULT_NO_PEER, "faults_without_peer"),
            old_unicast_checksum: peers::old_checksum(b),
            v3_checksum_as_v2: b
                .switch(&row::V3_CHECKSUM_AS_V2, "v3_checksum_as_v2")
                .unwrap_or(global.v3_checksum_as_v2),
            // Both versions switch it on whatever follows, `off` too.
            skips_check_adv_addr: b.flag(&row::SKIP_CHECK_ADV_ADDR, "skips_check_adv_addr")
                || global.vrrp_skip_check_adv_addr,
            lower_prio_no_advert: b
                .switch(&row::LOWER_PRIO_NO_ADVERT, "lower_prio_no_advert")
                .unwrap_or(global.vrrp_lower_prio_no_advert)
                || strict,
            higher_prio_send_advert: b
                .switch(&row::HIGHER_PRIO_SEND_ADVERT, "higher_prio_send_advert")
                .unwrap_or(global.vrrp_higher_prio_send_advert)
                && !strict,
            owner_ignore_adverts: match b.switch(&row::OWNER_IGNORE_ADVERTS, "owner_ignore_adverts") {
                _ if !owner => false,
                Some(_) => true,
                None => global.vrrp_owner_ignore_adverts,
            },
            transport: peers.transport,
            virtual_addresses,
            excluded_addresses,
            virtual_routes: self.entries(b, (&row::VIRTUAL_ROUTES, "virtual_routes"), routes::route),
            virtual_rules: self.entries(b, (&row::VIRTUAL_RULES, "virtual_rules"), routes::rule),
            promotes_secondaries: b.flag(&iface::PROMOTE_SECONDARIES, "promotes_secondaries")
                && virtual_interface == VirtualInterface::None,
            virtual_interface,
            uses_vmac_for_addresses: b.flag(&iface::USE_VMAC_ADDR, "uses_vmac_for_addresses"),
            ignores_own_interface: b.flag(&iface::DONT_TRACK_PRIMARY, "ignores_own_interface"),
            vrf: b.text(&iface::VRF, "vrf").filter(|_| own_interface.is_none()),
            interface: own_interface,
            receive_buffer_bytes: b.int(&row::KERNEL_RX_BUF_SIZE, "receive_buffer_bytes"),
            garp_master_delay_us: garp.master_delay_us,
            garp_master_repeat: garp.master_repeat,
            garp_master_refresh_us: garp.master_refresh_us,
            garp_master_refresh_repeat: garp.master_refresh_repeat,
            garp_lower_prio_delay_us: garp.lower_prio_delay_us,
            garp_lower_prio_repeat: garp.lower_prio_repeat,
            garp_extra_if_us: garp.extra_if_us,
            garp_extra_if_all: garp.extra_if_all,
            trackers,
            sync_group: None,
            notify: notify::instance(b, global),
            notifies_priority_changes: b
                .switch(&row::NOTIFY_PRIORITY_CHANGES, "notifies_priority_changes")
                .unwrap_or(global.vrrp_notify_priority_changes),
            mails: notify::mails(b, global),
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        // Read once all instances are known.
        b.all(&row::LVS_SYNC_DAEMON_INTERFACE);
        let notes = block.finish();
        super::with_notes!(instance, notes)
    }
}

/// What decides who is master.
struct Election {
    state: InitialState,
    priority: Priority,
    preempts: bool,
    preempt_delay_us: u64,
}

fn election(b: &mut Block<'_>, strict: bool, auth: &Auth) -> Election {
    let state = state(b);
    let written = priority(b);
    let default = if state == Some(InitialState::Master) { Priority::OWNER } else { Priority::DEFAULT };
    let priority = written.unwrap_or(default);
    // What is unknown makes unknown what follows from it.
    if written.is_none() && b.is_unknown("state") && !b.is_unknown("priority") {
        copy_unknown(b, "state", "priority");
    } else if state.is_none() && b.is_unknown("priority") && !b.is_unknown("state") {
        copy_unknown(b, "priority", "state");
    }
    let by_priority = if priority.is_owner() { InitialState::Master } else { InitialState::Backup };
    let mut state = match state {
        Some(state) if !strict => state,
        Some(_) | None => by_priority,
    };
    if matches!(auth, Auth::Ah { .. }) && !priority.is_owner() {
        state = InitialState::Backup;
    }
    let nopreempt = b.read(&[&row::NOPREEMPT, &row::PREEMPT], "preempts", |config, id, _| {
        Reading::Known(config.setting(id).keyword == &row::NOPREEMPT)
    });
    let delay = b.micros(&row::PREEMPT_DELAY, "preempt_delay_us").unwrap_or(0);
    let master = state == InitialState::Master;
    let preempts = nopreempt != Some(true) || master || priority.is_owner();
    let preempt_delay_us = if master || strict || !preempts { 0 } else { delay };
    Election { state, priority, preempts, preempt_delay_us }
}

fn copy_unknown(b: &mut Block<'_>, from: &str, field: &'static str) {
    if let Some(unknown) = b.notes.unknown.iter().find(|unknown| unknown.field == from).cloned() {
        b.notes.unknown.push(Unknown { field, ..unknown });
    }
}

/// MASTER beats a BACKUP that stands behind it; a word that is neither means BACKUP.
fn state(b: &mut Block<'_>) -> Option<InitialState> {
    let mut master = false;
    b.read(&[&row::STATE], "state", |_, _, values| match values.first().map(|value| value.data) {
        None => Reading::Ignored,
        Some(Data::Choice("MASTER")) => {
            master = true;
            Reading::Known(InitialState::Master)
        }
        Some(Data::Choice(_)) if master => Reading::Ignored,
        Some(Data::Unknown) => Reading::Unknown,
        Some(_) => {
            master = false;
            Reading::Known(InitialState::Backup)
        }
    })
}

/// A number out of range means 100, whatever stood before it and whatever the state.
fn priority(b: &mut Block<'_>) -> Option<Priority> {
    b.read(&[&row::PRIORITY], "priority", |_, _, values| match values.first() {
        Some(value) if value.data == Data::Bad => Reading::Known(Priority::DEFAULT),
        _ => first(values, |value| block::int(value).and_then(Priority::new)),
    })
}

fn timer_expired(b: &mut Block<'_>) -> Option<u8> {
    b.read(&[&row::TIMER_EXPIRED_BACKUP, &row::THREAD_TIMER_EXPIRED], "timer_expired_backup", |_, _, values| {
        if values.is_empty() { Reading::Known(254) } else { first(values, block::int) }
    })
}

/// The last of `accept` and `no_accept`; strict mode does not accept, except for an owner, and in version 2 not even
/// when told to.
fn accepts(b: &mut Block<'_>, strict: bool, version: VrrpVersion, owner: bool) -> bool {
    let written = b.read(&[&row::ACCEPT, &row::NO_ACCEPT], "accepts", |config, id, _| {
        Reading::Known(config.setting(id).keyword == &row::ACCEPT)
    });
    match written {
        Some(true) => !strict || owner || version == VrrpVersion::V3,
        Some(false) => false,
        None => !strict || owner,
    }
}

/// Both lists of addresses. Those of the other family are left out, and those that an advert cannot count are moved.
fn virtual_addresses(
    b: &mut Block<'_>,
    family: Option<Family>,
    interface: Option<&str>,
) -> (Vec<Address>, Vec<Address>) {
    let mut advertised = address_list(b, &row::VIRTUAL_IPADDRESS, "virtual_addresses", interface, family);
    let mut excluded = address_list(b, &row::VIRTUAL_IPADDRESS_EXCLUDED, "excluded_addresses", interface, None);
    let most = most_addresses(family);
    if advertised.len() > most {
        excluded.extend(advertised.drain(most..));
    }
    (advertised, excluded)
}

fn address_list(
    b: &mut Block<'_>,
    list: &'static kalc_grammar::schema::Keyword,
    field: &'static str,
    interface: Option<&str>,
    family: Option<Family>,
) -> Vec<Address> {
    let entries = track::entries(b, list, field);
    let mut addresses = Vec::with_capacity(entries.len());
    for entry in entries {
        if b.config.values(entry).first().is_some_and(|value| value.data == Data::Unknown) {
            b.unknown(field, entry);
            continue;
        }
        match addresses::lower(b.config, entry, interface) {
            Ok(address) if family.is_some_and(|family| family != Family::of(address.address)) => {
                b.drop(entry, Reason::OtherFamily);
            }
            Ok(address) => addresses.push(address),
            Err(dropped) => b.notes.dropped.push(dropped),
        }
    }
    addresses
}

fn drop_own_interface(b: &mut Block<'_>, trackers: &mut kalc_ir::Trackers, own: Option<&str>) {
    trackers.interfaces.retain(|tracked| {
        let is_own = Some(tracked.interface.as_str()) == own;
        if is_own {
            b.drop(SettingId(tracked.origin.0), Reason::OwnInterface);
        }
        !is_own
    });
}

/// The default group for adverts of a family.
pub(super) fn group(global: &Global, family: Family) -> IpAddr {
    match family {
        Family::Ipv4 => IpAddr::V4(global.vrrp_mcast_group4),
        Family::Ipv6 => IpAddr::V6(global.vrrp_mcast_group6),
    }
}
