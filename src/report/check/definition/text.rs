//! A profile for people.

use super::flow;
use crate::{
    format::{Facts, Style, Table},
    protocol::profile::{
        ContractDefinition, Definition, Effect, EventDefinition, Find, Origin, RoleDefinition, Rule, Trigger,
        Who, expression::Expression,
    },
    report::charts::{Arrow, ArrowEnd, ArrowStart, StateChart},
    units::format_duration,
};

/// What the profile in `file` says.
pub(in crate::report::check) fn text(file: &str, profile: &Definition) -> String {
    let mut facts = Facts::new(13);
    let lines = |lines: Vec<String>| lines.join("\n");
    facts
        .add(
            "contracts",
            lines(
                profile
                    .contracts
                    .iter()
                    .map(|one| contract(profile, one))
                    .collect(),
            ),
        )
        .add("roles", lines(profile.roles.iter().map(role).collect()))
        .add(
            "key",
            named(profile.key.iter().map(|word| (&word.name, &word.ty))),
        )
        .add(
            "fields",
            named(profile.fields.iter().map(|field| (&field.name, &field.ty))),
        )
        .add("states", states(&flow::chart(profile)));
    let mut sections = vec![format!(
        "{file}: valid profile\n  {}\n{}",
        profile.schema.name,
        facts.text()
    )];
    let events = profile.logged_events().map(|event| {
        [
            event.abi.name.clone(),
            about(profile, event),
            says(profile, event),
        ]
    });
    sections.push(
        Table::default()
            .texts(["event", "task", "effects"])
            .rows(events)
            .terminal(Style::Plain),
    );
    let rules = profile.rules.iter().map(|rule| {
        let function = rule.function.name().to_owned();
        let phase = rule.function.phase().name().to_owned();
        [
            rule.name.clone(),
            who(profile, rule),
            trigger(profile, rule),
            function,
            phase,
            does(profile, rule),
        ]
    });
    sections.push(
        Table::default()
            .texts(["rule", "role", "trigger", "function", "phase", "effects"])
            .rows(rules)
            .terminal(Style::Plain),
    );
    sections.join("\n\n") + "\n"
}

fn contract(profile: &Definition, contract: &ContractDefinition) -> String {
    match &contract.origin {
        Origin::Deployed { arguments, .. } => {
            let arguments: Vec<&str> = arguments.iter().map(|argument| argument.text()).collect();
            if arguments.is_empty() {
                return format!("{}: {}", contract.name, contract.qualified);
            }
            format!(
                "{}: {} ({})",
                contract.name,
                contract.qualified,
                arguments.join(", ")
            )
        }
        Origin::Created { event, address } => format!(
            "{}: {} created in the run, each at {} of {}",
            contract.name,
            contract.qualified,
            address.text(),
            profile.events[*event].abi.name
        ),
        Origin::At(address) => format!("{}: {} at {address}", contract.name, contract.qualified),
    }
}

fn role(role: &RoleDefinition) -> String {
    let delays: Vec<&str> = role.delays.iter().map(|(name, _)| name.as_str()).collect();
    match delays.is_empty() {
        true => role.name.clone(),
        false => format!("{}: delays {}", role.name, delays.join(", ")),
    }
}

fn named<'a>(
    names: impl Iterator<Item = (&'a String, &'a crate::protocol::profile::expression::Type)>,
) -> String {
    let names: Vec<String> = names.map(|(name, ty)| format!("{name} {ty}")).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}

/// One line for each way from one state to another.
fn states(chart: &StateChart) -> String {
    let line = |arrow: &Arrow| {
        let from = match arrow.from {
            ArrowStart::Submission => chart.phases[0].as_str(),
            ArrowStart::Phase(phase) => chart.phases[phase].as_str(),
            ArrowStart::Open => "(open)",
        };
        let to = match arrow.to {
            ArrowEnd::Phase(phase) => chart.phases[phase].clone(),
            ArrowEnd::Outcome(outcome) => {
                let (name, failed) = &chart.outcomes[outcome];
                format!("{name} ({})", if *failed { "failed" } else { "ended" })
            }
        };
        format!("{from} → {to}: {}", arrow.label)
    };
    let lines: Vec<String> = chart.arrows.iter().map(line).collect();
    lines.join("\n")
}

