//! The recount that other tests rely on finds what does not agree.

use std::fs;

use super::stage::{Stage, recount};
use crate::support::node;

#[test]
fn a_changed_a_missing_and_an_invented_row_are_found() {
    let stage = Stage::new();
    let ended = stage.run("no faults");
    let out = ended.out();
    assert_eq!(recount("as written", &stage.node.url(), &out)["differences"], 0);
    let transactions = out.join("transactions.csv");
    let text = fs::read_to_string(&transactions).expect("transactions.csv");
    let row = text.lines().last().expect("a row");
    let cases = [
        (
            "a missing row",
            text.replace(&format!("{row}\n"), ""),
            "has no row",
        ),
        (
            "another outcome",
            text.replacen(",included,", ",reverted,", 1),
            "outcome is reverted in the file",
        ),
        (
            "no outcome",
            text.replacen(",included,", ",lost,", 1),
            "is lost in the file",
        ),
        ("another hash", text.replacen(",0x", ",0xab", 1), "from is 0xab"),
        (
            "a row twice",
            format!("{text}{row}\n"),
            "has the hash of transaction",
        ),
    ];
    for (what, changed, found) in cases {
        assert_ne!(changed, text, "{what}");
        fs::write(&transactions, changed).expect("to write");
        let url = stage.node.url();
        let output = node::run("tests/js/recount.mjs", &[&url, out.to_str().expect("text")]);
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{what}: {told}");
        assert!(told.contains(found), "{what}: {told}");
    }
}
