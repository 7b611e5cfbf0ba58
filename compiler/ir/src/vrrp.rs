//! `vrrp_instance`, `vrrp_sync_group` and `garp_group`.

use crate::id::{InstanceId, OriginId, Origins, SyncGroupId};
use crate::net::{Address, Family, Mac};
use crate::notify::Notify;
use crate::raw::{Dropped, Raw, Unknown};
use crate::route::{Named, Route, Rule};
use crate::track::Trackers;
use crate::unit::{Priority, Vrid, VrrpVersion};
use serde::Serialize;
use std::net::IpAddr;

/// One virtual router, as keepalived runs it.
///
/// An instance without `vrid`, or without `interface` where it needs one, cannot run; keepalived then does not start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Instance {
    /// Its name on this host.
    pub name: String,
    /// `virtual_router_id`
    pub vrid: Option<Vrid>,
    /// `interface`
    pub interface: Option<String>,
    /// Family of what stands first in the block: a virtual address, a source address, a peer, a multicast group or
    /// `native_ipv6`; `None` if nothing tells, which keepalived runs as IPv4.
    pub family: Option<Family>,
    /// Version 3 for IPv6, else `version`, else `vrrp_version`.
    pub version: VrrpVersion,
    /// State to begin with. Members of a sync group begin as backups unless all of them own their addresses.
    pub state: InitialState,
    /// `priority`; 255 with `state MASTER` and 100 without, where none is written.
    pub priority: Priority,
    /// `advert_int`, rounded as the version demands (RFC 3768 section 5.3.7, RFC 9568 section 5.2.7).
    pub advert_interval_us: u64,
    /// Adverts in a row that a backup must miss (`down_timer_adverts`, 3).
    pub down_timer_adverts: u8,
    /// Whether it takes over from a master of lower priority (RFC 9568 section 6.1, Preempt_Mode).
    pub preempts: bool,
    /// How long it waits before it does (`preempt_delay`).
    pub preempt_delay_us: u64,
    /// Highest priority of the others, for `timer_expired_backup`; `None` switches that off.
    pub timer_expired_backup: Option<u8>,
    /// Whether it holds to the letter of the standard (`strict_mode`, `vrrp_strict`).
    pub is_strict: bool,
    /// Whether the host answers on the addresses (RFC 9568 section 6.1, Accept_Mode).
    pub accepts: bool,
    /// What proves that an advert comes from a peer.
    pub auth: Auth,

    /// To whom adverts go.
    pub transport: Transport,
    /// Source address of adverts (`unicast_src_ip`, `mcast_src_ip`, an ipvlan's address); `None` means the first
    /// address of the interface.
    pub source: Option<IpAddr>,
    /// Whether a missing source address is a fault (`track_src_ip`).
    pub tracks_source: bool,
    /// Whether adverts from others than the peers are ignored (`check_unicast_src`).
    pub checks_unicast_source: bool,
    /// `unicast_fault_no_peer`
    pub faults_without_peer: bool,
    /// `old_unicast_checksum`
    pub old_unicast_checksum: OldChecksum,
    /// `v3_checksum_as_v2`
    pub v3_checksum_as_v2: bool,
    /// Whether a list of addresses that was compared once is not compared again (`skip_check_adv_addr`).
    pub skips_check_adv_addr: bool,
    /// `lower_prio_no_advert`
    pub lower_prio_no_advert: bool,
    /// `higher_prio_send_advert`
    pub higher_prio_send_advert: bool,
    /// `owner_ignore_adverts`
    pub owner_ignore_adverts: bool,

    /// `virtual_ipaddress`: the addresses that adverts name, in order.
    pub virtual_addresses: Vec<Address>,
    /// `virtual_ipaddress_excluded`, and those that an advert has no room for.
    pub excluded_addresses: Vec<Address>,
    /// Entries of `virtual_routes`.
    pub virtual_routes: Vec<Route>,
    /// Entries of `virtual_rules`.
    pub virtual_rules: Vec<Rule>,
    /// `use_vmac` or `use_ipvlan`.
    pub virtual_interface: VirtualInterface,
    /// `use_vmac_addr`
    pub uses_vmac_for_addresses: bool,
    /// Whether its own interface going down is no fault (`dont_track_primary`).
    pub ignores_own_interface: bool,
    /// `promote_secondaries`
    pub promotes_secondaries: bool,
    /// `vrf`
    pub vrf: Option<String>,
    /// `kernel_rx_buf_size`
    pub receive_buffer_bytes: Option<u32>,

    /// Time from becoming master to the second burst (`garp_master_delay`); 0 leaves it out.
    pub garp_master_delay_us: u64,
    /// Announcements per address in a burst (`garp_master_repeat`).
    pub garp_master_repeat: u32,
    /// Time between refreshes (`garp_master_refresh`); 0 means none.
    pub garp_master_refresh_us: u64,
    /// Announcements per address in a refresh (`garp_master_refresh_repeat`).
    pub garp_master_refresh_repeat: u32,
    /// Time to the second burst after an advert of lower priority (`garp_lower_prio_delay`).
    pub garp_lower_prio_delay_us: u64,
    /// Announcements per address after an advert of lower priority (`garp_lower_prio_repeat`).
    pub garp_lower_prio_repeat: u32,
    /// Time between announcements on interfaces without adverts (`garp_extra_if`); 0 means none.
    pub garp_extra_if_us: u64,
    /// Whether that holds for every interface (`all`) rather than VMACs only.
    pub garp_extra_if_all: bool,

    /// What it watches itself; what its sync group watches is there.
    pub trackers: Trackers,
    /// Its sync group.
    pub sync_group: Option<SyncGroupId>,
    /// Commands on changes.
    pub notify: Notify,
    /// Whether changes of priority are reported too (`notify_priority_changes`).
    pub notifies_priority_changes: bool,
    /// Whether changes are mailed (`smtp_alert`).
    pub mails: bool,

    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

