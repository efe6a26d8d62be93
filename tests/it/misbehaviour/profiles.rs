//! Roles of profiles that misbehave.

use std::{fs, path::Path};

use taskstorm::{
    protocol::Behaviour,
    record::{RunResult, StopReason},
    scenario::Scenario,
};

use super::run;
use crate::{profiles, protocols};

/// Questions of honest askers, and answerers of whom some may misbehave.
const SCENARIO: &str = r#"
name = "market"
protocol = "my.toml"
seed = 7

[chain]
kind = "embedded"

[[asker]]
count = 4
tasks = 24
load = { constant = "4/s" }
ASKERS

[[answerer]]
count = 3

[[answerer]]
name = "others"
count = 3
ANSWERERS
"#;

/// A run of the market, whose profile is changed so.
fn market(changes: &[(&str, &str)], askers: &str, answerers: &str) -> RunResult {
    let folder = tempfile::tempdir().unwrap();
    profiles::load(folder.path(), &profiles::changed(changes)).unwrap_or_else(|error| panic!("{error:?}"));
    let text = SCENARIO.replace("ASKERS", askers).replace("ANSWERERS", answerers);
    run(&read(&folder.path().join("scenario.toml"), &text)).result
}

fn read(file: &Path, text: &str) -> Scenario {
    fs::write(file, text).unwrap();
    Scenario::load(file).unwrap_or_else(|error| panic!("{error:?}"))
}

fn assert_sound(result: &RunResult, what: &str) {
    assert_eq!(result.invariants.violations, [], "{what}");
    // A task whose opener does not claim it stays open until the run gives up.
    let ended = matches!(result.stop_reason, StopReason::Finished | StopReason::TimedOut);
    assert!(ended, "{what}: {:?}", result.stop_message);
    assert_eq!(result.check_consistency(), Ok(()), "{what}");
}

#[test]
fn no_kind_has_a_market_accused_or_hanging() {
    for kind in Behaviour::ALL {
        let behaviour = format!("behaviour = {{ kind = \"{kind}\", probability = 0.5 }}");
        assert_sound(&market(&[], "", &behaviour), &format!("answerers {kind}"));
        assert_sound(&market(&[], &behaviour, ""), &format!("askers {kind}"));
    }
}

#[test]
fn no_kind_has_the_reference_protocol_as_a_profile_accused() {
    let scenario = protocols::protocols().join("scenarios/reference.toml");
    let base = Scenario::load(&scenario).unwrap_or_else(|error| panic!("{error:?}"));
    for kind in Behaviour::ALL {
        let mut scenario = base.clone();
        let run_of_profile = scenario.profile.as_mut().unwrap();
        for group in &mut run_of_profile.groups {
            group.count = group.count.min(8);
            if let Some(submissions) = &mut group.submissions {
                submissions.tasks = Some(taskstorm::scenario::TaskCount::Total(16));
            } else if group.name.starts_with("miner") {
                group.behaviour = vec![taskstorm::protocol::BehaviourSpec::of(kind)];
            }
        }
        let result = run(&scenario).result;
        assert_eq!(result.invariants.violations, [], "{kind}");
        assert_eq!(result.check_consistency(), Ok(()), "{kind}");
    }
}

/// Whoever claims a question a second time is not refused: this market forgets it, and takes it for one that expired.
#[test]
fn what_a_profile_says_is_refused_must_be() {
    let claims = [(
        "phase = \"claim\"",
        "phase = \"claim\"\nrefuses = [\"duplicate\"]",
    )];
    let twice = "behaviour = { kind = \"duplicate\", phase = \"claim\", probability = 1 }";
    let result = market(&claims, twice, "");
    let violation = result
        .invariants
        .violations
        .first()
        .unwrap_or_else(|| panic!("{:?}", result.misbehaviour));
    assert_eq!(violation.invariant.name(), "misbehaviour");
    assert!(violation.detail.contains("claim of asker"), "{violation}");
    assert!(violation.task.is_some());
}
