//! Every kind of behaviour on correct contracts: it does something, the run ends, and nobody is accused.

use taskstorm::{protocol::Behaviour, record::StopReason, scenario::Loaded};

use super::{MARKETPLACE, Ran, run};
use crate::support::scenario::with;

/// The marketplace in which the actors of a section misbehave.
fn changed(section: &str, behaviour: &str) -> String {
    let changes = match section {
        "oracle" => format!("[oracle]\nbehaviour = {behaviour}"),
        "owners" => format!("[[owners]]\nname = \"clients\"\nbehaviour = {behaviour}"),
        _ => format!("[[miners]]\nname = \"others\"\nbehaviour = {behaviour}"),
    };
    with(MARKETPLACE, &changes)
}

fn run_with(section: &str, behaviour: &str, seed: u64) -> Ran {
    let text = changed(section, behaviour);
    let loaded = Loaded::from_toml("scenario.toml", &text).unwrap_or_else(|error| panic!("{error:?}"));
    let mut scenario = loaded.scenario;
    scenario.seed = seed;
    run(&scenario)
}

/// Nobody is accused, and the run ends by itself.
fn assert_sound(ran: &Ran, what: &str) {
    let result = &ran.result;
    assert_eq!(
        result.invariants.violations,
        [],
        "{what}: correct contracts are accused"
    );
    let ended = match (result.stop_reason, what.contains("oracle")) {
        (StopReason::Finished, _) => true,
        // Nobody ends what a dishonest oracle leaves open.
        (stop, of_oracle) => of_oracle && stop == StopReason::TimedOut,
    };
    assert!(ended, "{what}: {:?}", result.stop_message);
    assert_eq!(result.check_consistency(), Ok(()), "{what}");
    let refused: u64 = result.misbehaviour.iter().map(|of| of.refused).sum();
    assert_eq!(refused, result.transactions.repelled, "{what}");
}

#[test]
fn no_kind_has_correct_contracts_accused() {
    for kind in Behaviour::ALL {
        for section in ["owners", "miners", "oracle"] {
            for seed in 1..=3 {
                let ran = run_with(section, &format!("\"{kind}\""), seed);
                assert_sound(&ran, &format!("{kind} {section} {seed}"));
            }
        }
    }
}

#[test]
fn miners_that_follow_a_kind_do_something() {
    for kind in Behaviour::ALL {
        let ran = run_with("miners", &format!("{{ kind = \"{kind}\", probability = 1 }}"), 1);
        let told = ran.result.misbehaviour.iter().filter(|of| of.behaviour == kind);
        let sent: u64 = told.map(|of| of.accepted + of.refused + of.lost).sum();
        // What is left out is in no record, nor is what is honest; miners submit nothing and race nobody.
        let is_silent = matches!(
            kind,
            Behaviour::Lazy | Behaviour::Silent | Behaviour::Twins | Behaviour::Doors
        );
        assert_eq!(sent == 0, is_silent, "{kind}: {sent} calls");
        assert_sound(&ran, kind.name());
    }
}
