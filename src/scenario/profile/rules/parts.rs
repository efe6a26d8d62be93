//! The parts of a rule as they stand in the file, before their expressions are read.

use super::{
    raw::{About, RawRemember, RawTrigger, RawWho, Values},
    resolve,
    values::{batch, behaviours, chance},
};
use crate::{
    protocol::{
        Behaviour,
        profile::{Batch, Delay, FilePlace, FunctionPhase},
    },
    scenario::{
        path::KeyPath,
        profile::{
            expressions::Text,
            names::{Context, MayDraw},
            reader::{Reader, refuse_beside},
            task::Task,
        },
        read::{table::Table, value::Value},
        suggest::list,
    },
};

/// The most gas of a call, and the least.
pub(in crate::scenario::profile) const GAS: std::ops::RangeInclusive<u64> = 21_000..=1_000_000_000;

/// A rule, its names resolved.
pub(in crate::scenario::profile) struct Parts<'a> {
    pub(in crate::scenario::profile) path: KeyPath,
    pub(super) at: FilePlace,
    pub(in crate::scenario::profile) name: String,
    pub(super) trigger: Option<RawTrigger>,
    pub(in crate::scenario::profile) role: Option<usize>,
    pub(super) who: Option<RawWho>,
    /// `None` if it cannot be used.
    pub(super) delay: Option<Option<Delay>>,
    pub(in crate::scenario::profile) chance: Option<f64>,
    pub(super) when: Option<Text>,
    /// `Some(None)` if it cannot be used.
    pub(super) during: Option<Option<usize>>,
    pub(in crate::scenario::profile) lets: Vec<(String, Text)>,
    pub(super) call: Option<Text>,
    /// Whether there is no call: the task that it submits is signed off the chain.
    pub(in crate::scenario::profile) is_signed: bool,
    pub(super) value: Option<Text>,
    pub(super) phase: Option<FunctionPhase>,
    /// `Some(None)` if it cannot be used.
    pub(super) opens: Option<Option<Vec<Text>>>,
    /// `Some(None)` if it cannot be used.
    pub(in crate::scenario::profile) enters: Option<Option<usize>>,
    /// `Some(None)` if it cannot be used.
    pub(in crate::scenario::profile) closes: Option<Option<usize>>,
    /// Fields that the call sets, with their values.
    pub(super) sets: Vec<(usize, Text)>,
    /// Whether one of them cannot be used.
    pub(super) sets_broken: bool,
    pub(super) gas: Option<u64>,
    pub(super) races: bool,
    pub(super) refuses: Vec<Behaviour>,
    /// `None` if it cannot be used.
    pub(super) batch: Option<Option<Batch>>,
    pub(in crate::scenario::profile) remember: Option<RawRemember>,
    /// The task that it is about.
    pub(super) about: About,
    /// What stands in the file and is not resolved yet.
    pub(super) values: Values<'a>,
}

impl<'a> Parts<'a> {
    /// All rules, in the order of the file.
    pub(in crate::scenario::profile) fn read_all(
        root: &Table<'a>,
        reader: &mut Reader<'a>,
        task: &Task,
    ) -> Vec<Self> {
        let set_up = reader
            .tables(root.value("setup"))
            .into_iter()
            .map(|value| (value, true));
        let on = reader
            .tables(root.value("on"))
            .into_iter()
            .map(|value| (value, false));
        let mut tables: Vec<_> = set_up.chain(on).collect();
        tables.sort_by_key(|(value, _)| value.begin());
        let read = tables.into_iter().filter_map(|(value, set_up)| match set_up {
            true => Self::set_up(&value, reader),
            false => Self::on(&value, reader, task),
        });
        let mut rules: Vec<Self> = read.collect();
        resolve::name_all(&mut rules, reader);
        resolve::watch(&mut rules, reader);
        resolve::resolve(&mut rules, reader, task);
        rules
    }

    /// Whether it is known what its expressions may speak of.
    pub(in crate::scenario::profile) fn is_known(&self) -> bool {
        self.about != About::Unknown
    }

    /// What its expressions may speak of.
    pub(in crate::scenario::profile) fn context(&self) -> Context {
        let batch = matches!(self.batch, Some(Some(_)));
        let before = match self.trigger {
            Some(RawTrigger::SetUp { before, .. }) => before,
            _ => None,
        };
        Context {
            task: self.about == About::Task,
            mine: matches!(self.about, About::Unopened | About::Task) && !batch,
            actor: true,
            event: match self.trigger {
                Some(RawTrigger::Event(event)) if !batch => Some(event),
                _ => None,
            },
            tasks: batch,
            payload: matches!(self.trigger, Some(RawTrigger::Arrival)),
            account: matches!(
                self.trigger,
                Some(RawTrigger::SetUp {
                    for_each: Some(_),
                    ..
                })
            ),
            reads: true,
            draws: match before {
                Some(_) => MayDraw::Nothing,
                None => MayDraw::All,
            },
            contracts: before,
            early: before.is_some(),
            included: before.is_some(),
            ..Context::default()
        }
    }

