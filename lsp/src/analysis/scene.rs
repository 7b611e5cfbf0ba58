//! What was read of files that are checked together, at one moment: for the requests, and for who checks it.

use super::area::Area;
use crate::ide::company::{Company, Group, Reading};
use kalc_compiler::host::Host;
use kalc_compiler::project::{Input, Overrides, Plan, Run, Unit};
use kalc_compiler::settings::Settings;
use kalc_compiler::suppress::Date;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Files that are checked together, as they were read. It never changes.
pub struct Scene {
    /// Their hosts.
    pub company: Company,
    pub(super) area: Area,
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hosts = self.company.readings.iter().map(|reading| reading.host.name());
        f.debug_struct("Scene").field("hosts", &hosts.collect::<Vec<_>>()).finish()
    }
}

impl Scene {
    pub(super) fn new(area: Area) -> Self {
        let company = company(&area);
        Scene { company, area }
    }

    /// The texts of all files that findings and notes may speak of, by their names.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        let units = self.area.entries.iter().filter_map(|entry| entry.unit.as_ref());
        let hosts = units.flat_map(|unit| std::iter::once(&unit.host).chain(&unit.variants));
        let files = hosts.flat_map(|host| host.sources.iter()).map(|(_, file)| (file.name(), &**file.text()));
        let toml = self.area.toml.iter().filter_map(|toml| Some((toml.path.as_str(), toml.text.as_deref().ok()?)));
        files.chain(toml)
    }

    /// The units, to look at them again, and what each was read from.
    pub(super) fn units(&self) -> (Vec<Unit>, Vec<Input>) {
        let entries = self.area.entries.iter();
        entries.filter_map(|entry| Some((entry.unit.clone()?, entry.input.clone()))).unzip()
    }

    /// Carries out something that needs to know what is shown of the files.
    pub(super) fn with_plan<T>(&self, compares: bool, work: impl FnOnce(&Plan<'_>) -> T) -> T {
        with_plan(&self.area, compares, work)
    }
}

fn with_plan<T>(area: &Area, compares: bool, work: impl FnOnce(&Plan<'_>) -> T) -> T {
    let overrides = Overrides { defaults: area.preferences.rules.clone(), ..Overrides::default() };
    let settings: Settings = area.settings();
    let (project, is_folder) = (area.project.as_deref(), area.is_folder);
    work(&Plan { project, overrides: &overrides, today: today(), compares, is_folder, settings: &settings })
}

/// The day that dates in comments are compared with.
pub(super) fn today() -> Date {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Date::from_unix(now)
}

/// The hosts of an area, and which of them are compared.
fn company(area: &Area) -> Company {
    let mut units: Vec<Unit> = area.entries.iter().filter_map(|entry| entry.unit.clone()).collect();
    let run = Run::new(units.iter_mut().collect());
    let mut readings = Vec::new();
    let mut known: FxHashMap<*const Host, usize> = FxHashMap::default();
    for (number, unit) in run.units.iter().enumerate() {
        let paths: FxHashMap<&str, &str> =
            unit.files.iter().map(|file| (file.name.as_str(), file.path.as_str())).collect();
        for host in std::iter::once(&unit.host).chain(&unit.variants) {
            let path = |name: &str| paths.get(name).copied().unwrap_or(name).to_owned();
            let files = host.sources.iter().map(|(_, file)| path(file.name())).collect();
            known.insert(Arc::as_ptr(host), readings.len());
            readings.push(Reading { host: Arc::clone(host), files, unit: number });
        }
    }
    let groups = with_plan(area, true, |plan| {
        let group = |group: kalc_compiler::project::Group<'_>| Group {
            is_named: group.name.is_some(),
            members: group.hosts.iter().filter_map(|&host| known.get(&std::ptr::from_ref(host)).copied()).collect(),
            given: group.given,
        };
        run.groups(plan).into_iter().map(group).collect()
    });
    Company::new(readings, groups)
}
