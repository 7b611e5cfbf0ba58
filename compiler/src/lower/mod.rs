//! From what a configuration says to what it means: `Config` to [`Ir`].
//!
//! The meaning is keepalived's, not the text's: duplicates, bad values, order and inheritance count as they do there.
//! Where the references left doubt, 2.2.7 was asked by its dump of effective values; such places say "measured".
//!
//! Lowering is total and linear. Each block is read once into a [`block::Block`], from which readers take the
//! statements they know; what none of them takes stays visible as raw data. Roots are lowered in the order of the
//! text, after `global_defs`, because trackers must stand before those who use them; what may stand behind its users
//! is joined at the end.

mod addresses;
mod auth;
mod bfd;
mod block;
mod checker;
mod global;
mod interface;
mod ipvs;
mod notify;
mod peers;
mod raw;
mod real_server;
mod refs;
mod routes;
mod sync_group;
mod timers;
mod track;
mod value;
mod virtual_server_group;
mod vrrp;

pub(crate) use vrrp::most_addresses;

use crate::share;
use block::{Block, dropped};
use kalc_grammar::config::{Config, SettingId};
use kalc_grammar::expand::{Logical, Profile, ViaKind};
use kalc_grammar::schema::{self, Arg, Keyword, Param};
use kalc_ir::track::{InterfaceDelays, TrackGroup};
use kalc_ir::{Dropped, IR_VERSION, Ir, OriginId, Reason};
use refs::Names;
use rustc_hash::FxHashSet;
use std::borrow::Cow;
use std::net::IpAddr;

/// Moves what a block noted into the object made of it.
macro_rules! with_notes {
    ($object:expr, $notes:expr) => {{
        let (mut object, notes) = ($object, $notes);
        object.origin = notes.origin;
        object.origins = notes.origins;
        object.unknown = notes.unknown;
        object.dropped = notes.dropped;
        object.settings = notes.settings;
        object
    }};
}
pub(crate) use with_notes;

/// Lowers a configuration. `logical` is the text it was read from, `profile` what that text was expanded with.
pub fn lower(config: &Config, logical: &Logical, profile: &Profile) -> Ir {
    let mut lowerer = Lowerer {
        config,
        ir: empty(global::lower(config)),
        instance_names: Names::new(),
        sync_groups: Names::new(),
        scripts: Names::new(),
        processes: Names::new(),
        files: Names::new(),
        bfds: Names::new(),
        bfd_addresses: FxHashSet::default(),
        virtual_server_groups: Names::new(),
        pending_groups: Vec::new(),
        track_groups: Vec::new(),
    };
    lowerer.ir.config_id = depends_on_config_id(logical).then(|| profile.config_id.clone()).flatten();
    lowerer.ir.symbolic = logical.symbolic.iter().map(|(expression, _)| expression.clone()).collect();
    // Doubling while they grow would waste what is most of the memory of a large file.
    let count = |keyword| config.blocks(keyword).count();
    lowerer.ir.vrrp_instances.reserve_exact(count(&schema::vrrp_instance::VRRP_INSTANCE));
    lowerer.ir.virtual_servers.reserve_exact(count(&schema::virtual_server::VIRTUAL_SERVER));
    let roots: Vec<SettingId> = config.roots().collect();
    let keyword = |id: SettingId| config.setting(id).keyword;
    for run in roots.chunk_by(|&before, &id| keyword(before) == keyword(id)) {
        lowerer.run(run);
    }
    lowerer.join();
    lowerer.join_sync_daemon();
    lowerer.join_track_groups();
    lowerer.join_virtual_servers();
    let Ir { vrrp_instances, static_rules, .. } = &mut lowerer.ir;
    let virtual_rules = vrrp_instances.iter_mut().flat_map(|instance| &mut instance.virtual_rules);
    routes::number_rules(static_rules.iter_mut().chain(virtual_rules));
    lowerer.ir
}

fn depends_on_config_id(logical: &Logical) -> bool {
    !logical.config_ids.is_empty()
        || logical
            .vias
            .iter()
            .any(|via| matches!(&via.kind, ViaKind::Builtin(name) if name.trim_matches(['$', '{', '}']) == "_INSTANCE"))
}

fn empty(global: kalc_ir::Global) -> Ir {
    Ir {
        ir_version: IR_VERSION,
        config_id: None,
        global,
        vrrp_instances: Vec::new(),
        sync_groups: Vec::new(),
        scripts: Vec::new(),
        processes: Vec::new(),
        files: Vec::new(),
        bfd_instances: Vec::new(),
        track_groups: Vec::new(),
        interface_delays: Vec::new(),
        virtual_servers: Vec::new(),
        virtual_server_groups: Vec::new(),
        tls_client: None,
        garp_groups: Vec::new(),
        static_addresses: Vec::new(),
        static_routes: Vec::new(),
        static_rules: Vec::new(),
        settings: Vec::new(),
        dropped: Vec::new(),
        symbolic: Vec::new(),
    }
}

/// The work in progress.
struct Lowerer<'c> {
    config: &'c Config,
    ir: Ir,
    instance_names: Names<'c>,
    sync_groups: Names<'c>,
    scripts: Names<'c>,
    processes: Names<'c>,
    files: Names<'c>,
    bfds: Names<'c>,
    /// Neighbour and source of each session.
    bfd_addresses: FxHashSet<(IpAddr, Option<IpAddr>)>,
    virtual_server_groups: Names<'c>,
    pending_groups: Vec<sync_group::Pending>,
    /// Track groups and their lists.
    track_groups: Vec<(TrackGroup, SettingId)>,
}

