//! The output of the doctor.

use taskstorm::chain::anvil::{Place, Start, diagnose};

use super::machine::{Machine, explicit};
use crate::support::anvil;

#[test]
fn every_place_is_listed_behind_the_first_usable_one() {
    let machine = Machine::new();
    machine.script("bin/anvil", "exit 7");
    machine.anvil_of_version("other-bin/anvil", "1.6.0");
    machine.native("cache/anvil-1.7.1/node_modules");
    machine.script("bin/npm", "echo 11.0.0");
    machine.script("bin/node", "echo v22.0.0");
    let diagnosis = diagnose(&machine.search(), &|_| ());
    assert!(diagnosis.is_well());
    insta::assert_snapshot!("doctor_path", machine.redact(&diagnosis.lines().join("\n")));
}

#[test]
fn with_nothing_found_it_says_what_to_do() {
    let machine = Machine::new();
    let diagnosis = diagnose(&machine.search(), &|_| ());
    assert!(!diagnosis.is_well());
    insta::assert_snapshot!("doctor_nothing", machine.redact(&diagnosis.lines().join("\n")));
}

#[tokio::test]
async fn it_starts_what_it_found() {
    let machine = Machine::new();
    let search = explicit(machine.search(), &anvil::found().executable);
    let mut diagnosis = diagnose(&search, &|_| ());
    diagnosis.try_start().await;
    assert_eq!(
        diagnosis.found.as_ref().map(|found| found.place),
        Some(Place::Argument)
    );
    assert!(
        matches!(diagnosis.start, Some(Start::Started { .. })),
        "{:?}",
        diagnosis.start
    );
    let json = serde_json::to_value(&diagnosis).expect("JSON");
    assert_eq!(json["start"]["result"], "started");
    assert_eq!(json["looked"][0]["place"], "argument");
    assert_eq!(json["looked"][0]["finding"]["is"], "usable");
}

#[tokio::test]
async fn a_start_that_fails_is_told() {
    let machine = Machine::new();
    machine.script(
        "bin/anvil",
        "case $1 in --version) echo anvil 1.7.1;; *) echo broken; exit 3;; esac",
    );
    let mut diagnosis = diagnose(&machine.search(), &|_| ());
    diagnosis.try_start().await;
    assert!(!diagnosis.is_well());
    let text = diagnosis.lines().join("\n");
    assert!(
        text.contains("starts   no") && text.contains("exit code 3") && text.contains("broken"),
        "{text}"
    );
}
