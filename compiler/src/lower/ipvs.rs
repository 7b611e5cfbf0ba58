//! `virtual_server`.

use super::block::{self, Block, Reading, first};
use super::global::default_user;
use super::{Lowerer, real_server};
use crate::share;
use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::schema::{Keyword, virtual_server as row};
use kalc_grammar::value::Data;
use kalc_ir::ipvs::{
    Forwarding, Granularity, GroupEntry, Persistence, Protocol, Scheduler, Service, SorryServer, Tunnel,
    TunnelChecksum, VirtualServer,
};
use kalc_ir::{Family, Global, OriginId, Reason, VirtualServerGroupId};
use std::net::{IpAddr, Ipv4Addr};

/// What persistence lasts where it comes by itself: 6 minutes.
const PERSISTENCE_US: u64 = 360_000_000;

impl Lowerer<'_> {
    /// Virtual servers in a row, without their groups.
    pub(super) fn virtual_servers(&mut self, run: &[SettingId]) {
        let servers = share::map(run, self.is_much(run), |&id| self.virtual_server(id));
        for (&id, server) in run.iter().zip(servers) {
            match server {
                Ok(server) => self.ir.virtual_servers.push(server),
                Err(reason) => self.drop(id, reason),
            }
        }
    }

    /// One virtual server; without a real server there is none.
    fn virtual_server(&self, id: SettingId) -> Result<VirtualServer, Reason> {
        if self.is_misread(id) {
            return Err(Reason::Misspelt);
        }
        let service = service(self.config, id).ok_or(Reason::BadName)?;
        let mut block = Block::new(self.config, id);
        let b = &mut block;
        if matches!(service, Service::Unknown { .. }) {
            b.unknown("service", id);
        }
        let global = &self.ir.global;
        let written = b.choice(&row::IP_FAMILY, "family");
        let mut family = match service {
            Service::Address { address, .. } => Some(Family::of(address)),
            Service::Fwmark(_) | Service::Group { .. } | Service::Unknown { .. } => {
                written.map(|word| if word == "inet6" { Family::Ipv6 } else { Family::Ipv4 })
            }
        };
        let is_fwmark = matches!(service, Service::Fwmark(_));
        let kinds: [&'static Keyword; 2] = [&row::LB_KIND, &row::LVS_METHOD];
        let forwarding = b.read(&kinds, "forwarding", forwarding).unwrap_or(Forwarding::Nat);
        let protocol = protocol(b).filter(|_| !is_fwmark);
        let scheduling = Scheduling::read(b);
        let inherited = real_server::Inherited::of_virtual_server(b, &service, forwarding, global);
        let real_servers = self.real_servers(b, &inherited, &mut family);
        if real_servers.is_empty() {
            return Err(Reason::Incomplete);
        }
        let (quorum, hysteresis) = quorum(b, &real_servers);
        let any_port = matches!(service, Service::Address { port: 0, .. });
        let mut server = VirtualServer {
            family,
            protocol,
            scheduler: scheduling.scheduler,
            scheduler_flag_1: scheduling.flags[0],
            scheduler_flag_2: scheduling.flags[1],
            scheduler_flag_3: scheduling.flags[2],
            one_packet: b.flag(&row::OPS, "one_packet") && protocol == Some(Protocol::Udp),
            forwarding,
            persistence: persistence(b, family, any_port),
            delay_loop_us: inherited.delay_loop_us,
            ha_suspend: b.flag(&row::HA_SUSPEND, "ha_suspend") && !is_fwmark,
            alpha: inherited.alpha,
            omega: b.flag(&row::OMEGA, "omega"),
            quorum,
            hysteresis,
            quorum_up: b.command(&row::QUORUM_UP, "quorum_up"),
            quorum_down: b.command(&row::QUORUM_DOWN, "quorum_down"),
            mails: b
                .switch(&row::SMTP_ALERT, "mails")
                .or(global.mail.alert_checker)
                .or(global.mail.alert)
                .unwrap_or(false),
            sorry_server: sorry_server(b, &inherited, family),
            virtualhost: inherited.virtualhost,
            service,
            real_servers,
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        default_user(server.quorum_up.as_mut(), global);
        default_user(server.quorum_down.as_mut(), global);
        let notes = block.finish();
        Ok(super::with_notes!(server, notes))
    }

    /// Gives virtual servers their groups, which may stand behind them, and what follows from the entries.
    pub(super) fn join_virtual_servers(&mut self) {
        for server in &mut self.ir.virtual_servers {
            let Service::Group { name, group } = &mut server.service else { continue };
            let Some(id) = self.virtual_server_groups.get(name).map(VirtualServerGroupId) else { continue };
            *group = Some(id);
            let entries = &self.ir.virtual_server_groups[id.index()].entries;
            let has_fwmark = entries.iter().any(|entry| matches!(entry, GroupEntry::Fwmark { .. }));
            let any_port = entries.iter().any(|entry| matches!(entry, GroupEntry::Addresses { port: 0, .. }));
            if entries.iter().all(|entry| matches!(entry, GroupEntry::Fwmark { .. })) && !entries.is_empty() {
                server.protocol = None;
            }
            server.ha_suspend &= !has_fwmark;
            if any_port && server.persistence.is_none() {
                server.persistence =
                    Some(Persistence { timeout_us: PERSISTENCE_US, granularity: Granularity::Host, engine: None });
            }
        }
    }
}

/// What the header says.
fn service(config: &Config, id: SettingId) -> Option<Service> {
    let values = config.values(id);
    let text = |value: &Value| config.text_of(value).into_owned();
    if let Some(unknown) = values.iter().find(|value| value.data == Data::Unknown) {
        return Some(Service::Unknown { text: text(unknown) });
    }
    if let Some(values) = config.option(id, &row::FWMARK) {
        return values.first().and_then(block::int).map(Service::Fwmark);
    }
    if let Some(values) = config.option(id, &row::GROUP) {
        return values.first().map(|value| Service::Group { name: text(value), group: None });
    }
    let port = values.get(1).map_or(Some(0), block::int)?;
    values.first().and_then(block::ip).map(|address| Service::Address { address, port })
}

/// UDP unless something else is written.
fn protocol(b: &mut Block<'_>) -> Option<Protocol> {
    Some(match b.choice(&row::PROTOCOL, "protocol") {
        Some("TCP") => Protocol::Tcp,
        Some("SCTP") => Protocol::Sctp,
        Some(_) | None => Protocol::Udp,
    })
}

/// Scheduler and its flags; the flags of `sh` and `mh` count only below the choice of that scheduler.
struct Scheduling {
    scheduler: Scheduler,
    flags: [bool; 3],
}

impl Scheduling {
    fn read(b: &mut Block<'_>) -> Scheduling {
        let fields = ["scheduler_flag_1", "scheduler_flag_2", "scheduler_flag_3"];
        let named: [(&'static Keyword, usize, &str); 4] = [
            (&row::SH_FALLBACK, 0, "sh"),
            (&row::SH_PORT, 1, "sh"),
            (&row::MH_FALLBACK, 0, "mh"),
            (&row::MH_PORT, 1, "mh"),
        ];
        let plain: [&'static Keyword; 3] = [&row::FLAG_1, &row::FLAG_2, &row::FLAG_3];
        let mut scheduling = Scheduling { scheduler: Scheduler::WLC, flags: [false; 3] };
        let keywords: Vec<_> =
            named.iter().map(|named| named.0).chain(plain).chain([&row::LB_ALGO, &row::LVS_SCHED]).collect();
        for id in b.all_of(&keywords) {
            let keyword = b.config.setting(id).keyword;
            let flag = match named.iter().find(|named| named.0 == keyword) {
                Some(&(_, flag, scheduler)) if scheduling.scheduler.name() == scheduler => Some(flag),
                Some(_) => {
                    b.drop(id, Reason::Excluded);
                    continue;
                }
                None => plain.iter().position(|plain| *plain == keyword),
            };
            if let Some(flag) = flag {
                scheduling.flags[flag] = true;
                b.wrote(fields[flag], id);
                continue;
            }
            match first(b.config.values(id), |value| block::choice(value).and_then(Scheduler::new)) {
                Reading::Known(scheduler) => {
                    scheduling.scheduler = scheduler;
                    b.wrote("scheduler", id);
                }
                Reading::Unknown => b.unknown("scheduler", id),
                Reading::Ignored => {}
            }
        }
        scheduling
    }
}

/// `NAT`, `DR` or `TUN` with the words of a tunnel; words that do not go together leave an ipip tunnel.
pub(super) fn forwarding(config: &Config, _: SettingId, values: &[Value]) -> Reading<Forwarding> {
    let method = match first(values, block::choice) {
        Reading::Known(method) => method,
        Reading::Unknown => return Reading::Unknown,
        Reading::Ignored => return Reading::Ignored,
    };
    let (mut kind, mut port, mut checksum) = ("ipip", None, TunnelChecksum::None);
    for value in &values[1..] {
        let word = config.text_of(value);
        match word.as_ref() {
            "gue" => kind = "gue",
            "gre" => kind = "gre",
            "csum" => checksum = TunnelChecksum::Checksum,
            "remcsum" => checksum = TunnelChecksum::Remote,
            _ => port = block::int(value).or(port),
        }
    }
    let tunnel = match (kind, port) {
        ("gue", Some(port)) => Tunnel::Gue { port },
        ("gre", None) if checksum != TunnelChecksum::Remote => Tunnel::Gre,
        (_, _) => {
            checksum = TunnelChecksum::None;
            Tunnel::Ipip
        }
    };
    Reading::Known(match method {
        "NAT" => Forwarding::Nat,
        "DR" => Forwarding::Dr,
        _ => Forwarding::Tun { tunnel, checksum },
    })
}

/// Persistence, if one of its settings is written or the service takes every port.
fn persistence(b: &mut Block<'_>, family: Option<Family>, any_port: bool) -> Option<Persistence> {
    let timeout_us = b.read(&[&row::PERSISTENCE_TIMEOUT], "persistence.timeout_us", |_, _, values| {
        if values.is_empty() {
            return Reading::Known(PERSISTENCE_US);
        }
        first(values, block::int::<u64>).and(|seconds| seconds * 1_000_000)
    });
    let granularity = b.read(&[&row::PERSISTENCE_GRANULARITY], "persistence.granularity", |_, _, values| {
        first(values, |value| match (value.data, family) {
            (Data::Int(length), Some(Family::Ipv6)) => u8::try_from(length).ok().map(Granularity::Prefix),
            // keepalived reads a plain number as the last octet of a mask.
            (Data::Int(number), _) => u32::try_from(number).ok().map(Ipv4Addr::from_bits).map(Granularity::Mask),
            (Data::Ip(IpAddr::V4(mask)), family) if family != Some(Family::Ipv6) => Some(Granularity::Mask(mask)),
            (_, _) => None,
        })
    });
    let engine = b.text_cut(&row::PERSISTENCE_ENGINE, "persistence.engine", 15);
    (timeout_us.is_some() || granularity.is_some() || any_port).then(|| Persistence {
        timeout_us: timeout_us.unwrap_or(PERSISTENCE_US),
        granularity: granularity.unwrap_or(Granularity::Host),
        engine,
    })
}

/// The quorum is at most the sum of all weights, and the hysteresis below the quorum.
fn quorum(b: &mut Block<'_>, servers: &[kalc_ir::RealServer]) -> (u32, u32) {
    let written = b.read(&[&row::QUORUM], "quorum", |_, _, values| match values.first() {
        Some(value) if value.data == Data::Bad => Reading::Known(1),
        _ => first(values, block::int::<u32>),
    });
    let sum = servers.iter().fold(0u32, |sum, server| sum.saturating_add(server.weight));
    let quorum = written.unwrap_or(1).min(sum);
    let hysteresis = b.int::<u32>(&row::HYSTERESIS, "hysteresis").unwrap_or(0);
    (quorum, hysteresis.min(quorum.saturating_sub(1)))
}

/// The last `sorry_server`, and what stands below it.
fn sorry_server(b: &mut Block<'_>, inherited: &real_server::Inherited, family: Option<Family>) -> Option<SorryServer> {
    let keywords: [&'static Keyword; 3] =
        [&row::SORRY_SERVER, &row::SORRY_SERVER_INHIBIT, &row::SORRY_SERVER_LVS_METHOD];
    let mut server: Option<SorryServer> = None;
    for id in b.all_of(&keywords) {
        let keyword = b.config.setting(id).keyword;
        let values = b.config.values(id);
        if keyword == &row::SORRY_SERVER {
            match first(values, block::ip) {
                Reading::Known(address) => {
                    let port = values.get(1).and_then(block::int).filter(|&port| port != 0);
                    b.wrote("sorry_server", id);
                    server = Some(SorryServer {
                        address,
                        port: port.unwrap_or(inherited.port),
                        forwarding: inherited.forwarding,
                        inhibit: false,
                        origin: OriginId(id.0),
                    });
                }
                Reading::Unknown => b.unknown("sorry_server", id),
                Reading::Ignored => b.drop(id, Reason::BadValue),
            }
        } else if let Some(server) = &mut server {
            if keyword == &row::SORRY_SERVER_INHIBIT {
                server.inhibit = true;
            } else if let Reading::Known(forwarding) = forwarding(b.config, id, values) {
                server.forwarding = forwarding;
            }
        } else {
            b.drop(id, Reason::Excluded);
        }
    }
    let mut server = server?;
    let is_tunnel = matches!(server.forwarding, Forwarding::Tun { .. });
    if !is_tunnel && family.is_some_and(|family| family != Family::of(server.address)) {
        b.drop(SettingId(server.origin.0), Reason::OtherFamily);
        return None;
    }
    server.port = inherited.port_for(server.port, server.forwarding);
    Some(server)
}

/// Whether mail goes out for a real server: yes, where nothing is said.
pub(super) fn real_server_mails(written: Option<bool>, global: &Global) -> bool {
    written.or(global.mail.alert_checker).or(global.mail.alert).unwrap_or(true)
}
