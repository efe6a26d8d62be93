//! Transitions of a task that no event tells.

use super::{names::Context, reader::Reader, task::Task};
use crate::{
    protocol::profile::{Moment, Transition, expression::Type},
    scenario::read::{table::Table, value::Value},
};

/// Reads `[[transition]]`.
pub(super) fn read<'a>(values: &[Value<'a>], task: &Task, reader: &Reader<'a>) -> Option<Vec<Transition>> {
    let read = values.iter().map(|value| one(value, task, reader));
    read.collect::<Vec<_>>().into_iter().collect()
}

fn one<'a>(value: &Value<'a>, task: &Task, reader: &Reader<'a>) -> Option<Transition> {
    let table = Table::of(value)?;
    let phase = table.value("phase");
    let moments = ["time", "block", "when"].map(|key| table.value(key));
    let (enters, closes) = (table.value("enters"), table.value("closes"));
    table.finish();
    let given = moments.iter().flatten().count();
    if given != 1 {
        let message = format!("`{}` needs one of `time`, `block` and `when`", value.path());
        let label = if given == 0 {
            "has none".to_owned()
        } else {
            format!("has {given}")
        };
        return reader.refuse_at(
            value.path(),
            message,
            label,
            "for example time = \"task.deadline\"",
        );
    }
    if enters.is_none() && closes.is_none() {
        let message = format!("`{}` changes nothing", value.path());
        return reader.refuse_at(
            value.path(),
            message,
            "neither `enters` nor `closes`",
            "say which phase it enters: enters = \"…\"",
        );
    }
    let context = Context {
        task: true,
        ..Context::default()
    };
    let [time, block, when] = moments;
    let time_value = time.clone();
    let moment = |value: Option<Value<'a>>, ty: &Type| match value {
        Some(value) => Some(Some(reader.typed(&reader.text_of(&value)?, ty, context)?)),
        None => Some(None),
    };
    let (time, block, when) = (
        moment(time, &Type::UINT),
        moment(block, &Type::UINT),
        moment(when, &Type::Bool),
    );
    let phase = phase.map(|value| reader.open_phase(value, task));
    let enters = enters.map(|value| reader.open_phase(value, task));
    let closes = closes.map(|value| reader.outcome(value, task));
    let at = match (time?, block?, when?) {
        (Some(time), ..) => {
            let text = reader.text_of(&time_value?)?;
            reader.is_time(&text, &time).then_some(Moment::Time(time))?
        }
        (_, Some(block), _) => Moment::Block(block),
        (.., Some(when)) => Moment::When(when),
        _ => return None,
    };
    Some(Transition {
        phase: given_or_none(phase)?,
        at,
        enters: given_or_none(enters)?,
        closes: given_or_none(closes)?,
    })
}

/// The value of a key that may be left out; `None` if it is there and cannot be used.
pub(super) fn given_or_none<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(value) => value.map(Some),
    }
}

impl<'a> Reader<'a> {
    /// A phase in which a task may be.
    pub(super) fn open_phase(&self, value: Value<'a>, task: &Task) -> Option<usize> {
        let place = self.place(value.clone(), "phase", &task.phases)?;
        if place > 0 {
            return Some(place);
        }
        let message = format!(
            "`{}`: no task is ever in the phase `{}`",
            value.path(),
            task.phases[0]
        );
        let help = "the first phase is that of the submission; a task that is open is in one of the others";
        self.refuse_at(value.path(), message, "the first phase", help)
    }

    /// An outcome.
    pub(super) fn outcome(&self, value: Value<'a>, task: &Task) -> Option<usize> {
        let names: Vec<&str> = task
            .outcomes
            .iter()
            .map(|outcome| outcome.name.as_str())
            .collect();
        self.place(value, "outcome", &names)
    }
}
