//! Values as people write them.

use crate::checker::HttpProtocol;
use crate::global::{DynamicInterfaces, FlushOnStop, MailServer};
use crate::ipvs::{Forwarding, Granularity, Protocol, Scheduler, Tunnel, TunnelChecksum};
use crate::net::{Family, Scope};
use crate::notify::Command;
use crate::raw::{Raw, RawValue, Unknown};
use crate::track::{ArgumentMatch, FileInit, Weight};
use crate::unit::{Priority, Vrid, VrrpVersion};
use crate::vrrp::{HmacMode, InitialState, IpvlanMode, OldChecksum, VirtualInterface};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A value in words; the name of its field says which unit it has.
pub(super) trait Show {
    fn show(&self, field: &str) -> String;
}

macro_rules! display {
    ($($type:ty),*) => {$(
        impl Show for $type {
            fn show(&self, _: &str) -> String {
                self.to_string()
            }
        }
    )*};
}

/// Words of a closed list, by the names of the variants.
macro_rules! words {
    ($($type:ty),*) => {$(
        impl Show for $type {
            fn show(&self, _: &str) -> String {
                let mut text = String::new();
                for c in format!("{self:?}").chars() {
                    if c.is_ascii_uppercase() && !text.is_empty() && !text.ends_with(' ') {
                        text.push('_');
                    }
                    text.push(c.to_ascii_lowercase());
                }
                text
            }
        }
    )*};
}

display!(u8, u16, u32, i32, i64, Priority, Vrid, IpAddr, Ipv4Addr, Ipv6Addr);
words!(
    InitialState,
    OldChecksum,
    HmacMode,
    IpvlanMode,
    Family,
    Protocol,
    ArgumentMatch,
    DynamicInterfaces,
    FlushOnStop,
    HttpProtocol,
    TunnelChecksum
);

impl Show for u64 {
    fn show(&self, field: &str) -> String {
        if !field.ends_with("_us") {
            return self.to_string();
        }
        let (seconds, rest) = (self / 1_000_000, self % 1_000_000);
        let decimals = format!("{rest:06}");
        let decimals = decimals.trim_end_matches('0');
        if decimals.is_empty() { format!("{seconds} s") } else { format!("{seconds}.{decimals} s") }
    }
}

impl Show for bool {
    fn show(&self, _: &str) -> String {
        if *self { "yes" } else { "no" }.to_owned()
    }
}

impl Show for String {
    fn show(&self, _: &str) -> String {
        if self.is_empty() || self.contains(' ') { format!("\"{self}\"") } else { self.clone() }
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self, field: &str) -> String {
        self.as_ref().map_or_else(|| "none".to_owned(), |value| value.show(field))
    }
}

impl<T: Show + ?Sized> Show for Box<T> {
    fn show(&self, field: &str) -> String {
        (**self).show(field)
    }
}

impl<T: Show> Show for Vec<T> {
    fn show(&self, field: &str) -> String {
        let all: Vec<String> = self.iter().map(|value| value.show(field)).collect();
        if all.is_empty() { "none".to_owned() } else { all.join(", ") }
    }
}

impl<T: Show> Show for (T, T) {
    fn show(&self, field: &str) -> String {
        format!("{}-{}", self.0.show(field), self.1.show(field))
    }
}

impl Show for VrrpVersion {
    fn show(&self, _: &str) -> String {
        self.number().to_string()
    }
}

impl Show for Command {
    fn show(&self, _: &str) -> String {
        let mut text = self.arguments.join(" ");
        for (word, name) in [("user", &self.user), ("group", &self.group)] {
            if let Some(name) = name {
                text.push_str(&format!(" ({word} {name})"));
            }
        }
        format!("`{text}`")
    }
}

impl Show for Weight {
    fn show(&self, _: &str) -> String {
        let reverse = if self.is_reversed { " reverse" } else { "" };
        if self.is_fault() { format!("0 (fault){reverse}") } else { format!("{}{reverse}", self.change) }
    }
}

