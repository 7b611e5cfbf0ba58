//! How the system treats the daemon: nice values, real-time priority, CPUs, and whether its memory may leave for swap.
//!
//! keepalived sets them for its processes. kalc has threads instead: the one of VRRP and BFD and the one that sets addresses
//! are treated as keepalived's VRRP process, the one of virtual servers as its checker process. Scripts are started by a process
//! that is left as it is, so that they inherit none of it (Differs: keepalived's run on its CPUs).

use crate::sys;
use caps::Capability;
use kalc_ir::Ir;
use kalc_ir::global::Process;
use nix::sched::{CloneFlags, CpuSet, sched_setaffinity, setns};
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::unistd::Pid;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether memory is locked. Once it is, nothing of it may be given back.
static IS_LOCKED: AtomicBool = AtomicBool::new(false);

/// Rights that a configuration needs beyond those of every daemon.
pub fn rights(ir: &Ir) -> Vec<Capability> {
    let global = &ir.global;
    let processes = [&global.vrrp_process, &global.checker_process];
    // A higher nice value takes no right, but the way back from it does.
    let is_changed = |process: &&Process| process.nice != 0 || process.rt_priority.is_some();
    let mut rights = Vec::new();
    if processes.iter().any(is_changed) {
        rights.push(Capability::CAP_SYS_NICE);
    }
    if global.locks_memory {
        // Memory that is allocated later is locked, too.
        rights.push(Capability::CAP_IPC_LOCK);
    }
    rights
}

/// Enters a network namespace (`net_namespace`), with this thread and those that it starts from now on.
///
/// # Errors
/// If there is no such namespace, or the daemon has no right to.
pub fn enter(name: &str) -> io::Result<()> {
    if name.is_empty() || name.contains('/') || name == ".." {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // As `ip netns` has them.
    let file = File::open(Path::new("/run/netns").join(name))?;
    Ok(setns(file, CloneFlags::CLONE_NEWNET)?)
}

/// Keeps in memory what is there now and what will be touched.
pub fn lock_memory(ir: &Ir) {
    if !ir.global.locks_memory {
        return;
    }
    // On fault: threads have stacks of which they never use most.
    let on_fault = MlockAllFlags::from_bits_retain(nix::libc::MCL_ONFAULT);
    match mlockall(MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | on_fault) {
        Ok(()) => IS_LOCKED.store(true, Ordering::Relaxed),
        Err(error) => tracing::error!("memory cannot be locked: {error}"),
    }
}

/// Whether memory is locked.
pub fn is_locked() -> bool {
    IS_LOCKED.load(Ordering::Relaxed)
}

/// Has the system treat this thread so from now on. `name` is whose settings they are.
pub fn treat(process: &Process, name: &str) {
    if process.nice != 0
        && let Err(error) = sys::set_nice(process.nice)
    {
        tracing::error!("{name}_priority {} cannot be set: {error}", process.nice);
    }
    if let Some(priority) = process.rt_priority
        && let Err(error) = sys::set_real_time(priority)
    {
        tracing::error!("{name}_rt_priority {priority} cannot be set: {error}");
    }
    if !process.cpus.is_empty() {
        let mut set = CpuSet::new();
        let result = process.cpus.iter().try_for_each(|cpu| set.set(usize::from(*cpu)));
        let result = result.and_then(|()| sched_setaffinity(Pid::from_raw(0), &set));
        if let Err(error) = result {
            tracing::error!("{name}_cpu_affinity cannot be set: {error}");
        }
    }
}

/// Has the system treat this thread as any other again: it was started by one with these settings.
pub fn treat_as_usual(process: &Process) {
    let is_changed = process.nice != 0 || process.rt_priority.is_some();
    let result = if is_changed { sys::set_usual().and_then(|()| sys::set_nice(0)) } else { Ok(()) };
    if let Err(error) = result {
        tracing::warn!("a priority cannot be taken back: {error}");
    }
    if !process.cpus.is_empty() {
        let mut all = CpuSet::new();
        let count = CpuSet::count();
        let result = (0..count).try_for_each(|cpu| all.set(cpu));
        if let Err(error) = result.and_then(|()| sched_setaffinity(Pid::from_raw(0), &all)) {
            tracing::warn!("a choice of CPUs cannot be taken back: {error}");
        }
    }
}