impl Instance {
    /// The macvlan of `use_vmac`, once it has a name.
    pub fn vmac(&self) -> Option<&str> {
        match &self.virtual_interface {
            VirtualInterface::Vmac { name, .. } => name.as_deref(),
            VirtualInterface::None | VirtualInterface::Ipvlan { .. } => None,
        }
    }

    /// The interface that is made for it, macvlan or ipvlan, once it has a name.
    pub fn own_interface(&self) -> Option<&str> {
        match &self.virtual_interface {
            VirtualInterface::Vmac { name, .. } | VirtualInterface::Ipvlan { name, .. } => name.as_deref(),
            VirtualInterface::None => None,
        }
    }

    /// The interface of those virtual addresses that name none: the macvlan, if there is one with a name, else its own.
    pub fn home(&self) -> Option<&str> {
        self.vmac().or(self.interface.as_deref())
    }

    /// The interface by which adverts leave.
    pub fn voice(&self) -> Option<&str> {
        match &self.virtual_interface {
            VirtualInterface::Vmac { name: Some(name), transmits_on_base: false, .. }
            | VirtualInterface::Ipvlan { name: Some(name), .. } => Some(name),
            VirtualInterface::Vmac { .. } | VirtualInterface::None | VirtualInterface::Ipvlan { .. } => {
                self.interface.as_deref()
            }
        }
    }

    /// Whether the running daemon alone knows the value of a field, or of one inside it.
    pub fn is_unknown(&self, field: &str) -> bool {
        self.unknown.iter().any(|unknown| unknown.is_in(field))
    }

    /// The peers, if it speaks to peers instead of a group.
    pub fn unicast_peers(&self) -> Option<&[Peer]> {
        match &self.transport {
            Transport::Multicast { .. } => None,
            Transport::Unicast { peers, .. } => Some(peers),
        }
    }
}

/// State in which an instance begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialState {
    /// Wants to be master; it listens first unless its priority is 255.
    Master,
    /// Waits for a master.
    Backup,
}

/// What proves that an advert comes from a peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// Nothing.
    None,
    /// A password in clear text (RFC 2338 section 5.3.6; `auth_type PASS`).
    Pass {
        /// At most 8 bytes.
        secret: Secret,
    },
    /// An authentication header (RFC 2338 section 5.3.6; `auth_type AH`).
    Ah {
        /// At most 8 bytes.
        secret: Secret,
    },
    /// keepalived's keyed hash (`auth_hmac`).
    Hmac(Hmac),
}

/// A secret as it is used.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Secret {
    /// The bytes that count.
    pub bytes: Vec<u8>,
    /// How many bytes were written; more than `bytes` holds if it was cut.
    pub written_length: u32,
}

