//! The only place with `unsafe`: what the kernel offers and no crate wraps.

#![allow(unsafe_code, reason = "each block says why it holds")]

use crate::script::Identity;
use crate::trim::Clean;
use nix::libc;
use nix::sys::epoll::Epoll;
use nix::sys::mman::{MmapAdvise, madvise};
use nix::sys::signal::{SigHandler, Signal};
use nix::sys::timerfd::TimerFd;
use nix::unistd::{ForkResult, Gid, Pid, Uid, setgid, setgroups, setuid};
use socket2::SockAddr;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::ptr::NonNull;
use tokio::io::unix::AsyncFd;

/// The address of a packet socket: an interface, and the EtherType that it receives, 0 for none. Of where a whole frame is
/// sent only the interface counts, as the frame has its header.
///
/// nix has this structure, too, and no way to make one.
pub fn frame_address(interface: u32, ether_type: u16) -> io::Result<SockAddr> {
    let index = i32::try_from(interface).map_err(io::Error::other)?;
    // SAFETY: the closure gets zeroed storage that is large and aligned enough for every kind of socket address, so
    // also for a `sockaddr_ll`, of which it writes three fields; all zeros are a valid value of the others. The length
    // is set to that of the structure.
    let ((), address) = unsafe {
        SockAddr::try_init(|storage, length| {
            let link = storage.cast::<libc::sockaddr_ll>();
            (*link).sll_family = libc::AF_PACKET as libc::sa_family_t;
            (*link).sll_protocol = ether_type.to_be();
            (*link).sll_ifindex = index;
            *length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
            Ok(())
        })?
    };
    Ok(address)
}

/// Signals that the daemon does not use get their default back if whoever started it had them ignored (a shell does so
/// with SIGQUIT in the background): what is ignored would be so in every script, too. The signals that are used need
/// nothing: a handler becomes the default when a program is executed.
pub fn forget_ignored_signals() -> io::Result<()> {
    for signal in [Signal::SIGQUIT, Signal::SIGUSR2, Signal::SIGALRM, Signal::SIGTSTP] {
        // SAFETY: no handler is installed, so none can do what a handler must not; nobody else in this process sets
        // one for these signals.
        unsafe { nix::sys::signal::signal(signal, SigHandler::SigDfl) }?;
    }
    Ok(())
}

/// Sets the nice value of this thread.
pub fn set_nice(nice: i8) -> io::Result<()> {
    // SAFETY: no memory is handed over. On Linux 0 is the thread that calls (setpriority(2)).
    match unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, libc::c_int::from(nice)) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Gives this thread a real-time priority, from 1 to 99; other threads and processes that it starts do not inherit it.
pub fn set_real_time(priority: u8) -> io::Result<()> {
    set_scheduler(libc::SCHED_RR | libc::SCHED_RESET_ON_FORK, libc::c_int::from(priority))
}

/// Takes a real-time priority away from this thread.
pub fn set_usual() -> io::Result<()> {
    set_scheduler(libc::SCHED_OTHER, 0)
}

fn set_scheduler(policy: libc::c_int, priority: libc::c_int) -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: the parameters live until the call returns, which only reads them; 0 is the thread that calls.
    match unsafe { libc::sched_setscheduler(0, policy, &raw const parameters) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Makes a process that is this one once more; its number, or `None` in the new one. To be called while there is one thread.
pub fn fork() -> io::Result<Option<Pid>> {
    // SAFETY: with a single thread nobody holds a lock that the new process would wait for, so that it may do anything.
    match unsafe { nix::unistd::fork() }? {
        ForkResult::Parent { child } => Ok(Some(child)),
        ForkResult::Child => Ok(None),
    }
}

/// Takes a file over that the kernel has just handed to this process.
pub fn own(file: RawFd) -> OwnedFd {
    // SAFETY: the only caller has it from a message (`SCM_RIGHTS`), with which the kernel opens a descriptor that nobody
    // else in this process knows of, and hands it over once.
    unsafe { OwnedFd::from_raw_fd(file) }
}

/// Has a process be this user, with these groups. The standard library does that with no groups but one.
pub fn become_with_groups(process: &mut std::process::Command, identity: &Identity) {
    let (uid, gid) = (Uid::from_raw(identity.uid), Gid::from_raw(identity.gid));
    let groups: Vec<Gid> = identity.groups.iter().copied().map(Gid::from_raw).collect();
    let change = move || {
        setgroups(&groups)?;
        setgid(gid)?;
        setuid(uid)?;
        Ok(())
    };
    // SAFETY: between fork and exec this makes three system calls and reads memory that was there before; it allocates
    // nothing and takes no lock.
    unsafe { process.pre_exec(change) };
}

/// A file of one of the kinds that the loop waits for.
pub struct Watched<T>(pub T);

/// Files that own their descriptor and never exchange it. Only this module says which are.
pub trait Steady: AsFd {}

impl Steady for TimerFd {}
impl Steady for netlink_sys::Socket {}
impl Steady for nix::sys::inotify::Inotify {}
impl Steady for OwnedFd {}

/// [`Epoll`], as something that has a descriptor to borrow.
pub struct Poll(pub Epoll);

impl AsFd for Poll {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.0.as_fd()
    }
}

impl Steady for Poll {}

impl<T: Steady> AsRawFd for Watched<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

/// Has tokio watch a file; needs a tokio runtime.
pub fn watch<T: Steady>(file: T) -> io::Result<AsyncFd<Watched<T>>> {
    // SAFETY: a `Steady` file owns its descriptor and gives the same one for as long as it lives, and nothing here
    // takes it out of the `AsyncFd`, which ends the watch before it drops the file.
    unsafe { AsyncFd::register(Watched(file)) }.map_err(io::Error::from)
}

/// Drops pages of the program's file from memory, without a trace: the next access reads them again.
pub fn drop_pages(clean: &Clean) -> io::Result<()> {
    let Some(start) = NonNull::new(std::ptr::without_provenance_mut(clean.start())) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    // SAFETY: these pages have the content of the file before and after (madvise(2), MADV_DONTNEED), so that no
    // reference into them sees a change, and code in them goes on. Nobody writes to the file of a running program
    // (ETXTBSY), and a mapping that cannot be written gets no pages of its own: nothing here calls mprotect.
    unsafe { madvise(start, clean.length(), MmapAdvise::MADV_DONTNEED) }.map_err(io::Error::from)
}

/// Gives memory that is allocated and free back to the system, from everywhere in the heap. Other libraries than glibc
/// have nothing like it.
pub fn release_free_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: malloc_trim(3) may be called at any time, from any thread; it takes the locks of the allocator itself, and
    // touches nothing that is allocated.
    unsafe {
        libc::malloc_trim(0);
    }
}
