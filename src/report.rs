//! Findings as `kalc check` prints them: format, colours, counts.

use crate::cli::{CheckArgs, ColorChoice, Format};
use crate::known::Beside;
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::project::Run;
use kalc_compiler::render::human::{Style, Texts};
use kalc_compiler::render::paths::Base;
use kalc_compiler::render::{Summary, github, gitlab, human, json, sarif, short};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io::IsTerminal;

/// The findings in the format that was asked for.
pub fn render(diagnostics: &[Diagnostic], run: &Run<'_>, args: &CheckArgs, beside: Option<&Beside>) -> String {
    let summary = Summary::new(run.files(), diagnostics);
    if args.format == Format::Json {
        let mut object = json::render(diagnostics, summary);
        if let Some(beside) = beside {
            object["baseline"] = beside.to_json();
        }
        return format!("{object:#}\n");
    }
    let is_shown = |d: &Diagnostic| args.hints || d.severity > Severity::Hint;
    let shown: Cow<'_, [Diagnostic]> = match diagnostics.iter().all(is_shown) {
        true => Cow::Borrowed(diagnostics),
        false => diagnostics.iter().filter(|d| is_shown(d)).cloned().collect(),
    };
    match args.format {
        Format::Sarif => return format!("{:#}\n", sarif::render(&shown, &base(), env!("CARGO_PKG_VERSION"))),
        Format::Gitlab => return format!("{:#}\n", gitlab::render(&shown, &base())),
        Format::Github => return github::render(&shown, &base()),
        Format::Short | Format::Human | Format::Json => {}
    }
    if args.statistics {
        return statistics(&shown);
    }
    if args.format == Format::Short {
        return short::render(&shown);
    }
    let mut texts = Texts::default();
    let mentioned = mentioned(&shown);
    for file in run.sources().filter(|file| mentioned.contains(file.name())) {
        texts.add(file.name(), file.text());
    }
    let mut text = human::render(&shown, &texts, style(args));
    if !args.quiet {
        text.push_str(&sentence(summary, args.hints));
        if let Some(known) = beside.map(|beside| beside.known).filter(|known| *known > 0) {
            text.push_str(&format!("{} in the baseline\n", plural(known, "finding")));
        }
    }
    text
}

/// Where kalc runs: reports name files from there.
fn base() -> Base {
    std::env::current_dir().map_or_else(|_| Base::default(), |folder| Base::new(&folder.to_string_lossy()))
}

/// The files that findings speak of.
fn mentioned(diagnostics: &[Diagnostic]) -> HashSet<&str> {
    diagnostics.iter().flat_map(Diagnostic::places).map(|place| &*place.file).collect()
}

fn style(args: &CheckArgs) -> Style {
    let terminal = args.output.is_none() && std::io::stdout().is_terminal();
    let color = match args.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let unicode =
        terminal && locale.is_some_and(|locale| locale.to_ascii_uppercase().replace('-', "").contains("UTF8"));
    Style { color, unicode }
}

fn statistics(diagnostics: &[Diagnostic]) -> String {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for d in diagnostics {
        *counts.entry((d.code, d.name)).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|&((code, _), count)| (std::cmp::Reverse(count), code));
    counts.iter().map(|((code, name), count)| format!("{count:6}  {code}  {name}\n")).collect()
}

fn sentence(summary: Summary, hints: bool) -> String {
    let files = plural(summary.files, "file");
    let counts = [
        (summary.errors, "error"),
        (summary.warnings, "warning"),
        (summary.infos, "info"),
        (if hints { summary.hints } else { 0 }, "hint"),
    ];
    let found: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(*n, word)).collect();
    if found.is_empty() {
        format!("{files} checked, nothing to report\n")
    } else {
        format!("{files} checked: {}\n", found.join(", "))
    }
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
