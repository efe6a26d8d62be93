//! The schema of a protocol: the names, order and kinds of its roles, phases, functions, task states, spans and invariants.
//!
//! Everything outside a protocol's own folder handles these as values and asks them for their names: no table, chart, metric or
//! file knows a phase by name.

use super::profile::SchemaNames;

mod ids;
mod text;

pub use ids::{Function, Invariant, Moment, Phase, PhaseKind, Role, TaskPhase, TaskSpan};
pub use text::being_read;

/// The schema of a protocol. Schemas live as long as the program, so that ids are small and can be copied.
#[derive(Debug, PartialEq, Eq)]
pub struct ProtocolSchema {
    /// The protocol's name.
    pub name: &'static str,
    /// The names that a profile gives; `None` of a protocol that is built in.
    pub names: Option<&'static SchemaNames>,
    /// Roles of accounts, in the order in which files list them.
    pub roles: &'static [Role],
    /// The role whose actors watch tasks' deadlines: they learn the chain's time, and what a reorg takes back.
    pub watcher: Option<Role>,
    /// Phases of transactions: first setup, then the lifecycle of a task, then what goes on beside it.
    pub phases: &'static [Phase],
    /// Functions called, in the order in which files list them.
    pub functions: &'static [Function],
    /// The name of the moment at which the block was seen that brought a task onto the chain.
    pub opened: &'static str,
    /// The names of the moments of a task's life between that one and its end, as [`Moment::Step`] counts them; at most
    /// [`ProtocolSchema::MOST_STEPS`].
    pub steps: &'static [&'static str],
    /// The names of what is counted of a task; at most [`ProtocolSchema::MOST_COUNTS`].
    pub counts: &'static [&'static str],
    /// Phases of tasks in lifecycle order: the first is that of a task not in a block yet, the last that of one that is over.
    pub task_phases: &'static [TaskPhase],
    /// Spans of a task's life, in lifecycle order, and last the whole of it; at most [`ProtocolSchema::MOST_SPANS`].
    pub spans: &'static [TaskSpan],
    /// The names of the ways in which tasks may end; none where there is one.
    pub outcomes: &'static [&'static str],
    /// The call with which a role says that a task's work is done, which it means to make at the moment at which it is.
    pub work_ends: Option<(Role, Function)>,
    /// That reads are answered, by whatever cannot fail to.
    pub answers: Invariant,
    /// That dishonest calls are refused which must be.
    pub misbehaviour: Invariant,
    /// What must hold.
    pub invariants: &'static [Invariant],
}

impl ProtocolSchema {
    /// The most spans that a schema has.
    pub const MOST_SPANS: usize = 8;
    /// The most steps that a schema has.
    pub const MOST_STEPS: usize = 14;
    /// The most counts that a schema has.
    pub const MOST_COUNTS: usize = 6;

    /// The span from a task's intended submission to its end.
    ///
    /// # Panics
    /// If the schema has no spans; none is made so.
    #[must_use]
    pub const fn total(&self) -> TaskSpan {
        self.spans[self.spans.len() - 1]
    }

    /// Phases of the lifecycle of a task.
    pub fn lifecycle(&self) -> impl Iterator<Item = Phase> + use<> {
        let phases = self.phases;
        phases.iter().copied().filter(|phase| phase.is_lifecycle())
    }

    /// The phases of a task in which it is open.
    pub fn open_phases(&self) -> impl Iterator<Item = TaskPhase> + use<> {
        let phases = self.task_phases;
        phases[..phases.len() - 1].iter().copied()
    }

    /// Phases under load: all but setup.
    pub fn under_load(&self) -> impl Iterator<Item = Phase> + use<> {
        let phases = self.phases;
        phases.iter().copied().filter(|phase| !phase.is_setup())
    }

    /// The function that is none: it fills a nonce.
    ///
    /// # Panics
    /// If the schema has no functions; none is made so.
    #[must_use]
    pub const fn filler(&self) -> Function {
        self.functions[self.functions.len() - 1]
    }

    /// The phase of this name.
    #[must_use]
    pub fn phase(&self, name: &str) -> Option<Phase> {
        self.phases.iter().copied().find(|phase| phase.name() == name)
    }

    /// The function of this name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<Function> {
        let mut functions = self.functions.iter().copied();
        functions.find(|function| function.name() == name)
    }
}
