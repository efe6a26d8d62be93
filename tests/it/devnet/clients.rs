//! Clients written with ethers.js.

use std::{collections::BTreeSet, fs, path::Path};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::process::Devnet;
use crate::support::node;

fn texts(value: &Value) -> Vec<&str> {
    let texts = value.as_array().expect("an array").iter();
    texts.map(|text| text.as_str().expect("a string")).collect()
}

fn set(value: &Value) -> BTreeSet<&str> {
    texts(value).into_iter().collect()
}

#[test]
fn the_snippets_of_the_sdk_reference_work_as_written() {
    let devnet = Devnet::start(&[]);
    let seen = devnet.client("tests/js/sdk-reference.mjs");

    assert_eq!(seen["signer"], devnet.deployment()["account"]["address"]);
    assert_eq!(seen["sessions"], json!([{ "id": "0n", "name": "My Session" }]));
    let session = &seen["session"];
    assert_eq!(session["id"], "0n");
    assert_eq!(session["sid"].as_str().map(str::len), Some(66));
    assert_eq!(session["name"], "My Session");
    assert_eq!(session["metadata"], "Metadata");
    assert_eq!(session["owner"], seen["signer"]);
    assert_eq!(session["mode"], "0n");
    assert_eq!(session["redundant"], "1n");
    assert_eq!(set(&session["ephemeralNodes"]).len(), 3);
    assert_eq!(session["dedicatedNodes"], json!([]));
    assert_eq!(seen["sessionMiners"], session["ephemeralNodes"]);

    let task = &seen["tasks"][0];
    assert_eq!(texts(&task["assignedMiners"]).len(), 1);
    assert!(set(&seen["sessionMiners"]).is_superset(&set(&task["assignedMiners"])));
    let expected = json!([{
        "id": "0n",
        "sessionId": "0n",
        "data": r#"{"type":"chat","message":"Hello"}"#,
        "assignedMiners": task["assignedMiners"],
        "ended": true,
    }]);
    assert_eq!(seen["tasks"], expected);
    assert_eq!(seen["miners"], task["assignedMiners"]);
    let results = texts(&seen["results"]);
    assert!(results.len() == 1 && !results[0].is_empty(), "{results:?}");
    let event = json!({ "sessionId": "0n", "taskId": "0n", "miners": seen["miners"], "event": "TaskEnded" });
    assert_eq!(seen["events"], json!([event]));

    let updated = json!({ "name": "Updated Name", "metadata": "Updated Metadata", "redundant": "2n" });
    assert_eq!(seen["updated"], updated);
    assert_eq!(set(&seen["updatedMiners"]).len(), 4);

    let log = devnet.end(Signal::SIGTERM).stderr;
    let said: Vec<_> = log.lines().map(|line| line.trim().to_owned()).collect();
    let owner = seen["signer"].as_str().expect("an address");
    assert_eq!(
        said,
        [
            format!("INFO session 0 created by {owner}, 3 miners"),
            "INFO task 0 of session 0 queued, assigned to 1 miner".to_owned(),
            "INFO task 0 of session 0 ended with 1 result".to_owned(),
        ]
    );
}

/// The example for readers, with nothing added but its end.
#[test]
fn the_example_of_the_documentation_works() {
    // The default: with shorter blocks ethers.js may take an account's nonce from the answers that it keeps for 250 ms.
    let devnet = Devnet::start(&["--block-time", "1s"]);
    let text = fs::read_to_string(node::root().join("docs/devnet.md")).expect("the page");
    let (_, rest) = text.split_once("```js\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let folder = devnet.place().path("").display().to_string();
    let end = r#"
console.log = (line, _miners, results) => {
  process.stdout.write(JSON.stringify({ line, results }) + "\n", () => process.exit(0));
};
"#;
    // Below the project, where Node.js finds ethers.js.
    let script = Path::new(env!("CARGO_TARGET_TMPDIR")).join("devnet-example.mjs");
    let example = example.replace("`devnet/${file}`", &format!("`{folder}/${{file}}`"));
    assert!(example.contains(&folder), "the example reads from its folder");
    fs::write(
        &script,
        example.replacen("listener.on", &format!("{end}listener.on"), 1),
    )
    .expect("a file");

    let seen = devnet.client(script.to_str().expect("plain text"));
    assert_eq!(seen["line"], "task 0 of session 0:");
    assert_eq!(texts(&seen["results"]).len(), 1);
}

#[test]
fn two_tasks_at_once_among_others_transactions() {
    let devnet = Devnet::start(&[]);
    let seen = devnet.client("tests/js/two-tasks.mjs");
    assert_eq!(seen["balance"], "10000000000000000000000n", "anvil's own");
    assert_eq!(seen["refusal"], "NotSessionOwner");
    assert_eq!(seen["reverted"], "CALL_EXCEPTION");
    assert_eq!(set(&seen["sessionMiners"]).len(), 4);

    let tasks = seen["tasks"].as_array().expect("tasks");
    assert_eq!(tasks.len(), 2);
    for (task, data) in tasks.iter().zip(["one", "two"]) {
        assert_eq!(task["data"], data);
        assert_eq!(set(&task["assignedMiners"]).len(), 2);
        assert_eq!(task["miners"], task["assignedMiners"]);
        assert!(texts(&task["results"]).iter().all(|result| !result.is_empty()));
        assert_eq!(texts(&task["results"]).len(), 2);
    }
    assert_ne!(
        tasks[0]["assignedMiners"], tasks[1]["assignedMiners"],
        "they rotate"
    );
}

#[test]
fn miners_of_the_client_take_part_and_may_fail() {
    let devnet = Devnet::start(&["--miners", "1"]);
    let seen = devnet.client("tests/js/own-miners.mjs");
    let own = set(&seen["own"]);

    let together = &seen["together"];
    assert_eq!(set(&together["miners"]).len(), 3);
    assert!(set(&together["miners"]).is_superset(&own));
    for (miner, result) in texts(&together["miners"])
        .into_iter()
        .zip(texts(&together["results"]))
    {
        assert_eq!(own.contains(miner), result == format!("answer of {miner}"));
    }
    // Only the simulated miner answered, and nobody's silence kept the task open.
    assert_eq!(texts(&seen["alone"]["miners"]).len(), 1);
    assert!(set(&seen["alone"]["miners"]).is_disjoint(&own));

    // No invariant was broken.
    devnet.end(Signal::SIGINT);
}

#[test]
fn a_miner_whose_transactions_are_refused_answers_the_next_task() {
    let devnet = Devnet::start(&["--miners", "1"]);
    let seen = devnet.client("tests/js/refused-miner.mjs");
    assert_eq!(seen["without"], json!([]));
    assert_eq!(texts(&seen["again"]).len(), 1);
}
