//! Folders of runs whose files were cut, extended or replaced: nothing is made of them as if they were whole.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::support::{place::Place, scenario::SMOKE};

const RUN: [&str; 6] = ["run", "smoke.toml", "--chain", "embedded", "--no-charts", "-q"];

/// A folder with the run `good`.
fn place() -> Place {
    let place = Place::with("smoke.toml", SMOKE);
    place.taskstorm(RUN).args(["--out", "good"]).end();
    place
}

/// Another folder with the same files.
fn copy(place: &Place, name: &str) -> PathBuf {
    for entry in fs::read_dir(place.path("good")).unwrap().map(Result::unwrap) {
        let file = format!("{name}/{}", entry.file_name().display());
        place.write(&file, fs::read(entry.path()).unwrap());
    }
    place.path(name)
}

/// That a command refuses a folder and says why; diagnostics are wrapped.
#[track_caller]
fn refuses(place: &Place, arguments: &[&str], why: &[&str]) {
    let refused = place.taskstorm(arguments).code(2).stdout("").end();
    let said = refused.stderr.replace("\n  │ ", " ");
    for why in why {
        assert!(said.contains(why), "{arguments:?}: {said}");
    }
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
    for (name, file, spoil, why) in cases {
        spoil(&copy(&place, name).join(file));
        let page = || place.read(&format!("{name}/report.html"));
        let before = page();
        refuses(&place, &["report", "good", name], &[why, "remove summary.json"]);
        assert!(page() == before, "{name}: another page");

        for sides in [["good", name], [name, "good"]] {
            let rules = ["--fail-on", "gas > 1%", "--fail-on", "latency.p99 > 10%"];
            refuses(&place, &[&["compare"], &sides[..], &rules].concat(), &[why]);
        }
        let forced = place.taskstorm(["compare", "good", name, "--force"]).end().stdout;
        let first: Vec<&str> = forced.lines().take(2).collect();
        assert!(
            first[0].starts_with("NOT COMPARABLE") && first[1].contains(why),
            "{name}: {first:?}"
        );
        assert!(!forced.contains("improved, exactly"), "{name}: {forced}");
    }
}

#[test]
fn the_ways_out_that_are_named_work() {
    let place = place();
    let cut = |path: &Path| change(&path.join("transactions.csv"), |lines| lines.truncate(9));
    let without_summary = copy(&place, "without-summary");
    cut(&without_summary);
    fs::remove_file(without_summary.join("summary.json")).unwrap();
    let report = place.taskstorm(["report", "without-summary"]).end();
    assert!(report.stdout.starts_with("INCOMPLETE"), "{}", report.stdout);

    let without_table = copy(&place, "without-table");
    cut(&without_table);
    fs::remove_file(without_table.join("transactions.csv")).unwrap();
    place.taskstorm(["report", "without-table"]).end();
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let place = place();
    let turned = copy(&place, "turned");
    for file in ["transactions.csv", "tasks.csv", "blocks.csv"] {
        change(&turned.join(file), |lines| lines[1..].reverse());
    }
    let compared = place.taskstorm(["compare", "good", "turned"]).end().stdout;
    assert!(compared.starts_with("0 regressed, 0 improved, "), "{compared}");
    place.taskstorm(["report", "turned"]).end();
}

#[test]
fn a_latency_log_that_was_cut_is_made_again() {
    let place = place();
    let whole = copy(&place, "whole");
    let report = |name: &str| place.taskstorm(["report", name, "--only", "html"]);
    report("whole").stderr("").end();
    let page = |folder: &Path| fs::read_to_string(folder.join("report.html")).unwrap();
    let curves = page(&whole).matches("<polyline").count() + page(&whole).matches("<path").count();
    for (name, keep) in [("half", 0.5), ("empty", 0.0)] {
        let folder = copy(&place, name);
        change(&folder.join("latency.hlog"), |lines| {
            lines.truncate((lines.len() as f64 * keep) as usize);
        });
        report(name)
            .stderr_has("latency.hlog: ")
            .stderr_has("were made again")
            .end();
        let page = page(&folder);
        let drawn = page.matches("<polyline").count() + page.matches("<path").count();
        assert_eq!(drawn, curves, "{name}");
    }
}

#[test]
fn a_summary_that_is_none_is_refused_with_its_place() {
    let place = place();
    let json = place.read("good/summary.json").into_bytes();
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
            refuses(&place, arguments, &[why]);
        }
    }
}

#[test]
fn a_run_that_is_missing_among_several_is_told() {
    let place = Place::with("smoke.toml", SMOKE);
    for out in ["base", "new"] {
        place.taskstorm(RUN).args(["--seeds", "1..3", "--out", out]).end();
    }
    place.taskstorm(["compare", "base", "new"]).end();
    fs::remove_dir_all(place.path("new/seed-2")).unwrap();
    let told = "new holds 2 of the 3 runs that its summary.json counts: seed-2 is missing";
    refuses(&place, &["compare", "base", "new"], &[told]);
    refuses(&place, &["report", "new"], &[told]);
    // One of the runs is damaged: so is the whole.
    change(&place.path("base/seed-3/tasks.csv"), |lines| drop(lines.pop()));
    refuses(&place, &["report", "base"], &["seed-3 is damaged"]);
}
