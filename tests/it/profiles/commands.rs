//! `taskstorm check` of profiles, and `taskstorm init --from`.

use serde_json::Value;

use super::{MARKET, market};
use crate::support::node::root;

#[test]
fn a_profile_is_described_and_drawn() {
    let place = market();
    let check = place.taskstorm(["check", "market.toml", "--svg", "states.svg"]);
    insta::assert_snapshot!("check", check.stderr("").end().stdout);
    let drawing = place.read("states.svg");
    // The font that it brings along says nothing.
    let (_, drawn) = drawing.split_once("</style>").unwrap();
    insta::assert_snapshot!("states", drawn);
}

#[test]
fn a_profile_is_described_to_machines() {
    let stdout = market()
        .taskstorm(["check", "market.toml", "--json"])
        .end()
        .stdout;
    let said: Value = serde_json::from_str(&stdout).unwrap();
    insta::assert_snapshot!(
        "json",
        serde_json::to_string_pretty(&said["files"][0]["definition"]).unwrap()
    );
}

#[test]
fn a_wrong_profile_ends_with_2() {
    let place = market();
    place.write("wrong.toml", MARKET.replace("races = true", "racing = true"));
    place
        .taskstorm(["check", "wrong.toml"])
        .code(2)
        .stderr_has("wrong.toml:72:1")
        .stderr_has("`on[1]` has no key `racing`")
        .end();
}

#[test]
fn only_one_profile_is_drawn() {
    let place = market();
    for files in [&["market.toml", "market.toml"][..], &["none.toml"]] {
        place
            .taskstorm(["check", "--svg", "states.svg"])
            .args(files)
            .code(2)
            .stderr_has("--svg draws the state machine of one profile")
            .end();
    }
}

#[test]
fn drafts_of_contracts_check_clean() {
    let place = market();
    std::fs::rename(place.path("market.toml"), place.path("ours.toml")).unwrap();
    for name in ["NodePool", "SessionV2", "SessionQueueV2"] {
        let text = std::fs::read_to_string(root().join("abi").join(format!("{name}.json"))).unwrap();
        place.write(&format!("{name}.json"), text);
    }
    for (artifact, name) in [
        ("artifacts/Market.sol/Market.json", "market"),
        ("NodePool.json", "node-pool"),
        ("SessionV2.json", "session-v2"),
        ("SessionQueueV2.json", "session-queue-v2"),
    ] {
        let scenario = format!("{name}-first.toml");
        place.taskstorm(["init", "--from", artifact, &scenario]).end();
        place
            .taskstorm(["check", &format!("{name}.toml")])
            .stderr("")
            .end();
    }
    let [profile, scenario] = ["market.toml", "market-first.toml"].map(|file| place.read(file));
    insta::assert_snapshot!("draft", format!("{profile}\n# The scenario\n\n{scenario}"));
}

#[test]
fn a_contract_is_chosen_among_several_and_nothing_is_overwritten() {
    let place = market();
    let init = ["init", "--from", "artifacts"];
    place
        .taskstorm(init)
        .code(2)
        .stderr_has("artifacts holds several contracts")
        .stderr_has("Market")
        .end();
    let init = ["init", "--from", "artifacts", "--contract", "Market"];
    place
        .taskstorm(init)
        .code(2)
        .stderr_has("market.toml exists")
        .end();
    place
        .taskstorm(["init", "--from", "artifacts", "--contract", "Fees"])
        .code(2)
        .stderr_has("no function")
        .end();
    place
        .taskstorm(["init", "--from", "artifacts", "-"])
        .code(2)
        .stderr_has("two files")
        .end();
}
