//! `global_defs`, all blocks merged, and the plain keywords at the root.

use super::Lowerer;
use super::block::{self, Block, Reading, first};
use kalc_grammar::config::{Config, SettingId, Value};
use kalc_grammar::schema::global::{self as root, fifo, firewall, garp, lvs, mail, script, vrrp};
use kalc_grammar::schema::vrrp_instance::LVS_SYNC_DAEMON_INTERFACE;
use kalc_grammar::schema::{Keyword, global::GLOBAL_DEFS};
use kalc_grammar::value::Data;
use kalc_ir::global::{DynamicInterfaces, FlushOnStop, Global, LvsTimeouts, Mail, MailServer, Process, SyncDaemon};
use kalc_ir::notify::Fifo;
use kalc_ir::{Command, Ir, OriginId, Reason, VrrpVersion};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What `reload_file` means without a path (measured with 2.2.7).
const RELOAD_FILE: &str = "/run/keepalived.reload";

/// Root statements that belong to [`Global`].
const ROOTS: [&Keyword; 3] = [&root::NET_NAMESPACE, &root::INSTANCE, &root::CHILD_WAIT_TIME];

/// Whether a root statement is lowered here.
pub(super) fn takes(keyword: &'static Keyword) -> bool {
    keyword == &GLOBAL_DEFS || ROOTS.contains(&keyword)
}

