//! Memories of an actor: of each task that it took part in.

use alloy::primitives::map::HashMap;

use super::super::{ProfileState, state::Task};
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
    /// How many tasks had the key before: another may have it later.
    before: Option<u64>,
    /// Whether its own call brought the task onto the chain.
    pub(super) is_submitted: bool,
    /// The values of `mine.…`.
    pub(super) mine: Vec<Option<Value>>,
    /// The rules that it followed with a call.
    pub(super) called: Vec<u16>,
    /// The number of decisions about tasks with its key.
    pub(super) decisions: u64,
}

/// The fewest tasks that are worth looking through.
const FEW: usize = 256;

impl Memories {
    /// What it remembers of a task, if it took part in it.
    pub(super) fn get(&self, task: TaskKey, chain: &ProfileState) -> Option<&Memory> {
        let memory = self.tasks.get(&task)?;
        memory.is_of(before(task, chain)).then_some(memory)
    }

    /// The number of decisions about tasks with this key.
    pub(super) fn decisions(&self, task: TaskKey) -> u64 {
        self.tasks.get(&task).map_or(0, |memory| memory.decisions)
    }

    /// The same, from now on.
    pub(super) fn of(&mut self, task: TaskKey, chain: &ProfileState, names: usize) -> &mut Memory {
        if self.tasks.len() > self.full.max(FEW) {
            self.tasks.retain(|task, _| chain.known(*task).is_some());
            self.full = 2 * self.tasks.len();
        }
        let before = before(task, chain);
        let memory = self.tasks.entry(task).or_default();
        if !memory.is_of(before) {
            // What is drawn for it is not what was drawn for the other.
            *memory = Memory {
                decisions: memory.decisions,
                ..Memory::default()
            };
        }
        memory.before = memory.before.or(before);
        memory.mine.resize(names, None);
        memory
    }
}

impl Memory {
    /// Whether it is of the task whose key so many had before, or of one that was not on the chain.
    fn is_of(&self, before: Option<u64>) -> bool {
        self.before.is_none() || before.is_none() || self.before == before
    }
}

/// How many tasks had the key before the one that has it.
fn before(task: TaskKey, chain: &ProfileState) -> Option<u64> {
    chain.known(task).map(Task::before)
}
