//! Installing into the cache: once with the real npm, the rest with fakes.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::thread;

use taskstorm::chain::anvil::{Environment, Error, Install, Place, Search, find};

use super::machine::{Machine, platform_package, quietly};

/// A search that may install.
fn installing(machine: &Machine) -> Search {
    let mut search = machine.search();
    search.install = Install::Allowed;
    // The fakes are shell scripts that need the system's commands.
    let system = std::env::split_paths("/usr/bin:/bin");
    let path = std::env::join_paths([machine.path("bin")].into_iter().chain(system)).expect("a PATH");
    search.environment.path = Some(path);
    search
}

/// An npm that makes the platform package where it is told to, slowly, and counts its calls.
fn fake_npm(machine: &Machine) {
    let calls = machine.path("npm-calls");
    let body = format!(
        "echo \"$*\" >> '{}'\nsleep 0.2\nbin=node_modules/{}/bin\nmkdir -p $bin\n\
         printf '#!/bin/sh\\necho anvil Version: 1.7.1\\n' > $bin/anvil\nchmod +x $bin/anvil",
        calls.display(),
        platform_package()
    );
    machine.script("bin/npm", &body);
}

fn cache_entries(cache: &Path) -> Vec<String> {
    let entries = fs::read_dir(cache).expect("the cache");
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn the_real_npm_installs_the_pinned_anvil_into_an_empty_cache() {
    let machine = Machine::new();
    let mut environment = Environment::of_process().expect("a current directory");
    // Of the real surroundings only PATH is left, without an anvil of its own.
    let dirs = environment.path.iter().flat_map(std::env::split_paths);
    let without_anvil = dirs.filter(|dir| !dir.join("anvil").exists());
    environment.path = Some(std::env::join_paths(without_anvil).expect("a PATH"));
    environment.anvil = None;
    environment.current_dir = machine.path("project");
    environment.cache = Some(machine.path("cache/new"));
    let search = Search::new(environment);

    let lines = RefCell::new(Vec::new());
    let found = find(&search, &|line| lines.borrow_mut().push(line.to_owned())).expect("an installed anvil");
    assert_eq!(
        (found.place, found.version.to_string().as_str()),
        (Place::Cache, "1.7.1")
    );
    assert!(
        found
            .executable
            .starts_with(machine.path("cache/new/anvil-1.7.1"))
    );
    let lines = lines.into_inner();
    assert!(
        lines[0].contains("installing @foundry-rs/anvil 1.7.1 with npm"),
        "{lines:?}"
    );
    assert_eq!(cache_entries(&machine.path("cache/new")), ["anvil-1.7.1"]);

    // The second time it is there: nothing to say, nothing to install.
    let again = find(&search, &|line| panic!("unexpected: {line}")).expect("the same anvil");
    assert_eq!(again.executable, found.executable);
}

#[test]
fn npm_is_given_the_hashes_to_verify() {
    let machine = Machine::new();
    let (seen, bin) = (
        machine.path("seen"),
        format!("node_modules/{}/bin", platform_package()),
    );
    machine.script(
        "bin/npm",
        &format!(
            "echo \"$1\" >'{0}'; cat package-lock.json >>'{0}'; mkdir -p {bin}\n\
             printf '#!/bin/sh\\necho anvil Version: 1.7.1\\n' >{bin}/anvil; chmod +x {bin}/anvil",
            seen.display()
        ),
    );
    quietly(&installing(&machine)).expect("an anvil");
    let seen = fs::read_to_string(seen).expect("what npm saw");
    let (command, lock) = seen.split_once('\n').expect("two lines");
    assert_eq!(command, "ci", "npm install would take what it is sent");
    let lock: serde_json::Value = serde_json::from_str(lock).expect("JSON");
    let project = include_str!("../../../package-lock.json");
    let project: serde_json::Value = serde_json::from_str(project).expect("JSON");
    let name = format!("node_modules/{}", platform_package());
    let hash = &lock["packages"][&name]["integrity"];
    assert!(hash.is_string());
    assert_eq!(hash, &project["packages"][&name]["integrity"]);
}

#[test]
fn two_at_once_leave_one_complete_installation() {
    let machine = Machine::new();
    fake_npm(&machine);
    let search = installing(&machine);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| quietly(&search).expect("an anvil"));
        }
    });
    assert_eq!(cache_entries(&machine.path("cache")), ["anvil-1.7.1"]);
}

#[test]
fn a_damaged_installation_is_replaced() {
    let machine = Machine::new();
    fake_npm(&machine);
    let native = format!("cache/anvil-1.7.1/node_modules/{}/bin/anvil", platform_package());
    machine.script(&native, "exit 1");
    let found = quietly(&installing(&machine)).expect("an anvil");
    assert_eq!(found.executable, machine.path(&native));
    assert_eq!(cache_entries(&machine.path("cache")), ["anvil-1.7.1"]);
}

#[test]
fn a_failing_npm_leaves_nothing_and_is_quoted() {
    let machine = Machine::new();
    machine.script("bin/npm", "echo 'npm error code ENOTFOUND' >&2; exit 1");
    let error = quietly(&installing(&machine)).expect_err("an error");
    assert!(cache_entries(&machine.path("cache")).is_empty());
    insta::assert_snapshot!("npm_fails", machine.redact(&error.to_string()));
}

#[test]
fn without_npm_or_cache_the_error_says_so() {
    let machine = Machine::new();
    let mut search = machine.search();
    search.install = Install::Allowed;
    let no_npm = quietly(&search).expect_err("an error").to_string();
    assert!(
        no_npm.contains("npm is not on PATH") && no_npm.contains("install Node.js"),
        "{no_npm}"
    );
    fake_npm(&machine);
    search.environment.cache = None;
    let no_cache = quietly(&search).expect_err("an error").to_string();
    assert!(no_cache.contains("set TASKSTORM_CACHE"), "{no_cache}");
}

#[test]
fn a_cache_that_cannot_be_written_is_an_error() {
    let machine = Machine::new();
    fake_npm(&machine);
    let mut search = installing(&machine);
    fs::write(machine.path("file"), "").expect("a file");
    search.environment.cache = Some(machine.path("file/cache"));
    let error = quietly(&search).expect_err("an error");
    assert!(matches!(error, Error::Install { .. }), "{error}");
    assert!(error.to_string().contains("file/cache"), "{error}");
}
