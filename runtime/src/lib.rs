//! The daemon of kalc: sockets, netlink and scripts around the pure core.