impl<'c> Lowerer<'c> {
    /// Blocks of one kind that follow each other. Nothing comes between them, so those that only look up what stands before
    /// them do not need each other.
    fn run(&mut self, run: &[SettingId]) {
        let Some(keyword) = run.first().map(|&id| self.config.setting(id).keyword) else { return };
        if *keyword == schema::vrrp_instance::VRRP_INSTANCE {
            self.instances(run);
        } else if *keyword == schema::virtual_server::VIRTUAL_SERVER {
            self.virtual_servers(run);
        } else {
            run.iter().for_each(|&id| self.root(id));
        }
    }

    /// Whether threads should share blocks in a row.
    fn is_much(&self, run: &[SettingId]) -> bool {
        let (Some(first), Some(&last)) = (run.first(), run.last()) else { return false };
        (self.config.setting(last).end - first.0) as usize >= share::FROM_STATEMENTS
    }

    fn root(&mut self, id: SettingId) {
        let keyword = self.config.setting(id).keyword;
        let is = |row: &'static Keyword| keyword == row;
        if self.is_misread(id) {
            self.drop(id, Reason::Misspelt);
        } else if is(&schema::track::VRRP_SCRIPT) {
            self.script(id);
        } else if is(&schema::sync_group::VRRP_SYNC_GROUP) {
            self.sync_group(id);
        } else if is(&schema::track::VRRP_TRACK_PROCESS) {
            self.process(id);
        } else if is(&schema::track::TRACK_FILE) || is(&schema::track::VRRP_TRACK_FILE) {
            self.file(id);
        } else if is(&schema::bfd::BFD_INSTANCE) {
            self.bfd(id);
        } else if is(&schema::virtual_server_group::VIRTUAL_SERVER_GROUP) {
            self.virtual_server_group(id);
        } else if is(&schema::track::TRACK_GROUP) {
            self.track_group(id);
        } else if is(&schema::ssl::SSL) {
            self.tls_client(id);
        } else if is(&schema::garp_group::GARP_GROUP) {
            self.garp_group(id);
        } else if is(&schema::global::INTERFACE_UP_DOWN_DELAYS) {
            self.interface_delays(id);
        } else if is(&schema::static_::STATIC_IPADDRESS) {
            self.static_addresses(id);
        } else if is(&schema::static_::STATIC_ROUTES) {
            for entry in block::children(self.config, id) {
                match routes::route(self.config, entry) {
                    Ok(route) => self.ir.static_routes.push(route),
                    Err(dropped) => self.ir.dropped.push(dropped),
                }
            }
        } else if is(&schema::static_::STATIC_RULES) {
            for entry in block::children(self.config, id) {
                match routes::rule(self.config, entry) {
                    Ok(rule) => self.ir.static_rules.push(rule),
                    Err(dropped) => self.ir.dropped.push(dropped),
                }
            }
        } else if !global::takes(keyword) {
            self.ir.settings.push(raw::raw(self.config, id));
        }
    }

    /// Whether keepalived skips a block at the root. One whose name only looks strange it does not.
    fn is_misread(&self, id: SettingId) -> bool {
        let setting = self.config.setting(id);
        let is_named = matches!(setting.keyword.params, [Param { arg: Arg::Define(_), .. }]);
        setting.recovered || (setting.mended && !is_named)
    }

    /// The name of a block; without one it is dropped.
    fn name(&mut self, id: SettingId) -> Option<Cow<'c, str>> {
        let name = self.config.name(id);
        if name.is_empty() {
            self.drop(id, Reason::BadName);
            return None;
        }
        Some(name)
    }

    /// Notes that keepalived skips or removes a block at the root.
    fn drop(&mut self, id: SettingId, reason: Reason) {
        self.ir.dropped.push(dropped(self.config, id, reason));
    }

    /// The entries of lists with that keyword, as they are.
    /// Entries of a list of routes or rules.
    fn entries<T>(
        &self,
        b: &mut Block<'_>,
        (list, field): (&'static Keyword, &'static str),
        lower: fn(&Config, SettingId) -> Result<T, Dropped>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for entry in track::entries(b, list, field) {
            match lower(self.config, entry) {
                Ok(entry) => found.push(entry),
                Err(dropped) => b.notes.dropped.push(dropped),
            }
        }
        found
    }

    /// Entries of `interface_up_down_delays`: an interface, and how long it must be down and up.
    fn interface_delays(&mut self, id: SettingId) {
        for entry in block::children(self.config, id) {
            let values = self.config.values(entry);
            let micros = |index: usize| values.get(index).and_then(block::micros);
            let interface = values.first().and_then(|value| block::text(self.config, value));
            let (Some(interface), Some(down_us)) = (interface, micros(1)) else {
                self.drop(entry, Reason::BadValue);
                continue;
            };
            let origin = OriginId(entry.0);
            self.ir.interface_delays.push(InterfaceDelays {
                interface,
                down_us,
                up_us: micros(2).unwrap_or(0),
                origin,
            });
        }
    }

    fn static_addresses(&mut self, id: SettingId) {
        let interface = self.ir.global.default_interface.clone();
        for entry in block::children(self.config, id) {
            match addresses::lower(self.config, entry, Some(&interface)) {
                Ok(address) => self.ir.static_addresses.push(address),
                Err(dropped) => self.ir.dropped.push(dropped),
            }
        }
    }
}
