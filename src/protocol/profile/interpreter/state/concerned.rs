//! The actors that a triggered rule makes act, and when it is known who they are.

use alloy::primitives::Address;

use super::{
    super::{protocol::ProfileTimer, view::View},
    ProfileState, Triggered,
};
use crate::protocol::{
    ActorId, Directory, TaskKey,
    profile::{
        expression::{Answers, Value},
        rule::Who,
    },
};

impl ProfileState {
    /// Whether a field that may say who acts is still being read.
    pub(super) fn must_wait(&self, triggered: Triggered) -> bool {
        let rule = &self.world.definition.rules[usize::from(triggered.rule)];
        matches!(rule.who, Who::Accounts(_)) && triggered.task.is_some_and(|task| self.is_reading(task))
    }

    /// Whether a field of the task is being read.
    pub(in super::super) fn is_reading(&self, task: TaskKey) -> bool {
        self.fields.values().any(|read| read.task == task)
    }

    /// Has the actors act that a triggered rule makes act.
    pub(super) fn fall_to_actors(
        &self,
        triggered: Triggered,
        actors: &Directory,
        due: &mut Vec<(ActorId, ProfileTimer)>,
    ) {
        let timer = ProfileTimer::Triggered {
            rule: triggered.rule,
            task: triggered.task,
            event: triggered.event,
            again: triggered.again,
        };
        let concerned = self.concerned(actors, triggered);
        due.extend(concerned.into_iter().map(|actor| (actor, timer)));
    }

    /// The actors that a triggered rule makes act.
    fn concerned(&self, actors: &Directory, triggered: Triggered) -> Vec<ActorId> {
        let rule = &self.world.definition.rules[usize::from(triggered.rule)];
        let role = self.world.definition.schema.roles[rule.role];
        let task = triggered.task.and_then(|task| self.known(task));
        let of_role = |account: Address| actors.at(account).filter(|actor| actor.role == role);
        match &rule.who {
            Who::All | Who::Participants => actors.all(role).collect(),
            Who::Pick(count) => self
                .world
                .pick(triggered.rule, *count, triggered.task, triggered.drawn)
                .into_iter()
                .map(|index| ActorId { role, index })
                .collect(),
            Who::Opener => task
                .and_then(|task| task.opener)
                .and_then(of_role)
                .into_iter()
                .collect(),
            Who::Accounts(accounts) => {
                let event = triggered.event.and_then(|event| self.event(event));
                let view = View {
                    event: event.map(|event| &*event.arguments),
                    ..self.view(self.world.deployer).with_task(task)
                };
                let value = self.evaluate(accounts, &view, &Answers::new(), || {
                    format!("who acts by the rule {}", rule.name)
                });
                let accounts = match &value {
                    Some(Value::List(accounts)) => accounts.iter().filter_map(Value::as_address).collect(),
                    Some(value) => value.as_address().into_iter().collect(),
                    None => Vec::new(),
                };
                accounts.into_iter().filter_map(of_role).collect()
            }
        }
    }

    /// Has the actors act that waited for what is read now.
    pub(super) fn fall_to_waiting(&mut self, actors: &Directory, due: &mut Vec<(ActorId, ProfileTimer)>) {
        for (triggered, event) in std::mem::take(&mut self.waiting) {
            if self.must_wait(triggered) {
                self.waiting.push((triggered, event));
                continue;
            }
            let place = event.map(|event| {
                self.told.push(event);
                self.told.len() as u32 - 1
            });
            let triggered = Triggered {
                event: place,
                ..triggered
            };
            self.fall_to_actors(triggered, actors, due);
        }
    }
}
