//! `kalc rules`: every rule.

use crate::cli::{ListArgs, ListFormat};
use crate::error::{Error, Status};
use crate::output;
use kalc_compiler::lint::rules::RULES;
use kalc_compiler::lint::{Fixable, Rule, Scope};
use serde_json::json;

/// Runs the command.
pub fn run(args: &ListArgs) -> Result<Status, Error> {
    let mut rules: Vec<&Rule> = RULES.iter().collect();
    rules.sort_by_key(|rule| rule.meta.code);
    let text = match args.format {
        ListFormat::Text => rules.iter().map(|rule| line(rule)).collect(),
        ListFormat::Json => format!("{:#}\n", rules.iter().map(|rule| object(rule)).collect::<serde_json::Value>()),
    };
    output::write(&text, None)?;
    Ok(Status::Clean)
}

fn line(rule: &Rule) -> String {
    let page = rule.page();
    let first = page.lines().next().unwrap_or("");
    format!("{}  {:7}  {:32} {}\n", rule.meta.code, rule.meta.severity.word(), rule.name, first)
}

fn object(rule: &Rule) -> serde_json::Value {
    json!({
        "code": rule.meta.code,
        "name": rule.name,
        "severity": rule.meta.severity.word(),
        "group": rule.group(),
        "fixable": match rule.meta.fix {
            Fixable::None => "none",
            Fixable::Safe => "safe",
            Fixable::Suggested => "suggested",
        },
        "cluster": rule.scope() == Scope::Cluster,
        "blocks_run": rule.meta.blocks_run,
        "profiles": rule.clouds().iter().map(|cloud| cloud.word()).collect::<Vec<_>>(),
        "summary": rule.page().lines().next().unwrap_or(""),
    })
}
