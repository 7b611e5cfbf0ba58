//! Commands for the side thread from those who must not wait: what it has no room for is kept, in its order.

use crate::side::{COMMANDS_MAX, Commands, SideCommand};
use std::collections::VecDeque;

/// Sends without waiting.
pub struct Outbox {
    commands: Commands,
    kept: VecDeque<SideCommand>,
}

impl Outbox {
    /// Sends there.
    pub fn new(commands: Commands) -> Self {
        Outbox { commands, kept: VecDeque::new() }
    }

    /// Sends, at once or with a later [`flush`](Outbox::flush). The oldest is forgotten when far too much is kept: the
    /// side thread has then not moved for thousands of commands, if it is there at all.
    pub fn push(&mut self, command: SideCommand) {
        if self.kept.len() >= COMMANDS_MAX {
            tracing::error!("scripts are not told of a change: thousands wait to be told");
            self.kept.pop_front();
        }
        self.kept.push_back(command);
        self.flush();
    }

    /// Sends what was kept, as far as there is room.
    pub fn flush(&mut self) {
        while let Some(command) = self.kept.pop_front() {
            if let Err(overrun) = self.commands.send(command) {
                return self.kept.push_front(overrun.0);
            }
        }
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}