    fn empty(value: &Value<'a>, reader: &Reader<'a>) -> Self {
        Self {
            path: value.path().clone(),
            at: reader.place_in_file(value),
            name: String::new(),
            trigger: None,
            role: None,
            who: Some(RawWho::All),
            delay: Some(None),
            chance: Some(1.0),
            when: None,
            during: None,
            lets: Vec::new(),
            call: None,
            is_signed: false,
            value: None,
            phase: None,
            opens: None,
            enters: None,
            closes: None,
            sets: Vec::new(),
            sets_broken: false,
            gas: None,
            races: false,
            refuses: Vec::new(),
            batch: Some(None),
            remember: None,
            about: About::Unknown,
            values: Values::default(),
        }
    }

    /// A step of set-up.
    fn set_up(value: &Value<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let table = Table::of(value)?;
        let mut rule = Self::empty(value, reader);
        rule.call = table.required("call", CALL, |value| reader.text_of(&value));
        rule.value = table.optional("value", |value| reader.text_of(&value));
        rule.gas = table.optional("gas", |value| value.whole(GAS));
        let [role, for_each, remember, share, before] =
            ["role", "for_each", "remember", "share", "before"].map(|key| table.value(key));
        let when = table.value("when");
        table.finish();
        rule.when = when.as_ref().and_then(|value| reader.text_of(value));
        let before = match before {
            None => None,
            Some(before) => {
                let because = "beside `before`: such a step belongs to the deployment, of which all is sent by the deployer";
                for value in [&role, &when, &remember, &share] {
                    refuse_beside(reader, value.as_ref(), because, "leave it out");
                }
                Some(reader.contract_to_deploy(before)?)
            }
        };
        let roles: Vec<String> = reader.names.all_roles().iter().map(ToString::to_string).collect();
        rule.role = match role {
            Some(role) => reader.place(role, "role", &roles),
            None => Some(roles.len() - 1),
        };
        rule.trigger = match for_each {
            None => Some(RawTrigger::SetUp {
                for_each: None,
                before,
            }),
            Some(role) => reader.place(role, "role", &roles).map(|role| RawTrigger::SetUp {
                for_each: Some(role),
                before,
            }),
        };
        if let (Some(_), Some(share)) = (&remember, &share) {
            let message = format!("`{}` has both `remember` and `share`", value.path());
            reader.refuse_key::<()>(
                share.path(),
                message,
                "the second",
                "say one of them; what is shared, the actor knows as well",
            );
        }
        rule.remember = match (remember, share) {
            (Some(remember), _) => RawRemember::read(remember, false, reader),
            (None, Some(share)) => RawRemember::read(share, true, reader),
            (None, None) => None,
        };
        rule.phase = Some(FunctionPhase::SetUp);
        Some(rule)
    }

