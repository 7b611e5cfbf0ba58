//! Plans from texts.

use kalc_core::Plan;
use kalc_grammar::expand::Profile;
use kalc_grammar::files::MemoryFiles;
use kalc_grammar::source::SourceFile;
use std::sync::Arc;

/// What a configuration asks for, as the compiler reads it.
pub fn plan(text: &str) -> Plan {
    let file = SourceFile::new("keepalived.conf", text.as_bytes().to_vec());
    let host = kalc_compiler::host::Host::read(file, &MemoryFiles::default(), &Profile::default());
    Plan::new(Arc::new(host.ir)).expect("the core executes it")
}

/// An instance with VRID 51 and some more lines.
pub fn instance(rest: &str) -> String {
    format!(
        "vrrp_instance VI {{\n interface eth0\n virtual_router_id 51\n {rest}\n virtual_ipaddress {{\n 192.0.2.10\n }}\n}}\n"
    )
}
