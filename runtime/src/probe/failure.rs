//! What the system says, as a [`Failure`].

use kalc_core::check::{Failure, LocalFault};
use nix::libc;
use std::io;

/// Of a connection or a read.
pub(super) fn of(error: &io::Error) -> Failure {
    match error.raw_os_error() {
        Some(libc::ECONNREFUSED) => Failure::Refused,
        Some(libc::EHOSTUNREACH | libc::ENETUNREACH | libc::EHOSTDOWN) => Failure::Unreachable,
        Some(libc::ETIMEDOUT) => Failure::ConnectTimeout,
        Some(libc::ECONNRESET | libc::EPIPE) => Failure::Reset,
        Some(number) => Failure::System(number),
        None if error.kind() == io::ErrorKind::UnexpectedEof => Failure::ClosedEarly,
        None => Failure::Io("sending or receiving failed"),
    }
}

/// Of making a socket.
pub(super) fn of_socket(error: &io::Error) -> Failure {
    Failure::Local(LocalFault::Socket(error.raw_os_error().unwrap_or(0)))
}

/// Of binding it.
pub(super) fn of_bind(error: &io::Error) -> Failure {
    Failure::Local(match error.raw_os_error() {
        Some(libc::EADDRINUSE) => LocalFault::PortInUse,
        number => LocalFault::Bind(number.unwrap_or(0)),
    })
}
