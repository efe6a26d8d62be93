//! Rules: what actors do, set-up included.

mod parts;
mod raw;
mod resolve;
mod trigger;
mod values;

use alloy::json_abi::Event;

pub(super) use self::parts::{GAS, Parts};
use self::raw::{About, RawTrigger};
use super::{
    names::{Context, MayDraw},
    reader::Reader,
    transitions::given_or_none,
};
use crate::protocol::{
    Function,
    profile::{
        Definition, Effect, EventDefinition, FunctionPhase, Remember, Rule,
        expression::{CallTemplate, Expression, Source, Type},
    },
};

/// Whether an expression uses what a call returned.
fn uses_result(expression: &Expression) -> bool {
    let mut variables = expression.variables().iter();
    variables.any(|variable| variable.source == Source::Result)
}

/// The events that stand for what calls returned, behind these many others: those of the rules that use it.
pub(super) fn returned(rules: &mut [Rule], first: usize) -> Vec<EventDefinition> {
    let mut events = Vec::new();
    for (place, rule) in rules.iter_mut().enumerate() {
        if !rule.opens_by_result && !rule.sets.iter().any(|(_, value)| uses_result(value)) {
            continue;
        }
        // A transfer of ether returns nothing.
        let Some(contract) = rule.call.contract() else {
            continue;
        };
        rule.returned = Some(first + events.len());
        let opens = Effect {
            when: None,
            opens: true,
            set: Vec::new(),
            enters: None,
            closes: None,
        };
        events.push(EventDefinition {
            contract,
            abi: Event {
                name: rule.call.function().to_owned(),
                inputs: Vec::new(),
                anonymous: true,
            },
            arguments: Vec::new(),
            key: None,
            find: None,
            returned_by: Some(place),
            effects: if rule.opens_by_result {
                vec![opens]
            } else {
                Vec::new()
            },
        });
    }
    events
}

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
        if rule.is_signed && rule.is_known() {
            return Some(Call {
                template: CallTemplate::none(&rule.name),
                phase: rule.phase?,
            });
        }
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
        let result = call.as_ref().and_then(|call| call.template.result_type());
        let opens = self.opens(context, result, reader);
        let sets = self.sets(context, result, reader);
        let remembers = self.remembers(context, reader);
        let trigger = self.trigger(reader);
        let who = self.who(reader);
        let call = call?;
        let opens = opens?;
        let sets = sets?;
        let opens_by_result = opens.iter().flatten().any(uses_result);
        if let Some(text) = self
            .value
            .as_ref()
            .filter(|_| !self.is_signed && !call.template.is_payable())
        {
            let message = format!("`{}` is not payable", call.template.function());
            return reader.refuse_text(text, &message, "wei that it refuses", "leave `value` out");
        }
        Some(Rule {
            name: self.name.clone(),
            at: self.at.clone(),
            role: self.role?,
            trigger: trigger?,
            who: who?,
            delay: self.delay?,
            chance: self.chance?,
            during: given_or_none(self.during)?,
            when: when?,
            lets: lets?,
            call: call.template,
            is_signed: self.is_signed,
            value: value?,
            function: function(),
            gas: self.gas,
            returned: None,
            opens_by_result,
            opens,
            sets,
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

    fn opens(
        &self,
        context: Context,
        result: Option<&Type>,
        reader: &Reader<'a>,
    ) -> Option<Option<Vec<Expression>>> {
        let Some(texts) = &self.opens else {
            return Some(None);
        };
        let words = reader.names.key.iter().zip(texts.as_ref()?);
        let words = words.map(|(word, text)| {
            let expression = reader.typed_with_result(text, &word.ty, context, result)?;
            Some((text, expression))
        });
        let words = words
            .collect::<Vec<_>>()
            .into_iter()
            .collect::<Option<Vec<_>>>()?;
        if words.iter().any(|(_, word)| uses_result(word)) {
            for (text, word) in &words {
                let is_known = word.variables().iter().all(|variable| match variable.source {
                    Source::Result | Source::Mine | Source::Accounts => true,
                    Source::Parameter => {
                        let varying = [Definition::PAYLOAD, Definition::INDEX, Definition::SUBMITTED];
                        !varying.contains(&variable.index)
                    }
                    _ => false,
                });
                if !is_known || word.reads_chain() || word.draws() {
                    let message = "a key that depends on what the call returned follows from that alone";
                    let help =
                        "use `result`, `sender`, parameters, accounts, and what `let` remembers: mine.…";
                    return reader.refuse_text(text, message, "reads, draws or names something else", help);
                }
            }
        }
        Some(Some(words.into_iter().map(|(_, word)| word).collect()))
    }

    /// The fields that the call sets, of the task that it is about.
    fn sets(
        &self,
        of_rule: Context,
        result: Option<&Type>,
        reader: &Reader<'a>,
    ) -> Option<Vec<(usize, Expression)>> {
        if let (Some((_, text)), About::Nothing) = (self.sets.first(), self.about) {
            let (message, help) = ("`set` has no meaning in a rule about no task", "leave it out");
            return reader.refuse_text(text, message, "a field of which task?", help);
        }
        let context = Context {
            task: true,
            mine: of_rule.mine,
            actor: true,
            event: of_rule.event,
            included: true,
            reads: true,
            draws: MayDraw::Random,
            ..Context::default()
        };
        let sets = self.sets.iter().map(|(place, text)| {
            let ty = &reader.names.fields[*place].ty;
            Some((*place, reader.typed_with_result(text, ty, context, result)?))
        });
        let sets = sets.collect::<Vec<_>>().into_iter().collect::<Option<_>>();
        sets.filter(|_| !self.sets_broken)
    }

    fn remembers(&self, context: Context, reader: &Reader<'a>) -> Option<Option<Remember>> {
        let Some(parts) = &self.remember else {
            return Some(None);
        };
        let context = Context {
            event: Some(parts.event),
            reads: false,
            draws: MayDraw::Nothing,
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
