//! Parts of a rule that are resolved once all rules are known: its trigger, its actors, and memories of events.

use super::super::{expressions::Text, reader::Reader};
use crate::{protocol::profile::Delay, scenario::read::value::Value};

/// What makes an actor act.
pub(super) enum RawTrigger {
    SetUp {
        for_each: Option<usize>,
        /// The contract that is deployed after it.
        before: Option<usize>,
    },
    Arrival,
    Event(usize),
    Entered(usize),
    Time(Text),
    Block(Text),
    /// The rule, and its name.
    Included(Option<usize>, String),
    Failed(Option<usize>, String),
    Every(Delay),
}

/// Which actors act.
pub(super) enum RawWho {
    All,
    Pick(u32),
    Opener,
    Participants,
    Accounts(Text),
}

/// What is remembered of an event.
pub(in crate::scenario::profile) struct RawRemember {
    pub(in crate::scenario::profile) event: usize,
    pub(in crate::scenario::profile) shared: bool,
    pub(in crate::scenario::profile) values: Vec<(String, Text)>,
}

/// The task that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// It is not known: what triggers the rule is broken, and its expressions are not read.
    Unknown,
    /// None.
    Nothing,
    /// One that is not on the chain: only what the actor remembers of it is known.
    Unopened,
    /// One on the chain.
    Task,
}

/// The values of the keys that are resolved when all rules are known.
#[derive(Default)]
pub(super) struct Values<'a> {
    pub(super) role: Option<Value<'a>>,
    pub(super) who: Option<Value<'a>>,
    pub(super) after: Option<Value<'a>>,
    pub(super) phase: Option<Value<'a>>,
    pub(super) batch: Option<Value<'a>>,
}

impl RawRemember {
    /// `{ event = "SubscriptionCreated", subscription = "event.subId" }`
    pub(super) fn read<'a>(value: Value<'a>, shared: bool, reader: &mut Reader<'a>) -> Option<Self> {
        let path = value.path().clone();
        let mut event = None;
        let mut values = Vec::new();
        for (name, value) in value.members()? {
            if name == "event" {
                event = Some(reader.event_to_remember(value)?);
            } else {
                values.push((name, reader.text_of(&value)?));
            }
        }
        let Some(event) = event else {
            return reader.refuse_at(
                &path,
                format!("`{path}` names no event"),
                "of which event?",
                "add event = \"…\"",
            );
        };
        Some(Self {
            event,
            shared,
            values,
        })
    }
}
