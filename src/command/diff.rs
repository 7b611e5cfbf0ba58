//! `kalc diff`: what a reload would change.

use crate::cli::{DiffArgs, ListFormat};
use crate::command::compile::host_name;
use crate::disk::{self, Disk};
use crate::error::{Error, Status};
use crate::output;
use kalc_compiler::host::Host;
use kalc_compiler::ir_json::fingerprint;
use kalc_grammar::expand::Profile;
use kalc_ir::diff::{self, Change};
use serde_json::{Value, json};
use std::fmt::Write;

/// Runs the command.
pub fn run(args: &DiffArgs) -> Result<Status, Error> {
    let profile = Profile {
        config_id: args.reading.config_id.clone().or_else(host_name),
        defines: args.reading.define.iter().cloned().collect(),
    };
    let read = |path: &str| -> Result<Host, Error> {
        let file = if path == "-" { disk::read_stdin("<stdin>")? } else { disk::read(path)? };
        Ok(Host::read(file, &Disk, &profile))
    };
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let changes = diff::changes(&old.ir, &new.ir);
    let text = match args.format {
        ListFormat::Text => text(&changes),
        ListFormat::Json => format!("{:#}\n", to_json(&old, &new, &changes)),
    };
    output::write(&text, None)?;
    Ok(if changes.is_empty() { Status::Clean } else { Status::Found })
}

/// The changes below the objects they are in.
fn text(changes: &[Change]) -> String {
    let mut text = String::new();
    let mut last = None;
    for change in changes {
        if last != Some(&change.object) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", change.object);
            last = Some(&change.object);
        }
        let _ = writeln!(text, "    {change}");
    }
    text
}

fn to_json(old: &Host, new: &Host, changes: &[Change]) -> Value {
    let with_message = |change: &Change| {
        let mut value = serde_json::to_value(change).unwrap_or_default();
        if let Value::Object(map) = &mut value {
            map.insert("message".to_owned(), format!("{}: {change}", change.object).into());
        }
        value
    };
    json!({
        "version": 1,
        "old": { "file": old.file_name(), "fingerprint": fingerprint(&old.ir) },
        "new": { "file": new.file_name(), "fingerprint": fingerprint(&new.ir) },
        "changes": changes.iter().map(with_message).collect::<Vec<_>>(),
    })
}
