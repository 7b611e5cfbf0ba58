//! A configuration that is fit to run, and how the daemon gets a new one.
//!
//! Reading and checking text is not this crate's: whoever starts the daemon hands in a [`Loader`].

use crate::fingerprint::Fingerprint;
use crate::keys::{self, Problem};
use crate::log::Level;
use crate::probe::tls;
use crate::script::Programs;
use crate::vmac;
use kalc_core::{Plan, Refused};
use kalc_ir::track::Tracked;
use kalc_ir::{Checker, CheckerKind, Ir, ScriptId};
use rustls::ClientConfig;
use std::sync::Arc;

/// Reads the configuration again. It is called in a thread that may block.
pub type Loader = Arc<dyn Fn() -> Result<Loaded, Refusal> + Send + Sync>;

/// Reads what the configuration names, without a look at whether it is fit to run; `None` if there is none to read.
pub type Namer = Arc<dyn Fn() -> Option<Configuration> + Send + Sync>;

/// A configuration that is fit to run.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the node is to do.
    pub plan: Plan,
    /// The rest of the daemon's share.
    pub configuration: Arc<Configuration>,
    /// What was found in the text and does not keep it from running.
    pub findings: Vec<Finding>,
}

/// Findings that are told one by one; more than these nobody reads in a log.
const FINDINGS_MAX: usize = 100;

/// Something that was found in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How important it is.
    pub level: Level,
    /// One line: file, line and column, code, message.
    pub text: String,
}

/// What the daemon knows of a configuration beside its plan.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// What it means, without the checks that cannot run.
    pub ir: Arc<Ir>,
    /// Of what was read.
    pub fingerprint: Fingerprint,
    /// Equal for two readings of the same text.
    pub reading: u64,
    /// Its commands.
    pub programs: Programs,
    /// Who checks of `SSL_GET` are, if servers are to know.
    pub client: Option<Arc<ClientConfig>>,
    /// Macvlans of addresses.
    pub vmacs: Vec<vmac::OfAddresses>,
}

/// Why a configuration is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What blocks it, one line each: file, line and column, code, message.
    pub findings: Vec<String>,
}

impl Configuration {
    /// What was read, for whoever runs its commands and nothing else.
    pub fn of_names(ir: Ir, reading: u64) -> Configuration {
        let (programs, fingerprint) = (Programs::resolve(&ir), Fingerprint::known(""));
        Configuration { ir: Arc::new(ir), fingerprint, reading, programs, client: None, vmacs: Vec::new() }
    }
}

impl Loaded {
    /// Prepares what was read.
    ///
    /// # Errors
    /// What the runtime cannot execute; a key file without a key is in the log as well.
    pub fn new(
        mut ir: Ir,
        fingerprint: Fingerprint,
        reading: u64,
        mut findings: Vec<Finding>,
    ) -> Result<Loaded, Vec<Refused>> {
        for problem in keys::read_files(&mut ir) {
            match problem {
                Problem::Unusable(text) => tracing::error!("{text}"),
                Problem::Open(text) => findings.push(Finding { level: Level::Warn, text }),
            }
        }
        let client =
            ir.tls_client.as_ref().filter(|_| checks_by_tls(&ir)).map(|settings| (settings, tls::client_of(settings)));
        let client = match client {
            Some((_, Ok(client))) => client,
            Some((settings, Err(why))) => {
                return Err(vec![Refused { what: "SSL", name: why.to_string(), origin: settings.origin }]);
            }
            None => None,
        };
        let vmacs = vmac::name_all(&mut ir);
        let programs = Programs::resolve(&ir);
        leave_out(&mut ir, &programs);
        let ir = Arc::new(ir);
        let plan = Plan::new(Arc::clone(&ir))?;
        Ok(Loaded {
            plan,
            configuration: Arc::new(Configuration { ir, fingerprint, reading, programs, client, vmacs }),
            findings,
        })
    }
}

impl Loaded {
    /// Writes to the log what people should know about the configuration.
    pub fn tell(&self) {
        let Configuration { ir, programs, .. } = &*self.configuration;
        for Finding { level, text } in self.findings.iter().take(FINDINGS_MAX) {
            match level {
                Level::Error => tracing::error!("{text}"),
                Level::Warn => tracing::warn!("{text}"),
                Level::Info => tracing::info!("{text}"),
                Level::Debug => tracing::debug!("{text}"),
            }
        }
        if let Some(more) = self.findings.len().checked_sub(FINDINGS_MAX).filter(|&more| more > 0) {
            tracing::info!("and {more} more findings; `kalc check` shows them");
        }
        for (name, why) in programs.unrunnable() {
            tracing::error!("`{name}` does not run and does not count: {why}");
        }
        for (name, path) in programs.searched() {
            tracing::warn!("`{name}` was found as {}; write that path", path.display());
        }
        if !programs.is_empty() && !ir.global.enable_script_security {
            tracing::warn!(
                "scripts run without enable_script_security: files that others may write to may run as root"
            );
        }
    }
}

fn checks_by_tls(ir: &Ir) -> bool {
    let mut servers = ir.virtual_servers.iter().flat_map(|service| &service.real_servers);
    let is_tls = |checker: &Checker| matches!(&checker.kind, CheckerKind::Http(http) if http.tls);
    servers.any(|server| server.checkers.iter().any(is_tls))
}

/// Takes checks whose command cannot run out of what instances watch. keepalived does so too: their weights do not
/// count, and with weight 0 they are no fault (measured with 2.2.7).
fn leave_out(ir: &mut Ir, programs: &Programs) {
    let runs: Vec<bool> = ir
        .scripts
        .iter()
        .map(|script| {
            script.command.as_ref().and_then(|command| programs.get(command)).is_some_and(|known| known.is_ok())
        })
        .collect();
    let keep = |tracked: &mut Vec<Tracked<ScriptId>>| {
        tracked.retain(|tracked| runs.get(tracked.id.index()).copied().unwrap_or(false));
    };
    ir.vrrp_instances.iter_mut().for_each(|instance| keep(&mut instance.trackers.scripts));
    ir.sync_groups.iter_mut().for_each(|group| keep(&mut group.trackers.scripts));
}
