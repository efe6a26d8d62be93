//! The profile's invariants: what is read for them, and what they say.

use std::sync::Arc;

use alloy::primitives::Bytes;

use super::{
    super::{ProfileQuery, Purpose, no_draws::NoDraws, view::View},
    ProfileState,
};
use crate::protocol::{
    Violation,
    profile::expression::{Answers, EvaluationErrorKind, Read},
};

/// An invariant that waits for reads.
#[derive(Clone, Debug)]
pub(super) struct Check {
    answers: Answers,
    outstanding: usize,
}

impl ProfileState {
    /// Looks at an invariant: asks for what it reads, or says at once whether it holds.
    pub(super) fn begin_check(&mut self, invariant: u16) {
        self.go_on(invariant, Answers::new());
    }

    /// A read for an invariant came back.
    pub(super) fn checked(&mut self, invariant: u16, read: &Read, data: &Bytes) {
        let Some(check) = self.checks.get_mut(&invariant) else {
            return;
        };
        check.answers.set(read, Ok(data.clone()));
        check.outstanding -= 1;
        if check.outstanding == 0
            && let Some(check) = self.checks.remove(&invariant)
        {
            self.go_on(invariant, check.answers);
        }
    }

    fn go_on(&mut self, place: u16, mut answers: Answers) {
        let world = Arc::clone(&self.world);
        let invariant = &world.definition.invariants[usize::from(place)];
        let view = View {
            tasks: self.open_tasks().collect(),
            ..self.view(world.deployer)
        };
        let reads = invariant.check.reads(&view, &mut answers);
        if !reads.is_empty() {
            let outstanding = reads.len();
            let queries = reads.into_iter().map(|read| ProfileQuery {
                purpose: Purpose::Invariant(place),
                read,
            });
            let queries: Vec<ProfileQuery> = queries.collect();
            self.wanted.extend(queries);
            self.checks.insert(place, Check { answers, outstanding });
            return;
        }
        // The first of the schema is that reads are answered.
        let id = world.definition.schema.invariants[usize::from(place) + 1];
        match invariant.check.evaluate(&view, &mut NoDraws::default(), &answers) {
            Ok(held) if held.as_bool() == Some(false) => {
                let sides = invariant.check.sides(&view, &answers);
                let sides: Vec<String> = sides
                    .iter()
                    .map(|(side, value)| format!("{side} is {value}"))
                    .collect();
                let sides = sides.join(", ");
                let statement = id.statement();
                let what = match sides.as_str() {
                    "" => statement.to_owned(),
                    // The sides say what the check does.
                    sides if statement == invariant.check.text() => sides.to_owned(),
                    sides => format!("{statement}: {sides}"),
                };
                self.violations.push(Violation {
                    invariant: id,
                    task: None,
                    detail: format!("after block {}: {what}", self.latest.number),
                });
            }
            Ok(_) => {}
            // It may be a field that is being read: it is looked at again after the next block.
            Err(error) if matches!(error.kind, EvaluationErrorKind::Unset(_)) && !self.fields.is_empty() => {}
            Err(error) => world.warn(&format!("the invariant {}: {error}", id.name())),
        }
    }
}
