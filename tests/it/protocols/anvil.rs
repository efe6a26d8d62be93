//! Every profile on a real anvil, with a few tasks each.

use std::thread;

use super::{names, run};

/// What makes each scenario small. One that is not listed runs as it is.
const SMALL: [(&str, &[&str]); 10] = [
    ("access-manager", &["operator.tasks=8", "operator.count=2"]),
    ("airnode", &["requester.tasks=8"]),
    ("forwarder", &["merchant.tasks=16"]),
    (
        "governor",
        &[
            "proposer.tasks=3",
            "voter.count=4",
            "parameters.timelock_delay='3 seconds'",
        ],
    ),
    (
        "jobs",
        &[
            "client.tasks=8",
            "client.count=2",
            "parameters.lifetime='12 seconds'",
        ],
    ),
    ("network", &["owner.tasks=8"]),
    ("permit", &["merchant.tasks=8", "payer.count=20"]),
    ("reality", &["asker.tasks=8", "parameters.timeout='4 seconds'"]),
    (
        "reference",
        &[
            "owner.tasks=8",
            "owner.count=4",
            "miner.count=8",
            "owner.load={ constant = \"8/s\" }",
        ],
    ),
    ("vrf", &["requester.tasks=8"]),
];

/// Runs at once. Each waits for blocks most of the time.
const AT_ONCE: usize = 2;

#[test]
fn every_task_ends_on_a_real_node_as_well() {
    let names = names();
    let one = |name: &String| {
        let small = SMALL.iter().find(|(known, _)| known == name);
        let set = small
            .map_or(&[][..], |(_, set)| set)
            .iter()
            .map(|set| format!("--set={set}"));
        let process = run(name)
            .args(["--chain=anvil", "--set=chain.block_time=500ms"])
            .args(set);
        let folder = process.end().folder();
        let (tasks, transactions) = (&folder.result.tasks, &folder.result.transactions);
        assert!(tasks.submitted > 0, "{name}");
        assert_eq!(tasks.submitted, tasks.ended + tasks.failed, "{name}: {tasks:?}");
        assert_eq!(
            (transactions.reverted, transactions.refused, transactions.lost),
            (0, 0, 0),
            "{name}: {transactions:?}"
        );
    };
    for some in names.chunks(AT_ONCE) {
        thread::scope(|scope| {
            for name in some {
                scope.spawn(move || one(name));
            }
        });
    }
}
