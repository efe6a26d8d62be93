//! The parts of a rule as they stand in the file, before their expressions are read.

use std::{collections::BTreeMap, time::Duration};

use toml::de::DeValue;

use crate::{
    protocol::profile::{Batch, Delay, FunctionPhase},
    scenario::{
        path::KeyPath,
        profile::{
            expressions::Text,
            names::Context,
            reader::{Reader, refuse_beside},
            task::Task,
        },
        read::{table::Table, value::Value},
        suggest::{self, list},
        units::parse_duration,
    },
};

/// The longest that an actor waits.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
/// The most gas of a call, and the least.
const GAS: std::ops::RangeInclusive<u64> = 21_000..=1_000_000_000;

/// A rule, its names resolved.
pub(in crate::scenario::profile) struct Parts<'a> {
    pub(in crate::scenario::profile) path: KeyPath,
    pub(in crate::scenario::profile) name: String,
    pub(super) trigger: Option<RawTrigger>,
    pub(in crate::scenario::profile) role: Option<usize>,
    pub(super) who: Option<RawWho>,
    /// `None` if it cannot be used.
    pub(super) delay: Option<Option<Delay>>,
    pub(in crate::scenario::profile) chance: Option<f64>,
    pub(super) when: Option<Text>,
    pub(in crate::scenario::profile) lets: Vec<(String, Text)>,
    pub(super) call: Option<Text>,
    pub(super) value: Option<Text>,
    pub(super) phase: Option<FunctionPhase>,
    /// `Some(None)` if it cannot be used.
    pub(super) opens: Option<Option<Vec<Text>>>,
    pub(super) gas: Option<u64>,
    pub(super) races: bool,
    /// `None` if it cannot be used.
    pub(super) batch: Option<Option<Batch>>,
    pub(in crate::scenario::profile) remember: Option<RawRemember>,
    /// The task that it is about.
    pub(super) about: About,
    /// What stands in the file and is not resolved yet.
    values: Values<'a>,
}

/// What makes an actor act.
pub(super) enum RawTrigger {
    SetUp {
        for_each: Option<usize>,
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
struct Values<'a> {
    role: Option<Value<'a>>,
    who: Option<Value<'a>>,
    after: Option<Value<'a>>,
    phase: Option<Value<'a>>,
    batch: Option<Value<'a>>,
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
        name_all(&mut rules, reader);
        watch(&mut rules, reader);
        resolve(&mut rules, reader, task);
        rules
    }

    /// Whether it is known what its expressions may speak of.
    pub(in crate::scenario::profile) fn is_known(&self) -> bool {
        self.about != About::Unknown
    }

    /// What its expressions may speak of.
    pub(in crate::scenario::profile) fn context(&self) -> Context {
        let batch = matches!(self.batch, Some(Some(_)));
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
            account: matches!(self.trigger, Some(RawTrigger::SetUp { for_each: Some(_) })),
            ..Context::default()
        }
    }

    fn empty(path: KeyPath) -> Self {
        Self {
            path,
            name: String::new(),
            trigger: None,
            role: None,
            who: Some(RawWho::All),
            delay: Some(None),
            chance: Some(1.0),
            when: None,
            lets: Vec::new(),
            call: None,
            value: None,
            phase: None,
            opens: None,
            gas: None,
            races: false,
            batch: Some(None),
            remember: None,
            about: About::Unknown,
            values: Values::default(),
        }
    }

    /// A step of set-up.
    fn set_up(value: &Value<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let table = Table::of(value)?;
        let mut rule = Self::empty(value.path().clone());
        rule.call = table.required("call", CALL, |value| reader.text_of(&value));
        rule.value = table.optional("value", |value| reader.text_of(&value));
        rule.when = table.optional("when", |value| reader.text_of(&value));
        rule.gas = table.optional("gas", |value| value.whole(GAS));
        let [role, for_each, remember, share] =
            ["role", "for_each", "remember", "share"].map(|key| table.value(key));
        table.finish();
        let roles: Vec<String> = reader.names.all_roles().iter().map(ToString::to_string).collect();
        rule.role = match role {
            Some(role) => reader.place(role, "role", &roles),
            None => Some(roles.len() - 1),
        };
        rule.trigger = match for_each {
            None => Some(RawTrigger::SetUp { for_each: None }),
            Some(role) => reader
                .place(role, "role", &roles)
                .map(|role| RawTrigger::SetUp { for_each: Some(role) }),
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
        let mut rule = Self::empty(value.path().clone());
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
        rule.call = table.required("call", CALL, |value| reader.text_of(&value));
        rule.value = table.optional("value", |value| reader.text_of(&value));
        let lets = table.value("let");
        rule.gas = table.optional("gas", |value| value.whole(GAS));
        rule.races = table.optional("races", Value::boolean).unwrap_or(false);
        rule.values.batch = table.value("batch");
        rule.batch = match &rule.values.batch {
            Some(value) => batch(value).map(Some),
            None => Some(None),
        };
        let opens = table.value("opens");
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
        Some(rule)
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
            "every" => RawTrigger::Every(reader.delay(&value, self.values.role.as_ref())?),
            "included" => RawTrigger::Included(None, value.text()?),
            _ => RawTrigger::Failed(None, value.text()?),
        })
    }
}

