//! The script of the CI guide, run twice in one checkout.

use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

use crate::support::{node::root, place::Place, taskstorm::EXECUTABLE};

/// Stands in for the two release builds of the script: they would take minutes, and give this program.
const CARGO: &str = "#!/bin/sh\nmkdir -p \"${CARGO_TARGET_DIR:-target}/release\"\n\
                     cp \"$TASKSTORM\" \"${CARGO_TARGET_DIR:-target}/release/taskstorm\"\n";

/// The script as the guide has it.
fn script() -> String {
    let guide = fs::read_to_string(root().join("docs/ci.md")).expect("the guide");
    let (_, from) = guide.split_once("```sh\n").expect("a script");
    let (script, _) = from.split_once("```").expect("its end");
    script.to_owned()
}

fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=ci", "-c", "user.email=ci@example.org"])
        .args(arguments)
        .current_dir(dir)
        .output()
        .expect("git starts");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn the_script_passes_twice_in_a_row_where_nothing_changed() {
    let place = Place::new();
    let dir = &place.path("");
    for file in [
        "scenarios/quickstart.toml",
        "scenarios/smoke.toml",
        "contracts/gas.json",
    ] {
        place.write(file, fs::read(root().join(file)).unwrap());
    }
    place.write("performance.sh", script());
    place.write("tools/cargo", CARGO);
    let tools = dir.join("tools");
    fs::set_permissions(tools.join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    git(dir, &["init", "-q"]);
    git(dir, &["add", "."]);
    git(dir, &["commit", "-q", "-m", "base"]);
    let base = git(dir, &["rev-parse", "HEAD"]);

    let mut path = OsString::from(&tools);
    path.push(":");
    path.push(env::var_os("PATH").expect("a PATH"));
    let run = || -> Output {
        Command::new("bash")
            .arg("performance.sh")
            .current_dir(dir)
            .env("PATH", &path)
            .env("TASKSTORM", EXECUTABLE)
            .env("BASE_COMMIT", &base)
            .env_remove("RUST_LOG")
            .output()
            .expect("bash starts")
    };
    for time in ["first", "second"] {
        let output = run();
        let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "the {time} time: {told}");
        let comparison = place.read("ci-reports/comparison.md");
        assert!(!comparison.contains("INCONCLUSIVE"), "{comparison}");
        for junit in ["thresholds", "comparison"] {
            let xml = place.read(&format!("ci-reports/{junit}.xml"));
            assert!(!xml.contains("<skipped") && !xml.contains("<failure"), "{xml}");
        }
    }

    // Enough data for every rule, also where the two sides have not a single value in common.
    let other = [
        "run",
        "scenarios/quickstart.toml",
        "--set",
        "owners.tasks=1800",
        "--chain",
        "embedded",
        "--seed",
        "7",
        "--no-charts",
        "-q",
        "--out",
        "ci-reports/other",
    ];
    assert!(script().contains("--set owners.tasks=1800"));
    place.taskstorm(other).end();
    place
        .taskstorm(["compare", "ci-reports/base", "ci-reports/other"])
        .args(["--fail-on", "gas > 1%", "--fail-on", "latency.p99 > 10%"])
        .end();
}