/// Lowers everything that [`takes`] names.
pub(super) fn lower(config: &Config) -> Global {
    let origin = config.roots().find(|&id| config.setting(id).keyword == &GLOBAL_DEFS && !block::is_guess(config, id));
    let mut block = Block::empty(config, origin.unwrap_or(SettingId(0)));
    for id in config.roots() {
        let setting = config.setting(id);
        if block::is_guess(config, id) {
            continue;
        }
        if setting.keyword == &GLOBAL_DEFS {
            block.add(id);
        } else if ROOTS.contains(&setting.keyword) {
            block.push(id);
        }
    }
    let script_user = user(&mut block);
    let garp = Garp::read(&mut block);
    let b = &mut block;
    let processes = [
        (
            "vrrp_process",
            &root::process::VRRP_PRIORITY,
            &root::process::VRRP_RT_PRIORITY,
            &root::process::VRRP_CPU_AFFINITY,
        ),
        (
            "checker_process",
            &root::process::CHECKER_PRIORITY,
            &root::process::CHECKER_RT_PRIORITY,
            &root::process::CHECKER_CPU_AFFINITY,
        ),
    ];
    let processes = processes.map(|(field, nice, rt_priority, cpus)| Process {
        nice: b.int(nice, field).unwrap_or(0),
        rt_priority: b.int(rt_priority, field),
        cpus: b.read(&[cpus], field, |_, _, values| cpu_list(values)).unwrap_or_default(),
    });
    let locks = [&root::process::VRRP_NO_SWAP, &root::process::CHECKER_NO_SWAP, &root::process::BFD_NO_SWAP];
    // Each is taken note of.
    let locks_memory = locks.map(|keyword| b.flag(keyword, "locks_memory")).contains(&true);
    let mut global = Global {
        router_id: b.text(&root::process::ROUTER_ID, "router_id"),
        iproute_usr_dir: b.text(&root::files::IPROUTE_USR_DIR, "iproute_usr_dir"),
        iproute_etc_dir: b.text(&root::files::IPROUTE_ETC_DIR, "iproute_etc_dir"),
        net_namespace: b.text(&root::NET_NAMESPACE, "net_namespace"),
        instance: b.text(&root::INSTANCE, "instance"),
        child_wait_time_us: b.seconds(&root::CHILD_WAIT_TIME, "child_wait_time_us").unwrap_or(5_000_000),
        vrrp_version: match b.int(&vrrp::VRRP_VERSION, "vrrp_version") {
            Some(3) => VrrpVersion::V3,
            Some(_) | None => VrrpVersion::V2,
        },
        vrrp_strict: b.switch(&vrrp::VRRP_STRICT, "vrrp_strict").unwrap_or(false),
        vrrp_skip_check_adv_addr: b
            .switch(&vrrp::VRRP_SKIP_CHECK_ADV_ADDR, "vrrp_skip_check_adv_addr")
            .unwrap_or(false),
        vrrp_check_unicast_src: b.flag(&vrrp::VRRP_CHECK_UNICAST_SRC, "vrrp_check_unicast_src"),
        vrrp_mcast_group4: match b.ip(&vrrp::VRRP_MCAST_GROUP4, "vrrp_mcast_group4") {
            Some(IpAddr::V4(group)) => group,
            Some(IpAddr::V6(_)) | None => Ipv4Addr::new(224, 0, 0, 18),
        },
        vrrp_mcast_group6: match b.ip(&vrrp::VRRP_MCAST_GROUP6, "vrrp_mcast_group6") {
            Some(IpAddr::V6(group)) => group,
            Some(IpAddr::V4(_)) | None => Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12),
        },
        vrrp_process: processes[0].clone(),
        checker_process: processes[1].clone(),
        locks_memory,
        vrrp_down_timer_adverts: b.int(&vrrp::VRRP_DOWN_TIMER_ADVERTS, "vrrp_down_timer_adverts").unwrap_or(3),
        vrrp_lower_prio_no_advert: b
            .switch(&vrrp::VRRP_LOWER_PRIO_NO_ADVERT, "vrrp_lower_prio_no_advert")
            .unwrap_or(false),
        vrrp_higher_prio_send_advert: b
            .switch(&vrrp::VRRP_HIGHER_PRIO_SEND_ADVERT, "vrrp_higher_prio_send_advert")
            .unwrap_or(false),
        vrrp_owner_ignore_adverts: b
            .switch(&vrrp::VRRP_OWNER_IGNORE_ADVERTS, "vrrp_owner_ignore_adverts")
            .unwrap_or(false),
        v3_checksum_as_v2: b.flag(&vrrp::V3_CHECKSUM_AS_V2, "v3_checksum_as_v2"),
        vrrp_startup_delay_us: b.micros(&vrrp::VRRP_STARTUP_DELAY, "vrrp_startup_delay_us").unwrap_or(0),
        vrrp_delay_after_boot_us: b.micros(&vrrp::VRRP_DELAY_AFTER_BOOT, "vrrp_delay_after_boot_us").unwrap_or(0),
        log_unknown_vrids: b.flag(&vrrp::LOG_UNKNOWN_VRIDS, "log_unknown_vrids"),
        dynamic_interfaces: dynamic_interfaces(b),
        default_interface: b.text(&vrrp::DEFAULT_INTERFACE, "default_interface").unwrap_or_else(|| "eth0".to_owned()),
        vmac_prefix: b.text(&vrrp::VMAC_PREFIX, "vmac_prefix").unwrap_or_else(|| "vrrp".to_owned()),
        garp_master_delay_us: garp.delay_us,
        garp_master_repeat: garp.repeat,
        garp_master_refresh_us: garp.refresh_us,
        garp_master_refresh_repeat: garp.refresh_repeat,
        garp_lower_prio_delay_us: garp.lower_delay_us.unwrap_or(garp.delay_us),
        garp_lower_prio_repeat: garp.lower_repeat.unwrap_or(garp.repeat),
        garp_interval_us: b.micros(&garp::VRRP_GARP_INTERVAL, "garp_interval_us").unwrap_or(0),
        gna_interval_us: b.micros(&garp::VRRP_GNA_INTERVAL, "gna_interval_us").unwrap_or(0),
        garp_extra_if_us: 0,
        garp_extra_if_all: false,
        nftables_table: b.text(&firewall::NFTABLES, "nftables_table"),
        nftables_priority: b.int(&firewall::NFTABLES_PRIORITY, "nftables_priority").unwrap_or(-1),
        nftables_counters: b.flag(&firewall::NFTABLES_COUNTERS, "nftables_counters"),
        fifo_states_on_reload: b.flag(&fifo::FIFO_WRITE_VRRP_STATES_ON_RELOAD, "fifo_states_on_reload"),
        vrrp_notify_priority_changes: b
            .switch(&fifo::VRRP_NOTIFY_PRIORITY_CHANGES, "vrrp_notify_priority_changes")
            .unwrap_or(false),
        notify_fifo: fifo(b, &fifo::NOTIFY_FIFO, &fifo::NOTIFY_FIFO_SCRIPT, "notify_fifo"),
        vrrp_notify_fifo: fifo(b, &fifo::VRRP_NOTIFY_FIFO, &fifo::VRRP_NOTIFY_FIFO_SCRIPT, "vrrp_notify_fifo"),
        lvs_notify_fifo: fifo(b, &fifo::LVS_NOTIFY_FIFO, &fifo::LVS_NOTIFY_FIFO_SCRIPT, "lvs_notify_fifo"),
        mail: mail(b),
        script_user: script_user.0,
        script_group: script_user.1,
        vmac_addr_prefix: b.text(&vrrp::VMAC_ADDR_PREFIX, "vmac_addr_prefix"),
        reload_time_file: b.text(&root::files::RELOAD_TIME_FILE, "reload_time_file"),
        reload_repeat: b.flag(&root::files::RELOAD_REPEAT, "reload_repeat"),
        reload_file: b.read(&[&root::files::RELOAD_FILE], "reload_file", |config, _, values| match values {
            [] => Reading::Known(RELOAD_FILE.to_owned()),
            [..] => first(values, |value| block::text(config, value)),
        }),
        set_supplementary_groups: b
            .switch(&script::SET_SUPPLEMENTARY_GROUPS, "set_supplementary_groups")
            .unwrap_or(false),
        enable_script_security: b.flag(&script::ENABLE_SCRIPT_SECURITY, "enable_script_security"),
        startup_script: b.command(&script::STARTUP_SCRIPT, "startup_script"),
        startup_script_timeout_us: b
            .seconds(&script::STARTUP_SCRIPT_TIMEOUT, "startup_script_timeout_us")
            .unwrap_or(10_000_000),
        shutdown_script: b.command(&script::SHUTDOWN_SCRIPT, "shutdown_script"),
        shutdown_script_timeout_us: b
            .seconds(&script::SHUTDOWN_SCRIPT_TIMEOUT, "shutdown_script_timeout_us")
            .unwrap_or(10_000_000),
        lvs_flush: b.flag(&lvs::LVS_FLUSH, "lvs_flush"),
        lvs_flush_on_stop: flush_on_stop(b),
        lvs_timeouts: lvs_timeouts(b),
        lvs_sync_daemon: sync_daemon(b),
        checker_log_all_failures: b
            .switch(&mail::CHECKER_LOG_ALL_FAILURES, "checker_log_all_failures")
            .unwrap_or(false),
        rs_init_notifies: b.switch(&mail::RS_INIT_NOTIFIES, "rs_init_notifies").unwrap_or(false),
        unknown: Vec::new(),
        dropped: Vec::new(),
        settings: Vec::new(),
        origin: origin.map(|id| OriginId(id.0)),
        origins: kalc_ir::Origins::new(),
    };
    if let Some((micros, all)) = extra_interfaces(b, &[&garp::VRRP_GARP_EXTRA_IF, &garp::VRRP_VMAC_GARP_INTVL]) {
        (global.garp_extra_if_us, global.garp_extra_if_all) = (micros, all);
    }
    let notes = block.finish();
    global.unknown = notes.unknown;
    global.dropped = notes.dropped;
    global.settings = notes.settings;
    global.origins = notes.origins;
    global
}

