//! A scenario put together from files and flags runs like the one that is written beside its results.

use crate::support::{
    place::{assert_same, files},
    scenario::SMOKE,
    taskstorm::Taskstorm,
};

#[test]
fn running_what_was_written_gives_the_same_bytes() {
    let main = "extends = \"base.toml\"\nname = \"composed\"\n[owners]\nload = { constant = \"20/s\" }\n";
    let ended = Taskstorm::simulate(main)
        .file("base.toml", SMOKE)
        .args(["--seed", "9"])
        .args(["--set", "miners.count=7", "--set", "owners.tasks=30"])
        .args(["--set", "chain.block_time=500ms"])
        .end();
    let folder = ended.success();
    assert_eq!((folder.result.scenario.seed, folder.result.tasks.ended), (9, 30));
    let written = ended.place().read("out/scenario.toml");
    assert!(!written.contains("extends"), "{written}");
    for value in [
        "seed = 9",
        "kind = \"embedded\"",
        "count = 7",
        "block_time = \"500ms\"",
    ] {
        assert!(written.contains(value), "{value}: {written}");
    }
    assert_same(
        &files(&Taskstorm::simulate(&written).end().out()),
        &files(&ended.out()),
    );
}

#[test]
fn a_bad_value_of_a_flag_is_2_and_shown_in_the_flag() {
    let refused = Taskstorm::simulate(SMOKE)
        .args(["--set", "miners.count=-3"])
        .code(2)
        .stdout("")
        .end();
    insta::assert_snapshot!(refused.stderr);
}
