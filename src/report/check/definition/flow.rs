//! The state machine of a task, from what the profile says of its events and moments.

use crate::{
    protocol::profile::{Definition, Effect, EventDefinition, Moment, Rule, Transition, Trigger},
    report::charts::{Arrow, ArrowEnd, ArrowStart, StateChart},
};

/// The state machine.
pub(super) fn chart(profile: &Definition) -> StateChart {
    let mut arrows = Vec::new();
    for event in profile.logged_events() {
        for effect in &event.effects {
            arrows.extend(of_effect(profile, event, effect));
        }
    }
    for rule in &profile.rules {
        arrows.extend(of_rule(profile, rule));
    }
    for transition in &profile.transitions {
        arrows.extend(of_transition(profile, transition));
    }
    StateChart {
        title: profile.schema.name.to_owned(),
        phases: profile.phases.clone(),
        outcomes: profile
            .outcomes
            .iter()
            .map(|outcome| (outcome.name.clone(), outcome.failed))
            .collect(),
        arrows,
    }
}

fn of_effect(profile: &Definition, event: &EventDefinition, effect: &Effect) -> Vec<Arrow> {
    let label = match &effect.when {
        Some(when) => format!("{} if {}", event.abi.name, when.text()),
        None => event.abi.name.clone(),
    };
    let mut arrows = Vec::new();
    let mut from = match effect.opens {
        true => ArrowStart::Submission,
        false => open(profile),
    };
    let opened = effect.opens && profile.phases.len() > 1;
    if let Some(phase) = effect.enters.or(opened.then_some(1)) {
        arrows.extend(arrow(from, ArrowEnd::Phase(phase), &label));
        from = ArrowStart::Phase(phase);
    }
    if let Some(outcome) = effect.closes {
        arrows.extend(arrow(from, ArrowEnd::Outcome(outcome), &label));
    }
    arrows
}

/// What becomes of a task once a rule's call is in a block.
fn of_rule(profile: &Definition, rule: &Rule) -> Vec<Arrow> {
    let label = match rule.is_signed {
        true => rule.name.clone(),
        false => format!("{} is included", rule.name),
    };
    let mut from = match rule.trigger {
        Trigger::Arrival => ArrowStart::Submission,
        Trigger::Entered(phase) => ArrowStart::Phase(phase),
        _ => open(profile),
    };
    let opened = rule.opens.is_some() && profile.phases.len() > 1;
    let mut arrows = Vec::new();
    if let Some(phase) = rule.enters.or(opened.then_some(1)) {
        arrows.extend(arrow(from, ArrowEnd::Phase(phase), &label));
        from = ArrowStart::Phase(phase);
    }
    if let Some(outcome) = rule.closes {
        arrows.extend(arrow(from, ArrowEnd::Outcome(outcome), &label));
    }
    arrows
}

fn of_transition(profile: &Definition, transition: &Transition) -> Vec<Arrow> {
    let label = match &transition.at {
        Moment::Time(time) => format!("time {}", time.text()),
        Moment::Block(block) => format!("block {}", block.text()),
        Moment::When(when) => format!("when {}", when.text()),
    };
    let mut arrows = Vec::new();
    let mut from = transition.phase.map_or_else(|| open(profile), ArrowStart::Phase);
    if let Some(phase) = transition.enters {
        arrows.extend(arrow(from, ArrowEnd::Phase(phase), &label));
        from = ArrowStart::Phase(phase);
    }
    if let Some(outcome) = transition.closes {
        arrows.extend(arrow(from, ArrowEnd::Outcome(outcome), &label));
    }
    arrows
}

/// Wherever a task is open: with one such phase, there.
fn open(profile: &Definition) -> ArrowStart {
    match profile.phases.len() {
        2 => ArrowStart::Phase(1),
        _ => ArrowStart::Open,
    }
}

/// A way, unless it leads to where it begins.
fn arrow(from: ArrowStart, to: ArrowEnd, label: &str) -> Option<Arrow> {
    let stays = matches!((from, to), (ArrowStart::Phase(from), ArrowEnd::Phase(to)) if from == to);
    (!stays).then(|| Arrow {
        from,
        to,
        label: label.to_owned(),
    })
}
