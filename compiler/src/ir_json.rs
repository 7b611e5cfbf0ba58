//! The IR as JSON, and its fingerprint.
//!
//! Origins are numbers in the [`Ir`]; here they become places in files, or go away. The fingerprint is taken of the
//! canonical form without them: keys sorted by byte, no blank space, nothing escaped that need not be.

use crate::canonical;
use kalc_grammar::config::Config;
use kalc_grammar::expand::Logical;
use kalc_grammar::source::{SourceFile, Sources};
use kalc_ir::{Ir, OriginId};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// What becomes of the origins.
pub enum Origins<'r> {
    /// They are places: the name of a file and the JSON of a range, as in diagnostics.
    Kept {
        /// The place of a statement.
        resolve: &'r dyn Fn(OriginId) -> Option<(String, Value)>,
    },
    /// They are left out.
    Stripped,
}

/// The IR as JSON.
pub fn to_json(ir: &Ir, origins: Origins<'_>) -> Value {
    // Plain data without maps whose keys are no strings cannot fail.
    let mut value = serde_json::to_value(ir).unwrap_or_default();
    match origins {
        Origins::Stripped => strip(&mut value),
        Origins::Kept { resolve } => place(&mut value, &|id| {
            let (file, range) = resolve(OriginId(id))?;
            Some(json!({ "file": file, "range": range }))
        }),
    }
    value
}

/// SHA-256 of the canonical JSON without origins, in hexadecimal.
pub fn fingerprint(ir: &Ir) -> String {
    // Plain data without maps whose keys are no strings cannot fail.
    let text = canonical::to_string(ir).unwrap_or_default();
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a daemon does with a configuration: the IR without origins and without what has no effect, which is what it leaves
/// out and how much of a secret it cuts off.
pub fn effect(ir: &Ir) -> Value {
    let mut value = to_json(ir, Origins::Stripped);
    without(&mut value, &["dropped", "written_length"]);
    value
}

/// Leads statements of a configuration to their places in the files.
pub fn places(config: &Config, logical: &Logical, sources: &Sources) -> impl Fn(OriginId) -> Option<(String, Value)> {
    move |origin| {
        let setting = config.settings.get(origin.0 as usize)?;
        let typed = logical.place(setting.span).typed;
        let file = sources.file(typed.file);
        let range = json!({
            "start": position(file, typed.span.start),
            "end": position(file, typed.span.end),
        });
        Some((file.name().to_owned(), range))
    }
}

fn position(file: &SourceFile, offset: u32) -> Value {
    let place = file.line_column(offset);
    json!({ "line": place.line, "column": place.column, "offset": offset })
}

/// Takes out `origin` and `origins` everywhere.
fn strip(value: &mut Value) {
    without(value, &["origin", "origins"]);
}

/// Takes out some keys everywhere.
fn without(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !keys.contains(&key.as_str()));
            map.values_mut().for_each(|value| without(value, keys));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| without(value, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces numbers below `origin` and `origins` by places; those that lead nowhere go away.
fn place(value: &mut Value, resolve: &dyn Fn(u32) -> Option<Value>) {
    match value {
        Value::Object(map) => {
            let resolved = |value: &Value| value.as_u64().and_then(|id| resolve(u32::try_from(id).ok()?));
            if let Some(origin) = map.remove("origin")
                && let Some(origin) = resolved(&origin)
            {
                map.insert("origin".to_owned(), origin);
            }
            let origins = map.remove("origins");
            map.values_mut().for_each(|value| {
                // The places just made hold no origins, and looking costs little.
                place(value, resolve);
            });
            if let Some(Value::Object(origins)) = origins {
                let origins: Map<String, Value> =
                    origins.into_iter().filter_map(|(field, id)| Some((field, resolved(&id)?))).collect();
                map.insert("origins".to_owned(), Value::Object(origins));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, resolve)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, canonical};
    use crate::host::Host;
    use kalc_grammar::expand::Profile;
    use kalc_grammar::files::MemoryFiles;
    use kalc_grammar::source::SourceFile;
    use std::path::Path;

    /// The canonical form by way of a tree.
    fn by_tree(value: &Value) -> String {
        let join = |items: Vec<String>| items.join(",");
        match value {
            Value::Object(map) => {
                let is_meaning = |(key, _): &(&String, &Value)| *key != "origin" && *key != "origins";
                let mut entries: Vec<_> = map.iter().filter(is_meaning).collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                let entry =
                    |(key, value): (&String, &Value)| format!("{}:{}", Value::from(key.as_str()), by_tree(value));
                format!("{{{}}}", join(entries.into_iter().map(entry).collect()))
            }
            Value::Array(items) => format!("[{}]", join(items.iter().map(by_tree).collect())),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
        }
    }

    fn each_file(folder: &Path, see: &mut dyn FnMut(SourceFile)) {
        for entry in std::fs::read_dir(folder).expect("a folder of the project") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                each_file(&path, see);
            } else if path.extension().is_some_and(|extension| extension == "conf") {
                see(SourceFile::new(path.to_string_lossy(), std::fs::read(&path).expect("a file of the project")));
            }
        }
    }

    #[test]
    fn the_canonical_form_is_that_of_a_tree() {
        let mut seen = 0;
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for folder in ["examples", "tests/probes"] {
            each_file(&top.join(folder), &mut |file| {
                let host = Host::read(file, &MemoryFiles::default(), &Profile::default());
                let tree = serde_json::to_value(&host.ir).expect("an IR has a tree");
                let text = canonical::to_string(&host.ir).expect("an IR has a text");
                assert_eq!(text, by_tree(&tree));
                seen += 1;
            });
        }
        assert!(seen > 200, "only {seen} files");
    }
}
