//! Ids: small values that stand for a role, phase, function, task phase, span or invariant of a schema.

use std::hash::{Hash, Hasher};

/// What the transactions of a phase are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhaseKind {
    /// What comes before any task. It stands apart: it is in no rate.
    Setup,
    /// A step in the lifecycle of a task.
    Lifecycle,
    /// What goes on beside tasks while the load lasts.
    Beside,
}

/// The phase of the lifecycle that a transaction belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Phase {
    index: u16,
    kind: PhaseKind,
    name: &'static str,
}

impl Phase {
    /// The phase at this place of its schema.
    #[must_use]
    pub const fn new(index: u16, kind: PhaseKind, name: &'static str) -> Self {
        Self { index, kind, name }
    }

    /// Whether it is part of a task's lifecycle.
    #[must_use]
    pub const fn is_lifecycle(self) -> bool {
        matches!(self.kind, PhaseKind::Lifecycle)
    }

    /// Whether it comes before any task.
    #[must_use]
    pub const fn is_setup(self) -> bool {
        matches!(self.kind, PhaseKind::Setup)
    }

    /// Whether it goes on beside the tasks.
    #[must_use]
    pub const fn is_beside(self) -> bool {
        matches!(self.kind, PhaseKind::Beside)
    }
}

/// The contract function that a transaction calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    index: u16,
    phase: Phase,
    under_load: Phase,
    name: &'static str,
}

impl Function {
    /// The function at this place of its schema, and the phases that its transactions count under before and after the load
    /// begins.
    #[must_use]
    pub const fn new(index: u16, name: &'static str, phase: Phase, under_load: Phase) -> Self {
        Self {
            index,
            phase,
            under_load,
            name,
        }
    }

    /// The phase that its transactions count under before the load begins.
    #[must_use]
    pub const fn phase(self) -> Phase {
        self.phase
    }

    /// The phase that its transactions count under once the load has begun: setup is over then, so what sets it is management.
    #[must_use]
    pub const fn phase_under_load(self) -> Phase {
        self.under_load
    }

    /// Whether its transactions are setup, before the load begins.
    #[must_use]
    pub const fn is_setup(self) -> bool {
        self.phase.is_setup()
    }

    /// Whether it is no function: an empty transfer to nobody, which fills a nonce.
    #[must_use]
    pub const fn is_filler(self) -> bool {
        self.under_load.is_setup()
    }
}

/// A moment of a task's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moment {
    /// It was meant to be submitted.
    Intended,
    /// The block was seen that brought it onto the chain.
    Opened,
    /// The step at this place of the schema's list was seen.
    Step(u8),
    /// Its end was seen.
    Ended,
}

/// The phase of a task; the state that an unfinished task is counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskPhase {
    index: u16,
    since: Moment,
    phase: Phase,
    name: &'static str,
    waits_for: &'static str,
}

impl TaskPhase {
    /// The task phase at this place of its schema, when it begins, the phase of the transactions that it waits for, and these in
    /// a word, which is empty for a task that is over.
    #[must_use]
    pub const fn new(
        index: u16,
        name: &'static str,
        since: Moment,
        phase: Phase,
        waits_for: &'static str,
    ) -> Self {
        Self {
            index,
            since,
            phase,
            name,
            waits_for,
        }
    }

    /// When it begins.
    #[must_use]
    pub const fn since(self) -> Moment {
        self.since
    }

    /// The phase of the transactions that move the task on.
    #[must_use]
    pub const fn phase(self) -> Phase {
        self.phase
    }

    /// Whether the task is over.
    #[must_use]
    pub const fn is_over(self) -> bool {
        self.waits_for.is_empty()
    }

    /// What such a task waits for, in a word.
    #[must_use]
    pub const fn waits_for(self) -> &'static str {
        self.waits_for
    }
}

/// A stretch of a task's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskSpan {
    index: u16,
    from: Moment,
    to: Moment,
    phase: Option<Phase>,
    name: &'static str,
    meaning: &'static str,
}

impl TaskSpan {
    /// The span at this place of its schema, from when to when it lasts, the phase that it is, and what it is in words.
    #[must_use]
    pub const fn new(
        index: u16,
        name: &'static str,
        [from, to]: [Moment; 2],
        phase: Option<Phase>,
        meaning: &'static str,
    ) -> Self {
        Self {
            index,
            from,
            to,
            phase,
            name,
            meaning,
        }
    }

    /// The moment at which it begins.
    #[must_use]
    pub const fn from(self) -> Moment {
        self.from
    }

    /// The moment at which it is over.
    #[must_use]
    pub const fn to(self) -> Moment {
        self.to
    }

    /// The phase that it lasts; `None` for the whole of a task's life.
    #[must_use]
    pub const fn phase(self) -> Option<Phase> {
        self.phase
    }

    /// From when to when it lasts: "the time from … to …".
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.meaning
    }
}

/// What an account does in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Role {
    index: u16,
    name: &'static str,
}

impl Role {
    /// The role at this place of its schema.
    #[must_use]
    pub const fn new(index: u16, name: &'static str) -> Self {
        Self { index, name }
    }
}

/// A rule of the protocol that no run may break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Invariant {
    index: u16,
    name: &'static str,
    code: &'static str,
    statement: &'static str,
}

impl Invariant {
    /// The invariant at this place of its schema, its short name, and what must hold, in a sentence.
    #[must_use]
    pub const fn new(index: u16, name: &'static str, code: &'static str, statement: &'static str) -> Self {
        Self {
            index,
            name,
            code,
            statement,
        }
    }

    /// The invariant's short name: `I1`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// What must hold, in a sentence.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        self.statement
    }
}

/// What every id has: its place in its schema and its name.
macro_rules! ids {
    ($($id:ident),*) => {$(
        impl $id {
            /// Its place in its schema, from 0.
            #[must_use]
            pub const fn index(self) -> usize {
                self.index as usize
            }

            /// Its name as files and messages write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                self.name
            }
        }

        impl Hash for $id {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.index.hash(state);
            }
        }
    )*};
}

ids!(Phase, Function, TaskPhase, TaskSpan, Role, Invariant);
