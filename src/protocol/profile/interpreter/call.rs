//! Calls that a profile's actors make.

use std::sync::Arc;

use alloy::primitives::{Address, Bytes, U256};

use super::{super::expression::Value, ProfileEvent, world::task_key};
use crate::protocol::{Function, ProtocolCall, ProtocolEvent, ProtocolSchema, TaskKey};

/// A call that an actor makes.
#[derive(Clone, Debug)]
pub struct ProfileCall {
    /// The rule that it follows, as a place among [`super::super::Definition::rules`]; `None` of one that fills a nonce.
    pub rule: Option<u16>,
    /// The function.
    pub function: Function,
    /// The contract; `None` of one that fills a nonce.
    pub to: Option<Address>,
    /// Calldata.
    pub input: Bytes,
    /// Wei sent along.
    pub value: U256,
    /// The task that it is about, if it is about one.
    pub task: Option<TaskKey>,
    /// The tasks of a batch.
    pub tasks: Arc<[TaskKey]>,
    /// Whether it submits a task.
    pub submits: bool,
    /// Whether it may lose to others.
    pub races: bool,
    /// The words of the key of the task that it opens, where no event tells it.
    pub opens: Option<Arc<[Value]>>,
    /// What the sender remembers of the task that it submits, or whose fields the call sets.
    pub mine: Option<Arc<[Option<Value>]>>,
    /// The event that it answers.
    pub cause: Option<ProfileEvent>,
}

impl ProfileCall {
    /// The task that it brought onto the chain with these events.
    pub(super) fn opened(&self, events: &[ProfileEvent]) -> Option<TaskKey> {
        let told = events
            .iter()
            .find(|event| event.opens)
            .and_then(|event| event.task);
        told.or_else(|| self.opens.as_deref().map(task_key))
    }
}

impl ProtocolCall for ProfileCall {
    type Event = ProfileEvent;

    fn filler(schema: &'static ProtocolSchema) -> Self {
        Self {
            rule: None,
            function: schema.filler(),
            to: None,
            input: Bytes::new(),
            value: U256::ZERO,
            task: None,
            tasks: Arc::default(),
            submits: false,
            races: false,
            opens: None,
            mine: None,
            cause: None,
        }
    }

    fn function(&self) -> Function {
        self.function
    }

    fn task(&self) -> Option<TaskKey> {
        self.task
    }

    fn session(&self) -> Option<u64> {
        None
    }

    fn submits_task(&self) -> bool {
        self.submits
    }

    fn races(&self) -> bool {
        self.races
    }

    fn needs_no_events(&self) -> bool {
        false
    }

    fn needs(&self, _: Address) -> Vec<ProfileEvent> {
        self.cause.iter().map(ProtocolEvent::identity).collect()
    }
}
