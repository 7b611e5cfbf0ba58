//! `promote_secondaries`: when the first address of a network goes, the kernel keeps the others of that network instead of
//! removing them with it.
//!
//! It is a setting of the interface (`net.ipv4.conf.NAME.promote_secondaries`), on while the daemon runs. What was on
//! before stays on.

use kalc_ir::Ir;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// The interfaces whose setting was changed.
#[derive(Debug, Default)]
pub struct Promotion {
    changed: BTreeSet<String>,
}

impl Promotion {
    /// Makes it so on the interfaces of a configuration, as far as they are there, and undoes it on others.
    pub fn set(&mut self, ir: &Ir) {
        let instances = ir.vrrp_instances.iter().filter(|instance| instance.promotes_secondaries);
        self.make(&instances.filter_map(|instance| instance.interface.as_deref()).collect());
    }

    fn make(&mut self, wanted: &BTreeSet<&str>) {
        self.changed.retain(|name| wanted.contains(name.as_str()) || !write(name, "0"));
        for &name in wanted {
            let is_off = file(name).is_some_and(|file| fs::read_to_string(file).is_ok_and(|text| text.trim() == "0"));
            if is_off && write(name, "1") {
                self.changed.insert(name.to_owned());
            }
        }
    }

    /// Undoes it everywhere.
    pub fn end(&mut self) {
        self.make(&BTreeSet::new());
    }
}

fn file(name: &str) -> Option<PathBuf> {
    let is_plain = !name.contains('/') && !name.starts_with('.');
    is_plain.then(|| PathBuf::from(format!("/proc/sys/net/ipv4/conf/{name}/promote_secondaries")))
}

/// Whether it is written, or there is nothing to write to any more.
fn write(name: &str, value: &str) -> bool {
    let Some(file) = file(name) else { return false };
    match fs::write(&file, value) {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => {
            tracing::error!("{} cannot be set to {value}: {error}", file.display());
            false
        }
    }
}