    /// A rule of the load.
    fn on(value: &Value<'a>, reader: &mut Reader<'a>, task: &Task) -> Option<Self> {
        let table = Table::of(value)?;
        let mut rule = Self::empty(value, reader);
        rule.name = table.optional("name", Value::name).unwrap_or_default();
        let triggers = [
            "arrival", "event", "entered", "time", "block", "included", "failed", "every",
        ];
        let triggers = triggers.map(|key| table.value(key).map(|value| (key, value)));
        rule.values.role = table.value("role");
        rule.values.who = table.value("who");
        rule.values.after = table.value("after");
        rule.values.phase = table.value("phase");
        rule.chance = match table.value("chance") {
            Some(value) => chance(&value),
            None => Some(1.0),
        };
        rule.when = table.optional("when", |value| reader.text_of(&value));
        let during = table.value("while");
        let is_arrival = triggers.iter().flatten().any(|(key, _)| *key == "arrival");
        let call = table.value("call");
        let sent = table.value("value");
        let lets = table.value("let");
        let [gas, races, refuses] = ["gas", "races", "refuses"].map(|key| table.value(key));
        rule.values.batch = table.value("batch");
        let opens = table.value("opens");
        rule.is_signed = is_arrival && call.is_none() && opens.is_some();
        rule.call = match call {
            Some(call) => reader.text_of(&call),
            None if rule.is_signed => None,
            None => {
                let help = match is_arrival {
                    true => format!(
                        "add it: {CALL}; or say the key of the task, opens = {{ … }}, if no transaction submits it: it is signed \
                         off the chain"
                    ),
                    false => format!("add it: {CALL}"),
                };
                let message = format!("`{}.call` is missing", value.path());
                reader.refuse_at(value.path(), message, "what is called?", help)
            }
        };
        if rule.is_signed {
            for value in [&sent, &gas, &races, &refuses, &rule.values.phase] {
                let because = "without `call`: no transaction submits the task";
                refuse_beside(reader, value.as_ref(), because, "leave it out, or add the call");
            }
        }
        rule.value = sent.and_then(|value| reader.text_of(&value));
        rule.gas = gas.and_then(|value| value.whole(GAS));
        rule.races = races.and_then(Value::boolean).unwrap_or(false);
        rule.refuses = refuses.and_then(behaviours).unwrap_or_default();
        rule.batch = match &rule.values.batch {
            Some(value) => batch(value).map(Some),
            None => Some(None),
        };
        let (enters, closes, set) = (table.value("enters"), table.value("closes"), table.value("set"));
        table.finish();
        let given: Vec<_> = triggers.into_iter().flatten().collect();
        match <[_; 1]>::try_from(given) {
            Ok([(key, trigger)]) => rule.trigger = rule.read_trigger(key, trigger, reader, task),
            Err(given) if given.is_empty() => {
                let message = format!("`{}` has no trigger", value.path());
                let help = format!("say what makes the actors act: one of {}", list(&TRIGGERS));
                reader.refuse_at::<()>(value.path(), message, "never happens", help);
            }
            Err(given) => {
                let keys: Vec<&str> = given.iter().map(|(key, _)| *key).collect();
                let message = format!("`{}` has {} triggers: {}", value.path(), keys.len(), list(&keys));
                reader.refuse_key::<()>(
                    given[1].1.path(),
                    message,
                    "another trigger",
                    "keep one; write another [[on]] for the other",
                );
            }
        }
        for (name, value) in lets.and_then(Value::members).unwrap_or_default() {
            if let Some(text) = reader.text_of(&value) {
                rule.lets.push((name, text));
            }
        }
        let is_batch = rule.values.batch.is_some();
        rule.during = match (during, &rule.trigger) {
            (Some(value), Some(RawTrigger::Arrival | RawTrigger::Every(_))) => {
                let because = "with this trigger";
                refuse_beside(
                    reader,
                    Some(&value),
                    because,
                    "leave it out: no task is in a phase then",
                );
                Some(None)
            }
            (Some(value), _) if is_batch => {
                refuse_beside(reader, Some(&value), "beside `batch`", "leave it out");
                Some(None)
            }
            (value, _) => value.map(|value| reader.open_phase(value, task)),
        };
        let is_arrival = matches!(rule.trigger, Some(RawTrigger::Arrival));
        match opens {
            Some(value) if is_arrival => rule.opens = Some(reader.words(value)),
            Some(value) if rule.trigger.is_some() => {
                refuse_beside(
                    reader,
                    Some(&value),
                    "without `arrival`",
                    "only what the load submits opens tasks",
                );
            }
            _ => {}
        }
        let changes = enters.as_ref().or(closes.as_ref()).or(set.as_ref());
        if let (Some(value), Some(RawTrigger::Every(_))) = (changes, &rule.trigger) {
            refuse_beside(
                reader,
                Some(value),
                "beside `every`",
                "such a call is about no task; leave it out",
            );
        } else {
            rule.enters = enters.map(|value| reader.open_phase(value, task));
            rule.closes = closes.map(|value| reader.outcome(value, task));
            rule.read_sets(set, reader);
        }
        Some(rule)
    }

    /// The fields that the call sets.
    fn read_sets(&mut self, value: Option<Value<'a>>, reader: &Reader<'a>) {
        let fields: Vec<&str> = reader
            .names
            .fields
            .iter()
            .map(|field| field.name.as_str())
            .collect();
        for (name, value) in value.and_then(Value::members).unwrap_or_default() {
            let place = fields.iter().position(|field| *field == name);
            let set = match place {
                Some(place) => reader.text_of(&value).map(|text| (place, text)),
                None => reader.no_such_name(&value, &name, "field", &fields, "declare it: [task] fields"),
            };
            self.sets_broken |= set.is_none();
            self.sets.extend(set);
        }
    }

    fn read_trigger(
        &self,
        key: &str,
        value: Value<'a>,
        reader: &mut Reader<'a>,
        task: &Task,
    ) -> Option<RawTrigger> {
        Some(match key {
            "arrival" => match value.clone().boolean()? {
                true => RawTrigger::Arrival,
                false => return value.refuse("true", "is false", "leave it out, and say another trigger"),
            },
            "event" => RawTrigger::Event(reader.event_of_rule(value)?),
            "entered" => RawTrigger::Entered(reader.open_phase(value, task)?),
            "time" => RawTrigger::Time(reader.text_of(&value)?),
            "block" => RawTrigger::Block(reader.text_of(&value)?),
            "every" => {
                let role = self.values.role.as_ref().and_then(|role| role.get().as_str());
                let place =
                    role.and_then(|role| reader.names.all_roles().iter().position(|known| *known == role));
                RawTrigger::Every(reader.delay(&value, place)?)
            }
            "included" => RawTrigger::Included(None, value.text()?),
            _ => RawTrigger::Failed(None, value.text()?),
        })
    }
}

const CALL: &str = "call = \"oracle.answer(question)\"";
const TRIGGERS: [&str; 8] = [
    "arrival", "event", "entered", "time", "block", "included", "failed", "every",
];
