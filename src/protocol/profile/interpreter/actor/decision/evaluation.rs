//! Evaluation of a rule's expressions, one after the other.

use std::sync::Arc;

use alloy::primitives::U256;
use rand::{Rng, rngs::ChaCha8Rng};

use super::{
    super::{
        super::{ProfileState, view::View},
        ProfileActor,
    },
    Decision, Occasion, Stage,
};
use crate::protocol::profile::{
    expression::{Draws, EvaluationError, Expression, PreparedCall, Read, Value},
    rule::Rule,
};

/// What a decision draws.
struct DecisionDraws<'a> {
    random: &'a mut ChaCha8Rng,
    /// What is unique to the actor.
    actor: u64,
    unique: &'a mut u64,
}

impl Draws for DecisionDraws<'_> {
    fn rng(&mut self) -> &mut dyn Rng {
        self.random
    }

    fn unique(&mut self) -> U256 {
        *self.unique += 1;
        U256::from_limbs([*self.unique, self.actor, 0, 0])
    }
}

/// What came of an expression.
pub(super) enum Step {
    /// The next one is at hand.
    Next(Stage),
    /// It must be read for.
    Reads(Vec<Read>),
    /// The rule's condition does not hold.
    Refrains,
}

impl ProfileActor {
    /// Evaluates the expression at hand.
    pub(super) fn evaluate(
        &mut self,
        decision: &mut Decision,
        chain: &ProfileState,
    ) -> Result<Step, EvaluationError> {
        let world = Arc::clone(&self.world);
        let rule = &world.definition.rules[usize::from(decision.rule)];
        let mut unique = self.unique;
        let stage = decision.stage;
        let view = self.view(&decision.occasion, &decision.mine, chain);
        let mut draws = DecisionDraws {
            random: &mut decision.random,
            actor: self.number(),
            unique: &mut unique,
        };
        let answers = &mut decision.answers;
        let evaluated = match (stage, expression(rule, stage)) {
            (Stage::Call, _) => {
                let reads = rule.call.reads(&view, answers);
                if !reads.is_empty() {
                    return Ok(Step::Reads(reads));
                }
                Evaluated::Call(rule.call.evaluate(&view, &mut draws, answers)?)
            }
            (_, None) => Evaluated::Nothing,
            (_, Some(expression)) => {
                let reads = expression.reads(&view, answers);
                if !reads.is_empty() {
                    return Ok(Step::Reads(reads));
                }
                Evaluated::Value(expression.evaluate(&view, &mut draws, answers)?)
            }
        };
        self.unique = unique;
        match (stage, evaluated) {
            (Stage::When, Evaluated::Value(truth)) if truth.as_bool() != Some(true) => {
                return Ok(Step::Refrains);
            }
            (Stage::Let(place), Evaluated::Value(value)) => {
                self.remember(decision, rule, place, value, chain)
            }
            (Stage::Call, Evaluated::Call(call)) => decision.call = Some(call),
            (Stage::Value, Evaluated::Value(value)) => decision.value = value.as_word().unwrap_or_default(),
            (Stage::Opens(_), Evaluated::Value(value)) => decision.words.push(value),
            _ => {}
        }
        Ok(Step::Next(next(rule, stage)))
    }

    /// Remembers what a rule's `let` says: of the task, or for this decision alone where there is none.
    fn remember(
        &mut self,
        decision: &mut Decision,
        rule: &Rule,
        place: usize,
        value: Value,
        chain: &ProfileState,
    ) {
        let (name, names) = (rule.lets[place].0, self.world.definition.mine.len());
        match decision.occasion.task {
            Some(task) => self.memories.of(task, chain, names).mine[name] = Some(value),
            None => {
                decision.mine.resize(names, None);
                decision.mine[name] = Some(value);
            }
        }
    }

    /// What the actor sees when it decides.
    fn view<'a>(
        &'a self,
        occasion: &'a Occasion,
        mine: &'a [Option<Value>],
        chain: &'a ProfileState,
    ) -> View<'a> {
        let memory = occasion.task.and_then(|task| self.memories.get(task, chain));
        let of_task = memory.map(|memory| memory.mine.as_slice());
        View {
            mine: of_task.or(Some(mine)),
            event: occasion.event.as_ref().map(|event| &*event.arguments),
            payload: occasion.payload,
            submitted: occasion.submitted,
            index: Some(self.id.index),
            account: occasion.account,
            tasks: occasion
                .tasks
                .iter()
                .filter_map(|task| chain.known(*task))
                .collect(),
            ..chain
                .view(self.address)
                .with_task(occasion.task.and_then(|task| chain.known(task)))
        }
    }
}

/// What an expression came to.
enum Evaluated {
    Nothing,
    Value(Value),
    Call(PreparedCall),
}

/// The expression of a rule at a stage, if it has one; calls aside.
fn expression(rule: &Rule, stage: Stage) -> Option<&Expression> {
    match stage {
        Stage::When => rule.when.as_ref(),
        Stage::Let(place) => rule.lets.get(place).map(|(_, value)| value),
        Stage::Value => rule.value.as_ref(),
        Stage::Opens(place) => rule.known_key()?.get(place),
        Stage::Call | Stage::Done => None,
    }
}

/// The stage after this one.
fn next(rule: &Rule, stage: Stage) -> Stage {
    let after_lets = |place| {
        if place < rule.lets.len() {
            Stage::Let(place)
        } else {
            Stage::Call
        }
    };
    let words = rule.known_key().map_or(0, <[_]>::len);
    let after_words = |place| {
        if place < words {
            Stage::Opens(place)
        } else {
            Stage::Done
        }
    };
    match stage {
        Stage::When => after_lets(0),
        Stage::Let(place) => after_lets(place + 1),
        Stage::Call => Stage::Value,
        Stage::Value => after_words(0),
        Stage::Opens(place) => after_words(place + 1),
        Stage::Done => Stage::Done,
    }
}
