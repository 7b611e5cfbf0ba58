//! `startup_script` and `shutdown_script`: run to their end before and after everything else.

use super::{Program, Programs};
use kalc_ir::{Command, Ir};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Time between two looks at a script.
const PAUSE: Duration = Duration::from_millis(5);
/// Time between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);

/// Runs `startup_script`, if there is one, and waits for it. Whatever it does, the daemon goes on.
pub fn startup(ir: &Ir, programs: &Programs) {
    let limit = Duration::from_micros(ir.global.startup_script_timeout_us);
    run("startup_script", ir.global.startup_script.as_ref(), limit, programs);
}

/// Runs `shutdown_script`, if there is one, and waits for it.
pub fn shutdown(ir: &Ir, programs: &Programs) {
    let limit = Duration::from_micros(ir.global.shutdown_script_timeout_us);
    run("shutdown_script", ir.global.shutdown_script.as_ref(), limit, programs);
}

fn run(what: &str, command: Option<&Command>, limit: Duration, programs: &Programs) {
    let Some(command) = command else { return };
    // One that cannot run has been told of when the configuration was read.
    let Some(Ok(program)) = programs.get(command) else { return };
    tracing::info!("{what}: running {}", program.name());
    if let Err(error) = wait(what, program, limit) {
        tracing::error!("{what}: cannot run {}: {error}", program.path.display());
    }
}

fn wait(what: &str, program: &Program, limit: Duration) -> std::io::Result<()> {
    let mut child = program.process(&[]).spawn()?;
    if let Some(status) = ended(&mut child, limit)? {
        if !status.success() {
            tracing::warn!("{what}: {status}");
        }
        return Ok(());
    }
    tracing::warn!("{what}: still running after {limit:?}, ended");
    signal(&child, Signal::SIGTERM);
    if ended(&mut child, GRACE)?.is_none() {
        signal(&child, Signal::SIGKILL);
        child.wait()?;
    }
    Ok(())
}

fn ended(child: &mut Child, limit: Duration) -> std::io::Result<Option<std::process::ExitStatus>> {
    let until = Instant::now() + limit;
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= until {
            return Ok(status);
        }
        sleep(PAUSE);
    }
}

/// The group leader has not been waited for: its number still means it.
fn signal(child: &Child, signal: Signal) {
    if let Ok(group) = i32::try_from(child.id())
        && let Err(error) = killpg(Pid::from_raw(group), signal)
    {
        tracing::debug!("cannot send {signal} to process group {group}: {error}");
    }
}
