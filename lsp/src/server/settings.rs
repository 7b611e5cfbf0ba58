//! What the editor says of its user's preferences, in `initializationOptions` and `workspace/didChangeConfiguration`:
//!
//! ```json
//! { "target": "keepalived-2.2.7", "profiles": ["aws"], "rules": { "KA505": "off" }, "configId": "web1" }
//! ```
//!
//! by itself or as the section `kalc`. The words are those of `kalc.toml` and its reader reads them, so they mean the same
//! and mistakes are told in the same way. What is empty or `null` is not set.

use crate::analysis::Preferences;
use kalc_compiler::project::Project;
use kalc_grammar::config::nearest;
use serde_json::{Map, Value};
use std::path::Path;

/// Words that are read by `kalc.toml`'s reader.
const SHARED: [&str; 3] = ["target", "profiles", "rules"];
/// The configuration id.
const CONFIG_ID: &str = "configId";
/// Settings that the client itself goes by, and may send along with the rest.
const CLIENT: [&str; 3] = ["path", "trace", "statusBar"];

/// Reads settings; an error is what to tell the user, and nothing of them counts then.
pub fn read(settings: &Value) -> Result<Preferences, String> {
    let settings = match settings {
        Value::Object(settings) => settings,
        Value::Null => return Ok(Preferences::default()),
        _ => return Err("the settings of kalc are no table".to_owned()),
    };
    let settings = match settings.get("kalc") {
        Some(Value::Object(section)) => section,
        Some(Value::Null) => return Ok(Preferences::default()),
        Some(_) => return Err("the settings of kalc are no table".to_owned()),
        None => settings,
    };
    let mut shared = Map::new();
    let mut config_id = None;
    for (name, value) in settings {
        match name.as_str() {
            CONFIG_ID if is_empty(value) => {}
            CONFIG_ID => {
                let id = value.as_str().ok_or_else(|| format!("`kalc.{CONFIG_ID}` must be a word"))?;
                config_id = Some(id.to_owned());
            }
            word if SHARED.contains(&word) => {
                if !is_empty(value) {
                    shared.insert(name.clone(), value.clone());
                }
            }
            word if CLIENT.contains(&word) => {}
            word => {
                let known = SHARED.into_iter().chain([CONFIG_ID]);
                return Err(match nearest(word, known) {
                    Some(near) => format!("there is no setting `kalc.{word}`: did you mean `kalc.{near}`?"),
                    None => format!("there is no setting `kalc.{word}`; other settings of a project are in kalc.toml"),
                });
            }
        }
    }
    let text = toml::to_string(&shared).map_err(|error| format!("the settings of kalc: {error}"))?;
    let project = Project::read(&text, Path::new("")).map_err(|problem| {
        let line =
            problem.at.and_then(|at| line(&text, at.start)).map_or_else(String::new, |line| format!(" `{line}`"));
        let help = problem.help.map_or_else(String::new, |help| format!(" ({help})"));
        format!("the settings of kalc{line}: {}{help}", problem.message)
    })?;
    let Project { target, profiles, rules, .. } = project;
    Ok(Preferences { target, profiles, rules, config_id })
}

/// The line that holds a byte.
fn line(text: &str, offset: usize) -> Option<&str> {
    let start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
    text.get(start..)?.lines().next()
}

/// Whether a change of settings says nothing: some clients send it because they are to be asked, some at every start
/// although the user set nothing. What was said before still counts then; `{ "kalc": {} }` takes it back.
pub fn is_silent(settings: &Value) -> bool {
    is_empty(settings)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(table) => table.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_silent, read};
    use crate::analysis::Preferences;
    use kalc_compiler::diagnostic::Severity;
    use kalc_compiler::settings::{Cloud, Target};
    use serde_json::json;

    #[test]
    fn the_words_of_kalc_toml() {
        let settings = json!({
            "target": "keepalived-2.0.10",
            "profiles": ["aws", "hetzner-cloud"],
            "rules": { "KA505": "off", "unknown-keyword": "warning" },
            "configId": "web1",
        });
        let read_alone = read(&settings).expect("settings");
        assert_eq!(read_alone, read(&json!({ "kalc": settings })).expect("settings"));
        let Preferences { target, profiles, rules, config_id } = read_alone;
        assert_eq!(target, Some(Target::Keepalived(2, 0, 10)));
        let clouds: Vec<Cloud> = profiles.iter().map(|profile| profile.cloud).collect();
        assert_eq!(clouds, [Cloud::Aws, Cloud::HetznerCloud]);
        assert!(rules.contains(&("KA505".to_owned(), None)), "{rules:?}");
        assert!(rules.contains(&("unknown-keyword".to_owned(), Some(Severity::Warning))), "{rules:?}");
        assert_eq!(config_id.as_deref(), Some("web1"));
    }

    #[test]
    fn what_is_empty_is_not_set() {
        let empty = [
            json!(null),
            json!({}),
            json!({ "kalc": null }),
            json!({ "target": "", "profiles": [], "rules": {}, "configId": "", "path": "x", "trace": { "server": "off" } }),
            json!({ "target": null, "configId": null }),
        ];
        for settings in empty {
            assert_eq!(read(&settings), Ok(Preferences::default()), "{settings}");
        }
    }

    #[test]
    fn a_change_without_a_section_changes_nothing() {
        assert!([json!(null), json!({}), json!([])].iter().all(is_silent));
        assert!(![json!({ "kalc": {} }), json!({ "target": "" })].iter().any(is_silent));
    }

    #[test]
    fn mistakes_are_told() {
        let wrong = [
            (json!({ "target": "keepalived" }), "is no target"),
            (json!({ "profiles": ["awz"] }), "awz"),
            (json!({ "rules": { "KA999": "off" } }), "there is no rule `KA999`"),
            (json!({ "rules": { "KA505": "fatal" } }), "fatal"),
            (json!({ "rules": { "KA505": 3 } }), "`KA505 = 3`"),
            (json!({ "rules": { "KA505": null } }), "settings of kalc"),
            (json!({ "configId": 3 }), "must be a word"),
            (json!({ "profile": ["aws"] }), "did you mean `kalc.profiles`?"),
            (json!({ "cluster": [] }), "kalc.toml"),
            (json!([1]), "no table"),
            (json!({ "kalc": 1 }), "no table"),
        ];
        for (settings, message) in wrong {
            let told = read(&settings).expect_err("a mistake");
            assert!(told.contains(message), "{settings}: {told}");
        }
    }
}
