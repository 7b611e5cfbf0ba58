//! What commands of an editor show: the meaning of a host, the page of a rule.

use kalc_compiler::host::Host;
use kalc_compiler::ir_json::{Origins, places, to_json};
use kalc_compiler::lint;

/// What `kalc compile` prints for a host.
pub fn show_ir(host: &Host) -> String {
    let resolve = places(&host.config, &host.logical, &host.sources);
    format!("{:#}\n", to_json(&host.ir, Origins::Kept { resolve: &resolve }))
}

/// What `kalc explain` prints for a rule; an error for a rule that there is not, with the nearest one.
pub fn explain(code_or_name: &str) -> Result<String, String> {
    lint::find(code_or_name).map(lint::Rule::explanation).ok_or_else(|| match lint::nearest(code_or_name) {
        Some(near) => format!("there is no rule `{code_or_name}`: did you mean `{near}`?"),
        None => format!("there is no rule `{code_or_name}`"),
    })
}

/// The configuration ids that the conditions of a host's files name.
pub fn config_ids(host: &Host) -> impl Iterator<Item = &str> {
    host.logical.config_ids.iter().map(|found| found.id.as_str())
}
