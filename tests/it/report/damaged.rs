//! Folders of runs whose files were cut, extended or replaced: nothing is made of them as if they were whole.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

const SMOKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/smoke.toml");

struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn taskstorm(dir: &Path, arguments: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_taskstorm"))
        .args(arguments)
        .current_dir(dir)
        .env_remove("RUST_LOG")
        .env("COLUMNS", "400")
        .output()
        .expect("taskstorm starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended {
        code: output.status.code(),
        stdout: text(output.stdout),
        // Diagnostics are wrapped.
        stderr: text(output.stderr).replace("\n  │ ", " "),
    }
}

/// A folder with the run `good`.
fn place() -> TempDir {
    let place = tempfile::tempdir().expect("a temporary folder");
    let run = [
        "run",
        SMOKE,
        "--chain",
        "embedded",
        "--out",
        "good",
        "--no-charts",
        "-q",
    ];
    let ended = taskstorm(place.path(), &run);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    place
}

/// Another folder with the same files.
fn copy(place: &TempDir, name: &str) -> PathBuf {
    let to = place.path().join(name);
    fs::create_dir(&to).unwrap();
    for entry in fs::read_dir(place.path().join("good"))
        .unwrap()
        .map(Result::unwrap)
    {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
    to
}

fn change(path: &Path, how: impl Fn(&mut Vec<String>)) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    how(&mut lines);
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn a_table_that_is_not_what_the_summary_counts_is_refused_by_every_reader() {
    type Spoil = fn(&Path);
    let cases: [(&str, &str, Spoil, &str); 7] = [
        (
            "half",
            "transactions.csv",
            |path| change(path, |lines| lines.truncate(lines.len() / 2)),
            "transactions.csv holds",
        ),
        (
            "mid-row",
            "tasks.csv",
            |path| {
                let text = fs::read(path).unwrap();
                fs::write(path, &text[..text.len() - 20]).unwrap();
            },
            "the last row ends in its middle",
        ),
        (
            "blocks",
            "blocks.csv",
            |path| change(path, |lines| drop(lines.pop())),
            "blocks.csv holds",
        ),
        (
            "empty",
            "transactions.csv",
            |path| fs::write(path, "").unwrap(),
            "holds 0 rows",
        ),
        (
            "header",
            "tasks.csv",
            |path| change(path, |lines| lines.truncate(1)),
            "holds 0 rows",
        ),
        (
            "twice",
            "tasks.csv",
            |path| change(path, |lines| lines.push(lines[1].clone())),
            "1 rows repeat an earlier one",
        ),
        (
            "replaced",
            "transactions.csv",
            |path| change(path, |lines| lines[2] = lines[1].clone()),
            "1 rows repeat an earlier one",
        ),
    ];
    let place = place();
    let dir = place.path();
    for (name, file, spoil, why) in cases {
        spoil(&copy(&place, name).join(file));
        let before = fs::read(dir.join(name).join("report.html")).unwrap();
        let report = taskstorm(dir, &["report", "good", name]);
        assert_eq!((report.code, report.stdout.as_str()), (Some(2), ""), "{name}");
        assert!(
            report.stderr.contains(why) && report.stderr.contains("remove summary.json"),
            "{name}: {}",
            report.stderr
        );
        assert_eq!(
            fs::read(dir.join(name).join("report.html")).unwrap(),
            before,
            "{name}"
        );

        for sides in [["good", name], [name, "good"]] {
            let rules = ["--fail-on", "gas > 1%", "--fail-on", "latency.p99 > 10%"];
            let compared = taskstorm(dir, &[&["compare"], &sides[..], &rules].concat());
            assert_eq!((compared.code, compared.stdout.as_str()), (Some(2), ""), "{name}");
            assert!(compared.stderr.contains(why), "{name}: {}", compared.stderr);
        }
        let forced = taskstorm(dir, &["compare", "good", name, "--force"]);
        assert_eq!(forced.code, Some(0), "{name}: {}", forced.stderr);
        let first: Vec<&str> = forced.stdout.lines().take(2).collect();
        assert!(
            first[0].starts_with("NOT COMPARABLE") && first[1].contains(why),
            "{name}: {first:?}"
        );
        assert!(
            !forced.stdout.contains("improved, exactly"),
            "{name}: {}",
            forced.stdout
        );
    }
}

#[test]
fn the_ways_out_that_are_named_work() {
    let place = place();
    let cut = |path: &Path| change(&path.join("transactions.csv"), |lines| lines.truncate(9));
    let without_summary = copy(&place, "without-summary");
    cut(&without_summary);
    fs::remove_file(without_summary.join("summary.json")).unwrap();
    let report = taskstorm(place.path(), &["report", "without-summary"]);
    assert_eq!(report.code, Some(0), "{}", report.stderr);
    assert!(report.stdout.starts_with("INCOMPLETE"), "{}", report.stdout);

    let without_table = copy(&place, "without-table");
    cut(&without_table);
    fs::remove_file(without_table.join("transactions.csv")).unwrap();
    let report = taskstorm(place.path(), &["report", "without-table"]);
    assert_eq!(report.code, Some(0), "{}", report.stderr);
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let place = place();
    let turned = copy(&place, "turned");
    for file in ["transactions.csv", "tasks.csv", "blocks.csv"] {
        change(&turned.join(file), |lines| lines[1..].reverse());
    }
    let compared = taskstorm(place.path(), &["compare", "good", "turned"]);
    assert_eq!(compared.code, Some(0), "{}", compared.stderr);
    assert!(
        compared.stdout.starts_with("0 regressed, 0 improved, "),
        "{}",
        compared.stdout
    );
    let report = taskstorm(place.path(), &["report", "turned"]);
    assert_eq!(report.code, Some(0), "{}", report.stderr);
}

#[test]
fn a_latency_log_that_was_cut_is_made_again() {
    let place = place();
    let whole = copy(&place, "whole");
    let report = taskstorm(place.path(), &["report", "whole", "--only", "html"]);
    assert_eq!((report.code, report.stderr.as_str()), (Some(0), ""));
    let page = |folder: &Path| fs::read_to_string(folder.join("report.html")).unwrap();
    let curves = page(&whole).matches("<polyline").count() + page(&whole).matches("<path").count();
    for (name, keep) in [("half", 0.5), ("empty", 0.0)] {
        let folder = copy(&place, name);
        change(&folder.join("latency.hlog"), |lines| {
            lines.truncate((lines.len() as f64 * keep) as usize);
        });
        let report = taskstorm(place.path(), &["report", name, "--only", "html"]);
        assert_eq!(report.code, Some(0), "{}", report.stderr);
        assert!(
            report.stderr.contains("latency.hlog: ") && report.stderr.contains("were made again"),
            "{}",
            report.stderr
        );
        let page = page(&folder);
        let drawn = page.matches("<polyline").count() + page.matches("<path").count();
        assert_eq!(drawn, curves, "{name}");
    }
}

#[test]
fn a_summary_that_is_none_is_refused_with_its_place() {
    let place = place();
    let json = fs::read(place.path().join("good/summary.json")).unwrap();
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("cut", json[..json.len() / 2].to_vec(), "EOF while parsing"),
        ("empty", Vec::new(), "EOF while parsing"),
        (
            "other",
            b"{\"foo\": 1}".to_vec(),
            "missing field `schema_version`",
        ),
        (
            "later",
            b"{\"schema_version\": 99}".to_vec(),
            "has schema version 99",
        ),
        ("binary", vec![0xff, 0xfe, 0, 1], "summary.json:1:"),
    ];
    for (name, bytes, why) in cases {
        fs::write(copy(&place, name).join("summary.json"), bytes).unwrap();
        for arguments in [&["report", name][..], &["compare", "good", name]] {
            let ended = taskstorm(place.path(), arguments);
            assert_eq!(
                (ended.code, ended.stdout.as_str()),
                (Some(2), ""),
                "{arguments:?}"
            );
            assert!(ended.stderr.contains(why), "{arguments:?}: {}", ended.stderr);
        }
    }
}

#[test]
fn a_run_that_is_missing_among_several_is_told() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path();
    let run = [
        "run",
        SMOKE,
        "--chain",
        "embedded",
        "--seeds",
        "1..3",
        "--no-charts",
        "-q",
        "--out",
    ];
    for out in ["base", "new"] {
        assert_eq!(taskstorm(dir, &[&run[..], &[out]].concat()).code, Some(0));
    }
    assert_eq!(taskstorm(dir, &["compare", "base", "new"]).code, Some(0));
    fs::remove_dir_all(dir.join("new/seed-2")).unwrap();
    for arguments in [&["compare", "base", "new"][..], &["report", "new"]] {
        let ended = taskstorm(dir, arguments);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        let told = "new holds 2 of the 3 runs that its summary.json counts: seed-2 is missing";
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
    // One of the runs is damaged: so is the whole.
    change(&dir.join("base/seed-3/tasks.csv"), |lines| drop(lines.pop()));
    let ended = taskstorm(dir, &["report", "base"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("seed-3 is damaged"), "{}", ended.stderr);
}