const CALL: &str = "call = \"oracle.answer(question)\"";
const TRIGGERS: [&str; 8] = [
    "arrival", "event", "entered", "time", "block", "included", "failed", "every",
];

impl RawRemember {
    /// `{ event = "SubscriptionCreated", subscription = "event.subId" }`
    fn read<'a>(value: Value<'a>, shared: bool, reader: &mut Reader<'a>) -> Option<Self> {
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

/// Gives every rule a name: its own, or that of the function that it calls, with a number if it is taken.
fn name_all(rules: &mut [Parts<'_>], reader: &Reader<'_>) {
    let mut taken: BTreeMap<String, KeyPath> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| !rule.name.is_empty()) {
        if taken.insert(rule.name.clone(), rule.path.clone()).is_some() {
            let path = rule.path.key("name");
            let message = format!("`{path}`: a rule is called `{}` already", rule.name);
            reader.refuse_at::<()>(&path, message, "the second", "choose another name");
        }
    }
    // Nothing names steps of set-up: they take what is left.
    let is_set_up = |rule: &&mut Parts<'_>| matches!(rule.phase, Some(FunctionPhase::SetUp));
    let (steps, others): (Vec<_>, Vec<_>) = rules.iter_mut().partition(is_set_up);
    for rule in others
        .into_iter()
        .chain(steps)
        .filter(|rule| rule.name.is_empty())
    {
        let function = rule
            .call
            .as_ref()
            .map_or("", |call| function_of(&call.text))
            .to_owned();
        let mut name = function.clone();
        let mut number = 2;
        while taken.contains_key(&name) {
            name = format!("{function}-{number}");
            number += 1;
        }
        taken.insert(name.clone(), rule.path.clone());
        rule.name = name;
    }
}

/// The name of the function that a call's text calls.
fn function_of(call: &str) -> &str {
    let mut depth = 0_i32;
    let open = call.char_indices().rev().find(|(_, c)| {
        depth += match c {
            ')' => 1,
            '(' => -1,
            _ => 0,
        };
        *c == '(' && depth == 0
    });
    let before = call[..open.map_or(0, |(at, _)| at)].trim_end();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    &before[before.trim_end_matches(is_part).len()..]
}

/// Finds the rules that `included` and `failed` name.
fn watch(rules: &mut [Parts<'_>], reader: &Reader<'_>) {
    let names: Vec<(String, bool)> = rules
        .iter()
        .map(|rule| {
            (
                rule.name.clone(),
                matches!(rule.trigger, Some(RawTrigger::SetUp { .. })),
            )
        })
        .collect();
    for rule in rules {
        let (key, place, name) = match &mut rule.trigger {
            Some(RawTrigger::Included(place, name)) => ("included", place, name.as_str()),
            Some(RawTrigger::Failed(place, name)) => ("failed", place, name.as_str()),
            _ => continue,
        };
        *place = names.iter().position(|(known, set_up)| known == name && !set_up);
        if place.is_none() {
            let known: Vec<&str> = names
                .iter()
                .filter(|(_, set_up)| !set_up)
                .map(|(name, _)| name.as_str())
                .collect();
            let help =
                suggest::meant(name, &known).unwrap_or_else(|| format!("the rules are {}", list(&known)));
            let path = rule.path.key(key);
            let message = format!("`{path}`: there is no rule `{}`", suggest::shortened(name));
            reader.refuse_at::<()>(&path, message, "no rule", help);
        }
    }
}

/// Resolves what depends on other rules: role, task, phase, who and delay.
fn resolve(rules: &mut [Parts<'_>], reader: &mut Reader<'_>, task: &Task) {
    let about: Vec<About> = (0..rules.len())
        .map(|place| about(rules, place, reader))
        .collect();
    for (rule, about) in rules.iter_mut().zip(&about) {
        rule.about = *about;
    }
    let roles: Vec<String> = reader.names.all_roles().iter().map(ToString::to_string).collect();
    for place in 0..rules.len() {
        let watched = match rules[place].trigger {
            Some(RawTrigger::SetUp { .. }) => continue,
            Some(RawTrigger::Included(watched, _) | RawTrigger::Failed(watched, _)) => watched,
            _ => None,
        };
        let of_watched = watched.and_then(|watched| {
            rules[watched]
                .values
                .role
                .as_ref()
                .and_then(|role| role.get().as_str().map(str::to_owned))
        });
        let rule = &mut rules[place];
        if rule.about == About::Unknown {
            if let Some(role) = &rule.values.role {
                reader.place(role.clone(), "role", &roles);
            }
            let remembered: Vec<String> = rule.lets.iter().map(|(name, _)| name.clone()).collect();
            reader.broken.extend(remembered);
            continue;
        }
        rule.role = match &rule.values.role {
            Some(role) => reader.place(role.clone(), "role", &roles),
            None => match of_watched {
                Some(role) => roles.iter().position(|known| *known == role),
                None => reader.refuse_at(
                    &rule.path,
                    format!("`{}.role` is missing", rule.path),
                    "who does it?",
                    format!("add it: role = \"{}\"", roles[0]),
                ),
            },
        };
        rule.who = rule.read_who(reader);
        rule.delay = match &rule.values.after {
            None => Some(None),
            Some(value) => reader.delay(value, rule.values.role.as_ref()).map(Some),
        };
        rule.phase = rule.read_phase(reader, task);
        if let Some(value) = &rule.values.batch
            && (rule.about != About::Task || rule.follows_own_call())
        {
            let help = "only rules with `event`, `entered`, `time` or `block` are told of several tasks";
            refuse_beside(reader, Some(value), "with this trigger", help);
        }
        if let Some((_, text)) = rule.lets.first() {
            let because = match (rule.batch, rule.about) {
                (Some(Some(_)), _) => "beside `batch`",
                (_, About::Nothing) => "in a rule about no task",
                _ => continue,
            };
            let message = format!("`let` has no meaning {because}");
            reader.refuse_text::<()>(
                text,
                &message,
                "remembered of which task?",
                "leave it out, and write the value where it is used",
            );
        }
    }
}

/// The task that the rule at this place is about: that of the rule that it follows, if it follows one.
fn about(rules: &[Parts<'_>], place: usize, reader: &Reader<'_>) -> About {
    let mut place = place;
    // Each step goes to the rule before; more steps than rules go in a circle.
    for _ in 0..=rules.len() {
        let (watched, is_included) = match &rules[place].trigger {
            Some(RawTrigger::Included(Some(watched), _)) => (*watched, true),
            Some(RawTrigger::Failed(Some(watched), _)) => (*watched, false),
            Some(RawTrigger::Arrival) => return About::Unopened,
            Some(RawTrigger::Event(event)) if reader.is_about_task(*event) => return About::Task,
            Some(RawTrigger::Entered(_) | RawTrigger::Time(_) | RawTrigger::Block(_)) => return About::Task,
            Some(RawTrigger::Event(_) | RawTrigger::Every(_) | RawTrigger::SetUp { .. }) => {
                return About::Nothing;
            }
            None | Some(RawTrigger::Included(None, _) | RawTrigger::Failed(None, _)) => break,
        };
        if is_included && matches!(rules[watched].trigger, Some(RawTrigger::Arrival)) {
            return About::Task;
        }
        place = watched;
    }
    About::Unknown
}

impl<'a> Parts<'a> {
    /// Whether it waits for a call of its own actor.
    const fn follows_own_call(&self) -> bool {
        matches!(
            self.trigger,
            Some(RawTrigger::Included(..) | RawTrigger::Failed(..))
        )
    }

    fn read_who(&self, reader: &Reader<'a>) -> Option<RawWho> {
        let Some(value) = &self.values.who else {
            return Some(RawWho::All);
        };
        let because = match self.trigger {
            Some(RawTrigger::Arrival) => Some("beside `arrival`: the load says who"),
            Some(RawTrigger::Included(..) | RawTrigger::Failed(..)) => {
                Some("here: it is the actor whose call it was")
            }
            _ => None,
        };
        if let Some(because) = because {
            refuse_beside(reader, Some(value), because, "leave it out");
            return None;
        }
        const MUST: &str = "\"all\", \"opener\", \"participants\", { pick = 2 } or { accounts = \"…\" }";
        let who = match value.get() {
            DeValue::String(text) => match text.as_ref() {
                "all" => RawWho::All,
                "opener" => RawWho::Opener,
                "participants" => RawWho::Participants,
                text => {
                    let names = ["all", "opener", "participants", "pick", "accounts"];
                    let help = suggest::meant(text, &names)
                        .unwrap_or_else(|| "for example who = { pick = 1 }".to_owned());
                    return value.refuse(MUST, "is none of them", help);
                }
            },
            DeValue::Table(entries) if entries.len() == 1 => {
                let table = Table::of(value)?;
                let pick = table.value("pick");
                let accounts = table.value("accounts");
                table.finish();
                match (pick, accounts) {
                    (Some(pick), _) => RawWho::Pick(pick.count(1..=1_000_000)?),
                    (_, Some(accounts)) => RawWho::Accounts(reader.text_of(&accounts)?),
                    _ => return None,
                }
            }
            _ => return value.refuse(MUST, "is none of them", "for example who = { pick = 1 }"),
        };
        if self.about != About::Task && matches!(who, RawWho::Opener | RawWho::Participants) {
            let message = format!("`{}`: the rule is about no task", value.path());
            return reader.refuse_at(
                value.path(),
                message,
                "of which task?",
                "use \"all\", { pick = … } or { accounts = \"…\" }",
            );
        }
        Some(who)
    }

    fn read_phase(&self, reader: &Reader<'a>, task: &Task) -> Option<FunctionPhase> {
        match (&self.values.phase, &self.trigger) {
            (Some(value), _) => reader
                .place(value.clone(), "phase", &task.phases)
                .map(FunctionPhase::Lifecycle),
            (None, Some(RawTrigger::Arrival)) => Some(FunctionPhase::Lifecycle(0)),
            (None, _) if self.about == About::Nothing => Some(FunctionPhase::Beside),
            (None, _) => {
                let help = format!(
                    "say which its transactions count under: phase = one of {}",
                    list(&task.phases.iter().map(String::as_str).collect::<Vec<_>>())
                );
                reader.refuse_at(
                    &self.path,
                    format!("`{}.phase` is missing", self.path),
                    "in which phase?",
                    help,
                )
            }
        }
    }
}

impl<'a> Reader<'a> {
    /// A delay of a role, or a duration.
    fn delay(&self, value: &Value<'a>, role: Option<&Value<'a>>) -> Option<Delay> {
        let text = value.clone().text()?;
        if text.starts_with(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
            || parse_duration(&text).is_ok()
        {
            return value.clone().duration(Duration::ZERO..=LONGEST).map(Delay::Fixed);
        }
        let role = role.and_then(|role| role.get().as_str()).unwrap_or_default();
        let place = self.names.all_roles().iter().position(|known| *known == role)?;
        let delays = self.delays.get(place)?;
        if let Some(place) = delays.iter().position(|delay| *delay == text) {
            return Some(Delay::Named(place));
        }
        if self.broken.contains(&text) {
            return None;
        }
        let names: Vec<&str> = delays.iter().map(String::as_str).collect();
        let help = suggest::meant(&text, &names).unwrap_or_else(|| match names.is_empty() {
            true => {
                format!("add it to the role: delays = {{ {text} = \"2s\" }}; or write a duration: \"2s\"")
            }
            false => format!(
                "the delays of {role} are {}; or write a duration: \"2s\"",
                list(&names)
            ),
        });
        let message = format!(
            "`{}`: the role {role} has no delay `{}`",
            value.path(),
            suggest::shortened(&text)
        );
        self.refuse_at(value.path(), message, "no delay", help)
    }
}

/// A probability, above 0 and up to 1.
fn chance(value: &Value<'_>) -> Option<f64> {
    const MUST: &str = "a probability above 0 and up to 1";
    let number = match value.get() {
        DeValue::Integer(integer) => integer.as_str().parse::<f64>().ok(),
        DeValue::Float(float) => float.as_str().replace('_', "").parse::<f64>().ok(),
        _ => None,
    };
    match number {
        Some(number) if number > 0.0 && number <= 1.0 => Some(number),
        Some(number) if number > 1.0 && number <= 100.0 => value.refuse(
            MUST,
            format!("is {number}"),
            format!("did you mean {}?", number / 100.0),
        ),
        Some(number) => value.refuse(MUST, format!("is {number}"), "for example chance = 0.3"),
        None => value.refuse(MUST, "is no number", "for example chance = 0.3"),
    }
}

/// `{ size = 10, wait = "2s" }`
fn batch(value: &Value<'_>) -> Option<Batch> {
    let table = Table::of(value)?;
    let size = table.required("size", "size = 10", |value| value.count(1..=10_000));
    let wait = table.required("wait", "wait = \"2s\"", |value| {
        value.duration(Duration::ZERO..=LONGEST)
    });
    table.finish();
    Some(Batch {
        size: size?,
        wait: wait?,
    })
}
