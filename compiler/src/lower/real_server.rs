//! `real_server`, and what passes down from virtual server to real server to check.

use super::block::{self, Block};
use super::global::default_user;
use super::ipvs::{forwarding, real_server_mails};
use super::{Lowerer, checker};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::{real_server as row, virtual_server};
use kalc_ir::ipvs::{Forwarding, RealServer, Service};
use kalc_ir::{Family, Global, OriginId, Reason};

/// What a level gives to the next one. Where nothing is written the check decides.
#[derive(Clone)]
pub(super) struct Inherited {
    /// Port of the virtual server; 0 for any, and for services without one.
    pub port: u16,
    /// Whether ports mean nothing: a service by firewall mark.
    is_fwmark: bool,
    /// Whether DR and TUN must have the port of the service.
    has_port: bool,
    pub forwarding: Forwarding,
    pub weight: u32,
    pub retry: Option<u32>,
    pub delay_before_retry_us: Option<u64>,
    pub warmup_us: Option<u64>,
    pub connect_timeout_us: Option<u64>,
    pub delay_loop_us: u64,
    pub inhibit_on_failure: bool,
    pub alpha: bool,
    pub virtualhost: Option<String>,
    pub log_all_failures: bool,
}

impl Inherited {
    pub fn of_virtual_server(b: &mut Block<'_>, service: &Service, forwarding: Forwarding, global: &Global) -> Self {
        let port = match *service {
            Service::Address { port, .. } => port,
            Service::Fwmark(_) | Service::Group { .. } | Service::Unknown { .. } => 0,
        };
        Inherited {
            port,
            is_fwmark: matches!(service, Service::Fwmark(_)),
            has_port: matches!(service, Service::Address { .. }),
            forwarding,
            weight: b.int(&virtual_server::WEIGHT, "weight").unwrap_or(1),
            retry: b.int(&virtual_server::RETRY, "retry"),
            delay_before_retry_us: b.micros(&virtual_server::DELAY_BEFORE_RETRY, "delay_before_retry_us"),
            warmup_us: b.micros(&virtual_server::WARMUP, "warmup_us"),
            connect_timeout_us: b.micros(&virtual_server::CONNECT_TIMEOUT, "connect_timeout_us"),
            delay_loop_us: b.micros(&virtual_server::DELAY_LOOP, "delay_loop_us").unwrap_or(60_000_000),
            inhibit_on_failure: b.flag(&virtual_server::INHIBIT_ON_FAILURE, "inhibit_on_failure"),
            alpha: b.flag(&virtual_server::ALPHA, "alpha"),
            virtualhost: b.text(&virtual_server::VIRTUALHOST, "virtualhost"),
            log_all_failures: global.checker_log_all_failures,
        }
    }

    fn of_real_server(&self, b: &mut Block<'_>) -> Self {
        Inherited {
            retry: b.int(&row::RETRY, "retry").or(self.retry),
            delay_before_retry_us: b
                .micros(&row::DELAY_BEFORE_RETRY, "delay_before_retry_us")
                .or(self.delay_before_retry_us),
            warmup_us: b.micros(&row::WARMUP, "warmup_us").or(self.warmup_us),
            connect_timeout_us: b.micros(&row::CONNECT_TIMEOUT, "connect_timeout_us").or(self.connect_timeout_us),
            delay_loop_us: b.micros(&row::DELAY_LOOP, "delay_loop_us").unwrap_or(self.delay_loop_us),
            inhibit_on_failure: b
                .switch(&row::INHIBIT_ON_FAILURE, "inhibit_on_failure")
                .unwrap_or(self.inhibit_on_failure),
            alpha: b.switch(&row::ALPHA, "alpha").unwrap_or(self.alpha),
            virtualhost: b.text(&row::VIRTUALHOST, "virtualhost").or(self.virtualhost.clone()),
            ..*self
        }
    }

    /// The port that counts: DR and TUN do not rewrite it, so it is that of the service.
    pub fn port_for(&self, port: u16, forwarding: Forwarding) -> u16 {
        match forwarding {
            Forwarding::Nat => port,
            Forwarding::Dr | Forwarding::Tun { .. } if self.is_fwmark => 0,
            Forwarding::Dr | Forwarding::Tun { .. } if self.has_port => self.port,
            Forwarding::Dr | Forwarding::Tun { .. } => port,
        }
    }
}

impl Lowerer<'_> {
    /// The real servers of a virtual server. The first one tells the family where the service does not.
    pub(super) fn real_servers(
        &self,
        b: &mut Block<'_>,
        inherited: &Inherited,
        family: &mut Option<Family>,
    ) -> Vec<RealServer> {
        let blocks = b.all(&row::REAL_SERVER);
        let mut servers: Vec<RealServer> = Vec::with_capacity(blocks.len());
        let mut seen = rustc_hash::FxHashSet::default();
        for id in blocks {
            match self.real_server(id, inherited, family) {
                Ok(Some(server)) if seen.insert((server.address, server.port)) => servers.push(server),
                Ok(Some(_)) => b.drop(id, Reason::Duplicate),
                Ok(None) => b.unknown("real_servers", id),
                Err(reason) => b.drop(id, reason),
            }
        }
        servers
    }

    /// One real server; `None` if only the running daemon knows its address.
    fn real_server(
        &self,
        id: SettingId,
        inherited: &Inherited,
        family: &mut Option<Family>,
    ) -> Result<Option<RealServer>, Reason> {
        let values = self.config.values(id);
        if values.iter().any(|value| value.data == kalc_grammar::value::Data::Unknown) {
            return Ok(None);
        }
        let address = values.first().and_then(block::ip).ok_or(Reason::BadName)?;
        let port = match values.get(1) {
            None => 0,
            Some(value) => block::int(value).ok_or(Reason::BadName)?,
        };
        let mut block = Block::new(self.config, id);
        let b = &mut block;
        let forwarding = b.read(&[&row::LVS_METHOD], "forwarding", forwarding).unwrap_or(inherited.forwarding);
        let own = Family::of(address);
        let is_tunnel = matches!(forwarding, Forwarding::Tun { .. });
        if !is_tunnel && *family.get_or_insert(own) != own {
            return Err(Reason::OtherFamily);
        }
        let port = inherited.port_for(if port == 0 { inherited.port } else { port }, forwarding);
        let global = &self.ir.global;
        let level = inherited.of_real_server(b);
        let mut server = RealServer {
            address,
            port,
            weight: b.int(&row::WEIGHT, "weight").unwrap_or(inherited.weight),
            forwarding,
            upper_threshold: b.int(&row::UTHRESHOLD, "upper_threshold").unwrap_or(0),
            lower_threshold: b.int(&row::LTHRESHOLD, "lower_threshold").unwrap_or(0),
            inhibit_on_failure: level.inhibit_on_failure,
            alpha: level.alpha,
            notify_up: b.command(&row::NOTIFY_UP, "notify_up"),
            notify_down: b.command(&row::NOTIFY_DOWN, "notify_down"),
            mails: real_server_mails(b.switch(&row::SMTP_ALERT, "mails"), global),
            checkers: self.checkers(b, &checker::Place { inherited: &level, address, port }),
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        default_user(server.notify_up.as_mut(), global);
        default_user(server.notify_down.as_mut(), global);
        let notes = block.finish();
        Ok(Some(super::with_notes!(server, notes)))
    }
}
