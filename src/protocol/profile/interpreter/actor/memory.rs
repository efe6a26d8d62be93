//! Memories of an actor: of each task that it took part in.

use alloy::primitives::map::HashMap;

use super::super::ProfileState;
use crate::protocol::{TaskKey, profile::expression::Value};

/// What an actor remembers of the tasks that it took part in.
#[derive(Debug, Default)]
pub(super) struct Memories {
    tasks: HashMap<TaskKey, Memory>,
    /// The number of tasks at which those are forgotten that the chain's state has forgotten.
    full: usize,
}

/// What an actor remembers of a task.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The values of `mine.…`.
    pub(super) mine: Vec<Option<Value>>,
    /// The rules that it followed with a call.
    pub(super) called: Vec<u16>,
    /// The number of decisions about it.
    pub(super) decisions: u64,
}

/// The fewest tasks that are worth looking through.
const FEW: usize = 256;

impl Memories {
    /// What it remembers of a task, if it took part in it.
    pub(super) fn get(&self, task: TaskKey) -> Option<&Memory> {
        self.tasks.get(&task)
    }

    /// The same, from now on.
    pub(super) fn of(&mut self, task: TaskKey, chain: &ProfileState, names: usize) -> &mut Memory {
        if self.tasks.len() > self.full.max(FEW) {
            self.tasks.retain(|task, _| chain.known(*task).is_some());
            self.full = 2 * self.tasks.len();
        }
        let memory = self.tasks.entry(task).or_default();
        memory.mine.resize(names, None);
        memory
    }
}
