//! Tasks by the values of their fields, for events that tell one of these and not the key.

use alloy::primitives::map::HashMap;

use super::Task;
use crate::protocol::{TaskKey, profile::expression::Value};

/// Tasks by the fields that events find them by.
#[derive(Clone, Debug, Default)]
pub(super) struct Finders {
    /// By the place of the list of fields among the definition's, and their values: the task that took these last.
    tasks: HashMap<(usize, Vec<Value>), TaskKey>,
}

impl Finders {
    /// The task whose fields have these values.
    pub(super) fn find(&self, finder: usize, values: Vec<Value>) -> Option<TaskKey> {
        self.tasks.get(&(finder, values)).copied()
    }

    /// Enters a task by the values that its fields have. `finders` are the definition's.
    pub(super) fn enter(&mut self, finders: &[Vec<usize>], task: &Task) {
        self.tasks
            .extend(entries(finders, task).map(|entry| (entry, task.key)));
    }

    /// Enters all of them, in this order.
    pub(super) fn enter_all<'a>(&mut self, finders: &[Vec<usize>], tasks: impl Iterator<Item = &'a Task>) {
        if !finders.is_empty() {
            tasks.for_each(|task| self.enter(finders, task));
        }
    }

    /// Forgets a task by the values that its fields have.
    pub(super) fn remove(&mut self, finders: &[Vec<usize>], task: &Task) {
        for entry in entries(finders, task) {
            if self.tasks.get(&entry) == Some(&task.key) {
                self.tasks.remove(&entry);
            }
        }
    }
}

/// What a task is found by: nothing where a field has no value.
fn entries(finders: &[Vec<usize>], task: &Task) -> impl Iterator<Item = (usize, Vec<Value>)> {
    let values = |fields: &Vec<usize>| fields.iter().map(|field| task.fields[*field].clone()).collect();
    let found = finders.iter().map(values).enumerate();
    found.filter_map(|(finder, values): (usize, Option<Vec<Value>>)| Some((finder, values?)))
}
