//! `global_defs`, and what stands at the root of the file.

use super::show::Show;
use super::{Diff, Place, fields};
use crate::Ir;
use crate::checker::TlsClient;
use crate::global::{Global, LvsTimeouts, Mail, Process, SyncDaemon};
use crate::notify::Fifo;
use crate::track::InterfaceDelays;
use crate::vrrp::GarpGroup;

impl Show for Process {
    fn show(&self, _: &str) -> String {
        let Process { nice, rt_priority, cpus } = self;
        let real_time = rt_priority.map_or_else(String::new, |priority| format!(", real-time priority {priority}"));
        let cpus: Vec<String> = cpus.iter().map(u16::to_string).collect();
        let on = if cpus.is_empty() { String::new() } else { format!(", on CPUs {}", cpus.join(" ")) };
        format!("nice {nice}{real_time}{on}")
    }
}

impl Diff<'_> {
    pub(super) fn global(&mut self) {
        let (old, new) = (&self.old.global, &self.new.global);
        let place = Place::new("global_defs", "");
        fields!(self, &place, old, new, Global {
            router_id, iproute_usr_dir, iproute_etc_dir, net_namespace, instance, child_wait_time_us, vrrp_process, checker_process, locks_memory, vrrp_version, vrrp_strict, vrrp_skip_check_adv_addr,
            vrrp_check_unicast_src, vrrp_mcast_group4, vrrp_mcast_group6, vrrp_down_timer_adverts,
            vrrp_lower_prio_no_advert, vrrp_higher_prio_send_advert, vrrp_owner_ignore_adverts, v3_checksum_as_v2,
            vrrp_startup_delay_us, vrrp_delay_after_boot_us, log_unknown_vrids, dynamic_interfaces, default_interface,
            vmac_prefix, garp_master_delay_us, garp_master_repeat, garp_master_refresh_us, garp_master_refresh_repeat,
            garp_lower_prio_delay_us, garp_lower_prio_repeat, garp_interval_us, gna_interval_us, garp_extra_if_us,
            garp_extra_if_all, nftables_table, nftables_priority, nftables_counters, fifo_states_on_reload, vrrp_notify_priority_changes, script_user, script_group, set_supplementary_groups, vmac_addr_prefix, reload_time_file, reload_repeat, reload_file, enable_script_security,
            startup_script, startup_script_timeout_us, shutdown_script, shutdown_script_timeout_us, lvs_flush,
            lvs_flush_on_stop, checker_log_all_failures, rs_init_notifies, unknown,
        } elsewhere {
            notify_fifo, vrrp_notify_fifo, lvs_notify_fifo, mail, lvs_timeouts, lvs_sync_daemon, dropped, settings, origin,
            origins,
        });
        let fifos = [
            ("notify_fifo", &old.notify_fifo, &new.notify_fifo),
            ("vrrp_notify_fifo", &old.vrrp_notify_fifo, &new.vrrp_notify_fifo),
            ("lvs_notify_fifo", &old.lvs_notify_fifo, &new.lvs_notify_fifo),
        ];
        for (kind, old, new) in fifos {
            fields!(self, &place.part(kind, ""), old, new, Fifo { path, user, group, script } elsewhere {});
        }
        let (mail, timeouts) = (place.part("mail", ""), place.part("lvs_timeouts", ""));
        fields!(self, &mail, &old.mail, &new.mail, Mail {
            recipients, sender, server, port, helo_name, connect_timeout_us, alert, alert_vrrp, alert_checker, no_faults,
            no_checkers,
        } elsewhere {});
        let (before, after) = (&old.lvs_timeouts, &new.lvs_timeouts);
        fields!(self, &timeouts, before, after, LvsTimeouts { tcp_us, tcpfin_us, udp_us } elsewhere {});
        let daemon = |daemon: &SyncDaemon| {
            let SyncDaemon { interface, instance, id, max_length, port, ttl, group, origin: _ } = daemon;
            format!(
                "{interface} inst {} id {} maxlen {} port {port} ttl {ttl} group {group}",
                instance.show(""),
                id.show(""),
                max_length.show("")
            )
        };
        let (before, after) = (old.lvs_sync_daemon.as_ref().map(daemon), new.lvs_sync_daemon.as_ref().map(daemon));
        if before != after {
            self.changed(&place, "lvs_sync_daemon", before.show(""), after.show(""));
        }
        self.raws(&place, "setting", &old.settings, &new.settings);
    }

    pub(super) fn rest(&mut self) {
        let (old, new) = (self.old, self.new);
        let Ir {
            ir_version: _,
            config_id: _,
            global: _,
            vrrp_instances: _,
            sync_groups: _,
            scripts: _,
            processes: _,
            files: _,
            bfd_instances: _,
            track_groups,
            interface_delays,
            virtual_servers: _,
            virtual_server_groups: _,
            tls_client,
            garp_groups,
            static_addresses,
            static_routes,
            static_rules,
            settings,
            dropped: _,
            symbolic: _,
        } = old;
        let root = |kind: &'static str| Place::new(kind, "");
        self.addresses(&root("static_ipaddress"), "address", static_addresses, &new.static_addresses);
        self.lines(&root("static_routes"), "route", static_routes, &new.static_routes);
        self.lines(&root("static_rules"), "rule", static_rules, &new.static_rules);
        self.raws(&root("root"), "setting", settings, &new.settings);
        let place = |name: &str| Place::new("track_group", name);
        for (before, after, place) in self.matched(track_groups, &new.track_groups, |group| group.name.clone(), place) {
            let members = |ir: &Ir, group: &crate::track::TrackGroup| {
                group.members.iter().map(|id| ir.instance(*id).name.clone()).collect()
            };
            self.texts(&place, "vrrp_instance", members(old, before), members(new, after));
        }
        let place = |name: &str| Place::new("interface_up_down_delays", name);
        for (before, after, place) in
            self.matched(interface_delays, &new.interface_delays, |delays| delays.interface.clone(), place)
        {
            fields!(self, &place, before, after, InterfaceDelays { down_us, up_us } elsewhere { interface, origin });
        }
        let place = |_: &str| Place::new("SSL", "");
        let (before, after) = (tls_client.as_slice(), new.tls_client.as_slice());
        for (before, after, place) in self.matched(before, after, |_| String::new(), place) {
            fields!(self, &place, before, after, TlsClient { certificate, key, unknown } elsewhere {
                password, dropped, settings, origin, origins
            });
            if before.password != after.password {
                self.changed(&place, "password", "a secret".to_owned(), "another one".to_owned());
            }
            self.raws(&place, "setting", &before.settings, &after.settings);
        }
        let place = |name: &str| Place::new("garp_group", name);
        for (before, after, place) in
            self.matched(garp_groups, &new.garp_groups, |group| group.interfaces.join(" "), place)
        {
            fields!(self, &place, before, after, GarpGroup { garp_interval_us, gna_interval_us, unknown } elsewhere {
                interfaces, dropped, settings, origin, origins
            });
            self.raws(&place, "setting", &before.settings, &after.settings);
        }
    }
}
