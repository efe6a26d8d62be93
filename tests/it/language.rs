//! The project's language: standard terms in code and docs, and headers that name the thing.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Words and type names that have a standard term. Each is looked for as a whole word, in any case of its first letter.
const WORDS: [(&str, &str); 31] = [
    ("bid", "fees, `Eip1559Fees`"),
    ("bids", "fees"),
    ("cast", "registry, `ActorRegistry`"),
    ("course", "run lifecycle"),
    ("gate", "in-flight limiter, rule"),
    ("standing", "status"),
    ("deal", "round-robin assignment"),
    ("happening", "event"),
    ("happenings", "event log"),
    ("audience", "run observer"),
    ("books", "consistency checks, session balances, records"),
    ("alarms", "timer queue"),
    ("lane", "account"),
    ("lanes", "accounts"),
    ("scene", "setup"),
    ("judge", "threshold monitor, evaluate"),
    ("foresight", "early stop"),
    ("at_once", "immediate"),
    ("sighting", "chain event"),
    ("sightings", "chain events"),
    ("whereabouts", "transaction status"),
    ("gather", "load samples"),
    ("foretold", "notified early"),
    ("told", "notified, reported"),
    ("NEW", "candidate"),
    ("Part", "measurement window"),
    ("PartsResult", "`WindowsResult`"),
    ("Stages", "run lifecycle"),
    ("Urgent", "log priority"),
    ("Pending", "`PooledTransaction`, `PendingTransaction`"),
    ("Row", "a row by the name of its table"),
];

/// Where a word of [`WORDS`] is meant in another sense: the word, the beginning of the path, and why.
const ALLOWED: [(&str, &str, &str); 7] = [
    ("Stages", "src/scenario/", "the load of that name, linear ramps"),
    ("Stages", "src/plan/arrivals.rs", "the load of that name"),
    ("Stages", "src/capacity/trial.rs", "the load of that name"),
    ("gate", "src/chain/anvil/", "a shell that holds a process back"),
    ("told", "src/", "told apart, or said on a terminal"),
    ("deal", "src/report/hunt/foundry.rs", "a cheatcode of Foundry's"),
    ("Pending", "src/chain/embedded/", "a field of another crate"),
];

/// Sentences that have a plain form. White space and comment signs between words do not matter.
const SENTENCES: [&str; 26] = [
    "what running them will come to",
    "what got better",
    "of what there is not enough data",
    "puts the seeds together",
    "put the seeds together",
    "one happening to the next",
    "delays make of it",
    "has a default but what makes",
    "what the result must keep",
    "what was never measured keeps",
    "gas is what it was",
    "is not a scenario that can run",
    "all that is said together",
    "what must not be found",
    "the majority decides at the edge",
    "what the rows of the table are",
    "nothing was asked of the numbers",
    "did all that it was to do",
    "of it setup",
    "how many used how much",
    "the generator was late by",
    "is no address of an endpoint",
    "compared all the same",
    "is more than all of them",
    "does not close what it opens",
    "the limit lies in what is to hold",
];

const QUESTIONS: [&str; 10] = [
    "What", "Who", "Whom", "Whose", "How", "Where", "Whether", "When", "Which", "Why",
];

/// This file names what it looks for.
const SELF: &str = "tests/it/language.rs";

fn collect(path: &Path, into: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder").flatten() {
            collect(&entry.path(), into);
        }
    } else {
        into.push(path.to_owned());
    }
}

/// The texts below these paths of the repository whose names end so, with their paths.
fn texts(paths: &[&str], ends: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    paths
        .iter()
        .for_each(|path| collect(&root.join(path), &mut files));
    files.sort();
    let name = |file: &PathBuf| file.strip_prefix(root).expect("below").display().to_string();
    let named = files.iter().map(|file| (name(file), file));
    let wanted = named.filter(|(name, _)| name != SELF && ends.iter().any(|end| name.ends_with(end)));
    wanted
        .map(|(name, file)| {
            (
                name,
                String::from_utf8_lossy(&fs::read(file).expect("a file")).into_owned(),
            )
        })
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The lines that hold a word, as a whole; one of lower case also with a capital.
fn lines_with<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    let lower = word.chars().all(|c| !c.is_uppercase());
    let matches = move |found: &str| {
        found == word || (lower && found.eq_ignore_ascii_case(word) && found[1..] == word[1..])
    };
    let lines = (1..).zip(text.lines());
    lines.filter(move |(_, line)| line.split(|c| !is_word(c)).any(matches))
}

#[test]
fn standard_terms_are_used() {
    let code = texts(&["src", "benches"], &[".rs"]);
    let prose = texts(
        &[
            "docs",
            "scenarios",
            "README.md",
            "ARCHITECTURE.md",
            "contracts/README.md",
        ],
        &[".md", ".toml"],
    );
    let mut found = Vec::new();
    for (word, standard) in WORDS {
        for (file, text) in code.iter().chain(&prose) {
            let allowed = |(meant, path, _): &(&str, &str, &str)| *meant == word && file.starts_with(path);
            if ALLOWED.iter().any(allowed) {
                continue;
            }
            found.extend(
                lines_with(text, word)
                    .map(|(line, text)| format!("{file}:{line}: {word} → {standard}: {}", text.trim())),
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn messages_and_docs_are_plain() {
    let all = texts(
        &[
            "src",
            "tests",
            "benches",
            "docs",
            "scenarios",
            "README.md",
            "ARCHITECTURE.md",
            "contracts/README.md",
            "CHANGELOG.md",
        ],
        &[".rs", ".md", ".toml", ".html", ".json", ".snap"],
    );
    let mut found = Vec::new();
    for (file, text) in &all {
        let words = text.split(|c: char| c.is_whitespace() || "/!#│".contains(c));
        let joined = words
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let joined = joined.to_lowercase();
        let sentences = SENTENCES.iter().filter(|sentence| joined.contains(**sentence));
        found.extend(sentences.map(|sentence| format!("{file}: {sentence}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn headers_name_the_thing() {
    let mut found = Vec::new();
    for (file, text) in texts(&["src", "tests", "benches"], &[".rs"]) {
        let header = text.lines().next().and_then(|line| line.strip_prefix("//! "));
        let first = header.and_then(|header| header.split_whitespace().next());
        if first.is_some_and(|first| QUESTIONS.contains(&first)) {
            found.push(format!("{file}: {}", header.unwrap_or_default()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn help_lines_are_imperatives_or_noun_phrases() {
    let mut found = Vec::new();
    for (file, text) in texts(&["src/cli"], &[".rs"]) {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate() {
            let Some(doc) = line.strip_prefix("/// ") else {
                continue;
            };
            let begins = number == 0 || !lines[number - 1].starts_with("///");
            let item = lines[number..].iter().find(|line| !line.starts_with("///"));
            let is_help = item.is_some_and(|item| item.starts_with("#[arg") || item.starts_with("#[command"));
            let first = doc.split_whitespace().next().unwrap_or_default();
            if begins && is_help && (QUESTIONS.contains(&first) || first == "Of") {
                found.push(format!("{file}:{}: {doc}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
