//! The checks of a real server.

use super::Lowerer;
use super::auth::hex_bytes;
use super::block::{self, Block, Reading, dropped, first};
use super::global::default_user;
use super::real_server::Inherited;
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::checker::{self as row, connection, dns, named, script, smtp, timing, udp, url, web};
use kalc_grammar::schema::ssl;
use kalc_grammar::value::Data;
use kalc_ir::checker::{Checker, CheckerKind, Connection, Http, HttpProtocol, ReplyByte, TlsClient, Url};
use kalc_ir::track::Weight;
use kalc_ir::vrrp::Secret;
use kalc_ir::{BfdId, OriginId, Reason, TrackFileId};
use std::net::IpAddr;

/// What a check has around it.
pub(super) struct Place<'i> {
    pub inherited: &'i Inherited,
    pub address: IpAddr,
    pub port: u16,
}

impl Lowerer<'_> {
    /// All checks of a real server, in the order of the text.
    pub(super) fn checkers(&self, b: &mut Block<'_>, place: &Place<'_>) -> Vec<Checker> {
        let mut checkers = Vec::new();
        for id in b.all_of(row::ROWS) {
            let mut inner = Block::new(self.config, id);
            match self.kind(&mut inner, id, place) {
                Ok(kind) => checkers.push(checker(inner, kind, place.inherited)),
                Err(reason) => b.notes.dropped.push(dropped(self.config, id, reason)),
            }
        }
        // Most servers have one check, and a vector that grows makes room for four.
        checkers.shrink_to_fit();
        checkers
    }

    fn kind(&self, b: &mut Block<'_>, id: SettingId, place: &Place<'_>) -> Result<CheckerKind, Reason> {
        let keyword = self.config.setting(id).keyword;
        let is = |row: &'static Keyword| keyword == row;
        if is(&row::MISC_CHECK) {
            self.misc(b, place)
        } else if is(&row::FILE_CHECK) {
            self.file_check(b)
        } else if is(&row::BFD_CHECK) {
            let name = b.text(&named::NAME, "kind.bfd").ok_or(Reason::Incomplete)?;
            self.bfds.get(&name).map(|bfd| CheckerKind::Bfd { bfd: BfdId(bfd) }).ok_or(Reason::NotDefined)
        } else {
            let connection = connection(b, place)?;
            if is(&row::HTTP_GET) || is(&row::SSL_GET) {
                http(b, connection, place, is(&row::SSL_GET))
            } else if is(&row::SMTP_CHECK) {
                let helo_name = b.text(&smtp::HELO_NAME, "kind.helo_name");
                let helo_name = helo_name.unwrap_or_else(|| "smtpchecker.keepalived.org".to_owned());
                Ok(CheckerKind::Smtp { connection, helo_name })
            } else if is(&row::DNS_CHECK) {
                let record = b.choice(&dns::TYPE, "kind.record").unwrap_or("SOA");
                let name = b.text(&dns::NAME, "kind.name").unwrap_or_else(|| ".".to_owned());
                Ok(CheckerKind::Dns { connection, record, name })
            } else if is(&row::PING_CHECK) {
                Ok(CheckerKind::Ping { connection })
            } else if is(&row::UDP_CHECK) {
                Ok(datagram(b, connection))
            } else {
                Ok(CheckerKind::Tcp { connection })
            }
        }
    }

    fn misc(&self, b: &mut Block<'_>, place: &Place<'_>) -> Result<CheckerKind, Reason> {
        let mut command = b.command(&script::MISC_PATH, "kind.command");
        if command.is_none() && !b.is_unknown("kind.command") {
            return Err(Reason::Incomplete);
        }
        let user = b.read(&[&script::USER], "kind.user", |config, _, values| {
            let group = values.get(1).and_then(|value| block::text(config, value));
            first(values, |value| block::text(config, value)).and(|user| (user, group))
        });
        if let (Some(command), Some((user, group))) = (&mut command, user) {
            (command.user, command.group) = (Some(user), group);
        }
        default_user(command.as_mut(), &self.ir.global);
        // Read again by `checker`, which notes where it was written.
        let delay_loop_us = delay_loop(b, place.inherited);
        Ok(CheckerKind::Misc {
            command,
            timeout_us: b
                .seconds(&script::MISC_TIMEOUT, "kind.timeout_us")
                .filter(|&micros| micros != 0)
                .unwrap_or(delay_loop_us),
            is_dynamic: b.flag(&script::MISC_DYNAMIC, "kind.is_dynamic"),
        })
    }

    fn file_check(&self, b: &mut Block<'_>) -> Result<CheckerKind, Reason> {
        let name = b.text(&named::TRACK_FILE, "kind.file").ok_or(Reason::Incomplete)?;
        let file = self.files.get(&name).map(TrackFileId).ok_or(Reason::NotDefined)?;
        let defined = self.ir.file(file).weight;
        let weight = b.read(&[&named::WEIGHT], "kind.weight", |_, _, values| {
            let reverse = values.get(1).and_then(block::choice).map(|word| word == "reverse");
            first(values, block::int)
                .and(|change| Weight { change, is_reversed: reverse.unwrap_or(defined.is_reversed) })
        });
        Ok(CheckerKind::File { file, weight: weight.unwrap_or(defined) })
    }
}