impl std::fmt::Debug for Secret {
    /// Shows the length only.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} of {} bytes)", self.bytes.len(), self.written_length)
    }
}

/// `auth_hmac`
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hmac {
    /// The keys, in the order of the text.
    pub keys: Vec<HmacKey>,
    /// Number of the key that signs (`active_key`); one of `keys`.
    pub active_key: u8,
    /// How far clocks may differ (`time_window`; 3 advert intervals, at least 5 s).
    pub time_window_us: u64,
    /// Whether replays are told by order alone (`anti_replay monotonic`).
    pub is_monotonic: bool,
    /// `mode`
    pub mode: HmacMode,
}

/// One key of `auth_hmac`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HmacKey {
    /// Its number.
    pub id: u8,
    /// The key.
    pub source: HmacSource,
}

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HmacSource {
    /// In the configuration.
    Secret(Secret),
    /// In a file (`file:`).
    File(String),
}

/// How unsigned adverts are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HmacMode {
    /// They are refused.
    Enforce,
    /// They are accepted.
    Permissive,
    /// They are accepted, and none is signed.
    ReceiveOnly,
}

/// To whom adverts go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// To a group (RFC 9568 section 5.1.1.2).
    Multicast {
        /// `mcast_dst_ip`, else that of `global_defs`; `None` if the family is not known.
        group: Option<IpAddr>,
    },
    /// To each peer (`unicast_peer`).
    Unicast {
        /// The peers; empty only if the running daemon alone knows them.
        peers: Vec<Peer>,
        /// TTL or hop limit (`unicast_ttl`; 255, IPv6 64).
        ttl: u8,
    },
}

/// Another router of the virtual router.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Peer {
    /// The address it sends from.
    pub address: IpAddr,
    /// `min_ttl` (0).
    pub min_ttl: u8,
    /// `max_ttl` (255).
    pub max_ttl: u8,
    /// The entry.
    pub origin: OriginId,
}

/// Whether the checksum of old versions is used for version 3 unicast adverts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OldChecksum {
    /// If the peers use it.
    Automatic,
    /// Always.
    Always,
    /// Never, whatever the peers do.
    Never,
}

/// An interface that is made for a virtual router.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VirtualInterface {
    /// None.
    None,
    /// A macvlan with a MAC address that moves with the addresses (`use_vmac`).
    Vmac {
        /// Its name; `None` means `vmac_prefix` and the VRID.
        name: Option<String>,
        /// Its address: the one written, else that of RFC 9568 section 7.3; `None` if family or VRID are not known.
        mac: Option<Mac>,
        /// Whether adverts use the interface below (`vmac_xmit_base`; always with unicast, never in strict mode).
        transmits_on_base: bool,
        /// Link group (`group`).
        group: Option<Named>,
    },
    /// An ipvlan (`use_ipvlan`).
    Ipvlan {
        /// Its name; `None` means `vmac_prefix` and the VRID.
        name: Option<String>,
        /// Its address.
        address: Option<IpAddr>,
        /// Prefix length of the address.
        prefix: Option<u8>,
        /// Its mode.
        mode: IpvlanMode,
        /// Link group (`group`).
        group: Option<Named>,
    },
}

/// How ipvlan interfaces of one parent reach each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IpvlanMode {
    /// Directly.
    Bridge,
    /// Not at all.
    Private,
    /// By way of the switch outside.
    Vepa,
}

/// `vrrp_sync_group`: instances that change state together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyncGroup {
    /// Its name.
    pub name: String,
    /// Its members; empty only if the running daemon alone knows them.
    pub members: Vec<InstanceId>,
    /// What it watches for all of them. A member with priority 255 takes weight 0 instead of the one here.
    pub trackers: Trackers,
    /// Whether trackers with a weight are permitted in its members (`sync_group_tracking_weight`).
    pub tracking_weight: bool,
    /// Commands on changes.
    pub notify: Notify,
    /// Whether changes of priority are reported too (`notify_priority_changes`).
    pub notifies_priority_changes: bool,
    /// Whether changes are mailed (`smtp_alert`).
    pub mails: bool,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}

/// `garp_group`: interfaces that share one pace of announcements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GarpGroup {
    /// `garp_interval`
    pub garp_interval_us: Option<u64>,
    /// `gna_interval`
    pub gna_interval_us: Option<u64>,
    /// Its interfaces.
    pub interfaces: Vec<String>,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}
