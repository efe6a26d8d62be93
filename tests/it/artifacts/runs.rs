//! Runs of changed contracts through the whole command.

use serde_json::Value;
use taskstorm::protocol::ContractBuild;

use super::support::{argument, artifacts};
use crate::support::{place::Place, taskstorm::Taskstorm};

const SCENARIO: &str = r#"
name = "builds"
seed = 1
[chain]
kind = "embedded"
block_time = "250ms"
[windows]
ack = "10s"
precommit = "20s"
commit = "10s"
[owners]
count = 2
min_nodes = 2
max_nodes = 3
redundancy = 2
tasks = 8
load = { back_to_back = { in_flight = 2 } }
[miners]
count = 6
ack_delay = "5ms"
work_time = { uniform = ["10ms", "50ms"] }
commit_delay = "5ms"
concurrency = 4
[oracle]
check_interval = "250ms"
"#;

fn place() -> Place {
    Place::with("builds.toml", SCENARIO)
}

/// A run of the scenario with these artifacts, into `out`.
fn run(place: &Place, name: &str, out: &str) -> Taskstorm {
    place
        .taskstorm(["run", "builds.toml", "--no-charts", "--out", out, "--artifacts"])
        .args([argument(name)])
}

fn summary(place: &Place, out: &str) -> Value {
    serde_json::from_str(&place.read(&format!("{out}/summary.json"))).unwrap()
}

#[test]
fn contracts_that_cost_more_run_with_higher_limits() {
    let place = place();
    let ended = run(&place, "costly.json", "out").end();
    let first = ended.stdout.lines().next().unwrap();
    let result = summary(&place, "out");
    let build = &result["chain"]["contract_build"];
    let digest = build["digest"]["all"].as_str().unwrap();
    assert!(
        first.ends_with(&format!("costly.json {}", &digest[2..10])),
        "{first}"
    );
    assert_eq!(result["tasks"]["ended"], 8);
    assert_eq!(result["transactions"]["reverted"], 0);
    assert_eq!(build["gas_limit_percent"], 600);
    assert!(ended.stdout.contains("gas limits at 600 %"), "{}", ended.stdout);
}

#[test]
fn unchanged_contracts_run_as_the_built_in_ones() {
    let place = place();
    let built_in = place
        .taskstorm(["run", "builds.toml", "--no-charts", "--out", "built-in"])
        .end();
    let short = ContractBuild::built_in().digest().short();
    let first = built_in.stdout.lines().next().unwrap();
    assert!(first.ends_with(&format!("built-in {short}")), "{first}");
    assert!(
        built_in.stdout.contains("built-in reference contracts"),
        "{}",
        built_in.stdout
    );
    for (number, layout) in ["foundry", "hardhat", "abi"].into_iter().enumerate() {
        let out = format!("out-{number}");
        run(&place, layout, &out).end();
        for table in ["tasks.csv", "transactions.csv"] {
            assert_eq!(
                place.read(&format!("{out}/{table}")),
                place.read(&format!("built-in/{table}")),
                "{layout}"
            );
        }
    }
}

#[test]
fn a_changed_event_is_refused_with_what_was_expected() {
    let place = place();
    let refused = run(&place, "renamed.json", "out")
        .code(2)
        .stdout("")
        .leaves_no("out")
        .end();
    let told = refused.stderr.replace(artifacts("").to_str().unwrap(), "…/");
    // The marks below the path are as long as the path.
    let lines: Vec<&str> = told.lines().filter(|line| !line.contains('─')).collect();
    insta::assert_snapshot!("renamed", lines.join("\n"));
    let devnet = place
        .taskstorm(["devnet", "--artifacts", &argument("renamed.json")])
        .code(2);
    devnet
        .stderr_has("expected event TaskAcked(uint256, uint256, address)")
        .end();
}

#[test]
fn a_bug_breaks_an_invariant() {
    let place = place();
    run(&place, "broken.json", "out").code(5).end();
    let violated = &summary(&place, "out")["invariants"]["violations"][0];
    assert!(violated.to_string().contains("commit of"), "{violated}");
}

