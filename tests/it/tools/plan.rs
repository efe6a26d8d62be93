//! `taskstorm plan`: the groups, the arrivals, and the files.

use std::collections::BTreeSet;

use serde_json::Value;
use taskstorm::{plan::Plan, scenario::Scenario};

use crate::support::place::Place;

const SCENARIO: &str = r#"
name = "planned"
seed = 3
[[owners]]
name = "steady"
count = 3
sessions = 2
tasks = 120
load = { constant = "20/s" }
[[owners]]
name = "slow"
count = 2
tasks = 5
load = { constant = "1/s" }
[[owners]]
name = "closed"
count = 2
tasks = 10
[miners]
count = 9
"#;

fn place() -> Place {
    Place::with("s.toml", SCENARIO)
}

/// What a command that must end well prints.
fn success(place: &Place, arguments: &[&str]) -> String {
    place.taskstorm(arguments).end().stdout
}

#[test]
fn the_table_and_the_arrivals() {
    let place = place();
    insta::assert_snapshot!("plan", success(&place, &["plan", "s.toml"]));
    let closed = ["plan", "s.toml", "--set", "owners=[{ count = 1, tasks = 3 }]"];
    insta::assert_snapshot!("plan_of_closed_loads", success(&place, &closed));
}

#[test]
fn what_was_drawn_is_said() {
    let place = place();
    let drawn = [
        "s.toml",
        "--set",
        "owners.steady.redundancy={ uniform = [1, 5] }",
        "--set",
        "owners.closed.load={ back_to_back = { in_flight = { uniform = [1, 9] } } }",
        "--set",
        "miners.concurrency={ exponential = 4 }",
    ];
    let said = |first: &[&str]| success(&place, &[first, &drawn].concat());
    insta::assert_snapshot!("plan_of_drawn_counts", said(&["plan"]));
    let json: Value = serde_json::from_str(&said(&["plan", "--json"])).unwrap();
    let drawn = &json["groups"][0]["drawn"][0];
    assert_eq!(
        (&drawn["key"], drawn["max"].as_u64() <= Some(5)),
        (&"redundancy".into(), true)
    );
    assert_eq!(json["groups"][1].get("drawn"), None);
}

#[test]
fn every_arrival_and_every_actor_is_in_the_files() {
    let place = place();
    let plan = Plan::of(&Scenario::from_toml("s", SCENARIO).unwrap());
    let text = success(&place, &["plan", "s.toml", "--csv"]);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 125);
    let times: Vec<u64> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    assert!(times.is_sorted());
    assert_eq!(times.last(), Some(&5_950_000));
    assert_eq!(rows[0][5], plan.owners[0].key.address.to_string());

    success(&place, &["plan", "s.toml", "--csv", "actors.csv", "--actors"]);
    let text = place.read("actors.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 7 + 9 + 1);
    let addresses: BTreeSet<_> = rows.iter().map(|row| row[3].to_owned()).collect();
    assert_eq!(addresses.len(), rows.len());
}

#[test]
fn json_has_what_the_table_has() {
    let place = place();
    let plan: Value =
        serde_json::from_str(&success(&place, &["plan", "s.toml", "--json", "--seed", "8"])).unwrap();
    assert_eq!(
        (&plan["seed"], &plan["scenario"]),
        (&Value::from(8), &Value::from("planned"))
    );
    let groups = plan["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 5);
    assert_eq!(groups[0]["tasks"], 120);
    assert_eq!(groups[0]["last_arrival_us"], 5_950_000);
    assert_eq!(groups[2]["first_arrival_us"], Value::Null);
}
