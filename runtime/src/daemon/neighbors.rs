//! Sessions of BFD beside the node: what they want sent is sent, and what changes is told to node and director.

use super::Daemon;
use crate::timer::now;
use kalc_core::Input;
use kalc_core::bfd::Action;
use kalc_ir::{BfdId, Ir};
use std::io;
use std::sync::Arc;

impl Daemon {
    /// Takes in what has come since the last turn.
    pub(super) fn hear_bfd(&mut self) -> io::Result<()> {
        let mut actions = Vec::new();
        let log = &mut self.hands.log;
        self.bfds.drain(now, &mut actions, |source, reason| log.bfd_refused(source, reason))?;
        self.do_bfd(actions);
        Ok(())
    }

    /// Does what sessions want, and tells of what has changed.
    pub(super) fn do_bfd(&mut self, actions: Vec<Action>) {
        let ir = Arc::clone(&self.configuration.ir);
        self.send_bfd(&actions, &ir);
        for action in actions {
            let Action::Changed { bfd, is_up, diagnostic } = action else { continue };
            let name = &ir.bfd(bfd).name;
            if is_up {
                tracing::info!("BFD session {name} is up");
            } else {
                tracing::warn!("BFD session {name} is down: {diagnostic}");
            }
            self.feed(Input::Bfd { bfd, is_up });
            if let Some(director) = &self.hands.director {
                director.bfd(bfd, is_up);
            }
        }
    }

    fn send_bfd(&mut self, actions: &[Action], ir: &Ir) {
        for action in actions {
            if let Action::Send { bfd, bytes } = action
                && let Err(error) = self.bfds.send(ir.bfd(*bfd), bytes)
            {
                self.hands.log.bfd_not_sent(*bfd, &ir.bfd(*bfd).name, &error);
            }
        }
    }

    /// Goes over to the configuration that is there now.
    pub(super) fn reload_bfd(&mut self) {
        let ir = Arc::clone(&self.configuration.ir);
        self.bfds.sessions.reload(Arc::clone(&ir), now());
        self.bfds.configure(&ir);
    }

    /// Tells the node of all sessions: those of the configuration that it has gone over to may have other numbers.
    pub(super) fn tell_bfd(&mut self) {
        for index in (0..).take(self.configuration.ir.bfd_instances.len()) {
            let (bfd, is_up) = (BfdId(index), self.bfds.sessions.is_up(BfdId(index)));
            self.feed(Input::Bfd { bfd, is_up });
        }
    }
}