/// Gives commands that name no user the one of `script_user`, wherever that stands.
pub(super) fn default_user(command: Option<&mut Command>, global: &Global) {
    if let Some(command) = command
        && command.user.is_none()
    {
        command.user.clone_from(&global.script_user);
        command.group.clone_from(&global.script_group);
    }
}

/// `[all] SECONDS`: the time and whether it holds for all interfaces.
pub(super) fn extra_interfaces(b: &mut Block<'_>, keywords: &[&'static Keyword]) -> Option<(u64, bool)> {
    b.read(keywords, "garp_extra_if_us", |_, _, values| {
        let all = values.iter().any(|value| value.data == Data::Choice("all"));
        let seconds = values.iter().find(|value| value.data != Data::Choice("all"));
        first(seconds.map(std::slice::from_ref).unwrap_or_default(), |value| {
            block::int::<u64>(value).map(|seconds| (seconds * 1_000_000, all))
        })
    })
}

fn user(b: &mut Block<'_>) -> (Option<String>, Option<String>) {
    let user = b.read(&[&script::SCRIPT_USER], "script_user", |config, _, values| {
        first(values, |value| block::text(config, value))
            .and(|user| (user, values.get(1).and_then(|value| block::text(config, value))))
    });
    user.map_or((None, None), |(user, group)| (Some(user), group))
}

