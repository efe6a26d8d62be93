//! Rules: what actors do, set-up included.

mod parts;
mod resolve;
mod trigger;

pub(super) use self::parts::Parts;
use self::parts::RawTrigger;
use super::{names::Context, reader::Reader, transitions::given_or_none};
use crate::protocol::{
    Function,
    profile::{
        FunctionPhase, Remember, Rule,
        expression::{CallTemplate, Expression, Source, Type},
    },
};

/// The call of a rule.
pub(super) struct Call {
    /// The call.
    pub(super) template: CallTemplate,
    /// The phase that it counts under.
    pub(super) phase: FunctionPhase,
}

/// The calls of rules, in their order; `None` where one cannot be used.
pub(super) fn calls<'a>(rules: &[Parts<'a>], reader: &Reader<'a>) -> Vec<Option<Call>> {
    let call = |rule: &Parts<'a>| {
        let text = rule.call.as_ref().filter(|_| rule.is_known())?;
        let template = reader.call(text, rule.context())?;
        if template.is_view() {
            let message = format!(
                "`{}` only reads: a transaction of it changes nothing",
                template.function()
            );
            let help = "call a function that changes something; expressions read by themselves";
            return reader.refuse_text(text, &message, "a view function", help);
        }
        Some(Call {
            template,
            phase: rule.phase?,
        })
    };
    rules.iter().map(call).collect()
}

/// The rules with all that they say.
pub(super) fn complete<'a>(
    rules: &[Parts<'a>],
    calls: Vec<Option<Call>>,
    function: impl Fn(usize) -> Function,
    reader: &Reader<'a>,
) -> Option<Vec<Rule>> {
    let complete = rules.iter().zip(calls).enumerate();
    let complete = complete.map(|(place, (rule, call))| rule.complete(call, || function(place), reader));
    complete.collect::<Vec<_>>().into_iter().collect()
}

impl<'a> Parts<'a> {
    fn complete(
        &self,
        call: Option<Call>,
        function: impl FnOnce() -> Function,
        reader: &Reader<'a>,
    ) -> Option<Rule> {
        if !self.is_known() {
            return None;
        }
        let context = self.context();
        let when = self.expression(self.when.as_ref(), &Type::Bool, context, reader);
        let value = self.expression(self.value.as_ref(), &Type::UINT, context, reader);
        let lets = self.lets(context, reader);
        let opens = self.opens(context, reader);
        let remembers = self.remembers(context, reader);
        let trigger = self.trigger(reader);
        let who = self.who(reader);
        let call = call?;
        if let Some(text) = self.value.as_ref().filter(|_| !call.template.is_payable()) {
            let message = format!("`{}` is not payable", call.template.function());
            return reader.refuse_text(text, &message, "wei that it refuses", "leave `value` out");
        }
        Some(Rule {
            name: self.name.clone(),
            role: self.role?,
            trigger: trigger?,
            who: who?,
            delay: self.delay?,
            chance: self.chance?,
            when: when?,
            lets: lets?,
            call: call.template,
            value: value?,
            function: function(),
            gas: self.gas,
            opens: opens?,
            enters: given_or_none(self.enters)?,
            closes: given_or_none(self.closes)?,
            remembers: remembers?,
            races: self.races,
            refuses: self.refuses.clone(),
            batch: self.batch?,
        })
    }

    fn expression(
        &self,
        text: Option<&super::expressions::Text>,
        ty: &Type,
        context: Context,
        reader: &Reader<'a>,
    ) -> Option<Option<Expression>> {
        match text {
            Some(text) => reader.typed(text, ty, context).map(Some),
            None => Some(None),
        }
    }

    fn lets(&self, context: Context, reader: &Reader<'a>) -> Option<Vec<(usize, Expression)>> {
        let lets = self.lets.iter().map(|(name, text)| {
            let place = reader.place_of(Source::Mine, name)?;
            Some((place, reader.typed(text, &reader.names.mine[place].ty, context)?))
        });
        lets.collect::<Vec<_>>().into_iter().collect()
    }

    fn opens(&self, context: Context, reader: &Reader<'a>) -> Option<Option<Vec<Expression>>> {
        let Some(texts) = &self.opens else {
            return Some(None);
        };
        let words = reader.names.key.iter().zip(texts.as_ref()?);
        let words = words.map(|(word, text)| reader.typed(text, &word.ty, context));
        Some(Some(
            words.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?,
        ))
    }

    fn remembers(&self, context: Context, reader: &Reader<'a>) -> Option<Option<Remember>> {
        let Some(parts) = &self.remember else {
            return Some(None);
        };
        let context = Context {
            event: Some(parts.event),
            ..context
        };
        let source = if parts.shared {
            Source::Shared
        } else {
            Source::Actor
        };
        let names = if parts.shared {
            &reader.names.shared
        } else {
            &reader.names.actor
        };
        let values = parts.values.iter().map(|(name, text)| {
            let place = reader.place_of(source, name)?;
            Some((place, reader.typed(text, &names[place].ty, context)?))
        });
        let values = values.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
        Some(Some(Remember {
            event: parts.event,
            shared: parts.shared,
            values,
        }))
    }
}

impl Parts<'_> {
    /// Whether the load triggers it.
    pub(super) fn is_arrival(&self) -> bool {
        matches!(self.trigger, Some(RawTrigger::Arrival))
    }

    /// Whether it is known what triggers it.
    pub(super) fn has_trigger(&self) -> bool {
        self.trigger.is_some()
    }

    /// Whether it says the key of the task that its call opens.
    pub(super) fn opens_task(&self) -> bool {
        self.opens.is_some()
    }

    /// The rule whose call it waits for.
    pub(super) fn watches(&self) -> Option<usize> {
        match self.trigger {
            Some(RawTrigger::Included(watched, _) | RawTrigger::Failed(watched, _)) => watched,
            _ => None,
        }
    }
}
