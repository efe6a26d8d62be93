//! The schema of a profile: its names as small ids, which live as long as the program.

use std::sync::{Mutex, PoisonError};

use crate::protocol::{
    Function, Invariant, Moment, Phase, PhaseKind, ProtocolSchema, Role, TaskPhase, TaskSpan,
};

/// The names that a profile gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SchemaNames {
    /// The protocol's.
    pub name: String,
    /// Roles, the deployer's left out.
    pub roles: Vec<String>,
    /// Phases of a task's lifecycle, from its submission on; at least one.
    pub phases: Vec<String>,
    /// Functions in the order of the rules, each with the place of its phase in the lifecycle, or what it is beside.
    pub functions: Vec<(String, FunctionPhase)>,
    /// What is counted of a task; at most [`ProtocolSchema::MOST_COUNTS`].
    pub counts: Vec<String>,
    /// How tasks may end.
    #[serde(default)]
    pub outcomes: Vec<String>,
    /// Invariants: name and what must hold.
    pub invariants: Vec<(String, String)>,
}

/// The phase that a function's transactions count under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FunctionPhase {
    /// Set-up.
    SetUp,
    /// That at this place of the lifecycle.
    Lifecycle(usize),
    /// What goes on beside tasks.
    Beside,
}

/// What a read of the chain must come to, on every chain that cannot fail to answer.
const ANSWERS: Invariant = Invariant::new(
    0,
    "answers",
    "answers",
    "Reads that the profile makes are answered.",
);

impl SchemaNames {
    /// The most phases of a lifecycle.
    pub const MOST_PHASES: usize = ProtocolSchema::MOST_SPANS;

    /// These names, if a schema has room for them.
    ///
    /// # Errors
    /// What there is too much or too little of.
    pub fn checked(&self) -> Result<&Self, String> {
        let (phases, counts) = (self.phases.len(), self.counts.len());
        let [most_phases, most_counts] = [Self::MOST_PHASES, ProtocolSchema::MOST_COUNTS];
        let place = |phase: &FunctionPhase| match phase {
            FunctionPhase::Lifecycle(place) => *place,
            _ => 0,
        };
        if !(1..=most_phases).contains(&phases) {
            return Err(format!("there are {phases} phases; give 1 to {most_phases}"));
        }
        if counts > most_counts {
            return Err(format!("there are {counts} counts; give at most {most_counts}"));
        }
        if self.functions.iter().any(|(_, phase)| place(phase) >= phases) {
            return Err("a function is of a phase that there is not".to_owned());
        }
        Ok(self)
    }