/// The key of an event's task, or how the task is found.
fn about(profile: &Definition, event: &EventDefinition) -> String {
    let texts = |values: &[Expression]| -> Vec<String> {
        values.iter().map(|value| value.text().to_owned()).collect()
    };
    match (&event.key, &event.find) {
        (Some(key), _) => texts(key).join(", "),
        (None, Some(Find::OfCall)) => "the call's".to_owned(),
        (None, Some(Find::ByFields { finder, values })) => {
            let fields = profile.finders[*finder]
                .iter()
                .map(|field| &profile.fields[*field].name);
            let found: Vec<String> = fields
                .zip(texts(values))
                .map(|(field, value)| format!("task.{field} == {value}"))
                .collect();
            found.join(" && ")
        }
        (None, None) => "none".to_owned(),
    }
}

fn says(profile: &Definition, event: &EventDefinition) -> String {
    let effects: Vec<String> = event
        .effects
        .iter()
        .map(|effect| effect_text(profile, effect))
        .collect();
    match effects.is_empty() {
        true => "none".to_owned(),
        false => effects.join("; "),
    }
}

fn effect_text(profile: &Definition, effect: &Effect) -> String {
    let mut parts = Vec::new();
    if effect.opens {
        parts.push("opens".to_owned());
    }
    parts.extend(changes(profile, &effect.set, effect.enters, effect.closes));
    if let Some(when) = &effect.when {
        parts.push(format!("if {}", when.text()));
    }
    parts.join(" · ")
}

/// What an event or a call makes of its task.
fn changes(
    profile: &Definition,
    set: &[(usize, Expression)],
    enters: Option<usize>,
    closes: Option<usize>,
) -> Vec<String> {
    let fields: Vec<&str> = set
        .iter()
        .map(|(field, _)| profile.fields[*field].name.as_str())
        .collect();
    let sets = (!fields.is_empty()).then(|| format!("sets {}", fields.join(", ")));
    let enters = enters.map(|phase| format!("enters {}", profile.phases[phase]));
    let closes = closes.map(|outcome| format!("closes as {}", profile.outcomes[outcome].name));
    [sets, enters, closes].into_iter().flatten().collect()
}

/// What becomes of its task once a rule's call is in a block, where no event tells it.
fn does(profile: &Definition, rule: &Rule) -> String {
    let opens = rule.opens.as_ref().map(|_| "opens".to_owned());
    let changes = changes(profile, &rule.sets, rule.enters, rule.closes);
    let parts: Vec<String> = opens.into_iter().chain(changes).collect();
    parts.join(" · ")
}

fn who(profile: &Definition, rule: &Rule) -> String {
    let role = &profile.roles[rule.role].name;
    match &rule.who {
        Who::All => role.clone(),
        Who::Pick(number) => format!("{number} of {role}"),
        Who::Opener => format!("{role} (opener)"),
        Who::Participants => format!("{role} (participants)"),
        Who::Accounts(accounts) => format!("{role} ({})", accounts.text()),
    }
}

fn trigger(profile: &Definition, rule: &Rule) -> String {
    match &rule.trigger {
        Trigger::SetUp { for_each, before } => {
            let each = for_each.map(|role| format!(" for each {}", profile.roles[role].name));
            let before = before.map(|contract| format!(" before {}", profile.contracts[contract].name));
            format!("setup{}{}", each.unwrap_or_default(), before.unwrap_or_default())
        }
        Trigger::Arrival => "arrival".to_owned(),
        Trigger::Event(event) => profile.events[*event].abi.name.clone(),
        Trigger::Entered(phase) => format!("{} entered", profile.phases[*phase]),
        Trigger::Time(time) => format!("time {}", time.text()),
        Trigger::Block(block) => format!("block {}", block.text()),
        Trigger::Included(other) => format!("{} included", profile.rules[*other].name),
        Trigger::Failed(other) => format!("{} failed", profile.rules[*other].name),
        Trigger::Every(delay) => match delay {
            crate::protocol::profile::Delay::Named(place) => {
                format!("every {}", profile.roles[rule.role].delays[*place].0)
            }
            crate::protocol::profile::Delay::Fixed(duration) => {
                format!("every {}", format_duration(*duration))
            }
        },
    }
}
