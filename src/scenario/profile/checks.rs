//! Checks of a profile as a whole: tasks come from somewhere, go somewhere, and end.

use alloy::primitives::{Address, B256, U256};
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};
use toml::de::DeValue;

use super::{events::Tables, reader::Reader, rules::Parts, task::Task};
use crate::{
    protocol::profile::expression::{
        Answers, ContractId, Draws, Environment, Expression, Value as Evaluated, Variable,
    },
    scenario::{path::KeyPath, read::value::Value, suggest::list},
};

/// A change of a task that the profile speaks of: by an event, a transition, or a rule's call.
struct Change {
    path: KeyPath,
    /// The event; `None` for a transition or a rule.
    event: Option<usize>,
    opens: bool,
    is_conditional: bool,
    enters: Option<usize>,
    closes: bool,
}

/// Notes what is wrong with the profile as a whole.
pub(super) fn check<'a>(
    tables: &Tables<'a>,
    transitions: &[Value<'a>],
    rules: &[Parts<'a>],
    task: &Task,
    reader: &Reader<'a>,
) {
    arrivals(rules, reader);
    circles(rules, reader);
    let of_events = tables
        .values()
        .map(|(event, value)| Change::read(value, Some(event), task));
    let of_transitions = transitions.iter().map(|value| Change::read(value, None, task));
    // Nothing is said of the lifecycle of tasks while parts of it are not known.
    let of_rules = rules.iter().filter_map(Change::of_rule);
    let Some(changes) = of_events
        .chain(of_transitions)
        .chain(of_rules)
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    if task.phases.is_empty() || reader.table_is_missing.get() {
        return;
    }
    opening(&changes, rules, reader);
    phases(&changes, rules, task, reader);
    ends(&changes, task, reader);
}

impl Change {
    /// What a rule's call makes of its task, where no event tells it; `None` if it says nothing of that.
    fn of_rule(rule: &Parts<'_>) -> Option<Option<Self>> {
        if rule.enters.is_none() && rule.closes.is_none() {
            return None;
        }
        let known = |says: Option<Option<usize>>| says.is_none_or(|place| place.is_some());
        let is_known = known(rule.enters) && known(rule.closes);
        Some(is_known.then(|| Self {
            path: rule.path.clone(),
            event: None,
            opens: false,
            is_conditional: true,
            enters: rule.enters.flatten(),
            closes: rule.closes.is_some(),
        }))
    }

    /// What a table says; `None` if it says what there is not.
    fn read(value: &Value<'_>, event: Option<usize>, task: &Task) -> Option<Self> {
        let DeValue::Table(table) = value.get() else {
            return None;
        };
        let enters = match table.get("enters") {
            Some(phase) => {
                let phase = phase.get_ref().as_str()?;
                let place = task.phases.iter().position(|known| known == phase);
                Some(place.filter(|place| *place > 0)?)
            }
            None if event.is_none() && !table.contains_key("closes") => return None,
            None => None,
        };
        Some(Self {
            path: value.path().clone(),
            event,
            opens: match table.get("opens") {
                Some(opens) => opens.get_ref().as_bool()?,
                None => false,
            },
            is_conditional: table.contains_key("when"),
            enters,
            closes: table.contains_key("closes"),
        })
    }
}

/// Tasks arrive, by one role.
fn arrivals(rules: &[Parts<'_>], reader: &Reader<'_>) {
    let arrivals: Vec<&Parts<'_>> = rules.iter().filter(|rule| rule.is_arrival()).collect();
    let Some(first) = arrivals.first() else {
        if rules.iter().all(Parts::has_trigger) {
            let help = "add [[on]] with arrival = true, a role and a call";
            reader.refuse_at::<()>(
                &KeyPath::root().key("on"),
                "no rule submits tasks",
                "none has `arrival`",
                help,
            );
        }
        return;
    };
    let roles = reader.names.all_roles();
    if first.role == Some(roles.len() - 1) {
        let help = "name a role of the profile: a scenario says how many actors it has";
        reader.refuse_at::<()>(
            &first.path.key("role"),
            "the deployer submits no tasks",
            "no role with a load",
            help,
        );
    }
    for other in &arrivals[1..] {
        let (Some(one), Some(another)) = (first.role, other.role) else {
            continue;
        };
        if one != another {
            let message = format!("tasks arrive by two roles: {} and {}", roles[one], roles[another]);
            let help = format!("one role submits: role = \"{}\"", roles[one]);
            reader.refuse_at::<()>(&other.path.key("role"), message, "another role", help);
        }
    }
    let Some(chances) = arrivals
        .iter()
        .map(|rule| rule.chance)
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let sum: f64 = chances.iter().sum();
    if (sum - 1.0).abs() > 1e-6 {
        let last = arrivals[arrivals.len() - 1];
        let message = match arrivals.len() {
            1 => format!("the chance of the only rule for arrivals is {sum}"),
            number => format!("the chances of the {number} rules for arrivals come to {sum}"),
        };
        let help = "each arrival is of one of them: together they are 1";
        reader.refuse_at::<()>(&last.path.key("chance"), message, "of the last", help);
    }
}

/// Rules that only follow one another never begin.
fn circles(rules: &[Parts<'_>], reader: &Reader<'_>) {
    for (place, rule) in rules.iter().enumerate() {
        let mut circle = vec![place];
        let mut at = place;
        while let Some(watched) = rules[at].watches() {
            if watched == place {
                // Each circle is told once, at its first rule.
                if circle.iter().all(|other| *other >= place) {
                    let names: Vec<&str> = circle.iter().map(|rule| rules[*rule].name.as_str()).collect();
                    let message = match names.as_slice() {
                        [name] => format!("the rule `{name}` follows itself only: it never begins"),
                        names => format!(
                            "the rules {} follow one another only: none ever begins",
                            list(names)
                        ),
                    };
                    reader.refuse_at::<()>(
                        &rule.path,
                        message,
                        "waits for its own call",
                        "let one of them have another trigger",
                    );
                }
                break;
            }
            if circle.contains(&watched) {
                break;
            }
            circle.push(watched);
            at = watched;
        }
    }
}

/// Something brings tasks onto the chain, and no event does so twice.
fn opening(changes: &[Change], rules: &[Parts<'_>], reader: &Reader<'_>) {
    let by_rule = rules.iter().any(Parts::opens_task);
    let arrival = rules.iter().find(|rule| rule.is_arrival());
    if let Some(arrival) = arrival.filter(|_| !by_rule && !changes.iter().any(|change| change.opens)) {
        let help = "say which event does: opens = true in its [[event]]; or what the key is: opens = { … } in the rule";
        reader.refuse_at::<()>(
            &arrival.path,
            "nothing says that a task is on the chain",
            "this submits it",
            help,
        );
    }
    for (place, change) in changes.iter().enumerate() {
        let same = |other: &&Change| other.opens && !other.is_conditional && other.event == change.event;
        let is_second =
            change.opens && !change.is_conditional && changes[..place].iter().any(|other| same(&other));
        if is_second {
            let message = "an event opens its task twice";
            let help = "give each a condition: when = \"event.kind == 1\"; or leave one out";
            reader.refuse_at::<()>(&change.path.key("opens"), message, "the second time", help);
        }
    }
}

/// Every phase but the first is entered by something.
fn phases(changes: &[Change], rules: &[Parts<'_>], task: &Task, reader: &Reader<'_>) {
    let opened_by_event = changes
        .iter()
        .any(|change| change.opens && change.enters.is_none());
    let second_entered = opened_by_event || rules.iter().any(Parts::opens_task);
    for (place, name) in task.phases.iter().enumerate().skip(1) {
        let entered =
            changes.iter().any(|change| change.enters == Some(place)) || place == 1 && second_entered;
        if !entered {
            let path = KeyPath::root().key("task").key("phases").index(place);
            let message = format!("no task ever enters the phase `{name}`");
            let help = format!(
                "say what does: enters = \"{name}\" in [[event]], [[transition]] or [[on]]; or leave the phase out"
            );
            reader.refuse_at::<()>(&path, message, "never entered", help);
        }
    }
}

/// Tasks end.
fn ends(changes: &[Change], task: &Task, reader: &Reader<'_>) {
    if !changes.iter().any(|change| change.closes) {
        let help = "say what ends it: closes = \"…\" in [[event]], [[transition]] or [[on]]";
        let path = KeyPath::root().key("task").key("outcomes");
        reader.refuse_at::<()>(&path, "a task never ends", "nothing comes to one of these", help);
        return;
    }
    if task.phases.len() == 1 {
        for change in changes.iter().filter(|change| change.opens && !change.closes) {
            let help = "add closes = \"…\", or a second phase, in which the task is open";
            let message = "a task of one phase ends as it comes onto the chain";
            reader.refuse_at::<()>(&change.path, message, "opens and does not close", help);
        }
    }
}

/// The earliest time that a chain may have: 2020.
const EARLIEST: u64 = 1_577_836_800;

impl<'a> Reader<'a> {
    /// Refuses a time that is a constant in the past: a duration, most likely.
    pub(super) fn is_time(&self, text: &super::expressions::Text, time: &Expression) -> bool {
        let value = constant(time);
        if value.is_none_or(|seconds| seconds >= EARLIEST) {
            return true;
        }
        let message = "the time is long ago: times are in seconds since 1970";
        let help = format!(
            "add it to a moment that an event tells: task.opened_at + {}",
            text.text.trim()
        );
        self.refuse_text::<()>(text, message, "never comes again", &help);
        false
    }
}

/// The value of an expression that is the same at all times.
fn constant(expression: &Expression) -> Option<u64> {
    if !expression.variables().is_empty() || expression.reads_chain() || expression.draws() {
        return None;
    }
    let at = |timestamp| {
        let value = expression.evaluate(
            &Constants { timestamp },
            &mut Same(ChaCha8Rng::seed_from_u64(0)),
            &Answers::new(),
        );
        match value {
            Ok(Evaluated::Word(word)) => u64::try_from(word).ok(),
            _ => None,
        }
    };
    at(0).filter(|value| at(EARLIEST) == Some(*value))
}

/// A chain without anything on it.
struct Constants {
    timestamp: u64,
}

impl Environment for Constants {
    fn value(&self, _: Variable) -> Option<Evaluated> {
        None
    }

    fn value_of_task(&self, _: usize, _: Variable) -> Option<Evaluated> {
        None
    }

    fn tasks(&self) -> usize {
        0
    }

    fn sender(&self) -> Address {
        Address::ZERO
    }

    fn contract(&self, _: ContractId) -> Option<Address> {
        None
    }

    fn timestamp(&self) -> u64 {
        self.timestamp
    }

    fn block_number(&self) -> u64 {
        self.timestamp
    }

    fn chain_id(&self) -> u64 {
        self.timestamp
    }

    fn sign(&self, _: Address, _: B256) -> Option<[u8; 65]> {
        None
    }
}

/// Draws that are always the same; an expression that is evaluated with them makes none.
struct Same(ChaCha8Rng);

impl Draws for Same {
    fn rng(&mut self) -> &mut dyn Rng {
        &mut self.0
    }

    fn unique(&mut self) -> U256 {
        U256::ZERO
    }
}
