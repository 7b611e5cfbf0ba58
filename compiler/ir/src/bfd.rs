//! `bfd_instance`: sessions that notice quickly when a neighbour is lost (RFC 5880).

use crate::id::{OriginId, Origins};
use crate::raw::{Dropped, Raw, Unknown};
use crate::track::Weight;
use serde::Serialize;
use std::net::IpAddr;

/// A BFD session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bfd {
    /// Its name.
    pub name: String,
    /// `neighbor_ip`; `None` if only the running daemon knows it.
    pub neighbor: Option<IpAddr>,
    /// `source_ip`; `None` means any.
    pub source: Option<IpAddr>,
    /// `min_rx` (10 ms).
    pub min_rx_us: u64,
    /// `min_tx` (10 ms).
    pub min_tx_us: u64,
    /// `idle_tx` (1 s).
    pub idle_tx_us: u64,
    /// Packets in a row that must be missing (`multiplier`, 5).
    pub multiplier: u8,
    /// Waits for the neighbour (`passive`).
    pub is_passive: bool,
    /// `ttl` or `hoplimit` (255, IPv6 64).
    pub ttl: u8,
    /// Routers that a packet may have passed (`max_hops`, 0); `None` switches the test off.
    pub max_hops: Option<u8>,
    /// `multihop` (RFC 5883).
    pub is_multihop: bool,
    /// `weight` (0), where the user gives none.
    pub weight: Weight,
    /// Whether VRRP hears of changes (`vrrp`).
    pub serves_vrrp: bool,
    /// Whether checkers hear of changes (`checker`).
    pub serves_checkers: bool,
    /// Fields whose value only the running daemon knows.
    pub unknown: Vec<Unknown>,
    /// What keepalived leaves out.
    pub dropped: Vec<Dropped>,
    /// Other statements of the block.
    pub settings: Vec<Raw>,
    /// The block.
    pub origin: OriginId,
    /// Where the fields were written.
    pub origins: Origins,
}
