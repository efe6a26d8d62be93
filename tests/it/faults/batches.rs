//! Nodes that take small batches only, each in its own words.

use super::stage::{Stage, each};
use taskstorm::proxy::{AnswerFault, RetryAfter, Rule};

/// Calls that the nodes of these tests take in one request.
const LIMIT: usize = 3;

#[test]
fn batches_are_made_as_small_as_the_node_takes_them() {
    let cases = [
        ("413", AnswerFault::Status(413, RetryAfter::Unsaid)),
        (
            "length limit",
            AnswerFault::Error(-32_600, "length limit exceeded"),
        ),
        ("one error in a list", AnswerFault::TooLarge),
        (
            "one error for all",
            AnswerFault::Error(-32_000, "batch too large"),
        ),
    ];
    each(
        &cases,
        |(name, _)| (*name).to_owned(),
        |(name, fault)| {
            let stage = Stage::new();
            stage.proxy.rule(Rule::always(fault.clone()).larger_than(LIMIT));
            stage.run(name);
            let (faults, batches) = (stage.proxy.faults(), stage.proxy.count("batches"));
            assert!(faults > 0, "{name}");
            // The smaller size is kept: few of the batches are too large.
            assert!(5 * faults < batches, "{name}: {faults} of {batches}");
        },
    );
}
