//! `DNS_CHECK`: a check of a name server.

use crate::schema::prelude::*;

rows! { SETTINGS:
    /// Type of the record to ask for, in capitals or not. Types by number are refused.
    TYPE = value(
        "type",
        &[req(Arg::ChoiceNoCase(&["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA", "RRSIG", "DNSKEY"]))],
    ).default("SOA").runs();

    /// Name to ask for. The root, which is the default, is not known to every server: ask for a name of your own zone.
    /// Of two, the first counts.
    NAME = value("name", &[req(Arg::Domain)]).default(". (root)").first_wins().runs();
}
