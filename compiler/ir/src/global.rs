//! `global_defs` and the keywords at the root: the daemon itself and what others inherit.
//!
//! Process scheduling, buffers, firewall chains, SNMP, D-Bus and the like stay in [`Global::settings`].

use crate::id::{OriginId, Origins};
use crate::notify::{Command, Fifo};
use crate::raw::{Dropped, Raw, Unknown};
use crate::unit::VrrpVersion;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How the system treats a process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Process {
    /// Its nice value (0).
    pub nice: i8,
    /// Its priority of round-robin real-time scheduling, if it has one.
    pub rt_priority: Option<u8>,
    /// The CPUs that it runs on; none means all.
    pub cpus: Vec<u16>,
}

/// Settings of the whole daemon, all `global_defs` blocks merged.
///
/// Fields that instances or virtual servers inherit are worked out there; here is what they inherit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Global {
    /// `router_id`; `None` means the host name.
    pub router_id: Option<String>,
    /// `iproute_usr_dir`
    pub iproute_usr_dir: Option<String>,
    /// `iproute_etc_dir`
    pub iproute_etc_dir: Option<String>,
    /// `net_namespace` at the root of the file.
    pub net_namespace: Option<String>,
    /// `instance` at the root of the file.
    pub instance: Option<String>,
    /// Time for child processes to end (`child_wait_time`, 5 s).
    pub child_wait_time_us: u64,

    /// How the system treats the VRRP process (`vrrp_priority`, `vrrp_rt_priority`, `vrrp_cpu_affinity`).
    pub vrrp_process: Process,
    /// How it treats the checker process (`checker_priority` and the like).
    pub checker_process: Process,
    /// Whether memory of the daemon may not leave for swap (`vrrp_no_swap`, `checker_no_swap`, `bfd_no_swap`).
    pub locks_memory: bool,

    /// `vrrp_version` (2).
    pub vrrp_version: VrrpVersion,
    /// `vrrp_strict`
    pub vrrp_strict: bool,
    /// `vrrp_skip_check_adv_addr`
    pub vrrp_skip_check_adv_addr: bool,
    /// `vrrp_check_unicast_src`
    pub vrrp_check_unicast_src: bool,
    /// `vrrp_mcast_group4` (224.0.0.18).
    pub vrrp_mcast_group4: Ipv4Addr,
    /// `vrrp_mcast_group6` (ff02::12).
    pub vrrp_mcast_group6: Ipv6Addr,
    /// `vrrp_down_timer_adverts` (3).
    pub vrrp_down_timer_adverts: u8,
    /// `vrrp_lower_prio_no_advert`
    pub vrrp_lower_prio_no_advert: bool,
    /// `vrrp_higher_prio_send_advert`
    pub vrrp_higher_prio_send_advert: bool,
    /// `vrrp_owner_ignore_adverts`
    pub vrrp_owner_ignore_adverts: bool,
    /// `v3_checksum_as_v2`
    pub v3_checksum_as_v2: bool,
    /// `vrrp_startup_delay` (0).
    pub vrrp_startup_delay_us: u64,
    /// `vrrp_delay_after_boot` (0).
    pub vrrp_delay_after_boot_us: u64,
    /// `log_unknown_vrids`
    pub log_unknown_vrids: bool,
    /// `dynamic_interfaces`
    pub dynamic_interfaces: DynamicInterfaces,
    /// `default_interface` (eth0), the last one of the file.
    pub default_interface: String,
    /// `vmac_prefix` (vrrp).
    pub vmac_prefix: String,

    /// `vrrp_garp_master_delay` (5 s).
    pub garp_master_delay_us: u64,
    /// `vrrp_garp_master_repeat` (5).
    pub garp_master_repeat: u32,
    /// `vrrp_garp_master_refresh` (0, never).
    pub garp_master_refresh_us: u64,
    /// `vrrp_garp_master_refresh_repeat` (1; 0 after `vrrp_min_garp`).
    pub garp_master_refresh_repeat: u32,
    /// `vrrp_garp_lower_prio_delay` (as the master delay).
    pub garp_lower_prio_delay_us: u64,
    /// `vrrp_garp_lower_prio_repeat` (as the master repeat).
    pub garp_lower_prio_repeat: u32,
    /// Pause between two gratuitous ARP packets of an interface (`vrrp_garp_interval`, 0).
    pub garp_interval_us: u64,
    /// Pause between two neighbour advertisements of an interface (`vrrp_gna_interval`, 0).
    pub gna_interval_us: u64,
    /// `vrrp_garp_extra_if` (0, off).
    pub garp_extra_if_us: u64,
    /// Whether `vrrp_garp_extra_if` covers every interface (`all`) rather than VMACs only.
    pub garp_extra_if_all: bool,

    /// Table for the rules of instances that do not accept (`nftables`); `None` leaves the name to the daemon.
    pub nftables_table: Option<String>,
    /// Priority of its chains (`nftables_priority`, -1).
    pub nftables_priority: i32,
    /// Whether its rules count packets (`nftables_counters`).
    pub nftables_counters: bool,

    /// Whether states are written to named pipes again after a reload (`fifo_write_vrrp_states_on_reload`).
    pub fifo_states_on_reload: bool,
    /// `vrrp_notify_priority_changes`
    pub vrrp_notify_priority_changes: bool,
    /// `notify_fifo`
    pub notify_fifo: Fifo,
    /// `vrrp_notify_fifo`
    pub vrrp_notify_fifo: Fifo,
    /// `lvs_notify_fifo`
    pub lvs_notify_fifo: Fifo,
    /// Mails.
    pub mail: Mail,

    /// `script_user`: the user.
    pub script_user: Option<String>,
    /// `script_user`: the group.
    pub script_group: Option<String>,
    /// `vmac_addr_prefix`: first part of the names of macvlans of addresses; `None` means `vmac_prefix`.
    pub vmac_addr_prefix: Option<String>,
    /// `reload_time_file`: holds the time of the next reload.
    pub reload_time_file: Option<String>,
    /// `reload_repeat`: such a time comes every day.
    pub reload_repeat: bool,
    /// `reload_file`: removed once the configuration is read.
    pub reload_file: Option<String>,
    /// `set_supplementary_groups`: scripts get the further groups of their user.
    pub set_supplementary_groups: bool,
    /// `enable_script_security`
    pub enable_script_security: bool,
    /// `startup_script`
    pub startup_script: Option<Command>,
    /// `startup_script_timeout` (10 s).
    pub startup_script_timeout_us: u64,
    /// `shutdown_script`
    pub shutdown_script: Option<Command>,
    /// `shutdown_script_timeout` (10 s).
    pub shutdown_script_timeout_us: u64,

    /// `lvs_flush`
    pub lvs_flush: bool,
    /// `lvs_flush_on_stop`
    pub lvs_flush_on_stop: FlushOnStop,
    /// `lvs_timeouts`
    pub lvs_timeouts: LvsTimeouts,
    /// `lvs_sync_daemon`
    pub lvs_sync_daemon: Option<SyncDaemon>,
    /// `checker_log_all_failures`
    pub checker_log_all_failures: bool,
    /// `rs_init_notifies`
    pub rs_init_notifies: bool,

    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of `global_defs`.
    pub settings: Vec<Raw>,
    /// The first `global_defs`; `None` without one.
    pub origin: Option<OriginId>,
    /// Where the fields were written.
    pub origins: Origins,
}

