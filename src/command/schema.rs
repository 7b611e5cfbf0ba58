//! `kalc schema`: every keyword.

use crate::cli::{SchemaArgs, SchemaFormat};
use crate::error::{Error, Status};
use crate::output;
use kalc_grammar::schema::{Kind, Repeat, Row, Runtime, Since, Status as Use, Unit, usage, walk};
use serde_json::{Value, json};

/// Runs the command.
pub fn run(args: &SchemaArgs) -> Result<Status, Error> {
    let rows = walk();
    let text = match args.format {
        SchemaFormat::Text => rows.iter().map(line).collect(),
        SchemaFormat::Json => format!("{:#}\n", rows.iter().map(object).collect::<Value>()),
        SchemaFormat::Markdown => page(&rows),
    };
    output::write(&text, None)?;
    Ok(Status::Clean)
}

fn line(row: &Row) -> String {
    let keyword = row.keyword;
    let mut line = format!("{} {}", row.path, usage(keyword)).trim_end().to_owned();
    if !keyword.default.is_empty() {
        line.push_str(&format!("  (default: {})", keyword.default));
    }
    format!("{line}\n    {}\n", keyword.doc.trim())
}

/// What the daemon does with each keyword.
fn page(rows: &[Row]) -> String {
    let count = |wanted: fn(&Runtime) -> bool| rows.iter().filter(|row| wanted(&row.keyword.runtime)).count();
    let mut page = format!(
        "# What `kalc run` does with each keyword\n\n\
         Written by `kalc schema --format markdown`. Of {} keywords the daemon executes {}; {} it accepts and does nothing about, for the\n\
         reason given; {} it refuses, with their place (KA931).\n\n\
         | keyword | |\n| --- | --- |\n",
        rows.len(),
        count(|runtime| matches!(runtime, Runtime::Executed)),
        count(|runtime| matches!(runtime, Runtime::NoEffect(_))),
        count(|runtime| matches!(runtime, Runtime::Refused(_))),
    );
    for row in rows {
        let what = match row.keyword.runtime {
            Runtime::Executed => "executed",
            Runtime::NoEffect(reason) => reason,
            Runtime::Refused(reason) => {
                page.push_str(&format!("| `{}` | **refused**: {} |\n", row.path, reason.replace('|', "\\|")));
                continue;
            }
        };
        page.push_str(&format!("| `{}` | {} |\n", row.path, what.replace('|', "\\|")));
    }
    page
}

fn object(row: &Row) -> Value {
    let keyword = row.keyword;
    let (status, instead) = match keyword.status {
        Use::Current => ("current", None),
        Use::Deprecated(instead) => ("deprecated", Some(instead)),
        Use::Alias(of) => ("alias", Some(of)),
    };
    let (runtime, reason) = match keyword.runtime {
        Runtime::Refused(reason) => ("refused", Some(reason)),
        Runtime::Executed => ("executed", None),
        Runtime::NoEffect(reason) => ("no-effect", Some(reason)),
    };
    json!({
        "path": row.path,
        "keyword": keyword.name,
        "kind": match keyword.kind {
            Kind::Flag => "flag",
            Kind::Value => "value",
            Kind::Block => "block",
            Kind::NamedBlock => "named-block",
            Kind::ListBlock => "list-block",
            Kind::Entry => "list-item",
        },
        "arguments": usage(keyword),
        "default": if keyword.default.is_empty() { Value::Null } else { json!(keyword.default) },
        "unit": match keyword.unit {
            Unit::None => Value::Null,
            Unit::Seconds => json!("seconds"),
            Unit::Milliseconds => json!("milliseconds"),
            Unit::Microseconds => json!("microseconds"),
            Unit::Bytes => json!("bytes"),
        },
        "versions": match keyword.since {
            Since::V2_2_7 => json!(["2.2.7", "2.4.3"]),
            Since::V2_4_3 => json!(["2.4.3"]),
        },
        "status": status,
        "instead": instead,
        "repeats": match keyword.repeat {
            Repeat::LastWins => "last-wins",
            Repeat::FirstWins => "first-wins",
            Repeat::Accumulates => "accumulates",
        },
        "runtime": { "status": runtime, "reason": reason },
        "doc": keyword.doc.trim(),
    })
}
