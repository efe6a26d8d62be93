//! Changed contracts in the place of a profile's, through the whole command.

use serde_json::Value;

use super::support::markets;
use crate::{
    profiles::{MARKET, market},
    support::{place::Place, taskstorm::Taskstorm},
};

const SCENARIO: &str = r#"
name = "load"
protocol = "market.toml"
seed = 3
[chain]
kind = "embedded"
block_time = "1s"
[[asker]]
count = 3
tasks = 12
load = { constant = "4/s" }
payload_size = "32 B"
[[answerer]]
count = 4
"#;

/// A folder with the market's profile, its artifacts, a scenario, and changed builds.
fn place() -> Place {
    let place = market();
    place.write("load.toml", SCENARIO);
    for (name, content) in markets() {
        place.write(&format!("builds/{name}"), content);
    }
    place
}

/// A run of a scenario with some artifacts.
fn run(place: &Place, scenario: &str, build: &str, out: &str) -> Taskstorm {
    let artifacts = format!("builds/{build}.json");
    place
        .taskstorm(["run", scenario, "--no-charts", "--out", out])
        .args(["--artifacts", &artifacts])
}

fn build(place: &Place, out: &str) -> Value {
    let summary: Value = serde_json::from_str(&place.read(&format!("{out}/summary.json"))).unwrap();
    assert_eq!(summary["tasks"]["ended"], 12);
    summary["chain"]["contract_build"].clone()
}

#[test]
fn contracts_of_the_same_name_are_deployed_with_their_libraries() {
    let place = place();
    let ended = run(&place, "load.toml", "costly", "out").end();
    let deployed = build(&place, "out");
    let digest = deployed["digest"]["all"].as_str().unwrap();
    let first = ended.stdout.lines().next().unwrap();
    assert!(
        first.ends_with(&format!("costly.json {}", &digest[2..10])),
        "{first}"
    );
    // The folder holds all that it takes to run it again.
    let again = place.taskstorm(["run", "out/scenario.toml", "--no-charts", "--out", "again"]);
    again.end();
    assert_eq!(
        place.read("again/transactions.csv"),
        place.read("out/transactions.csv")
    );
    assert_eq!(build(&place, "again")["digest"], deployed["digest"]);
    // The profile's own cost less.
    let own = place.taskstorm(["run", "load.toml", "--no-charts", "--out", "own"]);
    own.stdout_has("market.toml").end();
    assert_ne!(build(&place, "own")["digest"], deployed["digest"]);
    assert_ne!(
        place.read("own/transactions.csv"),
        place.read("out/transactions.csv")
    );
}

#[test]
fn contracts_run_on_a_node_and_on_a_devnet_as_well() {
    let place = place();
    let on_anvil = run(&place, "load.toml", "costly", "node").args(["--chain", "anvil"]);
    on_anvil
        .args(["--set", "chain.block_time=200ms", "--set", "asker.tasks=4"])
        .args(["--set", "parameters.bond='1 gwei'"])
        .end();
    let check = place.taskstorm(["check", "load.toml", "--artifacts", "builds/costly.json"]);
    check.stdout_has("contracts     builds/costly.json (").end();
    let refused = place.taskstorm(["devnet", "load.toml", "--artifacts", "builds/other.json"]);
    refused
        .code(2)
        .stderr_has("the ABI differs from what the profile uses")
        .end();
}

#[test]
fn what_the_profile_uses_and_the_contracts_lack_is_named() {
    let place = place();
    let refused = run(&place, "load.toml", "other", "out");
    let refused = refused.code(2).stdout("").leaves_no("out").end();
    insta::assert_snapshot!("other", refused.stderr);
}

