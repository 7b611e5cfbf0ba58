//! Keeps packets away from virtual addresses on which the host must not answer (strict mode, and `no_accept`), and macvlans
//! from telling of their IPv6 groups.
//!
//! The rules are nftables', set by netlink, in a table that belongs to this process: the kernel takes it away when the
//! process ends, however it ends, and `nft flush ruleset` of somebody else leaves it alone. That takes Linux 5.12.

mod message;
mod rules;

pub use rules::Look;

use kalc_ir::{Address, Family, Instance, Ir};
use message::{Kind, Transaction, answers};
use netlink_sys::{Socket, SocketAddr, protocols::NETLINK_NETFILTER};
use nix::sys::socket::{setsockopt, sockopt};
use std::collections::BTreeSet;
use std::io;
use std::net::IpAddr;

/// The table, where the configuration does not name one.
const TABLE: &str = "kalc";
/// Addresses that one transaction adds or removes: a list must fit into the 64 KiB of an attribute.
const PIECE: usize = 1_000;
/// Room for one transaction.
const SEND_BYTES: usize = 1 << 20;
/// Room for its answers.
const ANSWER_BYTES: usize = 64 << 10;

/// An address that packets are kept away from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guard {
    /// The address.
    pub address: IpAddr,
    /// The interface; it counts for link-local addresses only.
    pub interface: u32,
}

/// The table, once it is needed.
#[derive(Default)]
pub struct Firewall {
    look: Option<Look>,
    table: Option<Table>,
}

/// The table as it is in the kernel.
struct Table {
    socket: Socket,
    sequence: u32,
    look: Look,
    guards: BTreeSet<Guard>,
}

impl Firewall {
    /// Makes the table if a configuration needs it, and takes it away if not.
    ///
    /// # Errors
    /// If the kernel cannot do it. It is tried again with the next address.
    pub fn configure(&mut self, look: Option<Look>) -> io::Result<()> {
        let is_right = self.look == look && self.table.is_some() == look.is_some();
        self.look = look;
        if is_right { Ok(()) } else { self.make(BTreeSet::new()) }
    }

    /// Makes the table anew: with what it held before, and with more.
    fn make(&mut self, more: BTreeSet<Guard>) -> io::Result<()> {
        let old = self.table.take().map(|table| table.guards).unwrap_or_default();
        let Some(look) = self.look.clone() else { return Ok(()) };
        let mut table = Table::open(look)?;
        table.change(Kind::NewElements, &old.into_iter().chain(more).collect())?;
        self.table = Some(table);
        Ok(())
    }

    /// From now on packets are kept away from these as well.
    ///
    /// # Errors
    /// If the kernel cannot do it.
    pub fn add(&mut self, guards: impl IntoIterator<Item = Guard>) -> io::Result<()> {
        let known = |guard: &Guard| self.table.as_ref().is_some_and(|table| table.guards.contains(guard));
        let more: BTreeSet<Guard> = guards.into_iter().filter(|guard| !known(guard)).collect();
        if more.is_empty() {
            return Ok(());
        }
        match &mut self.table {
            Some(table) => {
                let result = table.change(Kind::NewElements, &more);
                // Somebody may have meddled with the table.
                result.or_else(|_| self.make(more))
            }
            None => self.make(more),
        }
    }

    /// Packets are kept away from exactly these, all of which are known.
    ///
    /// # Errors
    /// If the kernel cannot do it.
    pub fn keep(&mut self, guards: &BTreeSet<Guard>) -> io::Result<()> {
        let Some(table) = &mut self.table else { return Ok(()) };
        let surplus: BTreeSet<Guard> = table.guards.difference(guards).cloned().collect();
        if surplus.is_empty() {
            return Ok(());
        }
        if table.change(Kind::DelElements, &surplus).is_ok() {
            return Ok(());
        }
        table.guards.clone_from(guards);
        self.make(BTreeSet::new())
    }
}

