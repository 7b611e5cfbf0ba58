//! `virtual_server_group`: several addresses or marks that share one set of real servers.
//!
//! Its lines are no keywords but addresses, so the block has an entry instead of rows.

use super::prelude::*;

rows! { ROWS:
    /// Addresses and firewall marks that `virtual_server group NAME` serves as one. It may stand below its use. A group
    /// that ends up empty is removed, and of two groups with one name the first is used.
    VIRTUAL_SERVER_GROUP =
        named_block("virtual_server_group", &[req(Arg::Define(Symbol::VirtualServerGroup))], &[]).entry(&ENTRY).runs();
}

words! {
    /// One service a line: an address, a range such as `10.0.0.1-5`, or a network, with an optional port; or a firewall
    /// mark. Without a port it takes every port, and the virtual server gets persistence where it has none. A network
    /// must have no host bits set; entries that cannot be read are dropped.
    ENTRY = entry(&[opt(Arg::IpRange), opt(Arg::PortOrAny).label("port")]).options(&[WORDS]).default("port 0").runs();
}

rows! { WORDS:
    /// Packets with that firewall mark, whatever their address; the number is decimal. Say `inet6` for IPv6, as the
    /// mark alone does not tell the family.
    FWMARK = value("fwmark", &[req(int(0, U32)).label("mark"), opt(choice(&["inet", "inet6"])).label("family")]).runs();
}
