//! The program of a command without its folder.
//!
//! Which program runs then depends on the `PATH` that the service manager gives the daemon, which is not that of your shell.
//!
//! Write the whole path.
//!
//! ```keepalived fail
//! vrrp_script chk {
//!     script "killall -0 nginx"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```
//!
//! ```keepalived pass
//! vrrp_script chk {
//!     script "/usr/bin/killall -0 nginx"
//! }
//! vrrp_instance VI_1 {
//!     interface eth0
//!     virtual_router_id 51
//!     track_script {
//!         chk
//!     }
//! }
//! ```

use crate::diagnostic::Severity;
use crate::host::Host;
use crate::lint::commands::{self, commands};
use crate::lint::{Findings, Fixable, Meta};

pub(super) const META: Meta =
    Meta { code: "KA507", severity: Severity::Warning, fix: Fixable::None, blocks_run: false };

pub(super) fn check(host: &Host, out: &mut Findings<'_>) {
    for command in commands(host) {
        let Some(program) = command.arguments.first() else { continue };
        // `</path` opens a file, and a relative path is KA413's.
        if program.contains('/') || program.is_empty() {
            continue;
        }
        out.at(host, commands::place(host, command), format!("`{program}` is looked for in the `PATH` of the daemon"))
            .why("the service manager decides what stands there, so another program may run, or none")
            .help("write the whole path of the program");
    }
}
