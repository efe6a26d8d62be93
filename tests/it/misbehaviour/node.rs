//! Dishonest actors on a real node: the same interface to the mempool, and no false accusation.

use taskstorm::protocol::Behaviour;

use super::MARKETPLACE;
use crate::support::{scenario::with, taskstorm::Taskstorm};

#[test]
fn dishonest_actors_on_anvil_are_told_apart_and_accuse_nobody() {
    let kinds: Vec<String> = Behaviour::ALL
        .into_iter()
        .filter(|kind| *kind != Behaviour::Outsider)
        .map(|kind| format!("{{ kind = \"{kind}\", probability = 0.2 }}"))
        .collect();
    let changes = format!(
        "thresholds = [\"tasks.ended.count > 0\"]\n[chain]\nkind = \"anvil\"\n[[miners]]\nname = \"others\"\nbehaviour = [{}]\n",
        kinds.join(", ")
    );
    let ended = Taskstorm::run(&with(MARKETPLACE, &changes)).end();
    let result = ended.folder().result;
    assert_eq!(result.invariants.violations, []);
    let seen = [Behaviour::Stranger, Behaviour::Copycat];
    let told = result
        .misbehaviour
        .iter()
        .filter(|of| seen.contains(&of.behaviour));
    assert!(told.count() > 1, "{:?}", result.misbehaviour);
    assert!(result.transactions.repelled > 0, "{:?}", result.transactions);
}
