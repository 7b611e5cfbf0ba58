//! Sockets to real servers: source address and port, interface, firewall mark, time limits.

use super::failure;
use kalc_core::check::Failure;
use kalc_ir::checker::Connection;
use socket2::{Domain, Protocol, Socket, Type};
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream, UdpSocket};
use tokio::time::timeout;

/// `connect_timeout`
pub(super) fn limit(connection: &Connection) -> Duration {
    Duration::from_micros(connection.timeout_us)
}

/// What is awaited must come within `connect_timeout`.
pub(super) async fn within<T>(
    connection: &Connection,
    late: Failure,
    what: impl Future<Output = io::Result<T>>,
) -> Result<T, Failure> {
    match timeout(limit(connection), what).await {
        Ok(done) => done.map_err(|error| failure::of(&error)),
        Err(_) => Err(late),
    }
}

/// Opens a TCP connection.
pub(super) async fn tcp(connection: &Connection) -> Result<TcpStream, Failure> {
    let socket = socket(connection, Type::STREAM, Protocol::TCP)?;
    let target = SocketAddr::new(connection.address, connection.port);
    let connecting = TcpSocket::from_std_stream(socket.into()).connect(target);
    let stream = within(connection, Failure::ConnectTimeout, connecting).await?;
    if meets_itself(&stream, target) {
        return Err(Failure::Refused);
    }
    Ok(stream)
}

/// On the host itself the kernel may pick the port that is asked for as the source, and TCP then connects to itself:
/// nobody listens there.
fn meets_itself(stream: &TcpStream, target: SocketAddr) -> bool {
    // No kernel picks those by itself.
    const PRIVILEGED: u16 = 1024;
    target.port() >= PRIVILEGED && stream.local_addr().is_ok_and(|local| local == target)
}

/// A UDP socket that hears from the server only.
pub(super) async fn udp(connection: &Connection) -> Result<UdpSocket, Failure> {
    let socket = socket(connection, Type::DGRAM, Protocol::UDP)?;
    connected(socket, SocketAddr::new(connection.address, connection.port)).await
}

/// A socket for ICMP echo that hears from the server only; the kernel's `ping_group_range` must allow it.
pub(super) async fn icmp(connection: &Connection) -> Result<UdpSocket, Failure> {
    let protocol = if connection.address.is_ipv4() { Protocol::ICMPV4 } else { Protocol::ICMPV6 };
    // To such a socket, a port would be the number of its requests.
    let unported = Connection { source_port: None, ..connection.clone() };
    let socket = socket(&unported, Type::DGRAM, protocol)?;
    connected(socket, SocketAddr::new(connection.address, 0)).await
}

async fn connected(socket: Socket, target: SocketAddr) -> Result<UdpSocket, Failure> {
    let socket = UdpSocket::from_std(socket.into()).map_err(|error| failure::of_socket(&error))?;
    socket.connect(target).await.map_err(|error| failure::of(&error))?;
    Ok(socket)
}

fn socket(connection: &Connection, kind: Type, protocol: Protocol) -> Result<Socket, Failure> {
    let domain = if connection.address.is_ipv4() { Domain::IPV4 } else { Domain::IPV6 };
    let socket = Socket::new(domain, kind.nonblocking().cloexec(), Some(protocol));
    let socket = socket.map_err(|error| failure::of_socket(&error))?;
    if connection.fwmark != 0 {
        socket.set_mark(connection.fwmark).map_err(|error| failure::of_socket(&error))?;
    }
    if let Some(interface) = &connection.interface {
        socket.bind_device(Some(interface.as_bytes())).map_err(|error| failure::of_bind(&error))?;
    }
    if connection.source.is_some() || connection.source_port.is_some() {
        // A fixed port may still be in TIME_WAIT from the check before.
        socket.set_reuse_address(true).map_err(|error| failure::of_socket(&error))?;
        let any = match connection.address {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let source = SocketAddr::new(connection.source.unwrap_or(any), connection.source_port.unwrap_or(0));
        socket.bind(&source.into()).map_err(|error| failure::of_bind(&error))?;
    }
    Ok(socket)
}
