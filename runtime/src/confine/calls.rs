//! System calls (seccomp(2)) that the daemon never makes: to execute programs and make processes, to look into other processes, to
//! change modes of files, what is mounted, the clock, modules and users, and such as have been ways to break out.
//!
//! A list of what is forbidden and not of what is allowed: what libraries need changes with their versions, and a daemon that a
//! library's new call stops holds no addresses. The unit in `systemd/` has the other kind of list.

use super::Means;
use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;

/// Calls that are refused (EPERM), by what they are for.
const FORBIDDEN: &[&[libc::c_long]] = &[
    // Other programs and processes.
    &[libc::SYS_execve, libc::SYS_execveat, libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev],
    &[libc::SYS_kcmp, libc::SYS_pidfd_getfd, libc::SYS_process_madvise, libc::SYS_personality],
    #[cfg(target_arch = "x86_64")]
    &[libc::SYS_fork, libc::SYS_vfork],
    // Users.
    &[libc::SYS_setuid, libc::SYS_setgid, libc::SYS_setreuid, libc::SYS_setregid, libc::SYS_setresuid],
    &[libc::SYS_setresgid, libc::SYS_setgroups, libc::SYS_setfsuid, libc::SYS_setfsgid],
    // Modes, owners and attributes of files, which no rule about paths covers.
    &[libc::SYS_fchmod, libc::SYS_fchmodat, libc::SYS_fchmodat2, libc::SYS_fchown, libc::SYS_fchownat],
    &[libc::SYS_setxattr, libc::SYS_lsetxattr, libc::SYS_fsetxattr, libc::SYS_removexattr, libc::SYS_lremovexattr],
    &[libc::SYS_fremovexattr],
    #[cfg(target_arch = "x86_64")]
    &[libc::SYS_chmod, libc::SYS_chown, libc::SYS_lchown],
    // Mounts and namespaces.
    &[libc::SYS_mount, libc::SYS_umount2, libc::SYS_pivot_root, libc::SYS_chroot, libc::SYS_setns, libc::SYS_unshare],
    &[libc::SYS_open_tree, libc::SYS_move_mount, libc::SYS_fsopen, libc::SYS_fsconfig, libc::SYS_fsmount],
    &[libc::SYS_fspick, libc::SYS_mount_setattr, libc::SYS_open_by_handle_at, libc::SYS_name_to_handle_at],
    &[libc::SYS_mknodat, libc::SYS_quotactl, libc::SYS_swapon, libc::SYS_swapoff],
    // The kernel and the machine.
    &[libc::SYS_init_module, libc::SYS_finit_module, libc::SYS_delete_module, libc::SYS_kexec_load],
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    &[libc::SYS_kexec_file_load],
    #[cfg(target_arch = "x86_64")]
    &[libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_mknod, libc::SYS_modify_ldt],
    &[libc::SYS_reboot, libc::SYS_syslog, libc::SYS_acct, libc::SYS_vhangup, libc::SYS_sethostname],
    &[libc::SYS_setdomainname, libc::SYS_bpf, libc::SYS_perf_event_open],
    // The clock.
    &[libc::SYS_settimeofday, libc::SYS_clock_settime, libc::SYS_adjtimex, libc::SYS_clock_adjtime],
    // Keys, and much of the kernel at once.
    &[libc::SYS_add_key, libc::SYS_request_key, libc::SYS_keyctl, libc::SYS_userfaultfd, libc::SYS_io_uring_setup],
    &[libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_lookup_dcookie],
];

/// Forbids them in all threads, and in those to come. Also sets `no_new_privs`.
pub(crate) fn forbid() -> Means {
    match apply() {
        Ok(()) => Means::Whole,
        Err(error) => Means::Less(error.to_string()),
    }
}

fn apply() -> Result<(), seccompiler::Error> {
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> =
        FORBIDDEN.iter().flat_map(|calls| calls.iter()).map(|&call| (call, Vec::new())).collect();
    // A thread is made by the call that makes processes, too.
    let is_no_thread =
        SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(libc::CLONE_THREAD as u64), 0)?;
    refused.insert(libc::SYS_clone, vec![SeccompRule::new(vec![is_no_thread])?]);
    // What this call is to do is in memory, where a filter cannot look: libraries use the older one then.
    let missing = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    for (calls, error) in [(refused, libc::EPERM), (missing, libc::ENOSYS)] {
        let error = SeccompAction::Errno(error.unsigned_abs());
        let architecture = std::env::consts::ARCH.try_into()?;
        let filter = SeccompFilter::new(calls, SeccompAction::Allow, error, architecture)?;
        let program: BpfProgram = filter.try_into()?;
        seccompiler::apply_filter_all_threads(&program)?;
    }
    Ok(())
}
