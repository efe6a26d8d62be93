//! The tutorial of docs/profiles.md, followed to the letter in a folder of its own.

use std::{env, fs, os::unix::fs::symlink, path::Path, process::Command};

use super::protocols;
use crate::support::{node::root, place::Place, taskstorm::EXECUTABLE};

/// The blocks of a kind in the tutorial, in order.
fn blocks<'a>(tutorial: &'a str, kind: &str) -> Vec<&'a str> {
    let mut blocks = Vec::new();
    let mut fences = tutorial.split("\n```");
    // What stands between two fences is text, then a block, then text.
    fences.next();
    while let Some(block) = fences.next() {
        let (language, text) = block.split_once('\n').expect("a block of lines");
        if language == kind {
            blocks.push(text);
        }
        fences.next();
    }
    blocks
}

/// The commands of the tutorial; what comes from npm is there already.
fn commands(tutorial: &str) -> Vec<&str> {
    let lines = blocks(tutorial, "sh").into_iter().flat_map(str::lines);
    let commands = lines.map(|line| line.split(" #").next().unwrap_or(line).trim());
    commands
        .filter(|command| !command.starts_with("npm install"))
        .collect()
}

#[test]
fn the_tutorial_says_what_comes_of_it() {
    protocols();
    let path_of_guide = root().join("docs/profiles.md");
    let guide = fs::read_to_string(&path_of_guide).expect("the guide");
    let (tutorial, _) = guide.split_once("\n## Reference").expect("a tutorial");
    let place = Place::new();
    let (scenario, profile): (Vec<_>, Vec<_>) = blocks(tutorial, "toml")
        .into_iter()
        .partition(|block| block.starts_with("# load.toml"));
    place.write("load.toml", scenario.join("\n"));
    place.write("bounties.toml", profile.join("\n\n"));
    place.write("Bounties.sol", blocks(tutorial, "solidity").join("\n"));
    symlink(root().join("node_modules"), place.path("node_modules")).expect("a link");

    let mut path = Path::new(EXECUTABLE)
        .parent()
        .expect("its folder")
        .as_os_str()
        .to_owned();
    path.push(":");
    path.push(env::var_os("PATH").expect("a PATH"));
    let mut told = Vec::new();
    for command in commands(tutorial) {
        let output = Command::new("sh")
            .args(["-c", command])
            .current_dir(place.path(""))
            .env("PATH", &path)
            .env_remove("RUST_LOG")
            .output()
            .expect("a shell");
        let [stdout, stderr] =
            [output.stdout, output.stderr].map(|text| String::from_utf8(text).expect("text"));
        assert!(output.status.success(), "{command}: {stdout}{stderr}");
        told.push((command, stdout));
    }
    assert!(told.len() >= 7, "{told:?}");
    let [shown] = blocks(tutorial, "")[..] else {
        panic!("one output is shown");
    };
    let (_, first) = told
        .iter()
        .find(|(command, _)| command.ends_with("--out runs/first"))
        .expect("the run");
    let first = first.trim_end();
    if env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&path_of_guide, guide.replace(shown, first)).expect("the guide is written");
    } else {
        assert_eq!(first, shown);
    }
}
