//! Something of keepalived's sample file, or a secret that everybody knows, is still there.
//!
//! The sample file has mail addresses at `firewall.loc`, the mail server 192.168.200.1, the name `LVS_DEVEL` and addresses of
//! its own. Left in place, mails go to an address that is not yours, and each one waits for a timeout. A secret such as
//! `1111` stands in a thousand files, and one equal to the router's own number in others: it cannot even keep two clusters
//! with one number apart.
//!
//! Write your own, or delete the lines for mail: the fix does so where nothing sends mail.
//!
//! ```keepalived fail
//! global_defs {
//!     notification_email {
//!         acassen@firewall.loc
//!     }
//!     smtp_server 192.168.200.1
//!     router_id web1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fixed
//! global_defs {
//!     router_id web1
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived fail
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     garp_master_delay 1
//!     authentication {
//!         auth_type PASS
//!         auth_pass 1111
//!     }
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! global_defs {
//!     notification_email {
//!         ops@example.net
//!     }
//!     smtp_server 192.0.2.25
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     version 3
//!     garp_master_delay 1
//!     virtual_ipaddress {
//!         192.0.2.10/24
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::values::{line_of, written};
use crate::lint::{Findings, Fixable, Meta, announce};
use kalc_grammar::config::SettingId;
use kalc_grammar::schema::Keyword;
use kalc_grammar::schema::global::mail::{
    NOTIFICATION_EMAIL, NOTIFICATION_EMAIL_FROM, SMTP_CONNECT_TIMEOUT, SMTP_HELO_NAME, SMTP_SERVER,
};
use kalc_grammar::schema::global::GLOBAL_DEFS;
use kalc_grammar::schema::global::process::ROUTER_ID;
use kalc_grammar::schema::vrrp_instance::authentication::{AUTHENTICATION, AUTH_PASS};
use kalc_grammar::source::Span;
use kalc_ir::ipvs::{Service, VirtualServer};
use kalc_ir::vrrp::{Auth, Instance};
use std::net::Ipv4Addr;

pub(super) const META: Meta =
    Meta { code: "KA962", severity: Severity::Info, fix: Fixable::Suggested, blocks_run: false };

/// Mail addresses of the sample end so.
const MAIL_DOMAIN: &str = "@firewall.loc";
const MAIL_SERVER: &str = "192.168.200.1";
const NAME: &str = "LVS_DEVEL";
const ADDRESSES: [Ipv4Addr; 3] =
    [Ipv4Addr::new(192, 168, 200, 16), Ipv4Addr::new(192, 168, 200, 17), Ipv4Addr::new(192, 168, 200, 18)];
const SERVICES: [(Ipv4Addr, u16); 3] = [
    (Ipv4Addr::new(192, 168, 200, 100), 443),
    (Ipv4Addr::new(10, 10, 10, 2), 1358),
    (Ipv4Addr::new(10, 10, 10, 3), 1358),
];
const SECRETS: [&str; 6] = ["1111", "1234", "12345678", "password", "PASS", "secret"];
/// What only makes sense with mail.
const MAIL: [&Keyword; 5] =
    [&NOTIFICATION_EMAIL, &NOTIFICATION_EMAIL_FROM, &SMTP_SERVER, &SMTP_CONNECT_TIMEOUT, &SMTP_HELO_NAME];

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    mail(host, out);
    for id in host.config.blocks(&GLOBAL_DEFS).flat_map(|block| host.config.all(block, &ROUTER_ID)) {
        if host.config.values(id).first().is_some_and(|value| host.text(value) == NAME) {
            out.setting(host, id, format!("`{NAME}` is the name in keepalived's sample file"))
                .why("it stands in log lines and mails instead of the host's own")
                .help("write the host's name, or delete the line: keepalived then takes the host name");
        }
    }
    addresses(host, out);
    for instance in &host.ir.vrrp_instances {
        secret(host, instance, out);
    }
}

