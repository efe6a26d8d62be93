//! The layers of the source: which folder of `src/` may use which, without cycles.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::support::node::root;

/// Each folder or file at the top of `src/`, and what it uses. Every line uses only lines above it: a folder that is moved
/// up, or a dependency that points down, is a cycle.
const LAYERS: [(&str, &[&str]); 37] = [
    ("named", &[]),
    ("time", &[]),
    ("text", &[]),
    ("input", &[]),
    ("files", &[]),
    ("suggest", &[]),
    ("fees", &[]),
    ("gas", &[]),
    ("state_dump", &[]),
    ("hardfork", &[]),
    ("mempool", &[]),
    ("measure", &[]),
    ("seed", &[]),
    ("units", &["time"]),
    ("distribution", &["units"]),
    ("fault", &["seed", "suggest", "time", "units"]),
    ("block", &["gas", "time"]),
    ("artifacts", &["input", "suggest"]),
    (
        "chain",
        &[
            "block",
            "fees",
            "gas",
            "hardfork",
            "mempool",
            "seed",
            "state_dump",
            "time",
        ],
    ),
    (
        "protocol",
        &[
            "artifacts",
            "block",
            "distribution",
            "fees",
            "seed",
            "suggest",
            "time",
            "units",
        ],
    ),
    (
        "record",
        &["artifacts", "fault", "gas", "measure", "protocol", "text", "time"],
    ),
    ("metric", &["protocol", "record", "suggest", "time", "units"]),
    (
        "scenario",
        &[
            "artifacts",
            "distribution",
            "fault",
            "fees",
            "hardfork",
            "input",
            "measure",
            "mempool",
            "metric",
            "protocol",
            "state_dump",
            "suggest",
            "units",
        ],
    ),
    ("plan", &["fees", "protocol", "scenario", "seed", "time"]),
    ("proxy", &["chain", "fault", "time"]),
    (
        "driver",
        &[
            "chain",
            "distribution",
            "fault",
            "fees",
            "gas",
            "plan",
            "protocol",
            "proxy",
            "record",
            "scenario",
            "seed",
            "time",
        ],
    ),
    (
        "run",
        &[
            "chain", "driver", "fault", "fees", "input", "metric", "plan", "protocol", "proxy", "record",
            "scenario", "time",
        ],
    ),
    (
        "estimate",
        &["plan", "protocol", "record", "run", "scenario", "time"],
    ),
    (
        "parallel",
        &["block", "chain", "driver", "record", "run", "scenario"],
    ),
    ("format", &["metric", "record", "text", "units"]),
    (
        "run_folder",
        &[
            "driver", "files", "format", "input", "plan", "protocol", "record", "run", "scenario", "text",
            "time",
        ],
    ),
    (
        "capacity",
        &[
            "metric",
            "plan",
            "protocol",
            "record",
            "run",
            "run_folder",
            "scenario",
            "time",
        ],
    ),
    (
        "compare",
        &[
            "format",
            "input",
            "metric",
            "protocol",
            "record",
            "run_folder",
            "scenario",
            "suggest",
            "time",
        ],
    ),
    (
        "sweep",
        &[
            "input",
            "metric",
            "protocol",
            "record",
            "run",
            "run_folder",
            "scenario",
            "text",
        ],
    ),
    (
        "hunt",
        &[
            "block", "chain", "fault", "files", "hardfork", "input", "plan", "protocol", "record", "run",
            "scenario", "seed", "time", "units",
        ],
    ),
    (
        "devnet",
        &[
            "chain", "driver", "fault", "fees", "files", "plan", "protocol", "record", "run", "scenario",
        ],
    ),
    (
        "report",
        &[
            "artifacts",
            "capacity",
            "compare",
            "devnet",
            "estimate",
            "fault",
            "format",
            "gas",
            "hunt",
            "input",
            "metric",
            "parallel",
            "plan",
            "protocol",
            "record",
            "run",
            "run_folder",
            "scenario",
            "sweep",
            "text",
            "time",
            "units",
        ],
    ),
];

/// Adds what the Rust files below `path` name after `crate::`.
fn uses(path: &Path, found: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a folder") {
            uses(&entry.expect("an entry").path(), found);
        }
        return;
    }
    if path.extension().is_none_or(|extension| extension != "rs") {
        return;
    }
    let source = fs::read_to_string(path).expect("a file");
    let lines = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => found.extend(first_names(group)),
            None => found.extend(first_name(rest)),
        }
    }
}

fn first_name(text: &str) -> Option<String> {
    let name = text.trim_start();
    let end = name
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(name.len());
    (end > 0).then(|| name[..end].to_owned())
}

/// The first name of each part of a group, up to the brace that closes it.
fn first_names(group: &str) -> Vec<String> {
    let (mut depth, mut starts) = (0, vec![0]);
    let mut end = group.len();
    for (place, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                end = place;
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => starts.push(place + 1),
            _ => {}
        }
    }
    starts
        .into_iter()
        .filter(|start| *start < end)
        .filter_map(|start| first_name(&group[start..end]))
        .collect()
}

#[test]
fn folders_use_only_what_lies_below_them() {
    let source = root().join("src");
    let committed: BTreeMap<&str, BTreeSet<&str>> = LAYERS
        .iter()
        .map(|(name, uses)| (*name, uses.iter().copied().collect()))
        .collect();
    for (place, (name, below)) in LAYERS.iter().enumerate() {
        let lower: Vec<&str> = LAYERS[..place].iter().map(|(name, _)| *name).collect();
        for used in *below {
            assert!(
                lower.contains(used),
                "{name} uses {used}, which is not above it in the list"
            );
        }
    }
    for entry in fs::read_dir(&source).expect("the source") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        // The command line and the crate's root use all the rest.
        if ["cli", "lib", "main"].contains(&name) {
            continue;
        }
        let mut found = BTreeSet::new();
        uses(&path, &mut found);
        found.remove(name);
        let listed = committed
            .get(name)
            .unwrap_or_else(|| panic!("{name} is in no layer"));
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, *listed, "{name}: what it uses differs from the list");
    }
}

/// Where the reference protocol may be named: its own folder.
const PROTOCOL: [&str; 1] = ["src/protocol/reference"];

#[test]
fn only_the_protocol_knows_its_phases_functions_and_events_by_name() {
    let mut sources = Vec::new();
    collect(&root().join("src"), &mut sources);
    let mut named = Vec::new();
    for path in sources {
        let short = path.strip_prefix(root()).expect("a source").display().to_string();
        if PROTOCOL.iter().any(|folder| short.starts_with(folder)) {
            continue;
        }
        let source = fs::read_to_string(&path).expect("a file");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, text) in code.lines().enumerate() {
            let text = text.split("//").next().unwrap_or_default();
            if ["Phase::", "TaskSpan::", "Function::", "Event::"]
                .iter()
                .any(|id| names(text, id))
            {
                named.push(format!("{short}:{}: {}", line + 1, text.trim()));
            }
        }
    }
    assert!(named.is_empty(), "{}", named.join("\n"));
}

/// Whether a line names a value of an id: `Phase::ACK`, `Event::TaskEnded`; methods do not count.
fn names(line: &str, id: &str) -> bool {
    line.match_indices(id).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let is_other = before.is_some_and(|c| c.is_alphanumeric()) && !line[..at].ends_with("Task");
        let after = line[at + id.len()..].chars().next();
        !is_other && after.is_some_and(char::is_uppercase)
    })
}

/// All Rust files below a folder.
fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
