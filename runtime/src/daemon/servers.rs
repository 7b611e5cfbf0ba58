//! The director beside the node: started when a configuration has virtual servers, told of states and files.

use super::Daemon;
use crate::director::{self, Director, Setup, SpawnError};
use kalc_ir::BfdId;

impl Daemon {
    /// Hands the configuration to the director, and starts it if that has something for it or a killed daemon left
    /// something behind. Without any of that there is no such thread.
    pub(super) fn direct(&mut self) -> Result<(), SpawnError> {
        if let Some(director) = &self.hands.director {
            director.configure(&self.configuration);
            self.tell_all();
            return Ok(());
        }
        let is_left = self.setup.as_ref().is_some_and(|setup: &Setup| !setup.left.is_empty());
        if !is_left && !director::is_needed(&self.configuration.ir) {
            return Ok(());
        }
        let Some(setup) = self.setup.take() else { return Ok(()) };
        match Director::spawn(setup, std::sync::Arc::clone(&self.configuration)) {
            Ok(director) => self.hands.director = Some(director),
            Err(failed) => {
                let (error, setup) = *failed;
                self.setup = Some(setup);
                return Err(error);
            }
        }
        self.tell_all();
        Ok(())
    }

    fn tell_all(&self) {
        let Some(director) = &self.hands.director else { return };
        for index in (0..).take(self.configuration.ir.bfd_instances.len()) {
            director.bfd(BfdId(index), self.bfds.sessions.is_up(BfdId(index)));
        }
        for instance in self.node.instances() {
            director.role(instance.name, instance.state);
        }
    }
}
