//! `taskstorm gas`, as CI uses it.

use serde_json::{Value, json};

use crate::support::{
    node::root,
    place::Place,
    scenario::SMOKE,
    taskstorm::{Ended, Taskstorm},
};

fn place() -> Place {
    Place::with("smoke.toml", SMOKE)
}

/// `taskstorm gas` of the smoke scenario.
fn gas(place: &Place, arguments: &[&str]) -> Taskstorm {
    place.taskstorm(["gas", "smoke.toml"]).args(arguments)
}

fn write_snapshot(place: &Place) -> Ended {
    gas(place, &SNAPSHOT).end()
}

/// Changes the snapshot.
fn plant(place: &Place, change: impl FnOnce(&mut Value)) {
    let mut snapshot: Value = serde_json::from_str(&place.read("gas.json")).expect("JSON");
    change(&mut snapshot);
    place.write("gas.json", snapshot.to_string());
}

const SNAPSHOT: [&str; 2] = ["--snapshot", "gas.json"];
const UPDATE: [&str; 3] = ["--snapshot", "gas.json", "--update"];
const CHECK: [&str; 3] = ["--snapshot", "gas.json", "--check"];

/// If this fails, the contracts (or the EVM) cost something else than they did. If that is meant, run
/// `taskstorm gas scenarios/smoke.toml --snapshot contracts/gas.json --update` and commit what it writes.
#[test]
fn the_contracts_cost_what_the_committed_snapshot_says() {
    let file = |name: &str| root().join(name).display().to_string();
    let (scenario, snapshot) = (file("scenarios/smoke.toml"), file("contracts/gas.json"));
    Taskstorm::new(["gas", &scenario, "--snapshot", &snapshot, "--check"]).end();
}

#[test]
fn the_tables_say_where_gas_goes() {
    let place = place();
    let mut text = String::new();
    for by in ["phase", "function"] {
        text.push_str(&gas(&place, &["--by", by]).end().stdout);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_snapshot_is_the_same_whenever_it_is_written() {
    let place = place();
    for _ in 0..2 {
        write_snapshot(&place);
    }
    let first = place.read("gas.json");
    gas(&place, &["--json"]).stdout(&first).end();
    gas(&place, &UPDATE).end();
    assert_eq!(place.read("gas.json"), first);
    gas(&place, &CHECK).stdout("Gas unchanged.\n").end();
}

#[test]
fn a_change_is_4_and_named_with_the_group_that_grew() {
    let place = place();
    write_snapshot(&place);
    place.edit("smoke.toml", "[miners]", "payload_size = \"300 B\"\n\n[miners]");
    // A first snapshot is never replaced by the way.
    let kept = place.read("gas.json");
    gas(&place, &SNAPSHOT).code(2).stderr_has("--update").end();
    assert_eq!(place.read("gas.json"), kept);

    let changed = gas(&place, &CHECK).code(4).stderr_has("--update").end();
    insta::assert_snapshot!(changed.stdout);

    let told = gas(&place, &CHECK).args(["--json"]).code(4).end().json();
    let names: Vec<_> = told["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| {
            (
                change["scope"].as_str().unwrap(),
                change["name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(names, [("phase", "submit"), ("function", "submitTask")]);

    // Updating tells the same, and from then on it holds.
    gas(&place, &UPDATE).stdout(&changed.stdout).end();
    gas(&place, &CHECK).end();
}

#[test]
fn a_tolerance_is_gas_or_a_share() {
    let place = place();
    write_snapshot(&place);
    plant(&place, |snapshot| {
        for of in ["/phases/ack", "/functions/ack"] {
            let median = snapshot
                .pointer_mut(&format!("{of}/succeeded/median"))
                .expect("a median");
            *median = json!(median.as_u64().expect("gas") * 100 / 102);
        }
    });
    for (tolerance, code) in [("0", 4), ("600", 4), ("700", 0), ("1.9%", 4), ("2.1%", 0)] {
        let told = if code == 0 { "" } else { "function ack" };
        let check = gas(&place, &CHECK).args(["--tolerance", tolerance]);
        check.code(code).stdout_has(told).end();
    }
}

#[test]
fn functions_that_appear_or_vanish_are_changes_beyond_any_tolerance() {
    let place = place();
    write_snapshot(&place);
    plant(&place, |snapshot| {
        let functions = snapshot["functions"].as_object_mut().expect("functions");
        let ack = functions.remove("ack").expect("ack");
        functions.insert("acknowledge".to_owned(), ack);
    });
    gas(&place, &CHECK)
        .args(["--tolerance", "100%"])
        .code(4)
        .stdout_has("function ack (new)")
        .stdout_has("function acknowledge (gone)")
        .end();
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_remedy() {
    let place = place();
    let mut told = gas(&place, &CHECK).code(2).end().stderr;
    write_snapshot(&place);
    told += &gas(&place, &CHECK).args(["--seed", "5"]).code(2).end().stderr;
    for (at, other) in [
        ("/scenario/name", json!("stress")),
        ("/hardfork", json!("cancun")),
        ("/schema_version", json!(99)),
        ("/functions", json!(3)),
    ] {
        let kept = place.read("gas.json");
        plant(&place, |snapshot| {
            *snapshot.pointer_mut(at).expect("a field") = other
        });
        told += &gas(&place, &CHECK).code(2).end().stderr;
        // It can be replaced all the same.
        gas(&place, &UPDATE).end();
        assert_eq!(place.read("gas.json"), kept);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn other_contracts_and_scenarios_are_said_even_if_gas_is_the_same() {
    let place = place();
    write_snapshot(&place);
    plant(&place, |snapshot| {
        snapshot["contracts"]["NodePool"]["code_bytes"] = json!(7);
        snapshot["scenario"]["digest"] = json!(format!("0x{:064}", 1));
        snapshot["evm"] = json!("revm 1");
    });
    gas(&place, &CHECK)
        .stdout_has("NodePool changed: 7 bytes")
        .stdout_has("the scenario changed")
        .stdout_has("made by revm 1")
        .end();
}