#[test]
fn external_libraries_are_deployed_and_linked() {
    let place = place();
    run(&place, "library.json", "out").end();
    assert_eq!(summary(&place, "out")["tasks"]["ended"], 8);
    let on_anvil = run(&place, "library.json", "node").args(["--chain", "anvil"]);
    on_anvil.end();
    assert_eq!(summary(&place, "node")["tasks"]["ended"], 8);
}

#[test]
fn a_run_in_a_folder_can_be_run_again_with_its_contracts() {
    let place = place();
    run(&place, "costly.json", "out").end();
    let again = place.taskstorm(["run", "out/scenario.toml", "--no-charts", "--out", "again"]);
    again.end();
    assert_eq!(
        place.read("again/transactions.csv"),
        place.read("out/transactions.csv")
    );
    let digest = |out: &str| summary(&place, out)["chain"]["contract_build"]["digest"].clone();
    assert_eq!(digest("again"), digest("out"));
}

#[test]
fn a_scenario_names_its_contracts() {
    let place = place();
    for name in ["NodePool", "SessionV2", "SessionQueueV2"] {
        let artifact = std::fs::read(artifacts(&format!("foundry/out/{name}.sol/{name}.json"))).unwrap();
        place.write(&format!("project/out/{name}.sol/{name}.json"), artifact);
    }
    let queue = place.read("project/out/SessionQueueV2.sol/SessionQueueV2.json");
    place.write(
        "project/out/Queue.sol/Queue.json",
        queue.replace("\"SessionQueueV2\"", "\"Queue\""),
    );
    std::fs::remove_dir_all(place.path("project/out/SessionQueueV2.sol")).unwrap();
    place.write("project/foundry.toml", "");
    let section = "[contracts]\nartifacts = \"project\"\n";
    place.write("named.toml", format!("{SCENARIO}{section}"));
    let missing = place.taskstorm(["check", "named.toml"]).code(2);
    missing.stderr_has("has no contract SessionQueueV2").end();
    place.write(
        "named.toml",
        format!("{SCENARIO}{section}session_queue = \"Queue\"\n"),
    );
    place.taskstorm(["check", "named.toml"]).end();
    let digest = ContractBuild::built_in().digest().short();
    let ran = place.taskstorm(["run", "named.toml", "--no-charts", "--out", "out"]);
    ran.stdout_has(&format!("project ({digest})")).end();
    place.write("alone.toml", format!("{SCENARIO}[contracts]\nsession = \"X\"\n"));
    let alone = place.taskstorm(["check", "alone.toml"]).code(2);
    alone
        .stderr_has("`contracts.session` needs `contracts.artifacts`")
        .end();
}

#[test]
fn two_builds_are_compared_in_one_command() {
    let place = place();
    let compare = |builds: &[&str], runs: &str| {
        let builds = builds
            .iter()
            .flat_map(|build| ["--artifacts".to_owned(), argument(build)]);
        place
            .taskstorm(["compare", "builds.toml", "--runs", runs])
            .args(builds)
    };
    let told = compare(&["standard.json", "costly.json"], "ab").end().stdout;
    assert!(told.contains("THE CONTRACTS DIFFER: standard.json"), "{told}");
    assert!(told.contains("every difference is exact"), "{told}");
    let json = compare(&["costly.json"], "json")
        .args(["--seeds", "1..2", "--fail-on", "gas.ack > 1%", "--json"])
        .code(4)
        .stderr_has("`gas.ack > 1%` failed")
        .end()
        .json();
    assert_eq!(json["exact"], true);
    assert_eq!(json["base"].as_array().unwrap().len(), 2);
    let ack = json["gas"]
        .as_array()
        .unwrap()
        .iter()
        .find(|gas| gas["quantity"] == "function.ack.gas");
    assert_eq!(
        (&ack.unwrap()["exact"], &ack.unwrap()["verdict"]),
        (&true.into(), &"worse".into())
    );
    for latency in json["latency"].as_array().unwrap() {
        assert_eq!(latency["metrics"][0]["reason"], Value::Null, "{latency}");
    }
    // Rules that hold, and the same code twice.
    let same = compare(&["standard.json", "foundry"], "same").args(["--fail-on", "gas > 0%"]);
    same.stderr_has("both builds deploy the same code")
        .stdout_has("0 regressed, 0 improved")
        .end();
    let broken = compare(&["broken.json"], "broken").code(5);
    broken
        .stderr_has("broke invariants")
        .stdout_has("phase.commit.gas")
        .end();
    let refused = compare(&["renamed.json"], "refused").code(2);
    refused
        .stderr_has("expected event TaskAcked")
        .leaves_no("refused")
        .end();
    let thrice = compare(&["abi", "abi", "abi"], "thrice").code(2);
    thrice.stderr_has("more than twice").end();
    // On a node, too.
    let on_anvil = compare(&["library.json"], "node").args(["--chain", "anvil"]);
    on_anvil.stdout_has("wall-clock time").end();
}

