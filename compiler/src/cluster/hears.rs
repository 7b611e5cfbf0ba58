//! Who accepts whose adverts.
//!
//! A host drops every advert that differs from its own settings in version, id, authentication and, in version 2,
//! interval; and it only gets what is sent to it. What the files do not say makes the answer unknown.

use crate::fleet::Fleet;
use crate::lint::names::is_incomplete;
use kalc_ir::net::Family;
use kalc_ir::unit::VrrpVersion;
use kalc_ir::vrrp::{Auth, Hmac, HmacMode, HmacSource};

/// Whether one host accepts another one's adverts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hears {
    /// It does.
    Yes,
    /// It does not, for this reason.
    No(String),
    /// The files do not say, for this reason.
    Unknown(String),
}

/// What a receiver compares.
#[derive(Debug, PartialEq, Eq)]
pub enum Wire<'h> {
    /// No authentication.
    None,
    /// `auth_type PASS`
    Pass([u8; 8]),
    /// `auth_type AH`
    Ah([u8; 8]),
    /// `auth_hmac`
    Hmac(&'h Hmac),
}

/// The authentication of a face; `None` where the files do not say.
pub fn wire<'h>(fleet: &Fleet<'h>, face: usize) -> Option<Wire<'h>> {
    let instance = fleet.instance(face);
    if instance.is_unknown("auth") {
        return None;
    }
    match &instance.auth {
        Auth::None => Some(Wire::None),
        Auth::Pass { secret } => Some(Wire::Pass(super::face::on_the_wire(secret))),
        Auth::Ah { secret } => Some(Wire::Ah(super::face::on_the_wire(secret))),
        // A key in a file cannot be compared, and the soft modes of a roll-out hear peers without.
        Auth::Hmac(hmac) => {
            let readable = hmac.keys.iter().all(|key| matches!(key.source, HmacSource::Secret(_)));
            (readable && hmac.mode == HmacMode::Enforce).then_some(Wire::Hmac(hmac))
        }
    }
}

/// Whether the receiver accepts adverts of the sender.
pub fn hears(fleet: &Fleet<'_>, receiver: usize, sender: usize) -> Hears {
    let (to, from) = (fleet.instance(receiver), fleet.instance(sender));
    let (to_face, from_face) = (&fleet.faces[receiver], &fleet.faces[sender]);
    for (face, instance) in [(receiver, to), (sender, from)] {
        let host = fleet.host(face);
        if is_incomplete(host) {
            return Hears::Unknown(format!("a part of the configuration of {} is missing", host.name()));
        }
        let fields = ["vrid", "version", "auth", "advert_interval_us", "transport", "source", "v3_checksum_as_v2"];
        if let Some(unknown) = instance.unknown.iter().find(|unknown| fields.iter().any(|field| unknown.is_in(field))) {
            return Hears::Unknown(format!("`{}` in {} is known to the daemon only", unknown.text, host.name()));
        }
    }
    let (a, b) = (fleet.host(sender).name(), fleet.host(receiver).name());
    if let Some(source) = to_face.source.filter(|_| fleet.is_one_host(receiver, sender)) {
        let (first, second) = (a.min(b), a.max(b));
        return Hears::Unknown(format!(
            "{first} and {second} both send from {source}, as two versions of one host would"
        ));
    }
    let no = |reason: String| Hears::No(reason);
    if to_face.vrid != from_face.vrid {
        return no("the virtual router ids differ".to_owned());
    }
    if to.version != from.version {
        return no("the versions differ".to_owned());
    }
    if to_face.family.is_some() && from_face.family.is_some() && to_face.family != from_face.family {
        return no("the address families differ".to_owned());
    }
    match (wire(fleet, receiver), wire(fleet, sender)) {
        (Some(mine), Some(theirs)) if mine != theirs => return no("the authentication differs".to_owned()),
        (Some(_), Some(_)) => {}
        (None, _) | (_, None) => return Hears::Unknown("the keys of `auth_hmac` are not in the files".to_owned()),
    }
    if to.version == VrrpVersion::V2 && to.advert_interval_us != from.advert_interval_us {
        return no("the advert intervals differ".to_owned());
    }
    let ipv4 = to_face.family.or(from_face.family) != Some(Family::Ipv6);
    if to.version == VrrpVersion::V3 && ipv4 && to.v3_checksum_as_v2 != from.v3_checksum_as_v2 {
        return no("the checksums differ".to_owned());
    }
    match (to_face.unicast, from_face.unicast) {
        (false, false) => match (to_face.group, from_face.group) {
            (Some(mine), Some(theirs)) if mine != theirs => no("the multicast groups differ".to_owned()),
            _ => Hears::Yes,
        },
        (true, true) => {
            if let Some(source) = to_face.source {
                if !from_face.peers.contains(&source) {
                    return no(format!("{a} does not send to {source}"));
                }
            } else {
                return Hears::Unknown(format!("{b} has no `unicast_src_ip`, so its address is not in the files"));
            }
            match from_face.source {
                Some(source) if to.checks_unicast_source && !to_face.peers.contains(&source) => {
                    no(format!("{b} ignores {source}, which is none of its peers"))
                }
                None if to.checks_unicast_source => {
                    Hears::Unknown(format!("{a} has no `unicast_src_ip`, so its address is not in the files"))
                }
                _ => Hears::Yes,
            }
        }
        (true, false) | (false, true) => no("one uses unicast, the other multicast".to_owned()),
    }
}
