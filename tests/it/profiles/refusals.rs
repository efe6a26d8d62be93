//! Profiles that are wrong, and what is said of them: each is the market's with one change.

mod wrong;

use taskstorm::scenario::ScenarioError;

use self::wrong::WRONG;
use super::{MARKET, changed, load};
use crate::scenario::refusals::render;

#[test]
fn what_is_wrong_is_said_with_its_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    load(folder.path(), MARKET).unwrap();
    let artifact = std::fs::read_to_string(folder.path().join("artifacts/Market.sol/Market.json")).unwrap();
    let artifact: serde_json::Value = serde_json::from_str(&artifact).unwrap();
    std::fs::write(
        folder.path().join("artifacts/Market.abi"),
        artifact["abi"].to_string(),
    )
    .unwrap();
    let alone = folder.path().join("alone");
    std::fs::create_dir(&alone).unwrap();
    std::fs::write(alone.join("Market.json"), artifact.to_string()).unwrap();
    let mut said = String::new();
    for (name, changes) in WRONG {
        let error = match load(folder.path(), &changed(changes)) {
            Ok(_) => "READ\n".to_owned(),
            Err(error) => render(&error),
        };
        said.push_str(&format!(
            "# {name}\n{}\n",
            error.replace(&format!("{}/", folder.path().display()), "")
        ));
    }
    insta::assert_snapshot!("wrong", said);
    assert!(!said.contains("\nREAD\n"), "a wrong profile is read");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = changed(&[
        ("races = true", "racing = true"),
        ("closes = \"expired\"", "closes = \"expiry\""),
        ("max(2 * task.bond,", "max(2 * task.bnod,"),
        ("arguments = [\"deployer\", \"30\"]", "arguments = [\"deployer\"]"),
        ("\"answer\", \"claim\"]", "\"answer\", \"claim\", \"claim\"]"),
    ]);
    let error = load(folder.path(), &text).unwrap_err();
    let said = render(&error).replace(&format!("{}/", folder.path().display()), "");
    insta::assert_snapshot!("all_at_once", said);
}

#[test]
fn a_profile_without_one_of_its_lines_or_words_is_read_or_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<&str> = MARKET.lines().collect();
    let without_line = (0..lines.len()).map(|line| {
        let rest = lines.iter().enumerate().filter(|(place, _)| *place != line);
        rest.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
    });
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let words = MARKET.match_indices(is_part).map(|(at, _)| at);
    let starts = words.filter(|at| !MARKET[..*at].ends_with(is_part));
    let without_word = starts.map(|at| {
        let rest = &MARKET[at..];
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        format!("{}{}", &MARKET[..at], &rest[end..])
    });
    for text in without_line.chain(without_word) {
        match load(folder.path(), &text) {
            Ok(_) => {}
            Err(ScenarioError::Invalid { findings, .. }) => {
                assert!(!findings.is_empty(), "no reason\n{text}")
            }
            Err(error) => panic!("{error}\n{text}"),
        }
    }
}
