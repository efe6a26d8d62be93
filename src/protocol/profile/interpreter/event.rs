//! Events of a profile's contracts.

use std::sync::Arc;

use alloy::primitives::Address;

use super::super::expression::Value;
use crate::protocol::{ProtocolEvent, TaskKey};

/// An event that a profile speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProfileEvent {
    /// Its place among [`super::super::Definition::events`].
    pub kind: u16,
    /// The task that it is about, if it is about one.
    pub task: Option<TaskKey>,
    /// The words of that task's key.
    pub words: Arc<[Value]>,
    /// Its arguments, in the order of the ABI, and the address of the contract that wrote it; of one that stands for what a
    /// call returned, that.
    pub arguments: Arc<[Value]>,
    /// Whether it brings its task onto the chain.
    pub opens: bool,
    /// Its name, of one that opens or may close a task.
    pub headline: Option<Arc<str>>,
    /// Whether its task was found by what it says, and not told.
    pub is_found: bool,
}

impl ProfileEvent {
    /// The contract that wrote it.
    pub(super) fn emitter(&self) -> Option<Address> {
        self.arguments.last()?.as_address()
    }

    /// The same of the task that it was found to be about.
    pub(super) fn about(&self, task: TaskKey, words: &Arc<[Value]>) -> Self {
        Self {
            task: Some(task),
            words: Arc::clone(words),
            is_found: true,
            ..self.clone()
        }
    }
}

impl ProtocolEvent for ProfileEvent {
    fn task(&self) -> Option<TaskKey> {
        self.task
    }

    fn session(&self) -> Option<u64> {
        None
    }

    fn opens_task(&self) -> bool {
        self.opens
    }

    /// The state says which tasks ended: that may depend on more than the event.
    fn ended_task(&self) -> Option<TaskKey> {
        None
    }

    fn urgent_task(&self) -> Option<TaskKey> {
        None
    }

    fn by(&self) -> Option<Address> {
        None
    }

    /// Without the arguments of one about a task: after a reorg they may be of another time or block. One whose task was found
    /// is as it was decoded.
    fn identity(&self) -> Self {
        let mut same = self.clone();
        if self.is_found {
            same.task = None;
            same.words = Arc::default();
            same.is_found = false;
        } else if self.task.is_some() {
            same.arguments = Arc::default();
        }
        same
    }

    fn headline(&self) -> Option<String> {
        let name = self.headline.as_ref()?;
        Some(match self.task {
            Some(task) => format!("{name}: {task}"),
            None => name.to_string(),
        })
    }
}
