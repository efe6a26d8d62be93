//! A profile for people.

use super::flow;
use crate::{
    format::{Facts, Style, Table},
    protocol::profile::{
        ContractDefinition, Definition, Effect, EventDefinition, Origin, RoleDefinition, Rule, Trigger, Who,
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
    let events = profile
        .events
        .iter()
        .map(|event| [event.abi.name.clone(), about(event), says(profile, event)]);
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
        ]
    });
    sections.push(
        Table::default()
            .texts(["rule", "role", "trigger", "function", "phase"])
            .rows(rules)
            .terminal(Style::Plain),
    );
    sections.join("\n\n") + "\n"
}

fn contract(profile: &Definition, contract: &ContractDefinition) -> String {
    match &contract.origin {
        Origin::Deployed { arguments, .. } => {
            let arguments: Vec<&str> = arguments.iter().map(|argument| argument.text()).collect();
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

/// The key of an event's task.
fn about(event: &EventDefinition) -> String {
    let Some(key) = &event.key else {
        return "none".to_owned();
    };
    let words: Vec<&str> = key.iter().map(|word| word.text()).collect();
    words.join(", ")
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
    if !effect.set.is_empty() {
        let fields: Vec<&str> = effect
            .set
            .iter()
            .map(|(field, _)| profile.fields[*field].name.as_str())
            .collect();
        parts.push(format!("sets {}", fields.join(", ")));
    }
    if let Some(phase) = effect.enters {
        parts.push(format!("enters {}", profile.phases[phase]));
    }
    if let Some(outcome) = effect.closes {
        parts.push(format!("closes as {}", profile.outcomes[outcome].name));
    }
    if let Some(when) = &effect.when {
        parts.push(format!("if {}", when.text()));
    }
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
        Trigger::SetUp { for_each: None } => "setup".to_owned(),
        Trigger::SetUp { for_each: Some(role) } => format!("setup for each {}", profile.roles[*role].name),
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
