//! Names that a file gives and uses, for the rules that match them.

use crate::host::Host;
use kalc_grammar::config::{Name, unquote};
use kalc_grammar::fault::{At, FaultKind};
use kalc_grammar::schema::{Arg, Symbol};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

/// Names by kind and text, each in the order of the file.
pub type Names<'h> = FxHashMap<(Symbol, &'h str), Vec<&'h Name>>;

/// All names that are given.
pub fn definitions(host: &Host) -> Names<'_> {
    collect(host, &host.config.definitions)
}

/// All names that are used.
pub fn uses(host: &Host) -> Names<'_> {
    collect(host, &host.config.uses)
}

fn collect<'h>(host: &'h Host, names: &'h [Name]) -> Names<'h> {
    // Where there are many, a map that grows takes half as much again while it does.
    let mut found = Names::with_capacity_and_hasher(names.len(), FxBuildHasher);
    for name in names {
        found.entry((name.symbol, unquote(host.slice(name.span)))).or_default().push(name);
    }
    found
}

/// Whether keepalived looks a name up while it reads, so that it must be given before it is used.
pub fn must_come_first(symbol: Symbol) -> bool {
    match symbol {
        Symbol::Script | Symbol::Process | Symbol::File | Symbol::Bfd | Symbol::TrackGroup => true,
        Symbol::VrrpInstance | Symbol::SyncGroup | Symbol::VirtualServerGroup => false,
    }
}

/// Whether some of the configuration is missing, so that a name may be given or used there.
pub fn is_incomplete(host: &Host) -> bool {
    host.is_partial
}

/// Whether some block that should give such a name has none.
pub fn is_nameless(host: &Host, symbol: Symbol) -> bool {
    host.faults.iter().any(|fault| match &fault.kind {
        FaultKind::MissingValue { keyword, param } => {
            keyword.params.get(*param).is_some_and(|param| param.arg == Arg::Define(symbol))
        }
        _ => false,
    })
}

/// Words of statements that could not be read, such as the header of a misspelt block: they may give or use names.
pub struct UnreadText<'h>(FxHashSet<&'h str>);

impl<'h> UnreadText<'h> {
    /// Those of a host. There are none where everything was read.
    pub fn new(host: &'h Host) -> Self {
        let unread = host.faults.iter().any(|fault| {
            let lost = matches!(
                fault.kind,
                FaultKind::UnknownKeyword { .. }
                    | FaultKind::MisplacedKeyword { .. }
                    | FaultKind::ForeignSyntax { .. }
                    | FaultKind::LookAlike { .. }
                    | FaultKind::Placeholder { keyword: None, .. }
                    | FaultKind::SeveralItems { .. }
            );
            lost && matches!(fault.at, At::Logical(_))
        });
        if !unread {
            return UnreadText(FxHashSet::default());
        }
        let names = host.config.definitions.iter().chain(&host.config.uses);
        let known: FxHashSet<u32> = names.map(|name| name.span.start).collect();
        let text = &host.config.text;
        let words = host.tokens.significant.iter().filter(|word| !known.contains(&word.start));
        UnreadText(words.map(|word| word.text(text).trim_matches(',')).collect())
    }

    /// Whether a name stands in them.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}
