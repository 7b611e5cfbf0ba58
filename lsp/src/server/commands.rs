//! Commands that a client may have executed (`workspace/executeCommand`). This is the one list of them.
//!
//! | command | arguments | result |
//! | --- | --- | --- |
//! | `kalc.showIr` | address of a file | what `kalc compile` prints for its host: JSON, as one text |
//! | `kalc.explainRule` | code or name of a rule | its page as Markdown |
//! | `kalc.configIds` | address of a file | `{ "ids": ["main", …], "chosen": "main" or null }`: those that its hosts name |
//! | `kalc.setConfigId` | a configuration id, or null for none | null; everything is read anew under it |
//!
//! Restarting the server is the client's.

use super::snapshot::Asked;
use crate::ide;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::str::FromStr;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::Uri;

/// The meaning of a file's host.
pub const SHOW_IR: &str = "kalc.showIr";
/// The page of a rule.
pub const EXPLAIN_RULE: &str = "kalc.explainRule";

/// The configuration ids that the files of a host name, and the one that is chosen.
pub const CONFIG_IDS: &str = "kalc.configIds";
/// Under which configuration id files are read.
pub const SET_CONFIG_ID: &str = "kalc.setConfigId";

/// All of them.
pub const COMMANDS: [&str; 4] = [SHOW_IR, EXPLAIN_RULE, CONFIG_IDS, SET_CONFIG_ID];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// [`SHOW_IR`]
    ShowIr(Uri),
    /// [`EXPLAIN_RULE`]
    ExplainRule(String),
    /// [`CONFIG_IDS`]
    ConfigIds(Uri),
    /// [`SET_CONFIG_ID`]
    SetConfigId(Option<String>),
}

impl Request {
    /// Reads a command and its arguments; an error says what is wrong with them.
    pub fn read(command: &str, arguments: &[Value]) -> Result<Request> {
        let first = arguments.first().unwrap_or(&Value::Null);
        let text = || first.as_str().ok_or_else(|| Error::invalid_params(format!("{command} takes a text")));
        let file = || {
            let address = text()?;
            Uri::from_str(address).map_err(|_| Error::invalid_params(format!("{command}: `{address}` is no address")))
        };
        match command {
            SHOW_IR => Ok(Request::ShowIr(file()?)),
            EXPLAIN_RULE => Ok(Request::ExplainRule(text()?.to_owned())),
            CONFIG_IDS => Ok(Request::ConfigIds(file()?)),
            SET_CONFIG_ID if first.is_null() => Ok(Request::SetConfigId(None)),
            SET_CONFIG_ID => Ok(Request::SetConfigId(Some(text()?.to_owned()).filter(|id| !id.is_empty()))),
            other => {
                let known = COMMANDS.join(", ");
                Err(Error::invalid_params(format!("there is no command `{other}`; there are {known}")))
            }
        }
    }
}

/// The answer to [`CONFIG_IDS`].
pub(super) fn config_ids(asked: &Asked) -> Option<Value> {
    let ids: BTreeSet<&str> = asked.seen().flat_map(|seen| ide::commands::config_ids(seen.view.host)).collect();
    Some(json!({ "ids": ids, "chosen": asked.snapshot.preferences.config_id }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_with_their_arguments() {
        let file = Uri::from_str("file:///etc/keepalived/keepalived.conf").expect("an address");
        let read = |command: &str, argument: Value| Request::read(command, &[argument]);
        assert_eq!(read(SHOW_IR, json!(file.as_str())), Ok(Request::ShowIr(file)));
        assert_eq!(read(EXPLAIN_RULE, json!("KA401")), Ok(Request::ExplainRule("KA401".to_owned())));
        assert_eq!(read(SET_CONFIG_ID, json!("web1")), Ok(Request::SetConfigId(Some("web1".to_owned()))));
        assert_eq!(Request::read(SET_CONFIG_ID, &[]), Ok(Request::SetConfigId(None)));
        assert_eq!(read(SET_CONFIG_ID, json!("")), Ok(Request::SetConfigId(None)));
        for command in COMMANDS {
            assert!(read(command, json!(7)).is_err(), "{command}");
        }
        let unknown = read("kalc.dance", Value::Null).expect_err("an error");
        assert!(unknown.message.contains("kalc.showIr"), "{unknown:?}");
    }
}
