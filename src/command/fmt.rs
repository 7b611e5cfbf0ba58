//! `kalc fmt`: gives files the canonical layout.

use crate::cli::FmtArgs;
use crate::disk::Disk;
use crate::error::{self, Error, Status};
use crate::{inputs, output, project, rewrite};
use kalc_compiler::edit;
use kalc_compiler::format::{self, RefusalKind};
use kalc_grammar::source::SourceFile;
use rayon::prelude::*;

/// What became of a file.
enum Outcome {
    Unchanged,
    Changed {
        before: Vec<u8>,
        after: Vec<u8>,
    },
    /// A template is nothing to format, and no failure.
    Template,
    Failed(Error),
}

/// Runs the command.
pub fn run(args: &FmtArgs) -> Result<Status, Error> {
    let project = project::find(None)?;
    let (files, mut errors) = inputs::read(&args.paths, &args.stdin_filename, project.as_ref());
    let outcomes: Vec<Outcome> = files.par_iter().map(format).collect();

    let reads_stdin = args.paths.iter().any(|path| path == "-");
    let changes_nothing = args.check || args.diff;
    let (mut text, mut changed, mut unchanged) = (String::new(), 0, 0);
    for (file, outcome) in files.iter().zip(outcomes) {
        let is_stdin = reads_stdin && file.name() == args.stdin_filename;
        match outcome {
            Outcome::Failed(error) => errors.push(error),
            Outcome::Template => eprintln!("{}: left alone: a template is no configuration yet", file.name()),
            Outcome::Unchanged => {
                unchanged += 1;
                if is_stdin && !changes_nothing {
                    output::write_bytes(&file.bytes())?;
                }
            }
            Outcome::Changed { before, after } => {
                changed += 1;
                if args.diff {
                    text.push_str(&rewrite::diff(file.name(), &before, &after));
                } else if args.check {
                    text.push_str(&format!("would format {}\n", file.name()));
                } else if is_stdin {
                    output::write_bytes(&after)?;
                } else if let Err(error) = rewrite::write(file.name(), &before, &after) {
                    errors.push(error);
                }
            }
        }
    }
    if !args.quiet || args.diff {
        output::write(&text, None)?;
    }
    if !args.quiet && !args.diff && !reads_stdin {
        output::write(&sentence(args.check, changed, unchanged), None)?;
    }
    let failed = !errors.is_empty();
    for error in errors {
        error::report(error);
    }
    Ok(match (failed, changes_nothing && changed > 0) {
        (true, _) => Status::Failed,
        (false, true) => Status::Found,
        (false, false) => Status::Clean,
    })
}

fn format(file: &SourceFile) -> Outcome {
    let before = file.bytes();
    match format::format(file, &Disk) {
        Ok(edits) if edits.is_empty() => Outcome::Unchanged,
        Ok(edits) => Outcome::Changed { after: edit::apply(&before, &edits), before },
        Err(refusal) if refusal.kind == RefusalKind::Template => Outcome::Template,
        Err(refusal) => {
            let place = match refusal.place {
                Some(place) => format!("{}:{}:{}", place.file, place.start.line, place.start.column),
                None => file.name().to_owned(),
            };
            Outcome::Failed(Error::NotFormatted { place, reason: refusal.reason })
        }
    }
}

fn sentence(check: bool, changed: usize, unchanged: usize) -> String {
    let files = |count: usize| format!("{count} file{}", if count == 1 { "" } else { "s" });
    let would = if check { " would be" } else { "" };
    match (changed, unchanged) {
        (0, 0) => String::new(),
        (0, _) => format!("{} well formatted\n", files(unchanged)),
        (_, 0) => format!("{}{would} formatted\n", files(changed)),
        (_, _) => format!("{}{would} formatted, {} left alone\n", files(changed), files(unchanged)),
    }
}
