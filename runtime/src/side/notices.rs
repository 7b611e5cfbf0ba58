//! Commands that tell of changes: started in the order of the changes, none waits for the one before (measured with
//! keepalived 2.2.7).

use crate::load::Configuration;
use crate::script::Program;
use crate::starter::Starter;
use kalc_core::{Invocation, Notice};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Commands at the same time; further ones wait for their turn.
const RUNNING_MAX: usize = 512;
/// Commands that wait; further ones are not run.
const WAITING_MAX: usize = 8192;
/// How long commands may go on when the daemon ends. keepalived gives them a second.
const END: Duration = Duration::from_secs(1);
/// Time between SIGTERM and SIGKILL then.
const GRACE: Duration = Duration::from_millis(500);

/// All commands that run or wait.
#[derive(Debug)]
pub(super) struct Notices {
    starter: Starter,
    running: JoinSet<()>,
    waiting: VecDeque<(Program, Vec<String>, String)>,
    dropped: u64,
}

impl Notices {
    /// Nothing runs yet.
    pub fn new(starter: Starter) -> Notices {
        Notices { starter, running: JoinSet::new(), waiting: VecDeque::new(), dropped: 0 }
    }

    /// Starts the commands of a notice.
    pub fn tell(&mut self, notice: &Notice, configuration: &Configuration) {
        for invocation in &notice.commands {
            self.add(invocation, configuration);
        }
        self.go_on();
    }

    /// Starts programs.
    pub fn run(&mut self, programs: &[Program]) {
        for program in programs {
            self.wait(program, &[]);
        }
        self.go_on();
    }

    fn add(&mut self, invocation: &Invocation, configuration: &Configuration) {
        let Invocation { command, arguments } = invocation;
        match configuration.programs.get(command) {
            Some(Ok(program)) => self.wait(program, arguments),
            // Told when the configuration was read.
            Some(Err(why)) => {
                tracing::debug!("{} does not run: {why}", command.arguments.join(" "));
            }
            None => {
                tracing::error!("{} is of no configuration that is known", command.arguments.join(" "));
            }
        }
    }

    fn wait(&mut self, program: &Program, arguments: &[String]) {
        if self.waiting.len() >= WAITING_MAX {
            self.dropped += 1;
            let dropped = self.dropped;
            tracing::error!("{WAITING_MAX} commands wait already, {} does not run ({dropped} so far)", program.name());
            return;
        }
        let mut name = program.name();
        for argument in arguments {
            name.push(' ');
            name.push_str(argument);
        }
        self.waiting.push_back((program.clone(), arguments.to_vec(), name));
    }

    /// Starts what waits, as far as there is room.
    fn go_on(&mut self) {
        while self.running.try_join_next().is_some() {}
        while self.running.len() < RUNNING_MAX {
            let Some((program, arguments, name)) = self.waiting.pop_front() else { return };
            tracing::debug!("running {name}");
            let mut run = self.starter.run(&program, &arguments);
            self.running.spawn(async move {
                match run.wait().await {
                    Ok(status) if status.success() => {}
                    Ok(status) => tracing::warn!("{name}: {status}"),
                    Err(error) => tracing::error!("cannot run {name}: {error}"),
                }
            });
        }
    }

    /// Waits until a command has ended and those that wait may go on; forever if none runs.
    pub async fn ended(&mut self) {
        if self.running.join_next().await.is_none() {
            std::future::pending::<()>().await;
        }
        self.go_on();
    }

    /// The daemon ends: commands get a little time, then they are ended.
    pub async fn end(mut self) {
        let until = Instant::now() + END;
        while !self.running.is_empty() || !self.waiting.is_empty() {
            if timeout_at(until, self.running.join_next()).await.is_err() {
                tracing::warn!("{} commands still run and are ended", self.running.len());
                break;
            }
            self.go_on();
        }
        // The guards of those that still run send SIGTERM.
        self.running.abort_all();
        let until = Instant::now() + GRACE;
        while !self.running.is_empty() {
            tokio::select! {
                _ = self.running.join_next() => {}
                () = sleep_until(until) => break,
            }
        }
    }
}