    /// The schema with these names. The same names always give the same schema.
    ///
    /// # Panics
    /// If there are no phases, or more phases or counts than a schema has room for; a profile with such is refused.
    #[must_use]
    pub fn schema(&self) -> &'static ProtocolSchema {
        static KNOWN: Mutex<Vec<&'static ProtocolSchema>> = Mutex::new(Vec::new());
        self.checked().expect("a profile is checked when it is read");
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = known.iter().find(|schema| schema.names == Some(self)) {
            return schema;
        }
        let schema = self.build();
        known.push(schema);
        schema
    }

    fn build(&self) -> &'static ProtocolSchema {
        let names: &'static Self = Box::leak(Box::new(self.clone()));
        let lifecycle: Vec<Phase> = (1..)
            .zip(&names.phases)
            .map(|(index, name)| Phase::new(index, PhaseKind::Lifecycle, name))
            .collect();
        let set_up = Phase::new(0, PhaseKind::Setup, "setup");
        let beside = Phase::new(lifecycle.len() as u16 + 1, PhaseKind::Beside, "beside");
        let functions = (0..).zip(&names.functions).map(|(index, (name, phase))| {
            let [phase, under_load] = match phase {
                FunctionPhase::SetUp => [set_up, beside],
                FunctionPhase::Lifecycle(place) => [lifecycle[*place]; 2],
                FunctionPhase::Beside => [beside; 2],
            };
            Function::new(index, name, phase, under_load)
        });
        let filler = Function::new(names.functions.len() as u16, "fill_nonce", set_up, set_up);
        let roles = names.roles.iter().map(String::as_str).chain([DEPLOYER]);
        let invariants = (1..).zip(&names.invariants);
        let invariants =
            invariants.map(|(index, (name, statement))| Invariant::new(index, name, name, statement));
        let misbehaviour = Invariant::new(
            names.invariants.len() as u16 + 1,
            "misbehaviour",
            "misbehaviour",
            "Dishonest calls that must be refused are refused.",
        );
        Box::leak(Box::new(ProtocolSchema {
            name: &names.name,
            names: Some(names),
            roles: leak((0..).zip(roles).map(|(index, name)| Role::new(index, name))),
            watcher: None,
            phases: leak(
                [set_up]
                    .into_iter()
                    .chain(lifecycle.iter().copied())
                    .chain([beside]),
            ),
            functions: leak(functions.chain([filler])),
            opened: "opened",
            steps: leak(names.step_names()),
            counts: leak(names.counts.iter().map(String::as_str)),
            task_phases: leak(names.task_phases(&lifecycle)),
            spans: leak(names.spans(&lifecycle)),
            outcomes: leak(names.outcomes.iter().map(String::as_str)),
            work_ends: None,
            answers: ANSWERS,
            misbehaviour,
            invariants: leak([ANSWERS].into_iter().chain(invariants).chain([misbehaviour])),
        }))
    }

    /// Phases in which an open task may be: all but that of the submission.
    fn open(&self) -> usize {
        self.phases.len() - 1
    }

    /// When a task entered the phase at this place, from 1.
    #[must_use]
    pub fn begin(&self, phase: usize) -> Moment {
        match phase {
            1 => Moment::Opened,
            phase => Moment::Step(phase as u8 - 2),
        }
    }

    /// The step at which a task left the phase at this place, from 1, for the last time.
    #[must_use]
    pub fn end(&self, phase: usize) -> u8 {
        (self.open() - 1 + phase - 1) as u8
    }

    /// The names of the steps, as [`SchemaNames::begin`] and [`SchemaNames::end`] count them.
    fn step_names(&'static self) -> impl Iterator<Item = &'static str> {
        let begun = self.phases.iter().skip(2).map(|phase| format!("{phase}_begun"));
        let over = self.phases.iter().skip(1).map(|phase| format!("{phase}_over"));
        begun.chain(over).map(|name| &*String::leak(name))
    }

    fn task_phases(&'static self, lifecycle: &[Phase]) -> impl Iterator<Item = TaskPhase> {
        let open = self
            .phases
            .iter()
            .map(String::as_str)
            .zip(lifecycle.iter().copied())
            .skip(1);
        let open: Vec<TaskPhase> = (1_u16..)
            .zip(open)
            .map(|(index, (name, phase))| TaskPhase::new(index, name, self.begin(index.into()), phase, name))
            .collect();
        let last = lifecycle[lifecycle.len() - 1];
        let submitting = TaskPhase::new(0, "submitting", Moment::Intended, lifecycle[0], "submission");
        let ended = TaskPhase::new(self.phases.len() as u16, "ended", Moment::Ended, last, "");
        [submitting].into_iter().chain(open).chain([ended])
    }

    fn spans(&'static self, lifecycle: &[Phase]) -> impl Iterator<Item = TaskSpan> {
        let phases: Vec<TaskSpan> = (1..self.phases.len())
            .map(|place| {
                let name = self.phases[place].as_str();
                let meaning = String::leak(format!("the time that a task was in the phase {name}"));
                let ends = [self.begin(place), Moment::Step(self.end(place))];
                TaskSpan::new(place as u16 - 1, name, ends, Some(lifecycle[place]), meaning)
            })
            .collect();
        let total = TaskSpan::new(
            self.open() as u16,
            "total",
            [Moment::Intended, Moment::Ended],
            None,
            "the time from a task's intended submission to its end",
        );
        phases.into_iter().chain([total])
    }
}

/// The name of the role of the account that deploys the contracts.
pub const DEPLOYER: &str = "deployer";

fn leak<T>(values: impl IntoIterator<Item = T>) -> &'static [T] {
    Vec::leak(values.into_iter().collect())
}