/// Whether interfaces may come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DynamicInterfaces {
    /// A missing interface stops keepalived.
    #[default]
    Refused,
    /// They may.
    Allowed,
    /// They may, and return as another kind (`allow_if_changes`).
    AllowedWithChanges,
}

/// What happens to the kernel's table of virtual servers at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlushOnStop {
    /// Entries are taken out one by one.
    #[default]
    No,
    /// The whole table is emptied.
    All,
    /// The virtual servers of the file go in one step (`VS`).
    VirtualServers,
}

/// Mails on changes of state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mail {
    /// `notification_email`
    pub recipients: Vec<String>,
    /// `notification_email_from`; `None` means user@host of the daemon.
    pub sender: Option<String>,
    /// `smtp_server`: address or name; without one no mail is sent.
    pub server: Option<MailServer>,
    /// Port of `smtp_server` (25).
    pub port: u16,
    /// `smtp_helo_name`; `None` means the host name.
    pub helo_name: Option<String>,
    /// `smtp_connect_timeout` (30 s).
    pub connect_timeout_us: u64,
    /// `smtp_alert`, if written.
    pub alert: Option<bool>,
    /// `smtp_alert_vrrp`, if written.
    pub alert_vrrp: Option<bool>,
    /// `smtp_alert_checker`, if written.
    pub alert_checker: Option<bool>,
    /// `no_email_faults`
    pub no_faults: bool,
    /// `no_checker_emails`
    pub no_checkers: bool,
}

/// Where a mail server is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MailServer {
    /// By address.
    Address(IpAddr),
    /// By name, which is resolved when the daemon starts.
    Name(String),
}

/// How long the kernel remembers connections; `None` leaves its own value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LvsTimeouts {
    /// `tcp`
    pub tcp_us: Option<u64>,
    /// `tcpfin`
    pub tcpfin_us: Option<u64>,
    /// `udp`
    pub udp_us: Option<u64>,
}

/// `lvs_sync_daemon`: copies the table of connections to the backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SyncDaemon {
    /// Interface of the copies.
    pub interface: String,
    /// Instance whose state decides who sends (`inst`), by name.
    pub instance: Option<String>,
    /// `id`; `None` means the VRID of the instance, else 0.
    pub id: Option<u8>,
    /// `maxlen`; `None` means the kernel's value.
    pub max_length: Option<u16>,
    /// `port` (8848).
    pub port: u16,
    /// `ttl` (1).
    pub ttl: u8,
    /// `group` (224.0.0.81).
    pub group: IpAddr,
    /// The statement.
    pub origin: OriginId,
}
