//! `kalc check --fix`, `--unsafe-fixes` and `--diff`: fixes are made on texts, and then written or shown.

use crate::cli::CheckArgs;
use crate::error::Error;
use crate::inputs::Found;
use crate::known::Known;
use crate::{output, report, rewrite};
use kalc_compiler::diagnostic::{Diagnostic, Severity};
use kalc_compiler::fix::{self, Allowed, Fixed, Request};
use kalc_compiler::project::{Plan, Reader, Run};

/// Makes the fixes that were asked for and prints what is to be printed.
pub fn make(
    args: &CheckArgs,
    found: &mut Found,
    reader: &Reader<'_>,
    plan: &Plan<'_>,
    known: Option<&Known>,
) -> Result<Fixed, Error> {
    let allowed = if args.unsafe_fixes { Allowed::Suggested } else { Allowed::Safe };
    // What is not shown is not touched.
    let least = if args.hints { Severity::Hint } else { Severity::Info };
    let unknown = |run: &Run<'_>, found: Vec<Diagnostic>| {
        known.map_or_else(|| found.clone(), |known| known.split(run, found.clone()).new)
    };
    let request = Request { allowed, least, unknown: &unknown };
    let fixed = fix::run(&mut found.units, &found.inputs, reader, plan, &request);
    if args.diff {
        let diffs = fixed.files.values().map(|file| rewrite::diff(&file.name, &file.before, &file.after));
        output::write(&diffs.collect::<String>(), args.output.as_deref())?;
        return Ok(fixed);
    }
    let reads_stdin = args.paths.iter().any(|path| path == "-");
    let mut failed = false;
    for file in fixed.files.values() {
        if reads_stdin && file.name == args.stdin_filename {
            continue;
        }
        if let Err(error) = rewrite::write(&file.name, &file.before, &file.after) {
            found.errors.push(error);
            failed = true;
        }
    }
    let run = Run::new(found.units.iter_mut().collect());
    let text = report::render(&fixed.diagnostics, &run, args, None);
    if reads_stdin {
        // The fixed text is what is read from standard output.
        let of_stdin = run.sources().find(|file| file.name() == args.stdin_filename);
        output::write_bytes(&of_stdin.map(|file| file.bytes()).unwrap_or_default())?;
        match &args.output {
            Some(_) => output::write(&text, args.output.as_deref())?,
            None => eprint!("{text}"),
        }
    } else {
        output::write(&text, args.output.as_deref())?;
    }
    if !args.quiet && !failed && fixed.count > 0 {
        let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        eprintln!("{} fixed in {}", plural(fixed.count, "finding"), plural(fixed.files.len(), "file"));
    }
    Ok(fixed)
}