#[test]
fn a_contract_may_have_another_name() {
    let place = place();
    let named = |name: &str| {
        let section = format!("[contracts]\nartifacts = \"builds/renamed.json\"\n{name}");
        place.write("named.toml", format!("{SCENARIO}{section}"));
        place.taskstorm(["check", "named.toml"])
    };
    named("market = \"MarketV2\"").end();
    for (name, words) in [
        ("", "none of the contracts that the profile deploys: `market`"),
        ("", "`market = \"Fees\"` below [contracts]"),
        (
            "market = \"MarketV3\"",
            "`contracts.market`: builds/renamed.json has no contract",
        ),
        (
            "market = \"MarketV2\"\nmarkte = \"MarketV2\"",
            "did you mean `market`?",
        ),
    ] {
        let ended = named(name).code(2).end();
        let told = ended.stderr.split_whitespace().filter(|word| *word != "│");
        let told = told.collect::<Vec<_>>().join(" ");
        assert!(told.contains(words), "{words}: {}", ended.stderr);
    }
    place.write(
        "alone.toml",
        format!("{SCENARIO}[contracts]\nmarket = \"MarketV2\"\n"),
    );
    let alone = place.taskstorm(["check", "alone.toml"]).code(2);
    alone
        .stderr_has("`contracts.market` needs `contracts.artifacts`")
        .end();
}

#[test]
fn a_contract_that_is_not_there_stays_the_profiles_and_it_is_said() {
    let place = place();
    let two = MARKET.replace(
        "[roles.asker]",
        "[contracts.spare]\nartifact = \"artifacts\"\ncontract = \"Fees\"\n[roles.asker]",
    );
    place.write("market.toml", two);
    // An artifact of the market alone.
    let all: Value = serde_json::from_str(&place.read("builds/renamed.json")).unwrap();
    let fees = &all["contracts"]["contracts/Market.sol"]["Fees"];
    place.write("builds/fees.json", {
        let contracts = serde_json::json!({ "contracts": { "Fees.sol": { "Fees": fees } } });
        contracts.to_string()
    });
    let check = place.taskstorm(["check", "load.toml", "--artifacts", "builds/fees.json"]);
    let told = check.end().stderr;
    assert!(told.contains("no contract for `market`"), "{told}");
}

#[test]
fn two_builds_of_a_profiles_contracts_are_compared_and_measured() {
    let place = place();
    let compare = |builds: &[&str], runs: &str| {
        let builds = builds.iter().flat_map(|build| ["--artifacts", build]);
        place
            .taskstorm(["compare", "load.toml", "--runs", runs])
            .args(builds)
    };
    let json = compare(&["builds/same.json", "builds/costly.json"], "ab")
        .args(["--fail-on", "gas.ask > 1%", "--json"])
        .code(4)
        .end()
        .json();
    assert_eq!(json["exact"], true);
    let ask = json["gas"].as_array().unwrap().iter();
    let ask = ask
        .clone()
        .find(|gas| gas["quantity"] == "phase.ask.gas")
        .unwrap();
    assert_eq!(
        (&ask["exact"], &ask["verdict"]),
        (&true.into(), &"worse".into()),
        "{ask}"
    );
    // Every function has its times, of as many calls in both: nothing but gas differs.
    let times = json["functions"].as_array().unwrap();
    let functions = times.iter().map(|time| time["quantity"].as_str().unwrap());
    assert_eq!(
        functions.collect::<Vec<_>>(),
        ["ask", "answer", "claim"].map(|name| format!("function.{name}.response"))
    );
    for time in times {
        assert_eq!(time["calls"][0], time["calls"][1], "{time}");
        for statistic in time["statistics"].as_array().unwrap() {
            assert!(statistic["base_us"].as_f64() > Some(0.0), "{statistic}");
            assert_eq!(statistic["change_us"], 0.0, "{statistic}");
        }
    }
    let same = compare(&["builds/same.json", "builds/same.json"], "same");
    same.stderr_has("both builds deploy the same code")
        .stdout_has("0 regressed, 0 improved")
        .end();
    let told = compare(&["builds/costly.json"], "own").end().stdout;
    assert!(told.contains("THE CONTRACTS DIFFER: market.toml"), "{told}");

    let gas = |arguments: &[&str]| {
        place
            .taskstorm(["gas", "load.toml", "--snapshot", "gas.json"])
            .args(arguments)
    };
    gas(&[]).end();
    gas(&["--check"]).end();
    let snapshot: Value = serde_json::from_str(&place.read("gas.json")).unwrap();
    let contracts = snapshot["contracts"].as_object().unwrap();
    assert_eq!(contracts.keys().collect::<Vec<_>>(), ["Fees", "market"]);
    let changed = gas(&["--check", "--artifacts", "builds/costly.json"]).code(4);
    let changed = changed.stdout_has("OTHER CONTRACTS").end().stdout;
    assert!(!changed.contains("the scenario changed"), "{changed}");
}
