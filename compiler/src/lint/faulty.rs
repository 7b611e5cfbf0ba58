//! Which statements some fault speaks of already: a rule about how words fit together leaves those alone, because it
//! would judge words that nobody meant.

use crate::host::Host;
use kalc_grammar::config::SettingId;
use kalc_grammar::fault::At;
use kalc_grammar::value::Data;

/// Where the faults of a host are.
pub struct Faulty {
    /// First bytes, rising.
    starts: Vec<u32>,
}

impl Faulty {
    /// Those of a host.
    pub fn new(host: &Host) -> Self {
        let start = |at| match at {
            At::Logical(span) => Some(span.start),
            At::File(_) => None,
        };
        let mut starts: Vec<u32> = host.faults.iter().filter_map(|fault| start(fault.at)).collect();
        starts.sort_unstable();
        Faulty { starts }
    }

    /// Whether every word of a statement is what it seems: none is bad, unknown, or part of a fault.
    pub fn spares(&self, host: &Host, id: SettingId) -> bool {
        let setting = host.config.setting(id);
        let next = self.starts.partition_point(|&start| start < setting.span.start);
        let is_plain = |data| !matches!(data, Data::Bad | Data::Unknown);
        !setting.recovered
            && !setting.mended
            && self.starts.get(next).is_none_or(|&start| start >= setting.span.end)
            && host.config.values(id).iter().all(|value| is_plain(value.data))
    }
}
