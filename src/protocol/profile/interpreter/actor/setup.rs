//! The part of an actor that takes the steps of set-up, one after the other.

use std::collections::VecDeque;

use alloy::primitives::Address;

use super::{Actions, ProfileActor, ProfileState, World, decision::Occasion};
use crate::{
    protocol::{
        Action,
        profile::{definition::Definition, expression::Value, rule::Trigger},
    },
    time::Micros,
};

/// The most calls of a step for every account of a role that are under way together: nodes hold few of one account.
const MOST_UNDER_WAY: usize = 64;

/// The steps of set-up of an actor.
#[derive(Debug)]
pub(super) struct SetUp {
    /// Those of the stages that have not begun.
    stages: VecDeque<Vec<u16>>,
    /// Those of this stage that were not taken, each with the account that it is for.
    steps: VecDeque<(u16, Option<Address>)>,
    /// Steps that are under way.
    under_way: usize,
}

/// The stages of set-up in the order of the file: the rules of one role that follow one another are one stage.
pub(in super::super) fn stages(definition: &Definition) -> Vec<(usize, Vec<u16>)> {
    let mut stages: Vec<(usize, Vec<u16>)> = Vec::new();
    for (place, rule) in (0..).zip(&definition.rules) {
        // Those before a contract are steps of the deployment.
        if !matches!(rule.trigger, Trigger::SetUp { before: None, .. }) {
            continue;
        }
        match stages.last_mut() {
            Some((role, rules)) if *role == rule.role => rules.push(place),
            _ => stages.push((rule.role, vec![place])),
        }
    }
    stages
}

impl SetUp {
    pub(super) fn of(world: &World, role: usize) -> Self {
        let stages = stages(&world.definition).into_iter();
        Self {
            stages: stages
                .filter(|(of, _)| *of == role)
                .map(|(_, rules)| rules)
                .collect(),
            steps: VecDeque::new(),
            under_way: 0,
        }
    }
}

impl ProfileActor {
    /// Begins its next stage of set-up.
    pub(super) fn begin_stage(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        for place in self.set_up.stages.pop_front().unwrap_or_default() {
            match self.rule(place).trigger {
                Trigger::SetUp {
                    for_each: Some(role), ..
                } => {
                    let accounts = self.world.accounts[role].as_list().unwrap_or_default();
                    let accounts: Vec<_> = accounts.iter().map(Value::as_address).collect();
                    self.set_up
                        .steps
                        .extend(accounts.into_iter().map(|account| (place, account)));
                }
                _ => self.set_up.steps.push_back((place, None)),
            }
        }
        self.set_up_next(now, chain, actions);
    }

    /// Takes the next step; one for every account of a role for several of them together.
    fn set_up_next(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        let steps = &mut self.set_up.steps;
        let Some((rule, _)) = steps.front().copied() else {
            return;
        };
        let same = steps.iter().take_while(|(other, _)| *other == rule);
        let together = same.take(MOST_UNDER_WAY).count();
        let accounts: Vec<Option<Address>> = steps.drain(..together).map(|(_, account)| account).collect();
        self.set_up.under_way = together;
        for account in accounts {
            let occasion = Occasion {
                account,
                ..Occasion::default()
            };
            self.decide(now, rule, occasion, chain, actions);
        }
    }

    /// A step is over. The next begins once all that are under way are.
    pub(super) fn step_over(&mut self, now: Micros, chain: &ProfileState, actions: &mut Actions) {
        self.set_up.under_way = self.set_up.under_way.saturating_sub(1);
        if self.set_up.under_way == 0 {
            self.set_up_next(now, chain, actions);
        }
    }

    /// A step of set-up was not to be taken, or could not be.
    pub(super) fn skip_step(
        &mut self,
        now: Micros,
        failure: Option<String>,
        chain: &ProfileState,
        actions: &mut Actions,
    ) {
        match failure {
            Some(reason) => actions.push(Action::CannotAct {
                intended: now,
                submits: false,
                reason,
            }),
            None => self.step_over(now, chain, actions),
        }
    }
}
