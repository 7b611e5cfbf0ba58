//! A service in the ledger.

use kalc_core::kernel::{ServiceKey, Takes};
use kalc_ir::Family;
use kalc_ir::ipvs::Protocol;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Name of the ledger in the run folder.
pub const LEDGER: &str = "services.json";

/// A service that is to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// TCP to an address and port.
    Tcp(IpAddr, u16),
    /// UDP.
    Udp(IpAddr, u16),
    /// SCTP.
    Sctp(IpAddr, u16),
    /// IPv4 packets with a mark.
    Fwmark4(u32),
    /// IPv6 packets with a mark.
    Fwmark6(u32),
}

impl From<&ServiceKey> for Record {
    fn from(key: &ServiceKey) -> Record {
        match (key.takes, key.family) {
            (Takes::Address { protocol: Protocol::Tcp, address, port }, _) => Record::Tcp(address, port),
            (Takes::Address { protocol: Protocol::Udp, address, port }, _) => Record::Udp(address, port),
            (Takes::Address { protocol: Protocol::Sctp, address, port }, _) => Record::Sctp(address, port),
            (Takes::Fwmark(mark), Family::Ipv4) => Record::Fwmark4(mark),
            (Takes::Fwmark(mark), Family::Ipv6) => Record::Fwmark6(mark),
        }
    }
}

impl From<&Record> for ServiceKey {
    fn from(record: &Record) -> ServiceKey {
        let at = |protocol, address: IpAddr, port| ServiceKey {
            family: Family::of(address),
            takes: Takes::Address { protocol, address, port },
        };
        match *record {
            Record::Tcp(address, port) => at(Protocol::Tcp, address, port),
            Record::Udp(address, port) => at(Protocol::Udp, address, port),
            Record::Sctp(address, port) => at(Protocol::Sctp, address, port),
            Record::Fwmark4(mark) => ServiceKey { family: Family::Ipv4, takes: Takes::Fwmark(mark) },
            Record::Fwmark6(mark) => ServiceKey { family: Family::Ipv6, takes: Takes::Fwmark(mark) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_stands_for_one_service() {
        let addresses: [IpAddr; 2] = ["192.0.2.1", "2001:db8::1"].map(|text| text.parse().expect("an address"));
        let at = |address| [Record::Tcp(address, 80), Record::Udp(address, 80), Record::Sctp(address, 0)];
        for record in addresses.into_iter().flat_map(at).chain([Record::Fwmark4(7), Record::Fwmark6(7)]) {
            assert_eq!(Record::from(&ServiceKey::from(&record)), record);
        }
    }
}
