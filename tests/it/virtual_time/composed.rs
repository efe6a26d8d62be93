//! A scenario put together from files and flags runs like the one that is written beside its results.

use std::fs;

use super::{determinism::files, simulate};
use crate::run::command::Trial;

const BASE: &str = include_str!("../../../scenarios/smoke.toml");

#[test]
fn running_what_was_written_gives_the_same_bytes() {
    let main = "extends = \"base.toml\"\nname = \"composed\"\n[owners]\nload = { constant = \"20/s\" }\n";
    let ended = Trial::of(main)
        .after(&format!("cat >base.toml <<'END'\n{BASE}END"))
        .with(&["--chain", "embedded", "--quiet", "--seed", "9"])
        .with(&["--set", "miners.count=7", "--set", "owners.tasks=30"])
        .with(&["--set", "chain.block_time=500ms"])
        .end();
    let folder = ended.success();
    assert_eq!((folder.result.scenario.seed, folder.result.tasks.ended), (9, 30));
    let written = fs::read_to_string(ended.out().join("scenario.toml")).expect("the scenario");
    assert!(!written.contains("extends"), "{written}");
    for value in [
        "seed = 9",
        "kind = \"embedded\"",
        "count = 7",
        "block_time = \"500ms\"",
    ] {
        assert!(written.contains(value), "{value}: {written}");
    }
    assert!(files(&simulate(&written)) == files(&ended), "another run");
}

#[test]
fn a_bad_value_of_a_flag_is_2_and_shown_in_the_flag() {
    let ended = Trial::of(BASE)
        .with(&["--chain", "embedded", "--quiet", "--set", "miners.count=-3"])
        .end();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    insta::assert_snapshot!(ended.stderr);
}