impl Show for FileInit {
    fn show(&self, _: &str) -> String {
        format!("{}{}", self.value, if self.overwrites { " overwrite" } else { "" })
    }
}

impl Show for Scheduler {
    fn show(&self, _: &str) -> String {
        self.name().to_owned()
    }
}

impl Show for Forwarding {
    fn show(&self, field: &str) -> String {
        match self {
            Forwarding::Nat => "NAT".to_owned(),
            Forwarding::Dr => "DR".to_owned(),
            Forwarding::Tun { tunnel, checksum } => {
                let tunnel = match tunnel {
                    Tunnel::Ipip => "ipip".to_owned(),
                    Tunnel::Gue { port } => format!("gue port {port}"),
                    Tunnel::Gre => "gre".to_owned(),
                };
                format!("TUN {tunnel} ({} checksum)", checksum.show(field))
            }
        }
    }
}

impl Show for Granularity {
    fn show(&self, _: &str) -> String {
        match self {
            Granularity::Host => "one client".to_owned(),
            Granularity::Mask(mask) => mask.to_string(),
            Granularity::Prefix(bits) => format!("/{bits}"),
        }
    }
}

impl Show for Scope {
    fn show(&self, _: &str) -> String {
        match self {
            Scope::Number(number) => number.to_string(),
            Scope::Named(name) => name.clone(),
        }
    }
}

impl Show for MailServer {
    fn show(&self, _: &str) -> String {
        match self {
            MailServer::Address(address) => address.to_string(),
            MailServer::Name(name) => name.clone(),
        }
    }
}

impl Show for VirtualInterface {
    fn show(&self, field: &str) -> String {
        match self {
            VirtualInterface::None => "none".to_owned(),
            VirtualInterface::Vmac { name, mac, transmits_on_base, group } => {
                let mac = mac.map_or_else(String::new, |mac| format!(" {mac}"));
                let base = if *transmits_on_base { " vmac_xmit_base" } else { "" };
                let group = group.as_ref().map_or_else(String::new, |group| format!(" group {group}"));
                format!("use_vmac {}{mac}{group}{base}", name.as_deref().unwrap_or("(by vmac_prefix)"))
            }
            VirtualInterface::Ipvlan { name, address, prefix, mode, group } => {
                let name = name.as_deref().unwrap_or("(by vmac_prefix)");
                let group = group.as_ref().map_or_else(String::new, |group| format!(" group {group}"));
                format!("use_ipvlan {name} {}/{} {}{group}", address.show(field), prefix.show(field), mode.show(field))
            }
        }
    }
}

impl Show for Unknown {
    fn show(&self, _: &str) -> String {
        format!("{} = `{}`", self.field, self.text)
    }
}

impl Show for Raw {
    fn show(&self, field: &str) -> String {
        let mut text = if self.keyword == "<entry>" { String::new() } else { self.keyword.to_owned() };
        for value in &self.values {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&value.show(field));
        }
        if !self.children.is_empty() {
            let children: Vec<String> = self.children.iter().map(|child| child.show(field)).collect();
            text.push_str(&format!(" {{ {} }}", children.join("; ")));
        }
        text
    }
}

impl Show for RawValue {
    fn show(&self, _: &str) -> String {
        match self {
            RawValue::Bad(text) | RawValue::Unknown(text) | RawValue::Text(text) => text.clone(),
            RawValue::Int(number) => number.to_string(),
            RawValue::TimeUs(us) => us.show("_us"),
            RawValue::Bool(is_on) => if *is_on { "on" } else { "off" }.to_owned(),
            RawValue::Choice(word) | RawValue::Option(word) => (*word).to_owned(),
            RawValue::Ip(address) => address.to_string(),
            RawValue::Net { address, prefix: Some(prefix) } => format!("{address}/{prefix}"),
            RawValue::Net { address, prefix: None } => address.to_string(),
            RawValue::Range { first, last } => format!("{first}-{last}"),
            RawValue::IpRange { first, last } => format!("{first}-{last}"),
        }
    }
}
