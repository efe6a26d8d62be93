//! The names under which transactions and events are counted.

use super::{reader::Reader, rules::Call};
use crate::protocol::{
    ProtocolSchema,
    profile::{EventDefinition, FunctionPhase, expression::ContractId},
};

/// The functions of a profile: one for each contract, function and phase.
pub(super) struct Functions {
    /// Their names and phases, as the schema has them.
    pub(super) names: Vec<(String, FunctionPhase)>,
    /// The function of each rule.
    pub(super) of_rule: Vec<usize>,
}

/// The function that every schema has, for nonces that would stay empty.
const FILLER: &str = "fill_nonce";

/// Names the functions that rules call.
pub(super) fn names(calls: &[Option<Call>], reader: &Reader<'_>) -> Functions {
    let mut known: Vec<(Option<ContractId>, &str, FunctionPhase)> = Vec::new();
    let mut of_rule = Vec::new();
    for call in calls {
        let Some(call) = call else {
            of_rule.push(0);
            continue;
        };
        let key = (call.template.contract(), call.template.function(), call.phase);
        let place = known.iter().position(|known| *known == key);
        of_rule.push(place.unwrap_or(known.len()));
        if place.is_none() {
            known.push(key);
        }
    }
    let names = known
        .iter()
        .enumerate()
        .map(|(place, (contract, function, phase))| {
            let several = known
                .iter()
                .any(|(other, name, _)| other != contract && name == function)
                || *function == FILLER;
            let mut name = match contract {
                Some(contract) if several => {
                    format!("{}.{function}", reader.names.contracts[contract.0].name)
                }
                _ => (*function).to_owned(),
            };
            if known[..place]
                .iter()
                .any(|(other, known, _)| other == contract && known == function)
            {
                name = format!("{name}:{}", phase_name(*phase, &reader.phases));
            }
            (name, *phase)
        });
    Functions {
        names: names.collect(),
        of_rule,
    }
}

fn phase_name(phase: FunctionPhase, phases: &[String]) -> &str {
    match phase {
        FunctionPhase::SetUp => "setup",
        FunctionPhase::Lifecycle(place) => phases.get(place).map_or("", String::as_str),
        FunctionPhase::Beside => "beside",
    }
}

/// The events that are counted of a task: the first that are about one and neither only open nor only close it.
pub(super) fn counts(events: &[EventDefinition], reader: &Reader<'_>) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (place, event) in events.iter().enumerate() {
        let effects = &event.effects;
        let only_opens = !effects.is_empty() && effects.iter().all(|effect| effect.opens);
        let only_closes = !effects.is_empty()
            && effects
                .iter()
                .all(|effect| effect.closes.is_some() && !effect.opens);
        if !event.is_about_task() || only_opens || only_closes {
            continue;
        }
        let mut name = snake_case(&event.abi.name);
        if counts.iter().any(|(taken, _)| *taken == name) {
            name = format!("{}_{name}", reader.names.contracts[event.contract.0].name);
        }
        let mut number = 2;
        let plain = name.clone();
        while counts.iter().any(|(taken, _)| *taken == name) {
            name = format!("{plain}_{number}");
            number += 1;
        }
        counts.push((name, place));
    }
    counts.truncate(ProtocolSchema::MOST_COUNTS);
    counts
}

/// `LogNewAnswer` → `log_new_answer`, `RGBSet` → `rgb_set`
pub(super) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let begins_word = c.is_uppercase()
            && before.is_some_and(|before| {
                before != '_'
                    && (!before.is_uppercase() || chars.get(at + 1).is_some_and(|c| c.is_lowercase()))
            });
        if begins_word {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_of_events_become_snake_case() {
        for (name, expected) in [
            ("LogNewAnswer", "log_new_answer"),
            ("RGBSet", "rgb_set"),
            ("Transfer", "transfer"),
            ("log_it", "log_it"),
            ("Log_It", "log_it"),
            ("V2Answer", "v2_answer"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}