/// CPUs by their numbers: one that is none discards the list.
fn cpu_list(values: &[Value]) -> Reading<Vec<u16>> {
    if values.iter().any(|value| value.data == Data::Unknown) {
        return Reading::Unknown;
    }
    values.iter().map(block::int).collect::<Option<Vec<u16>>>().map_or(Reading::Ignored, Reading::Known)
}

fn dynamic_interfaces(b: &mut Block<'_>) -> DynamicInterfaces {
    let word = b.read(&[&vrrp::DYNAMIC_INTERFACES], "dynamic_interfaces", |_, _, values| {
        Reading::Known(values.first().is_some_and(|value| value.data == Data::Choice("allow_if_changes")))
    });
    match word {
        None => DynamicInterfaces::Refused,
        Some(false) => DynamicInterfaces::Allowed,
        Some(true) => DynamicInterfaces::AllowedWithChanges,
    }
}

fn flush_on_stop(b: &mut Block<'_>) -> FlushOnStop {
    let keywords: [&'static Keyword; 2] = [&lvs::LVS_FLUSH_ON_STOP, &lvs::LVS_FLUSH_ONSTOP];
    let word = b.read(&keywords, "lvs_flush_on_stop", |_, _, values| match values.first().map(|value| value.data) {
        None => Reading::Known(FlushOnStop::All),
        Some(Data::Choice(_)) => Reading::Known(FlushOnStop::VirtualServers),
        Some(Data::Unknown) => Reading::Unknown,
        Some(_) => Reading::Ignored,
    });
    word.unwrap_or_default()
}

fn fifo(b: &mut Block<'_>, path: &'static Keyword, script: &'static Keyword, field: &'static str) -> Fifo {
    let pipe = b.read(&[path], field, |config, _, values| {
        let word = |index: usize| values.get(index).and_then(|value| block::text(config, value));
        first(values, |value| block::text(config, value)).and(|path| (path, word(1), word(2)))
    });
    let mut fifo = Fifo { script: b.command(script, field), ..Fifo::default() };
    if let Some((path, user, group)) = pipe {
        (fifo.path, fifo.user, fifo.group) = (Some(path), user, group);
    }
    fifo
}

fn mail(b: &mut Block<'_>) -> Mail {
    let mut recipients = Vec::new();
    for list in b.all(&mail::NOTIFICATION_EMAIL) {
        b.wrote("mail.recipients", list);
        for entry in block::children(b.config, list) {
            recipients.extend(b.config.values(entry).iter().filter_map(|value| block::text(b.config, value)));
        }
    }
    let server = b.read(&[&mail::SMTP_SERVER], "mail.server", |config, _, values| {
        let port = values.get(1).and_then(block::int).unwrap_or(25);
        first(values, |value| match value.data {
            Data::Ip(ip) => Some(MailServer::Address(ip)),
            _ => block::text(config, value).map(MailServer::Name),
        })
        .and(|server| (server, port))
    });
    // There is no default: without a server 2.2.7 connects to nobody (measured).
    let (server, port) = server.map_or((None, 25), |(server, port)| (Some(server), port));
    Mail {
        recipients,
        sender: b.text(&mail::NOTIFICATION_EMAIL_FROM, "mail.sender"),
        server,
        port,
        helo_name: b.text(&mail::SMTP_HELO_NAME, "mail.helo_name"),
        connect_timeout_us: match b.seconds(&mail::SMTP_CONNECT_TIMEOUT, "mail.connect_timeout_us") {
            Some(0) => 1_000_000,
            Some(micros) => micros,
            None => 30_000_000,
        },
        alert: b.switch(&mail::SMTP_ALERT, "mail.alert"),
        alert_vrrp: b.switch(&mail::SMTP_ALERT_VRRP, "mail.alert_vrrp"),
        alert_checker: b.switch(&mail::SMTP_ALERT_CHECKER, "mail.alert_checker"),
        no_faults: b.flag(&mail::NO_EMAIL_FAULTS, "mail.no_faults"),
        no_checkers: b.switch(&mail::NO_CHECKER_EMAILS, "mail.no_checkers").unwrap_or(false),
    }
}

fn lvs_timeouts(b: &mut Block<'_>) -> LvsTimeouts {
    let mut timeouts = LvsTimeouts::default();
    for id in b.all(&lvs::LVS_TIMEOUTS) {
        b.wrote("lvs_timeouts", id);
        for (keyword, values) in block::options(b.config.values(id)) {
            let micros = values.first().and_then(block::int::<u64>).map(|seconds| seconds * 1_000_000);
            if keyword == &lvs::TCP {
                timeouts.tcp_us = micros.or(timeouts.tcp_us);
            } else if keyword == &lvs::TCPFIN {
                timeouts.tcpfin_us = micros.or(timeouts.tcpfin_us);
            } else {
                timeouts.udp_us = micros.or(timeouts.udp_us);
            }
        }
    }
    timeouts
}

/// Port, TTL and group that copies of connections have by themselves.
const SYNC_PORT: u16 = 8848;
const SYNC_TTL: u8 = 1;
const SYNC_GROUP: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 81));