/// What all checks share. The defaults depend on the kind.
fn checker(mut block: Block<'_>, kind: CheckerKind, inherited: &Inherited) -> Checker {
    let b = &mut block;
    let delay_loop_us = delay_loop(b, inherited);
    let (retry, delay_before_retry_us) = match kind {
        CheckerKind::Http(_) => (1, 3_000_000),
        CheckerKind::Dns { .. } => (3, delay_loop_us),
        CheckerKind::Misc { .. } => (0, 1_000_000),
        CheckerKind::Tcp { .. } | CheckerKind::Smtp { .. } | CheckerKind::Ping { .. } | CheckerKind::Udp { .. } => {
            (1, 1_000_000)
        }
        CheckerKind::File { .. } | CheckerKind::Bfd { .. } => (0, 0),
    };
    let retries: [&'static Keyword; 2] = [&timing::RETRY, &web::NB_GET_RETRY];
    let checker = Checker {
        retry: b.read(&retries, "retry", |_, _, values| first(values, block::int)).or(inherited.retry).unwrap_or(retry),
        delay_before_retry_us: b
            .micros(&timing::DELAY_BEFORE_RETRY, "delay_before_retry_us")
            .or(inherited.delay_before_retry_us)
            .unwrap_or(delay_before_retry_us),
        delay_loop_us,
        warmup_us: b.micros(&timing::WARMUP, "warmup_us").or(inherited.warmup_us).unwrap_or(delay_loop_us),
        alpha: b.switch(&timing::ALPHA, "alpha").unwrap_or(inherited.alpha),
        log_all_failures: b.switch(&timing::LOG_ALL_FAILURES, "log_all_failures").unwrap_or(inherited.log_all_failures),
        kind,
        unknown: Vec::new(),
        dropped: Vec::new(),
        settings: Vec::new(),
        origin: OriginId(0),
        origins: kalc_ir::Origins::new(),
    };
    let notes = block.finish();
    super::with_notes!(checker, notes)
}

fn delay_loop(b: &mut Block<'_>, inherited: &Inherited) -> u64 {
    b.peek(&timing::DELAY_LOOP, "delay_loop_us", |values| first(values, block::micros))
        .unwrap_or(inherited.delay_loop_us)
}

/// Where a check connects to. A link-local address needs an interface.
fn connection(b: &mut Block<'_>, place: &Place<'_>) -> Result<Connection, Reason> {
    let address = b.ip(&connection::CONNECT_IP, "kind.address").unwrap_or(place.address);
    let interface = b.text(&connection::BIND_IF, "kind.interface");
    if let IpAddr::V6(address) = address
        && address.is_unicast_link_local()
        && interface.is_none()
    {
        return Err(Reason::Incomplete);
    }
    let source = b.ip(&connection::BINDTO, "kind.source");
    Ok(Connection {
        address,
        port: b.int(&connection::CONNECT_PORT, "kind.port").unwrap_or(place.port),
        source: source.filter(|source| source.is_ipv4() == address.is_ipv4()),
        source_port: b.int(&connection::BIND_PORT, "kind.source_port"),
        interface,
        timeout_us: b
            .micros(&connection::CONNECT_TIMEOUT, "kind.connect_timeout_us")
            .or(place.inherited.connect_timeout_us)
            .unwrap_or(5_000_000),
        fwmark: b.int(&connection::FWMARK, "kind.fwmark").unwrap_or(0),
    })
}

fn datagram(b: &mut Block<'_>, connection: Connection) -> CheckerKind {
    let text = |b: &mut Block<'_>, keyword, field| {
        b.read(&[keyword], field, |config, _, values| {
            if values.iter().any(|value| value.data == Data::Unknown) {
                return Reading::Unknown;
            }
            if values.iter().any(|value| value.data == Data::Bad) {
                return Reading::Ignored;
            }
            Reading::Known(values.iter().map(|value| config.text_of(value)).collect::<String>())
        })
    };
    let payload = text(b, &udp::PAYLOAD, "kind.payload").unwrap_or_default();
    let reply = text(b, &udp::REQUIRE_REPLY, "kind.reply");
    CheckerKind::Udp {
        connection,
        payload: hex_bytes(&payload),
        requires_reply: reply.is_some(),
        reply: reply_bytes(&reply.unwrap_or_default()),
        min_reply_bytes: b.int(&udp::MIN_REPLY_LENGTH, "kind.min_reply_bytes").unwrap_or(0),
        max_reply_bytes: b.int(&udp::MAX_REPLY_LENGTH, "kind.max_reply_bytes").unwrap_or(255),
    }
}

