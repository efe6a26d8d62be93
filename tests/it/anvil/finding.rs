//! The choice of an anvil, and the message when there is none.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use taskstorm::chain::anvil::{Error, Place, Problem};

use super::machine::{Machine, explicit, impatient, quietly};

/// Everything that can be there, from the most to the least wanted.
fn everywhere(machine: &Machine) -> Vec<(Place, PathBuf)> {
    let cached = "cache/anvil-1.7.1/node_modules";
    vec![
        (Place::Argument, machine.anvil("given/anvil")),
        (Place::Variable, machine.anvil("variable/my-anvil")),
        (Place::Path, machine.anvil("bin/anvil")),
        (Place::Path, machine.anvil("other-bin/anvil")),
        (Place::Cache, machine.native(cached)),
    ]
}

#[test]
fn places_are_taken_in_the_documented_order() {
    let machine = Machine::new();
    let all = everywhere(&machine);
    let mut search = machine.search();
    search.explicit = Some(all[0].1.clone());
    search.environment.anvil = Some(all[1].1.clone());
    // One place after the other goes; the next one must take over.
    for (place, executable) in all {
        let found = quietly(&search).expect("an anvil");
        assert_eq!((found.place, &found.executable), (place, &executable));
        assert_eq!(found.warning, None);
        match place {
            Place::Argument => search.explicit = None,
            Place::Variable => search.environment.anvil = None,
            _ => fs::remove_file(&executable).expect("to remove it"),
        }
    }
    assert!(matches!(quietly(&search), Err(Error::NotFound { .. })));
}

#[test]
fn an_unusable_file_in_a_place_nobody_named_is_passed_over() {
    let machine = Machine::new();
    machine.script("bin/anvil", "echo 'a tool for blacksmiths'");
    fs::create_dir(machine.path("other-bin/anvil")).expect("a directory");
    let good = machine.native("cache/anvil-1.7.1/node_modules");
    let found = quietly(&machine.search()).expect("an anvil");
    assert_eq!((found.place, found.executable), (Place::Cache, good));
}

#[test]
fn a_relative_path_is_taken_from_the_current_directory() {
    let machine = Machine::new();
    let anvil = machine.anvil("project/tools/anvil");
    let found = quietly(&explicit(machine.search(), "tools/anvil")).expect("an anvil");
    assert_eq!(found.executable, anvil);
}

#[test]
fn another_version_is_used_with_a_warning() {
    let machine = Machine::new();
    machine.anvil_of_version("bin/anvil", "1.6.0-nightly");
    let found = quietly(&machine.search()).expect("an anvil");
    assert_eq!(found.version.to_string(), "1.6.0-nightly");
    insta::assert_snapshot!(
        machine.redact(&found.warning.expect("a warning")),
        @"[machine]/bin/anvil is anvil 1.6.0-nightly; taskstorm is tested with 1.7.1, so gas and speed may differ"
    );
}

#[test]
fn a_named_anvil_that_cannot_be_used_is_an_error_and_nothing_takes_its_place() {
    let machine = Machine::new();
    machine.anvil("bin/anvil");
    let dir = machine.path("project");
    let plain = machine.path("plain");
    fs::write(&plain, "text").expect("a file");
    let other = machine.script("other", "echo 'v20.20.2'");
    let failing = machine.script("failing", "echo 'anvil Version: 1.7.1'; exit 3");
    let mut report = String::new();
    for path in [machine.path("nowhere"), dir, plain, other, failing] {
        let error = quietly(&explicit(machine.search(), path)).expect_err("an error");
        report += &format!("{error}\n\n");
    }
    let mut search = machine.search();
    search.environment.anvil = Some(machine.path("nowhere"));
    report += &quietly(&search).expect_err("an error").to_string();
    insta::assert_snapshot!("named_anvils_that_cannot_be_used", machine.redact(&report));
}

#[test]
fn an_executable_that_hangs_is_ended_with_what_it_started() {
    let machine = Machine::new();
    let pid_file = machine.path("pid");
    let hanging = machine.script(
        "hanging",
        &format!("sleep 60 & echo $! > '{}'; wait", pid_file.display()),
    );
    let began = Instant::now();
    let error = quietly(&impatient(explicit(machine.search(), hanging))).expect_err("an error");
    assert!(
        matches!(
            error,
            Error::Unusable {
                problem: Problem::Hangs(_),
                ..
            }
        ),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    crate::support::processes::assert_gone(
        fs::read_to_string(pid_file)
            .expect("a pid")
            .trim()
            .parse()
            .expect("a pid"),
    );
}

#[test]
fn with_no_install_the_error_lists_places_and_ways() {
    let machine = Machine::new();
    machine.script("bin/anvil", "exit 7");
    let error = quietly(&machine.search()).expect_err("an error");
    insta::assert_snapshot!("no_install", machine.redact(&error.to_string()));
}
