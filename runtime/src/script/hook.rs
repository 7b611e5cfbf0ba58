//! `startup_script` and `shutdown_script`: run to their end before and after everything else.

use super::Programs;
use crate::starter::{Run, Starter};
use kalc_ir::{Command, Ir};
use std::io;
use std::time::{Duration, Instant};

/// Time between SIGTERM and SIGKILL, and for the end after that.
const GRACE: Duration = Duration::from_secs(2);

/// Runs `startup_script`, if there is one, and waits for it. Whatever it does, the daemon goes on.
pub fn startup(ir: &Ir, programs: &Programs, starter: &Starter) {
    let limit = Duration::from_micros(ir.global.startup_script_timeout_us);
    run("startup_script", ir.global.startup_script.as_ref(), limit, programs, starter);
}

/// Runs `shutdown_script`, if there is one, and waits for it.
pub fn shutdown(ir: &Ir, programs: &Programs, starter: &Starter) {
    let limit = Duration::from_micros(ir.global.shutdown_script_timeout_us);
    run("shutdown_script", ir.global.shutdown_script.as_ref(), limit, programs, starter);
}

fn run(what: &str, command: Option<&Command>, limit: Duration, programs: &Programs, starter: &Starter) {
    let Some(command) = command else { return };
    // One that cannot run has been told of when the configuration was read.
    let Some(Ok(program)) = programs.get(command) else { return };
    tracing::info!("{what}: running {}", program.name());
    if let Err(error) = wait(what, starter.run(program, &[]), limit) {
        tracing::error!("{what}: cannot run {}: {error}", program.path.display());
    }
}

fn wait(what: &str, mut run: Run, limit: Duration) -> io::Result<()> {
    if let Some(status) = run.wait_until(Instant::now() + limit)? {
        if !status.success() {
            tracing::warn!("{what}: {status}");
        }
        return Ok(());
    }
    tracing::warn!("{what}: still running after {limit:?}, ended");
    run.terminate();
    if run.wait_until(Instant::now() + GRACE)?.is_none() {
        run.kill();
        if run.wait_until(Instant::now() + GRACE)?.is_none() {
            tracing::warn!("{what}: it does not end");
        }
    }
    Ok(())
}