fn mail(host: &Host, out: &mut Findings<'_>) {
    let statements = || host.config.blocks(&GLOBAL_DEFS).flat_map(|block| host.config.children(block));
    let mut places: Vec<Span> = Vec::new();
    for id in statements() {
        let keyword = host.config.setting(id).keyword;
        let first = |id: SettingId| host.config.values(id).first().map(|value| (value.span, host.text(value)));
        if *keyword == NOTIFICATION_EMAIL {
            let entries = host.config.children(id).filter_map(first);
            places.extend(entries.filter(|(_, text)| text.ends_with(MAIL_DOMAIN)).map(|(span, _)| span));
        } else if let Some((span, text)) = first(id) {
            let is_sender = *keyword == NOTIFICATION_EMAIL_FROM && text.ends_with(MAIL_DOMAIN);
            if is_sender || *keyword == SMTP_SERVER && text == MAIL_SERVER {
                places.push(span);
            }
        }
    }
    let [first, others @ ..] = &places[..] else { return };
    let finding = out.at(host, *first, format!("`{}` comes from keepalived's sample file", host.slice(*first)));
    let mut finding = if sends_mail(host) {
        finding
            .why("mails go to an address that is not yours, and each one waits for a timeout")
            .help("write your own mail server and addresses, or delete the lines for mail")
    } else {
        finding
            .why("nothing sends mail here; whoever switches it on sends it to an address that is not yours")
            .help("delete the lines for mail")
    };
    for other in others {
        finding = finding.label(*other, "this too");
    }
    if !sends_mail(host) {
        let lines = statements().filter(|&id| MAIL.contains(&host.config.setting(id).keyword));
        let edits: Vec<(Span, String)> = lines.map(|id| (line_of(host, id), String::new())).collect();
        finding.suggested_fix(&edits);
    }
}

/// Whether any change is mailed. Real servers do where nothing is said.
fn sends_mail(host: &Host) -> bool {
    let ir = &host.ir;
    ir.vrrp_instances.iter().any(|instance| instance.mails)
        || ir.sync_groups.iter().any(|group| group.mails)
        || ir.virtual_servers.iter().any(|server| server.mails || server.real_servers.iter().any(|real| real.mails))
}

/// Whether a virtual server is one of the sample's; nothing else needs to be said of its address then.
pub(super) fn is_sample_service(server: &VirtualServer) -> bool {
    let Service::Address { address, port } = server.service else { return false };
    SERVICES.iter().any(|(known, known_port)| address == *known && port == *known_port)
}

fn addresses(host: &Host, out: &mut Findings<'_>) {
    let all = host.ir.vrrp_instances.iter().flat_map(announce::addresses);
    let sample: Vec<_> = all.filter(|address| ADDRESSES.iter().any(|known| address.address == *known)).collect();
    // One of them may be anybody's.
    if let [first, second, rest @ ..] = &sample[..] {
        let message = format!("{} and {} are the virtual addresses of keepalived's sample file", first.address, second.address);
        let mut finding = out
            .at(host, announce::span(host, first.origin), message)
            .why("they are hardly those of your network")
            .help("write your own addresses");
        for other in std::iter::once(second).chain(rest) {
            finding = finding.label(announce::span(host, other.origin), "this too");
        }
    }
    for server in &host.ir.virtual_servers {
        let Service::Address { address, port } = server.service else { continue };
        if is_sample_service(server) {
            out.at(host, announce::span(host, server.origin), format!("{address} {port} is a service of keepalived's sample file"))
                .why("keepalived sets it up and checks real servers that are not there")
                .help("delete the block");
        }
    }
}

fn secret(host: &Host, instance: &Instance, out: &mut Findings<'_>) {
    let secret = match &instance.auth {
        Auth::Pass { secret } | Auth::Ah { secret } => secret,
        Auth::None | Auth::Hmac(_) => return,
    };
    if instance.is_unknown("auth") {
        return;
    }
    let Ok(text) = std::str::from_utf8(&secret.bytes) else { return };
    let is_own_number = instance.vrid.is_some_and(|vrid| vrid.to_string() == text);
    if !is_own_number && !SECRETS.contains(&text) {
        return;
    }
    let block = SettingId(instance.origin.0);
    let statement = host.config.last(block, &AUTHENTICATION).and_then(|id| host.config.last(id, &AUTH_PASS));
    let id = statement.or(written(&instance.origins, "auth")).unwrap_or(block);
    let message = if is_own_number {
        format!("the secret `{text}` is the number of the virtual router")
    } else {
        format!("the secret `{text}` stands in a thousand how-tos")
    };
    out.setting(host, id, message)
        .why("it cannot even keep two clusters with one `virtual_router_id` apart")
        .help("take another one, of at most eight characters, on all hosts of the virtual router");
}