impl Lowerer<'_> {
    /// `lvs_sync_daemon_interface` of an instance stands for `lvs_sync_daemon` with its name. That in `global_defs` beats it
    /// wherever it stands, and of several instances the first counts (measured with 2.2.7).
    pub(super) fn join_sync_daemon(&mut self) {
        let Ir { global, vrrp_instances, .. } = &mut self.ir;
        for instance in vrrp_instances {
            for id in self.config.all(SettingId(instance.origin.0), &LVS_SYNC_DAEMON_INTERFACE) {
                let Some(value) = self.config.values(id).first().filter(|_| !block::is_guess(self.config, id)) else {
                    continue;
                };
                let origin = OriginId(id.0);
                match block::text(self.config, value) {
                    Some(_) if global.lvs_sync_daemon.is_some() => {
                        instance.dropped.push(block::dropped(self.config, id, Reason::Duplicate));
                    }
                    Some(interface) => {
                        global.origins.set("lvs_sync_daemon", origin);
                        global.lvs_sync_daemon = Some(SyncDaemon {
                            interface,
                            instance: Some(instance.name.clone()),
                            id: None,
                            max_length: None,
                            port: SYNC_PORT,
                            ttl: SYNC_TTL,
                            group: SYNC_GROUP,
                            origin,
                        });
                    }
                    None => {
                        let text = self.config.slice(value.span).to_owned();
                        global.unknown.push(kalc_ir::Unknown { field: "lvs_sync_daemon", text, origin });
                    }
                }
            }
        }
    }
}

fn sync_daemon(b: &mut Block<'_>) -> Option<SyncDaemon> {
    b.read(&[&lvs::LVS_SYNC_DAEMON], "lvs_sync_daemon", |config, id, values| {
        let positional = config.positional(id);
        let option = |keyword| config.option(id, keyword).and_then(<[_]>::first);
        let number = |keyword: &'static Keyword| option(keyword).and_then(block::int::<u16>);
        first(values, |value| block::text(config, value)).and(|interface| SyncDaemon {
            interface,
            instance: option(&lvs::INST).or(positional.get(1)).and_then(|value| block::text(config, value)),
            id: option(&lvs::ID).or(positional.get(2)).and_then(block::int),
            max_length: number(&lvs::MAXLEN),
            port: number(&lvs::PORT).unwrap_or(SYNC_PORT),
            ttl: option(&lvs::TTL).and_then(block::int).unwrap_or(SYNC_TTL),
            group: option(&lvs::GROUP).and_then(block::ip).unwrap_or(SYNC_GROUP),
            origin: OriginId(id.0),
        })
    })
}

