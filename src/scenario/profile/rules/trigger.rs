//! Triggers of rules: an occasion, which actors it makes act, and when.

use super::{
    parts::Parts,
    raw::{RawTrigger, RawWho},
};
use crate::{
    protocol::profile::{
        Trigger, Who,
        expression::{Expression, Type},
    },
    scenario::profile::{
        expressions::Text,
        names::{Context, MayDraw},
        reader::Reader,
    },
};

impl<'a> Parts<'a> {
    /// The trigger, its moment compiled.
    pub(super) fn trigger(&self, reader: &Reader<'a>) -> Option<Trigger> {
        Some(match self.trigger.as_ref()? {
            RawTrigger::SetUp { for_each, before } => Trigger::SetUp {
                for_each: *for_each,
                before: *before,
            },
            RawTrigger::Arrival => Trigger::Arrival,
            RawTrigger::Event(event) => Trigger::Event(*event),
            RawTrigger::Entered(phase) => Trigger::Entered(*phase),
            RawTrigger::Time(text) => {
                let time = moment(text, reader)?;
                reader.is_time(text, &time).then_some(Trigger::Time(time))?
            }
            RawTrigger::Block(text) => Trigger::Block(moment(text, reader)?),
            RawTrigger::Included(rule, _) => Trigger::Included((*rule)?),
            RawTrigger::Failed(rule, _) => Trigger::Failed((*rule)?),
            RawTrigger::Every(delay) => Trigger::Every(*delay),
        })
    }

    /// Which actors of the role act.
    pub(super) fn who(&self, reader: &Reader<'a>) -> Option<Who> {
        Some(match self.who.as_ref()? {
            RawWho::All => Who::All,
            RawWho::Pick(number) => Who::Pick(*number),
            RawWho::Opener => Who::Opener,
            RawWho::Participants => Who::Participants,
            RawWho::Accounts(text) => Who::Accounts(accounts(text, self.context(), reader)?),
        })
    }
}

/// The moment of a task that a rule waits for: the same for all actors.
fn moment<'a>(text: &Text, reader: &Reader<'a>) -> Option<Expression> {
    let context = Context {
        task: true,
        ..Context::default()
    };
    reader.typed(text, &Type::UINT, context)
}

/// An address or an array of addresses, the same for all actors.
fn accounts<'a>(text: &Text, of_rule: Context, reader: &Reader<'a>) -> Option<Expression> {
    let context = Context {
        mine: false,
        actor: false,
        tasks: false,
        reads: false,
        draws: MayDraw::Nothing,
        ..of_rule
    };
    let found = reader.untyped(text, context)?;
    let is_list = matches!(found.ty(), Type::Array(element) | Type::FixedArray(element, _) if **element == Type::Address);
    if is_list || *found.ty() == Type::Address {
        return Some(found);
    }
    let message = format!(
        "`{}` is neither an address nor an array of addresses: it is {}",
        text.text,
        found.ty()
    );
    reader.refuse_text(
        text,
        &message,
        "who is this?",
        "give accounts, for example \"event.miners\"",
    )
}