#[test]
fn folders_of_different_contracts_are_compared_and_it_is_told() {
    let place = place();
    run(&place, "standard.json", "old").end();
    run(&place, "costly.json", "new").end();
    let compared = place.taskstorm(["compare", "old", "new"]);
    let told = compared
        .stderr_has("the contracts differ: the baseline ran standard.json")
        .end()
        .stdout;
    assert!(told.contains("function.ack.gas"), "{told}");
}

#[test]
fn a_gas_snapshot_says_that_it_is_of_other_contracts() {
    let place = place();
    let gas = |arguments: &[&str]| {
        place
            .taskstorm(["gas", "builds.toml", "--snapshot", "gas.json"])
            .args(arguments)
    };
    gas(&[]).end();
    gas(&["--check"]).end();
    let costly = argument("costly.json");
    let changed = gas(&["--check", "--artifacts", &costly]).code(4).end().stdout;
    assert!(
        changed.contains("OTHER CONTRACTS: the snapshot is of the built-in contracts"),
        "{changed}"
    );
    assert!(!changed.contains("the scenario changed"), "{changed}");
    gas(&["--update", "--artifacts", &costly]).end();
    gas(&["--check", "--artifacts", &costly]).end();
    // The same code is the same contracts, wherever it comes from.
    gas(&["--update"]).end();
    let same = gas(&["--check", "--artifacts", &argument("foundry")])
        .end()
        .stdout;
    assert!(!same.contains("OTHER CONTRACTS"), "{same}");
}

#[test]
fn sweeps_take_artifacts() {
    let place = place();
    let build = argument("costly.json");
    let sweep = place.taskstorm([
        "sweep",
        "builds.toml",
        "--vary",
        "seed=1,2",
        "--no-charts",
        "--out",
        "sweep",
    ]);
    sweep.args(["--artifacts", &build]).end();
    let mut cells = std::fs::read_dir(place.path("sweep/cells")).unwrap();
    let cell = cells.next().unwrap().unwrap().file_name().into_string().unwrap();
    let result = summary(&place, &format!("sweep/cells/{cell}"));
    assert!(
        result["chain"]["contract_build"]["source"]
            .as_str()
            .unwrap()
            .ends_with("costly.json")
    );
    // Cells of other contracts are not taken for these.
    let resumed = place.taskstorm([
        "sweep",
        "builds.toml",
        "--vary",
        "seed=1,2",
        "--no-charts",
        "--out",
        "sweep",
    ]);
    resumed.code(2).end();
}

#[test]
fn capacity_searches_take_artifacts() {
    let open = SCENARIO.replace(
        "load = { back_to_back = { in_flight = 2 } }",
        "load = { constant = \"2/s\" }",
    );
    let place = Place::with("open.toml", &open);
    let searched = place
        .taskstorm([
            "capacity",
            "open.toml",
            "--hold",
            "tasks.failed.count == 0",
            "--step-duration",
            "5s",
            "--max-steps",
            "1",
            "--out",
            "out",
            "--artifacts",
            &argument("costly.json"),
        ])
        .code(4)
        .end();
    let first = searched.stdout.lines().next().unwrap();
    let result: Value = serde_json::from_str(&place.read("out/capacity.json")).unwrap();
    let build = &result["chain"]["contract_build"];
    let digest = build["digest"]["all"].as_str().unwrap();
    assert!(
        first.ends_with(&format!("costly.json {}", &digest[2..10])),
        "{first}"
    );
    // The contracts stand beside the scenario, so that each step can be run again.
    assert!(place.read("out/scenario.toml").contains("inputs/contracts.json"));
    let deployed = super::support::build(place.path("out/inputs/contracts.json")).unwrap();
    assert_eq!(deployed.digest().all.to_string(), digest);
}
