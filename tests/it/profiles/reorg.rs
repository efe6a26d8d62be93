//! A profile on a node whose blocks are replaced under the run.

use serde_json::json;

use super::{changed, load};
use crate::faults::stage::{LIMIT, Stage};

const SCENARIO: &str = r#"
name = "market"
seed = 3
protocol = "PROFILE"

[chain]
block_time = "200ms"

[[asker]]
count = 4
tasks = 40
load = { constant = "5/s" }

[[answerer]]
count = 6
think = "500ms"

[limits]
transaction_deadline = "3s"
drain = "40s"
"#;

#[test]
fn reorgs_are_followed() {
    let folder = tempfile::tempdir().unwrap();
    // The bond is read of the chain, so that a reorg may come between the question and the answer.
    let read = [
        (
            "arguments = [\"deployer\", \"30\"]",
            "arguments = [\"deployer\", \"3\"]",
        ),
        (
            "opens = true\nset = { bond = \"event.bond\"",
            "opens = true\nset = { bond = \"market.bondOf(event.question)\"",
        ),
    ];
    load(folder.path(), &changed(&read)).unwrap();
    let profile = folder.path().join("my.toml").display().to_string();
    let scenario = SCENARIO.replace("PROFILE", &profile);
    for depth in [1, 3] {
        let stage = Stage::new();
        let run = stage.taskstorm(&scenario).start();
        run.reaches_its_middle();
        stage.ask("anvil_reorg", json!([depth, []]));
        let ended = run.end_within(LIMIT);
        let result = ended.success().result;
        assert_eq!(result.tasks.submitted, 40, "{depth}");
        assert_eq!(
            result.tasks.ended + result.tasks.failed,
            40,
            "{depth}: {:?}",
            result.tasks
        );
        assert_eq!(result.invariants.violated, 0, "{depth}: {}", ended.stdout);
        // What a reorg took back comes back by itself: nobody acts twice, and nobody waits for what comes back otherwise.
        let calls = |function: &str| {
            let of = result
                .functions
                .iter()
                .find(|(known, _)| known.name() == function);
            let of = &of.expect("it was called").1.transactions;
            (of.included, of.included + of.outrun)
        };
        assert_eq!(calls("ask").0, 40, "{depth}: {}", ended.stdout);
        assert_eq!(calls("claim").0, 40, "{depth}: {}", ended.stdout);
        assert_eq!(calls("answer").1, 80, "{depth}: {}", ended.stdout);
        let lateness = result.generator.lateness_us.expect("calls");
        assert!(lateness.max < 10_000_000, "{depth}: {}", ended.stdout);
        assert!(depth == 1 || result.node.expect("a node").reorgs > 0);
    }
}