/// The announcements that instances inherit.
struct Garp {
    delay_us: u64,
    repeat: u32,
    refresh_us: u64,
    refresh_repeat: u32,
    lower_delay_us: Option<u64>,
    lower_repeat: Option<u32>,
}

impl Garp {
    /// Reads the settings in the order of the text: `vrrp_min_garp` changes what has its default at its place.
    fn read(b: &mut Block<'_>) -> Garp {
        let mut garp = Garp {
            delay_us: 5_000_000,
            repeat: 5,
            refresh_us: 0,
            refresh_repeat: 1,
            lower_delay_us: None,
            lower_repeat: None,
        };
        for id in b.all_of(&[
            &garp::VRRP_GARP_MASTER_DELAY,
            &garp::VRRP_GARP_MASTER_REPEAT,
            &garp::VRRP_GARP_MASTER_REFRESH,
            &garp::VRRP_GARP_MASTER_REFRESH_REPEAT,
            &garp::VRRP_GARP_LOWER_PRIO_DELAY,
            &garp::VRRP_GARP_LOWER_PRIO_REPEAT,
            &garp::VRRP_MIN_GARP,
        ]) {
            let values = b.config.values(id);
            let keyword = b.config.setting(id).keyword;
            let field = garp.field(keyword);
            if keyword == &garp::VRRP_MIN_GARP {
                // A second use with `off` takes nothing back.
                if values.first().is_none_or(|value| value.data == Data::Bool(true)) {
                    garp.minimize(b, id);
                }
                continue;
            }
            match first(values, block::int::<u32>) {
                Reading::Known(number) => {
                    garp.set(keyword, number);
                    b.wrote(field, id);
                }
                Reading::Unknown => b.unknown(field, id),
                Reading::Ignored => {}
            }
        }
        garp
    }

    fn field(&self, keyword: &'static Keyword) -> &'static str {
        let fields: [(&Keyword, &'static str); 5] = [
            (&garp::VRRP_GARP_MASTER_DELAY, "garp_master_delay_us"),
            (&garp::VRRP_GARP_MASTER_REPEAT, "garp_master_repeat"),
            (&garp::VRRP_GARP_MASTER_REFRESH, "garp_master_refresh_us"),
            (&garp::VRRP_GARP_MASTER_REFRESH_REPEAT, "garp_master_refresh_repeat"),
            (&garp::VRRP_GARP_LOWER_PRIO_DELAY, "garp_lower_prio_delay_us"),
        ];
        fields.iter().find(|(row, _)| *row == keyword).map_or("garp_lower_prio_repeat", |(_, field)| field)
    }

    fn set(&mut self, keyword: &'static Keyword, number: u32) {
        let micros = u64::from(number) * 1_000_000;
        if keyword == &garp::VRRP_GARP_MASTER_DELAY {
            self.delay_us = micros;
        } else if keyword == &garp::VRRP_GARP_MASTER_REPEAT {
            self.repeat = number.max(1);
        } else if keyword == &garp::VRRP_GARP_MASTER_REFRESH {
            self.refresh_us = micros;
        } else if keyword == &garp::VRRP_GARP_MASTER_REFRESH_REPEAT {
            self.refresh_repeat = number.max(1);
        } else if keyword == &garp::VRRP_GARP_LOWER_PRIO_DELAY {
            self.lower_delay_us = Some(micros);
        } else {
            self.lower_repeat = Some(number);
        }
    }

    /// One burst of one announcement, where nothing else is said yet (measured with 2.2.7).
    fn minimize(&mut self, b: &mut Block<'_>, id: SettingId) {
        if self.delay_us == 5_000_000 {
            self.delay_us = 0;
            b.wrote("garp_master_delay_us", id);
        }
        if self.repeat == 5 {
            self.repeat = 1;
            b.wrote("garp_master_repeat", id);
        }
        if self.refresh_repeat == 1 {
            self.refresh_repeat = 0;
            b.wrote("garp_master_refresh_repeat", id);
        }
    }
}
