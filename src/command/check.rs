//! `kalc check`: reads files, runs the rules, prints what they found.

use crate::cli::{CheckArgs, ColorChoice, FailOn, Format};
use crate::error::{self, Error, Status};
use crate::hosts::{self, Loaded};
use crate::inputs::Input;
use crate::{inputs, output};
use kalc_compiler::check::{check_given, check_host, merge_profiles};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::fleet::Given;
use kalc_compiler::lint;
use kalc_compiler::render::human::{Style, Texts};
use kalc_compiler::render::{Summary, human, json, short};
use kalc_grammar::expand::Profile;
use kalc_grammar::source::SourceFile;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::IsTerminal;

/// Runs the command.
pub fn run(args: &CheckArgs) -> Result<Status, Error> {
    for name in [&args.select, &args.ignore, &args.error, &args.warn].into_iter().flatten() {
        if !lint::rules::RULES.iter().any(|rule| rule.matches(name)) {
            return Err(super::explain::no_such_rule(name));
        }
    }
    let (inputs, errors) = inputs::read(&args.paths, &args.stdin_filename);
    let profile =
        Profile { config_id: args.profile.config_id.clone(), defines: args.profile.define.iter().cloned().collect() };
    let check = |input: Input| check_file(input.file, &profile, input.found);
    let mut checked: Vec<Checked> = if inputs.len() > 1 {
        inputs.into_par_iter().map(check).collect()
    } else {
        inputs.into_iter().map(check).collect()
    };
    hosts::drop_included(&mut checked, |checked| &checked.loaded);

    let sources: Vec<SourceFile> =
        checked.iter().flat_map(|c| c.loaded.host.sources.iter()).map(|(_, file)| file.clone()).collect();
    let mut order: BTreeMap<String, usize> = BTreeMap::new();
    for file in &sources {
        let next = order.len();
        order.entry(file.name().to_owned()).or_insert(next);
    }
    let files = checked.len();
    let mut diagnostics: Vec<Diagnostic> =
        checked.iter_mut().flat_map(|c| std::mem::take(&mut c.diagnostics)).collect();
    let (hosts, is_whole) = hosts::to_compare(checked.into_iter().map(|checked| checked.loaded).collect());
    if !args.no_cluster && hosts.len() > 1 {
        diagnostics.extend(check_given(&hosts, Given { is_whole, ..Given::default() }));
    }
    apply_levels(&mut diagnostics, args);
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (order.get(&*d.place.file).copied(), d.place.start.offset, d.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    // A file that several hosts include is checked with each of them.
    diagnostics.dedup();

    let text = render(&diagnostics, files, &sources, args);
    output::write(&text, args.output.as_deref())?;
    let failed = !errors.is_empty();
    for error in errors {
        error::report(error);
    }
    Ok(match (failed, diagnostics.iter().any(|d| fails(d.severity, args.fail_on))) {
        (true, _) => Status::Failed,
        (false, true) => Status::Found,
        (false, false) => Status::Clean,
    })
}

struct Checked {
    loaded: Loaded,
    diagnostics: Vec<Diagnostic>,
}

/// Checks one file, under every configuration id that it names unless one is given.
fn check_file(file: SourceFile, profile: &Profile, found: bool) -> Checked {
    let loaded = hosts::load(file, profile, found);
    if loaded.variants.is_empty() {
        return Checked { diagnostics: check_host(&loaded.host), loaded };
    }
    let found =
        loaded.variants.iter().map(|host| (host.profile.config_id.clone().unwrap_or_default(), check_host(host)));
    Checked { diagnostics: merge_profiles(found.collect()), loaded }
}

fn apply_levels(diagnostics: &mut Vec<Diagnostic>, args: &CheckArgs) {
    let named = |names: &[String], d: &Diagnostic| {
        lint::find(d.code).is_some_and(|rule| names.iter().any(|name| rule.matches(name)))
    };
    diagnostics.retain(|d| (args.select.is_empty() || named(&args.select, d)) && !named(&args.ignore, d));
    for d in diagnostics {
        if named(&args.error, d) {
            d.severity = Severity::Error;
        } else if named(&args.warn, d) {
            d.severity = Severity::Warning;
        }
    }
}

fn fails(severity: Severity, fail_on: FailOn) -> bool {
    match fail_on {
        FailOn::Error => severity >= Severity::Error,
        FailOn::Warning => severity >= Severity::Warning,
        FailOn::Info => severity >= Severity::Info,
        FailOn::Never => false,
    }
}

fn render(diagnostics: &[Diagnostic], files: usize, sources: &[SourceFile], args: &CheckArgs) -> String {
    let summary = Summary::new(files, diagnostics);
    if args.format == Format::Json {
        return format!("{:#}\n", json::render(diagnostics, summary));
    }
    let shown: Vec<Diagnostic> =
        diagnostics.iter().filter(|d| args.hints || d.severity > Severity::Hint).cloned().collect();
    if args.statistics {
        return statistics(&shown);
    }
    let mut text = match args.format {
        Format::Short => return short::render(&shown),
        Format::Human | Format::Json => {
            let mut texts = Texts::default();
            for file in sources {
                if !texts.has(file.name()) && shown.iter().any(|d| mentions(d, file.name())) {
                    texts.add(file.name(), file.text());
                }
            }
            human::render(&shown, &mut texts, style(args))
        }
    };
    if !args.quiet {
        text.push_str(&sentence(summary, args.hints));
    }
    text
}

fn mentions(d: &Diagnostic, file: &str) -> bool {
    &*d.place.file == file || d.related.iter().any(|related| &*related.place.file == file)
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