/// Pairs of hexadecimal digits where `x` stands for any.
fn reply_bytes(text: &str) -> Vec<ReplyByte> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let nibble = |c: &char| c.to_digit(16).map_or((0, 0), |digit| (digit as u8, 0xf));
    let byte = |pair: &[char]| {
        pair.iter().map(nibble).fold(ReplyByte { value: 0, mask: 0 }, |byte, (value, mask)| ReplyByte {
            value: byte.value << 4 | value,
            mask: byte.mask << 4 | mask,
        })
    };
    digits.chunks(2).map(byte).collect()
}

impl Lowerer<'_> {
    /// `SSL`, in the place of one before.
    pub(super) fn tls_client(&mut self, id: SettingId) {
        let mut b = Block::new(self.config, id);
        let client = TlsClient {
            certificate: b.text(&ssl::CERTIFICATE, "certificate"),
            key: b.text(&ssl::KEY, "key"),
            password: b.text(&ssl::PASSWORD, "password").map(|text| Secret {
                written_length: u32::try_from(text.len()).unwrap_or(u32::MAX),
                bytes: text.into_bytes(),
            }),
            unknown: Vec::new(),
            dropped: Vec::new(),
            settings: Vec::new(),
            origin: OriginId(id.0),
            origins: kalc_ir::Origins::new(),
        };
        let notes = b.finish();
        self.ir.tls_client = Some(super::with_notes!(client, notes));
    }
}

/// `HTTP_GET` and `SSL_GET`; without a page there is none.
fn http(b: &mut Block<'_>, connection: Connection, place: &Place<'_>, tls: bool) -> Result<CheckerKind, Reason> {
    let virtualhost = b.text(&web::VIRTUALHOST, "kind.virtualhost").or_else(|| place.inherited.virtualhost.clone());
    let tls_compliant = b.switch(&web::TLS_COMPLIANT, "kind.tls_compliant").unwrap_or(false);
    let mut urls = Vec::new();
    for id in b.all_of(&[&web::URL, &web::TLS_URL]) {
        match page(b, id, virtualhost.as_deref(), tls_compliant) {
            Some(url) => urls.push(url),
            None => b.drop(id, Reason::Incomplete),
        }
    }
    if urls.is_empty() {
        return Err(Reason::Incomplete);
    }
    let sni_name = b.read(&[&web::SNI_NAME], "kind.sni_name", |config, _, values| {
        if values.is_empty() {
            return Reading::Known(None);
        }
        first(values, |value| block::text(config, value)).and(Some)
    });
    let protocol = b.choice(&web::HTTP_PROTOCOL, "kind.protocol");
    Ok(CheckerKind::Http(Http {
        connection,
        tls,
        protocol: match protocol {
            Some("1.1") => HttpProtocol::V1_1,
            Some("1.0C" | "1.0c") => HttpProtocol::V1_0Close,
            Some(_) | None => HttpProtocol::V1_0,
        },
        sni: b.switch(&web::ENABLE_SNI, "kind.sni").unwrap_or(false) || sni_name.is_some(),
        sni_name: sni_name.flatten(),
        fast_recovery: b.switch(&web::FAST_RECOVERY, "kind.fast_recovery").unwrap_or(false),
        tls_compliant,
        urls,
    }))
}

/// One page; without a path there is none.
fn page(b: &Block<'_>, id: SettingId, virtualhost: Option<&str>, tls_compliant: bool) -> Option<Url> {
    let mut inner = Block::new(b.config, id);
    let path = inner.text(&url::PATH, "path");
    if path.is_none() && !inner.is_unknown("path") {
        return None;
    }
    let status_codes = inner.read(&[&url::STATUS_CODE], "status_codes", |_, _, values| {
        let ranges = values.iter().filter_map(|value| match value.data {
            Data::Range(first, last) => Some((u16::try_from(first).ok()?, u16::try_from(last).ok()?)),
            _ => None,
        });
        let ranges: Vec<_> = ranges.collect();
        if ranges.is_empty() { Reading::Ignored } else { Reading::Known(ranges) }
    });
    let page = Url {
        path: path.unwrap_or_default(),
        digest: inner.text(&url::DIGEST, "digest").map(|digest| digest.to_ascii_lowercase()),
        status_codes: status_codes.unwrap_or_else(|| vec![(200, 299)]),
        virtualhost: inner.text(&url::VIRTUALHOST, "virtualhost").or_else(|| virtualhost.map(str::to_owned)),
        regex: inner.text(&url::REGEX, "regex"),
        regex_no_match: inner.flag(&url::REGEX_NO_MATCH, "regex_no_match"),
        tls_compliant: inner.switch(&url::TLS_COMPLIANT, "tls_compliant").unwrap_or(tls_compliant),
        unknown: Vec::new(),
        settings: Vec::new(),
        origin: OriginId(id.0),
        origins: kalc_ir::Origins::new(),
    };
    let notes = inner.finish();
    Some(Url { unknown: notes.unknown, settings: notes.settings, origins: notes.origins, ..page })
}