/// How the table for a configuration looks; `None` if it needs none.
pub fn look(ir: &Ir) -> Option<Look> {
    let global = &ir.global;
    let silences = ir.vrrp_instances.iter().any(is_silenced);
    (silences || ir.vrrp_instances.iter().any(is_guarded)).then(|| Look {
        table: global.nftables_table.clone().unwrap_or_else(|| TABLE.to_owned()),
        priority: global.nftables_priority,
        counts: global.nftables_counters,
        silences_macvlans: silences,
    })
}

/// Whether an instance has a macvlan that would speak by itself.
fn is_silenced(instance: &Instance) -> bool {
    instance.vmac().is_some() && instance.family == Some(Family::Ipv6)
}

/// Whether packets are kept away from the addresses of an instance. An owner answers on its own.
fn is_guarded(instance: &Instance) -> bool {
    !instance.accepts && !instance.priority.is_owner()
}

/// What is kept away from the addresses of an instance while it holds them.
pub fn guards(instance: &Instance, index_of: impl Fn(&str) -> Option<u32>) -> BTreeSet<Guard> {
    if !is_guarded(instance) {
        return BTreeSet::new();
    }
    let own = instance.home().unwrap_or_default();
    let addresses = instance.virtual_addresses.iter().chain(&instance.excluded_addresses);
    let guard = |address: &Address| {
        let interface = index_of(address.interface.as_deref().unwrap_or(own))?;
        Some(Guard { address: address.address, interface })
    };
    addresses.filter_map(guard).collect()
}

impl Table {
    /// A socket of its own: the table lives as long as it.
    fn open(look: Look) -> io::Result<Table> {
        let mut socket = Socket::new(NETLINK_NETFILTER)?;
        let size = SEND_BYTES;
        setsockopt(&socket, sockopt::SndBufForce, &size).or_else(|_| setsockopt(&socket, sockopt::SndBuf, &size))?;
        socket.bind(&SocketAddr::new(0, 0))?;
        socket.set_non_blocking(true)?;
        // Answers need not repeat the question. A kernel that does not know that repeats it.
        let _ = socket.set_cap_ack(true);
        let mut table = Table { socket, sequence: 0, look, guards: BTreeSet::new() };
        let mut transaction = Transaction::new(table.sequence);
        rules::make(&mut transaction, &table.look);
        table.run(transaction)?;
        Ok(table)
    }

    fn change(&mut self, kind: Kind, guards: &BTreeSet<Guard>) -> io::Result<()> {
        let all: Vec<&Guard> = guards.iter().collect();
        for piece in all.chunks(PIECE) {
            let mut transaction = Transaction::new(self.sequence);
            rules::elements(&mut transaction, &self.look, kind, piece.iter().copied());
            self.run(transaction)?;
            match kind {
                Kind::DelElements => self.guards.retain(|guard| !piece.contains(&guard)),
                Kind::NewElements => self.guards.extend(piece.iter().copied().cloned()),
                Kind::NewTable | Kind::NewChain | Kind::NewRule | Kind::NewSet => {}
            }
        }
        Ok(())
    }

    /// The kernel answers before sending returns, so that there is nothing to wait for.
    fn run(&mut self, transaction: Transaction) -> io::Result<()> {
        let (bytes, next) = transaction.end();
        self.sequence = next;
        self.socket.send(&bytes, 0)?;
        let mut buffer = vec![0; ANSWER_BYTES];
        let (mut worst, mut count) = (0, 0);
        loop {
            let mut free = &mut buffer[..];
            match self.socket.recv(&mut free, 0) {
                Ok(length) => {
                    for (_, error) in answers(buffer.get(..length).unwrap_or_default()) {
                        count += 1;
                        worst = if worst == 0 { error } else { worst };
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        match (worst, count) {
            (0, 0) => Err(io::Error::other("nf_tables does not answer")),
            (0, _) => Ok(()),
            (error, _) => Err(io::Error::from_raw_os_error(error)),
        }
    }
}
