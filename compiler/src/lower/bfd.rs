//! `bfd_instance` and `garp_group`.

use super::block::{self, Block};
use super::{Lowerer, track};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::bfd as row;
use kalc_grammar::schema::garp_group as garp;
use kalc_ir::vrrp::GarpGroup;
use kalc_ir::{Bfd, OriginId, Reason};

/// Longest name of a session.
const MAX_NAME_BYTES: usize = 31;

impl Lowerer<'_> {
    /// One session; without a neighbour, or with the addresses of another one, there is none.
    pub(super) fn bfd(&mut self, id: SettingId) {
        let Some(name) = self.name(id) else { return };
        if name.len() > MAX_NAME_BYTES {
            return self.drop(id, Reason::BadName);
        }
        let mut b = Block::new(self.config, id);
        let neighbor = b
            .read(&[&row::NEIGHBOR_IP, &row::NEIGHBOUR_IP], "neighbor", |_, _, values| block::first(values, block::ip));
        if neighbor.is_none() && !b.is_unknown("neighbor") {
            return self.drop(id, Reason::Incomplete);
        }
        let source = b
            .ip(&row::SOURCE_IP, "source")
            .filter(|source| neighbor.is_none_or(|neighbor| neighbor.is_ipv4() == source.is_ipv4()));
        let is_new = neighbor.is_none_or(|neighbor| self.bfd_addresses.insert((neighbor, source)));
        if !is_new || !self.bfds.add(name.clone(), self.ir.bfd_instances.len()) {
            return self.drop(id, Reason::Duplicate);
        }
        let ttl = b.read(&[&row::TTL, &row::HOPLIMIT], "ttl", |_, _, values| block::first(values, block::int::<u8>));
        let ttl = ttl.unwrap_or(if neighbor.is_some_and(|neighbor| neighbor.is_ipv6()) { 64 } else { 255 });
        let vrrp = b.flag(&row::VRRP, "serves_vrrp");
        let checker = b.flag(&row::CHECKER, "serves_checkers");
        let bfd = Bfd {
            name: name.into_owned(),
            neighbor,
            source,
            min_rx_us: b.micros(&row::MIN_RX, "min_rx_us").unwrap_or(10_000),
            min_tx_us: b.micros(&row::MIN_TX, "min_tx_us").unwrap_or(10_000),
            idle_tx_us: b.micros(&row::IDLE_TX, "idle_tx_us").unwrap_or(1_000_000),
            multiplier: b.int(&row::MULTIPLIER, "multiplier").unwrap_or(5),
            is_passive: b.flag(&row::PASSIVE, "is_passive"),
            ttl,
            max_hops: match b.int::<i64>(&row::MAX_HOPS, "max_hops") {
                Some(hops) => u8::try_from(hops).ok().map(|hops| hops.min(ttl)),
                None => Some(0),
            },
            is_multihop: b.switch(&row::MULTIHOP, "is_multihop").unwrap_or(false),
            weight: track::definition_weight(&mut b, &row::WEIGHT),
            serves_vrrp: vrrp || !checker,
            serves_checkers: checker || !vrrp,
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        let notes = b.finish();
        self.ir.bfd_instances.push(super::with_notes!(bfd, notes));
    }

    /// One `garp_group`; without an interval there is none.
    pub(super) fn garp_group(&mut self, id: SettingId) {
        let mut b = Block::new(self.config, id);
        let mut interfaces: Vec<String> = Vec::new();
        for statement in b.all_of(&[&garp::INTERFACE, &garp::INTERFACES]) {
            b.wrote("interfaces", statement);
            let is_list = self.config.setting(statement).keyword == &garp::INTERFACES;
            let one = (!is_list).then_some(statement);
            for entry in block::children(self.config, statement).filter(|_| is_list).chain(one) {
                interfaces.extend(self.config.values(entry).iter().filter_map(|value| block::text(self.config, value)));
            }
        }
        let group = GarpGroup {
            garp_interval_us: b.micros(&garp::GARP_INTERVAL, "garp_interval_us"),
            gna_interval_us: b.micros(&garp::GNA_INTERVAL, "gna_interval_us"),
            interfaces,
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        let notes = b.finish();
        if group.garp_interval_us.is_none() && group.gna_interval_us.is_none() && notes.unknown.is_empty() {
            return self.drop(id, Reason::Incomplete);
        }
        self.ir.garp_groups.push(super::with_notes!(group, notes));
    }
}
