//! What scripts of a host were called with.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Finds out when a script was started, in ticks of the kernel's clock.
const STARTED: &str = "started=$(cut -d' ' -f22 /proc/$$/stat)\n";

/// No two scripts of one tick are that far apart, unless process ids have begun anew in between.
const WRAPPED: u32 = 10_000;

/// Scripts of a host that write down their calls.
#[derive(Debug)]
pub struct Calls {
    folder: PathBuf,
    host: usize,
}

impl Calls {
    /// None so far.
    pub fn new(folder: &Path, host: usize) -> Calls {
        Calls { folder: folder.to_owned(), host }
    }

    fn log(&self) -> PathBuf {
        self.folder.join(format!("calls-{}", self.host))
    }

    /// A script that does nothing but write down its arguments.
    pub fn command(&self) -> String {
        self.script("record", &format!("{STARTED}echo \"$started $$ $*\" >> {}", self.log().display()))
    }

    /// A script that writes its argument into a configuration as the priority, and has it read again.
    pub fn rewriter(&self, config: &Path, pid_file: &str) -> String {
        let log = self.log();
        let (config, log) = (config.display(), log.display());
        self.script(
            "rewrite",
            &format!(
                "{STARTED}sed \"s/priority [0-9]*/priority $1/\" {config} > {config}.$$ && mv {config}.$$ {config}\n\
                 kill -HUP $(cat {pid_file})\necho \"$started $$ rewrite $*\" >> {log}"
            ),
        )
    }

    fn script(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(format!("{name}-{}", self.host));
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a script");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        path.display().to_string()
    }

    /// All calls, in the order in which they were started: by the kernel's clock ticks, and within one by process id.
    pub fn all(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let call = |line: &str| {
            let mut words = line.splitn(3, ' ');
            let (tick, pid) = (words.next()?.parse::<u64>().ok()?, words.next()?.parse::<u32>().ok()?);
            Some((tick, pid, words.next()?.to_owned()))
        };
        let mut calls: Vec<_> = text.lines().filter_map(call).collect();
        calls.sort_by(|a, b| {
            // Process ids begin anew at some time: a small one is behind a large one then.
            let by_pid = if a.1.abs_diff(b.1) > WRAPPED { b.1.cmp(&a.1) } else { a.1.cmp(&b.1) };
            a.0.cmp(&b.0).then(by_pid)
        });
        calls.into_iter().map(|(_, _, call)| call).collect()
    }
}
