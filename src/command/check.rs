//! `kalc check`: reads files, runs the rules, prints what they found.

use crate::cli::{CheckArgs, ColorChoice, FailOn, Format};
use crate::disk::Disk;
use crate::error::{self, Error, Status};
use crate::{inputs, output};
use kalc_compiler::check::{check_fleet, check_host, merge_profiles};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::host::Host;
use kalc_compiler::lint;
use kalc_compiler::render::human::{Style, Texts};
use kalc_compiler::render::paths::Base;
use kalc_compiler::render::{Summary, github, gitlab, human, json, sarif, short};
use kalc_grammar::expand::Profile;
use kalc_grammar::source::SourceFile;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
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
    let found: Vec<bool> = inputs.iter().map(|input| input.found).collect();
    let files: Vec<SourceFile> = inputs.into_iter().map(|input| input.file).collect();

    let mut checked: Vec<Checked> = if files.len() > 1 {
        files.into_par_iter().map(|file| check_file(file, &profile)).collect()
    } else {
        files.into_iter().map(|file| check_file(file, &profile)).collect()
    };
    drop_included(&mut checked, &found);

    let mut order: BTreeMap<String, usize> = BTreeMap::new();
    for (_, file) in checked.iter().flat_map(|checked| checked.host.sources.iter()) {
        let next = order.len();
        order.entry(file.name().to_owned()).or_insert(next);
    }
    let files = checked.len();
    let mut diagnostics: Vec<Diagnostic> =
        checked.iter_mut().flat_map(|c| std::mem::take(&mut c.diagnostics)).collect();
    let hosts: Vec<Host> = checked.into_iter().map(|checked| checked.host).collect();
    if !args.no_cluster && hosts.len() > 1 {
        diagnostics.extend(check_fleet(&hosts));
    }
    apply_levels(&mut diagnostics, args);
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (order.get(&*d.place.file).copied(), d.place.start.offset, d.code);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    // A file that several hosts include is checked with each of them.
    diagnostics.dedup();

    let text = render(&diagnostics, files, &hosts, args);
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
    host: Host,
    diagnostics: Vec<Diagnostic>,
}

/// Checks one file, under every configuration id that it names unless one is given.
fn check_file(file: SourceFile, profile: &Profile) -> Checked {
    let host = Host::read(file.clone(), &Disk, profile);
    let ids: BTreeSet<String> = host.logical.config_ids.iter().map(|found| found.id.clone()).collect();
    if profile.config_id.is_some() || ids.is_empty() {
        let diagnostics = check_host(&host);
        return Checked { host, diagnostics };
    }
    let found = ids
        .into_iter()
        .map(|id| {
            let profile = Profile { config_id: Some(id.clone()), defines: profile.defines.clone() };
            (id, check_host(&Host::read(file.clone(), &Disk, &profile)))
        })
        .collect();
    Checked { diagnostics: merge_profiles(found), host }
}

/// A file that was only found in a folder, and that another one includes, is no host.
fn drop_included(checked: &mut Vec<Checked>, found: &[bool]) {
    let included: BTreeSet<String> =
        checked.iter().flat_map(|c| c.host.sources.iter().skip(1).map(|(_, file)| plain(file.name()))).collect();
    let mut index = 0;
    checked.retain(|checked| {
        index += 1;
        !(found[index - 1] && included.contains(&plain(checked.host.name())))
    });
}

/// One spelling for the paths of a file.
fn plain(path: &str) -> String {
    std::fs::canonicalize(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
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

fn render(diagnostics: &[Diagnostic], files: usize, hosts: &[Host], args: &CheckArgs) -> String {
    let summary = Summary::new(files, diagnostics);
    if args.format == Format::Json {
        return format!("{:#}\n", json::render(diagnostics, summary));
    }
    let shown: Vec<Diagnostic> =
        diagnostics.iter().filter(|d| args.hints || d.severity > Severity::Hint).cloned().collect();
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
    for (_, file) in hosts.iter().flat_map(|host| host.sources.iter()) {
        if !texts.has(file.name()) && shown.iter().any(|d| mentions(d, file.name())) {
            texts.add(file.name(), file.text());
        }
    }
    let mut text = human::render(&shown, &mut texts, style(args));
    if !args.quiet {
        text.push_str(&sentence(summary, args.hints));
    }
    text
}

/// Where kalc runs: reports name files from there.
fn base() -> Base {
    std::env::current_dir().map_or_else(|_| Base::default(), |folder| Base::new(&folder.to_string_lossy()))
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
