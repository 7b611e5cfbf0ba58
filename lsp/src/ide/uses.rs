//! Who uses a thing with a name, and who holds an address.

use super::View;
use super::company::{Company, Reading};
use super::names::Thing;
use kalc_grammar::config::{SettingId, unquote};
use kalc_grammar::schema::Kind;
use kalc_ir::ipvs::Service;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// More are counted and not named.
const MOST: usize = 12;

/// Who uses a thing on the hosts that share names with this one, a line each.
pub fn users(company: &Company, view: View<'_>, thing: &Thing) -> Vec<String> {
    let Thing::Named(symbol, name) = thing else { return Vec::new() };
    let mut lines = BTreeSet::new();
    for index in company.kin(view.reading) {
        let Some(reading) = company.readings.get(index) else { continue };
        let host = &reading.host;
        let uses = host.config.uses.iter();
        for used in uses.filter(|used| used.symbol == *symbol && unquote(host.slice(used.span)) == name) {
            lines.insert(format!("{} {}", around(reading, used.setting), place(reading, used.setting)));
        }
    }
    shorten(lines)
}

/// Who holds an address, or balances it, on all hosts that are looked at together, a line each.
pub fn holders(company: &Company, view: View<'_>, address: IpAddr) -> Vec<String> {
    let kin = company.kin(view.reading);
    let mut lines = BTreeSet::new();
    for (index, reading) in company.readings.iter().enumerate() {
        for instance in &reading.host.ir.vrrp_instances {
            let lists = [(&instance.virtual_addresses, ""), (&instance.excluded_addresses, ", not in its adverts")];
            for (list, how) in lists {
                if list.iter().any(|own| own.address == address) {
                    let other = if kin.contains(&index) { "" } else { ", another cluster" };
                    let (name, host) = (&instance.name, reading.host.name());
                    lines.insert(format!("`vrrp_instance {name}` in {host}{how}{other}"));
                }
            }
        }
        for server in &reading.host.ir.virtual_servers {
            if let Service::Address { address: own, port, .. } = &server.service
                && *own == address
            {
                lines.insert(format!("`virtual_server {address} {port}` in {}", reading.host.name()));
            }
        }
    }
    shorten(lines)
}

fn shorten(lines: BTreeSet<String>) -> Vec<String> {
    let count = lines.len();
    let mut lines: Vec<String> = lines.into_iter().take(MOST).collect();
    if count > MOST {
        lines.push(format!("and {} more", count - MOST));
    }
    lines
}

/// The blocks around a statement, the nearest first: `track_script` of `vrrp_instance VI_1`.
fn around(reading: &Reading, id: SettingId) -> String {
    let config = &reading.host.config;
    let word = |id: SettingId| {
        let keyword = config.setting(id).keyword;
        match keyword.kind {
            Kind::NamedBlock => format!("`{} {}`", keyword.name, config.name(id)),
            Kind::Flag | Kind::Value | Kind::Block | Kind::ListBlock | Kind::Entry => format!("`{}`", keyword.name),
        }
    };
    let is_entry = config.setting(id).keyword.kind == Kind::Entry;
    let own = (!is_entry).then_some(id);
    let words: Vec<String> = own.into_iter().chain(config.ancestors(id)).map(word).collect();
    words.join(" of ")
}

/// `in web1, line 18`
fn place(reading: &Reading, id: SettingId) -> String {
    let host = &reading.host;
    let typed = host.logical.place(host.config.setting(id).span).typed;
    let line = host.sources.file(typed.file).line_column(typed.span.start).line;
    format!("in {}, line {line}", host.name())
}
