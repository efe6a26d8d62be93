//! `taskstorm gas`, as CI uses it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::node::root;

struct Place(TempDir);

impl Place {
    /// A folder with the smoke scenario in it.
    fn new() -> Self {
        let place = Self(TempDir::new().expect("a temporary folder"));
        fs::copy(root().join("scenarios/smoke.toml"), place.path("smoke.toml")).expect("a scenario");
        place
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn gas(&self, arguments: &[&str]) -> Ended {
        gas_in(self.0.path(), &[&["smoke.toml"], arguments].concat())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a file")
    }

    /// Changes the scenario.
    fn edit(&self, from: &str, to: &str) {
        let text = self.read("smoke.toml");
        assert!(text.contains(from));
        fs::write(self.path("smoke.toml"), text.replacen(from, to, 1)).expect("it is written");
    }

    /// Changes the snapshot.
    fn plant(&self, change: impl FnOnce(&mut Value)) {
        let mut snapshot: Value = serde_json::from_str(&self.read("gas.json")).expect("JSON");
        change(&mut snapshot);
        fs::write(self.path("gas.json"), snapshot.to_string()).expect("it is written");
    }
}

#[derive(Debug)]
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn gas_in(folder: &Path, arguments: &[&str]) -> Ended {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .arg("gas")
        .args(arguments)
        .current_dir(folder)
        .env_remove("RUST_LOG")
        .env("COLUMNS", "100")
        .output()
        .expect("taskstorm starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

const SNAPSHOT: [&str; 2] = ["--snapshot", "gas.json"];
const CHECK: [&str; 3] = ["--snapshot", "gas.json", "--check"];

/// If this fails, the contracts (or the EVM) cost something else than they did. If that is meant, run
/// `taskstorm gas scenarios/smoke.toml --snapshot contracts/gas.json --update` and commit what it writes.
#[test]
fn the_contracts_cost_what_the_committed_snapshot_says() {
    let arguments = [
        "scenarios/smoke.toml",
        "--snapshot",
        "contracts/gas.json",
        "--check",
    ];
    let ended = gas_in(root(), &arguments);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
}

#[test]
fn the_tables_say_where_gas_goes() {
    let place = Place::new();
    let mut text = String::new();
    for by in ["phase", "function"] {
        let ended = place.gas(&["--by", by]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        text.push_str(&ended.stdout);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_snapshot_is_the_same_whenever_it_is_written() {
    let place = Place::new();
    for _ in 0..2 {
        assert_eq!(place.gas(&SNAPSHOT).code, Some(0));
    }
    let first = place.read("gas.json");
    assert_eq!(place.gas(&["--json"]).stdout, first);
    assert_eq!(place.gas(&["--snapshot", "gas.json", "--update"]).code, Some(0));
    assert_eq!(place.read("gas.json"), first);
    let held = place.gas(&CHECK);
    assert_eq!((held.code, held.stdout.as_str()), (Some(0), "Gas unchanged.\n"));
}

#[test]
fn a_change_is_4_and_named_with_the_group_that_grew() {
    let place = Place::new();
    place.gas(&SNAPSHOT);
    place.edit("[miners]", "payload_size = \"300 B\"\n\n[miners]");
    // A first snapshot is never replaced by the way.
    let kept = place.read("gas.json");
    let refused = place.gas(&SNAPSHOT);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--update"), "{}", refused.stderr);
    assert_eq!(place.read("gas.json"), kept);

    let changed = place.gas(&CHECK);
    assert_eq!(changed.code, Some(4));
    insta::assert_snapshot!(changed.stdout);
    assert!(changed.stderr.contains("--update"), "{}", changed.stderr);

    let told: Value =
        serde_json::from_str(&place.gas(&[&CHECK[..], &["--json"]].concat()).stdout).expect("JSON");
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
    let updated = place.gas(&["--snapshot", "gas.json", "--update"]);
    assert_eq!((updated.code, updated.stdout), (Some(0), changed.stdout));
    assert_eq!(place.gas(&CHECK).code, Some(0));
}

#[test]
fn a_tolerance_is_gas_or_a_share() {
    let place = Place::new();
    place.gas(&SNAPSHOT);
    place.plant(|snapshot| {
        for of in ["/phases/ack", "/functions/ack"] {
            let median = snapshot
                .pointer_mut(&format!("{of}/succeeded/median"))
                .expect("a median");
            *median = json!(median.as_u64().expect("gas") * 100 / 102);
        }
    });
    for (tolerance, code) in [("0", 4), ("600", 4), ("700", 0), ("1.9%", 4), ("2.1%", 0)] {
        let ended = place.gas(&[&CHECK[..], &["--tolerance", tolerance]].concat());
        assert_eq!(ended.code, Some(code), "{tolerance}: {}", ended.stdout);
        assert!(
            code == 0 || ended.stdout.contains("function ack"),
            "{}",
            ended.stdout
        );
    }
}

#[test]
fn functions_that_appear_or_vanish_are_changes_beyond_any_tolerance() {
    let place = Place::new();
    place.gas(&SNAPSHOT);
    place.plant(|snapshot| {
        let functions = snapshot["functions"].as_object_mut().expect("functions");
        let ack = functions.remove("ack").expect("ack");
        functions.insert("acknowledge".to_owned(), ack);
    });
    let ended = place.gas(&[&CHECK[..], &["--tolerance", "100%"]].concat());
    assert_eq!(ended.code, Some(4));
    for said in ["function ack (new)", "function acknowledge (gone)"] {
        assert!(ended.stdout.contains(said), "{}", ended.stdout);
    }
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_remedy() {
    let place = Place::new();
    let missing = place.gas(&CHECK);
    assert_eq!(missing.code, Some(2));
    let mut told = missing.stderr;
    place.gas(&SNAPSHOT);
    let seed = place.gas(&[&CHECK[..], &["--seed", "5"]].concat());
    assert_eq!(seed.code, Some(2));
    told.push_str(&seed.stderr);
    for (at, other) in [
        ("/scenario/name", json!("stress")),
        ("/hardfork", json!("cancun")),
        ("/schema_version", json!(99)),
        ("/functions", json!(3)),
    ] {
        let kept = place.read("gas.json");
        place.plant(|snapshot| *snapshot.pointer_mut(at).expect("a field") = other);
        let refused = place.gas(&CHECK);
        assert_eq!(refused.code, Some(2), "{at}");
        told.push_str(&refused.stderr);
        // It can be replaced all the same.
        assert_eq!(
            place.gas(&["--snapshot", "gas.json", "--update"]).code,
            Some(0),
            "{at}"
        );
        assert_eq!(place.read("gas.json"), kept);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn other_contracts_and_scenarios_are_said_even_if_gas_is_the_same() {
    let place = Place::new();
    place.gas(&SNAPSHOT);
    place.plant(|snapshot| {
        snapshot["contracts"]["NodePool"]["code_bytes"] = json!(7);
        snapshot["scenario"]["digest"] = json!(format!("0x{:064}", 1));
        snapshot["evm"] = json!("revm 1");
    });
    let ended = place.gas(&CHECK);
    assert_eq!(ended.code, Some(0));
    for note in [
        "NodePool changed: 7 bytes",
        "the scenario changed",
        "made by revm 1",
    ] {
        assert!(ended.stdout.contains(note), "{}", ended.stdout);
    }
}
