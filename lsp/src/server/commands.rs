//! Commands that a client may have executed (`workspace/executeCommand`). This is the one list of them.
//!
//! | command | arguments | result |
//! | --- | --- | --- |
//! | `kalc.showIr` | address of a file | what `kalc compile` prints for its host: JSON, as one text |
//! | `kalc.explainRule` | code or name of a rule | its page as Markdown |
//!
//! Restarting the server is the client's.

use serde_json::Value;
use std::str::FromStr;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::Uri;

/// The meaning of a file's host.
pub const SHOW_IR: &str = "kalc.showIr";
/// The page of a rule.
pub const EXPLAIN_RULE: &str = "kalc.explainRule";

/// All of them.
pub const COMMANDS: [&str; 2] = [SHOW_IR, EXPLAIN_RULE];

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// [`SHOW_IR`]
    ShowIr(Uri),
    /// [`EXPLAIN_RULE`]
    ExplainRule(String),
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
            other => {
                let known = COMMANDS.join(", ");
                Err(Error::invalid_params(format!("there is no command `{other}`; there are {known}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn commands_are_read_with_their_arguments() {
        let file = Uri::from_str("file:///etc/keepalived/keepalived.conf").expect("an address");
        let read = |command: &str, argument: Value| Request::read(command, &[argument]);
        assert_eq!(read(SHOW_IR, json!(file.as_str())), Ok(Request::ShowIr(file)));
        assert_eq!(read(EXPLAIN_RULE, json!("KA401")), Ok(Request::ExplainRule("KA401".to_owned())));
        for command in COMMANDS {
            assert!(read(command, json!(7)).is_err(), "{command}");
        }
        let unknown = read("kalc.dance", Value::Null).expect_err("an error");
        assert!(unknown.message.contains("kalc.showIr"), "{unknown:?}");
    }
}
