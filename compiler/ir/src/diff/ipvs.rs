//! Virtual servers, their real servers and their checks.

use super::show::Show;
use super::{Action, Diff, Place, fields};
use crate::Ir;
use crate::checker::{Checker, CheckerKind};
use crate::ipvs::{GroupEntry, Persistence, RealServer, Service, SorryServer, VirtualServer, VirtualServerGroup};

impl<'i> Diff<'i> {
    pub(super) fn virtual_servers(&mut self) {
        let (before, after) = (self.old, self.new);
        let place = |name: &str| Place::new("virtual_server", name);
        for (old, new, place) in self.matched(&before.virtual_servers, &after.virtual_servers, service, place) {
            fields!(self, &place, old, new, VirtualServer {
                family, scheduler, scheduler_flag_1, scheduler_flag_2, scheduler_flag_3, one_packet, forwarding,
                delay_loop_us, ha_suspend, alpha, omega, quorum, hysteresis, quorum_up, quorum_down, mails, virtualhost,
                unknown,
            } elsewhere {
                service, protocol, persistence, sorry_server, real_servers, dropped, settings, origin, origins,
            });
            self.persistence(&place, old.persistence.as_ref(), new.persistence.as_ref());
            self.sorry_server(&place, old.sorry_server.as_ref(), new.sorry_server.as_ref());
            self.raws(&place, "setting", &old.settings, &new.settings);
            self.real_servers(&place, old, new);
        }
        let name = |group: &VirtualServerGroup| group.name.clone();
        let place = |name: &str| Place::new("virtual_server_group", name);
        for (old, new, place) in self.matched(&before.virtual_server_groups, &after.virtual_server_groups, name, place)
        {
            let entries = |group: &VirtualServerGroup| group.entries.iter().map(entry).collect();
            self.texts(&place, "entry", entries(old), entries(new));
            fields!(self, &place, old, new, VirtualServerGroup { unknown } elsewhere { name, entries, dropped, origin });
        }
    }

    fn persistence(&mut self, place: &Place, old: Option<&Persistence>, new: Option<&Persistence>) {
        let place = place.part("persistence", "");
        match (old, new) {
            (None, None) => {}
            (None, Some(_)) => self.push(&place, Action::Added),
            (Some(_), None) => self.push(&place, Action::Removed),
            (Some(old), Some(new)) => {
                fields!(self, &place, old, new, Persistence { timeout_us, granularity, engine } elsewhere {});
            }
        }
    }

    fn sorry_server(&mut self, place: &Place, old: Option<&SorryServer>, new: Option<&SorryServer>) {
        let key = |server: &SorryServer| endpoint(server.address, server.port);
        if old.map(key) != new.map(key) {
            for (server, action) in [(old, Action::Removed), (new, Action::Added)] {
                if let Some(server) = server {
                    self.push(&place.part("sorry_server", key(server)), action);
                }
            }
        } else if let (Some(old), Some(new)) = (old, new) {
            let place = place.part("sorry_server", key(new));
            fields!(self, &place, old, new, SorryServer { forwarding, inhibit } elsewhere { address, port, origin });
        }
    }

    fn real_servers(&mut self, place: &Place, old: &'i VirtualServer, new: &'i VirtualServer) {
        let key = |server: &RealServer| endpoint(server.address, server.port);
        let of = |name: &str| place.part("real_server", name);
        for (old, new, place) in self.matched(&old.real_servers, &new.real_servers, key, of) {
            match (old.weight, new.weight) {
                (old, new) if old == new => {}
                (old, 0) => self.push(&place, Action::Drained { old }),
                (old, new) => self.push(&place, Action::Reweighted { old, new }),
            }
            fields!(self, &place, old, new, RealServer {
                forwarding, upper_threshold, lower_threshold, inhibit_on_failure, alpha, notify_up, notify_down, mails,
                unknown,
            } elsewhere { address, port, weight, checkers, dropped, settings, origin, origins });
            self.raws(&place, "setting", &old.settings, &new.settings);
            self.checkers(&place, &old.checkers, &new.checkers);
        }
    }

    fn checkers(&mut self, place: &Place, old: &[Checker], new: &[Checker]) {
        let names =
            |checkers: &[Checker]| checkers.iter().map(|checker| keyword(&checker.kind).to_owned()).collect::<Vec<_>>();
        if names(old) != names(new) {
            return self.changed(place, "checks", names(old).show(""), names(new).show(""));
        }
        for (old, new) in old.iter().zip(new) {
            let mut place = place.clone();
            let word = keyword(&new.kind);
            if let Some(part) = &mut place.part {
                part.name = format!("{} {word}", part.name);
            }
            fields!(self, &place, old, new, Checker {
                retry, delay_before_retry_us, delay_loop_us, warmup_us, alpha, log_all_failures, unknown,
            } elsewhere { kind, dropped, settings, origin, origins });
            self.raws(&place, "setting", &old.settings, &new.settings);
            let (before, after) = (what(self.old, &old.kind), what(self.new, &new.kind));
            if before != after {
                self.changed(&place, "check", before, after);
            }
        }
    }
}

