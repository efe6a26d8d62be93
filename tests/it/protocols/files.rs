//! The scenarios of the profiles, and the guide that lists both.

use std::fs;

use super::{names, protocols};
use crate::support::{node::root, taskstorm::Taskstorm};

#[test]
fn every_profile_has_a_scenario_and_a_row_of_the_guide() {
    let folder = root().join("protocols");
    let guide = fs::read_to_string(folder.join("README.md")).expect("the guide");
    for name in names() {
        let row = format!("| [{name}]({name}.toml) |");
        assert!(guide.contains(&row), "no row begins with {row}");
        let scenario = folder.join(format!("scenarios/{name}.toml"));
        let scenario = fs::read_to_string(scenario).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(scenario.starts_with("# Question: "), "{name}");
        assert!(scenario.contains("\n# Look for: "), "{name}");
        assert!(
            scenario.contains(&format!("\nprotocol = \"../{name}.toml\"\n")),
            "{name}"
        );
    }
}

#[test]
fn every_scenario_checks_without_a_warning() {
    let scenarios = names()
        .into_iter()
        .map(|name| protocols().join(format!("scenarios/{name}.toml")));
    let checked = Taskstorm::new(["check", "--json"]).args(scenarios).end().json();
    for file in checked["files"].as_array().expect("files") {
        assert_eq!(file["valid"], true, "{file}");
        assert_eq!(file["warnings"].as_array().map_or(0, Vec::len), 0, "{file}");
    }
}

#[test]
fn every_profile_has_a_state_machine() {
    for name in names() {
        let profile = protocols().join(format!("{name}.toml"));
        let profile = profile.to_str().expect("a path of text");
        let checked = Taskstorm::new(["check", profile, "--svg", "states.svg"]);
        let checked = checked.stdout_has(": valid").stderr("").end();
        assert!(checked.place().read("states.svg").contains("</svg>"), "{name}");
    }
}
