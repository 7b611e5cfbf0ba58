//! What is watched, and by whom.

use super::show::Show;
use super::{Action, Diff, Place, fields};
use crate::Ir;
use crate::bfd::Bfd;
use crate::track::{Process, Script, TrackFile, Trackers, Weight};

impl<'i> Diff<'i> {
    /// Trackers of an instance or of a sync group.
    pub(super) fn watched(&mut self, place: &Place, old: &Trackers, new: &Trackers) {
        let (before, after) = (self.old, self.new);
        let lists = |ir: &Ir, trackers: &Trackers| {
            let Trackers { interfaces, scripts, files, processes, bfds } = trackers;
            [
                ("track_interface", interfaces.iter().map(|t| (t.interface.clone(), t.weight)).collect::<Vec<_>>()),
                ("track_script", scripts.iter().map(|t| (ir.script(t.id).name.clone(), t.weight)).collect()),
                ("track_file", files.iter().map(|t| (ir.file(t.id).name.clone(), t.weight)).collect()),
                ("track_process", processes.iter().map(|t| (ir.process(t.id).name.clone(), t.weight)).collect()),
                ("track_bfd", bfds.iter().map(|t| (ir.bfd(t.id).name.clone(), t.weight)).collect()),
            ]
        };
        for ((kind, old), (_, new)) in lists(before, old).into_iter().zip(lists(after, new)) {
            self.weights(place, kind, &old, &new);
        }
    }

    fn weights(&mut self, place: &Place, kind: &'static str, old: &[(String, Weight)], new: &[(String, Weight)]) {
        for (name, weight) in new {
            match old.iter().find(|(known, _)| known == name) {
                None => self.push(&place.part(kind, name), Action::Added),
                Some((_, known)) if known != weight => {
                    self.changed(&place.part(kind, name), "weight", known.show(""), weight.show(""));
                }
                Some(_) => {}
            }
        }
        for (name, _) in old.iter().filter(|(name, _)| !new.iter().any(|(known, _)| known == name)) {
            self.push(&place.part(kind, name), Action::Removed);
        }
    }

    pub(super) fn trackers(&mut self) {
        let (old, new) = (self.old, self.new);
        let of = |kind: &'static str| move |name: &str| Place::new(kind, name);
        for (old, new, place) in
            self.matched(&old.scripts, &new.scripts, |s: &Script| s.name.clone(), of("vrrp_script"))
        {
            fields!(self, &place, old, new, Script {
                command, interval_us, timeout_us, weight, rise, fall, init_fail, unknown,
            } elsewhere { name, dropped, settings, origin, origins });
            self.raws(&place, "setting", &old.settings, &new.settings);
        }
        let processes =
            self.matched(&old.processes, &new.processes, |p: &Process| p.name.clone(), of("vrrp_track_process"));
        for (old, new, place) in processes {
            fields!(self, &place, old, new, Process {
                program, arguments, matching, weight, quorum, quorum_max, terminate_delay_us, fork_delay_us, full_command,
                unknown,
            } elsewhere { name, dropped, settings, origin, origins });
            self.raws(&place, "setting", &old.settings, &new.settings);
        }
        for (old, new, place) in self.matched(&old.files, &new.files, |f: &TrackFile| f.name.clone(), of("track_file"))
        {
            fields!(self, &place, old, new, TrackFile { path, weight, init, unknown } elsewhere {
                name, dropped, settings, origin, origins
            });
            self.raws(&place, "setting", &old.settings, &new.settings);
        }
        for (old, new, place) in
            self.matched(&old.bfd_instances, &new.bfd_instances, |b: &Bfd| b.name.clone(), of("bfd_instance"))
        {
            fields!(self, &place, old, new, Bfd {
                neighbor, source, min_rx_us, min_tx_us, idle_tx_us, multiplier, is_passive, ttl, max_hops, is_multihop,
                weight, serves_vrrp, serves_checkers, unknown,
            } elsewhere { name, dropped, settings, origin, origins });
            self.raws(&place, "setting", &old.settings, &new.settings);
        }
    }
}
