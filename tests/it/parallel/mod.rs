//! `taskstorm parallel`: the bound, its consistency, and what it names.

use serde_json::Value;

use crate::support::{place::Place, scenario::SMOKE, taskstorm::Taskstorm};

fn parallel(place: &Place, arguments: &[&str]) -> Taskstorm {
    place.taskstorm(["parallel", "smoke.toml"]).args(arguments)
}

fn place() -> Place {
    Place::with("smoke.toml", SMOKE)
}

#[test]
fn the_tables_name_the_bound_and_what_transactions_wait_for() {
    insta::assert_snapshot!(parallel(&place(), &[]).end().stdout);
}

#[test]
fn times_lie_between_the_critical_path_and_one_core_and_fall_with_cores() {
    let printed = parallel(&place(), &["--json", "--top", "3"]).end().stdout;
    let printed: Value = serde_json::from_str(&printed).expect("JSON");
    let number = |value: &Value| value.as_u64().expect("a number");
    let (all, critical) = (number(&printed["gas"]), number(&printed["critical_path_gas"]));
    assert!(critical > 0 && critical < all, "{critical} of {all}");
    let makespans = printed["makespans"].as_array().expect("a list");
    let mut before = all;
    for makespan in makespans {
        let (cores, gas) = (number(&makespan["cores"]), number(&makespan["gas"]));
        assert!((critical..=before).contains(&gas), "{makespan}");
        assert!(gas * cores >= all, "{makespan}");
        before = gas;
    }
    assert_eq!(makespans.len(), 4);
    assert_eq!(printed["hottest"].as_array().map(Vec::len), Some(3));
}

#[test]
fn faults_and_wrong_scenarios_end_as_for_other_commands() {
    let place = Place::with("wrong.toml", "name = 1");
    place.taskstorm(["parallel", "wrong.toml"]).code(2).end();
}