/// `192.0.2.10:80 tcp`
fn service(server: &VirtualServer) -> String {
    let name = match &server.service {
        Service::Address { address, port } => endpoint(*address, *port),
        Service::Fwmark(mark) => format!("fwmark {mark}"),
        Service::Group { name, group: _ } => format!("group {name}"),
        Service::Unknown { text } => text.clone(),
    };
    server.protocol.map_or_else(|| name.clone(), |protocol| format!("{name} {}", protocol.show("")))
}

fn endpoint(address: std::net::IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}

fn entry(entry: &GroupEntry) -> String {
    match entry {
        GroupEntry::Addresses { first, last, port, origin: _ } if first == last => endpoint(*first, *port),
        GroupEntry::Addresses { first, last, port, origin: _ } => format!("{first} to {last} port {port}"),
        GroupEntry::Fwmark { mark, family, origin: _ } => match family {
            Some(family) => format!("fwmark {mark} {}", family.show("")),
            None => format!("fwmark {mark}"),
        },
    }
}

fn keyword(kind: &CheckerKind) -> &'static str {
    match kind {
        CheckerKind::Tcp { .. } => "TCP_CHECK",
        CheckerKind::Http(http) if http.tls => "SSL_GET",
        CheckerKind::Http(_) => "HTTP_GET",
        CheckerKind::Smtp { .. } => "SMTP_CHECK",
        CheckerKind::Dns { .. } => "DNS_CHECK",
        CheckerKind::Ping { .. } => "PING_CHECK",
        CheckerKind::Udp { .. } => "UDP_CHECK",
        CheckerKind::Misc { .. } => "MISC_CHECK",
        CheckerKind::File { .. } => "FILE_CHECK",
        CheckerKind::Bfd { .. } => "BFD_CHECK",
    }
}

/// What a check does, in words that are equal exactly if it does the same.
fn what(ir: &Ir, kind: &CheckerKind) -> String {
    let mut text = match kind {
        CheckerKind::File { file, weight } => return format!("{} weight {}", ir.file(*file).name, weight.show("")),
        CheckerKind::Bfd { bfd } => return ir.bfd(*bfd).name.clone(),
        CheckerKind::Misc { command, timeout_us, is_dynamic } => {
            let dynamic = if *is_dynamic { ", dynamic" } else { "" };
            return format!("{} (timeout {}{dynamic})", command.show(""), timeout_us.show("_us"));
        }
        CheckerKind::Http(http) => {
            let urls = http.urls.iter().map(|url| {
                let settings: Vec<String> = url.settings.iter().map(|raw| raw.show("")).collect();
                format!(
                    "{} (status {}, digest {}, host {}, regex {}{}{}{}{})",
                    url.path,
                    url.status_codes.show(""),
                    url.digest.show(""),
                    url.virtualhost.show(""),
                    url.regex.show(""),
                    if url.regex_no_match { ", no match" } else { "" },
                    if url.tls_compliant { ", tls_compliant" } else { "" },
                    url.unknown.iter().map(|unknown| format!(", {}", unknown.show(""))).collect::<String>(),
                    settings.iter().map(|setting| format!(", {setting}")).collect::<String>(),
                )
            });
            let urls: Vec<String> = urls.collect();
            format!(
                "{} by HTTP {}, sni {} {}, fast_recovery {}, tls_compliant {}",
                urls.join(" and "),
                http.protocol.show(""),
                http.sni.show(""),
                http.sni_name.show(""),
                http.fast_recovery.show(""),
                http.tls_compliant.show(""),
            )
        }
        CheckerKind::Smtp { helo_name, .. } => format!("helo {helo_name}"),
        CheckerKind::Dns { record, name, .. } => format!("{record} {name}"),
        CheckerKind::Udp { payload, requires_reply, reply, min_reply_bytes, max_reply_bytes, .. } => {
            let hex = |bytes: &mut dyn Iterator<Item = u8>| bytes.map(|byte| format!("{byte:02x}")).collect::<String>();
            let values = hex(&mut reply.iter().map(|byte| byte.value));
            let masks = hex(&mut reply.iter().map(|byte| byte.mask));
            format!(
                "sends {}, wants a reply: {} of {min_reply_bytes} to {max_reply_bytes} bytes like {values}/{masks}",
                hex(&mut payload.iter().copied()),
                requires_reply.show(""),
            )
        }
        CheckerKind::Tcp { .. } | CheckerKind::Ping { .. } => "connect".to_owned(),
    };
    if let Some(connection) = kind.connection() {
        let crate::checker::Connection { address, port, source, source_port, interface, timeout_us, fwmark } =
            connection;
        text.push_str(&format!(" at {} timeout {}", endpoint(*address, *port), timeout_us.show("_us")));
        for (word, value) in [("from", source.show("")), ("port", source_port.show("")), ("over", interface.show(""))] {
            if value != "none" {
                text.push_str(&format!(" {word} {value}"));
            }
        }
        if *fwmark != 0 {
            text.push_str(&format!(" fwmark {fwmark}"));
        }
    }
    text
}
