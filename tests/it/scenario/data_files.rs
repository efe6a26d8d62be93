//! Data files beside a scenario: what they may look like, what is said of a bad one, and that a run carries its own copy.

use std::{fs, path::Path, time::Duration};

use miette::Diagnostic;
use taskstorm::scenario::{Bin, Distribution, Empirical, Loaded, Override, Scenario, units::ByteSize};
use tempfile::TempDir;

use super::refusals::render;

/// A scenario with `extra` lines in its only group of miners.
fn scenario(extra: &str) -> String {
    format!("name = \"t\"\nowners = {{ count = 1, tasks = 1 }}\n[miners]\ncount = 1\n{extra}\n")
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Scenario {
    match Loaded::from_file(folder.join("s.toml")) {
        Ok(loaded) => loaded.scenario,
        Err(error) => panic!("{}", render(&error)),
    }
}

/// What is said of a scenario beside `data.csv`, with the folder's own name left out.
fn refusal(extra: &str, data: &str) -> String {
    let folder = folder(&[("s.toml", &scenario(extra)), ("data.csv", data)]);
    said_in(
        &folder,
        &Loaded::from_file(folder.path().join("s.toml")).unwrap_err(),
    )
}

fn said_in(folder: &TempDir, error: &dyn Diagnostic) -> String {
    let text = format!("{}/", folder.path().display());
    // As wide as it takes: where lines break must not depend on the folder's name.
    super::refusals::render_within(400, error).replace(&text, "")
}

#[test]
fn columns_say_what_their_numbers_are_in() {
    let us = |micros: &[u64]| {
        let samples: Vec<_> = micros.iter().copied().map(Duration::from_micros).collect();
        Distribution::Empirical(Empirical::of_samples(&samples).unwrap())
    };
    for (keys, data, expected) in [
        ("\"d.csv\"", "value_us\n5\n1500\n", us(&[5, 1_500])),
        ("{ file = \"d.csv\" }", "value_ms\n5\n1.5\n", us(&[5_000, 1_500])),
        (
            "{ file = \"d.csv\" }",
            "# seconds\nvalue_s\n2\n0.0000004\n1e-3",
            us(&[2_000_000, 0, 1_000]),
        ),
        (
            "{ file = \"d.csv\" }",
            "value\n 2m 5s \n80ms\n",
            us(&[125_000_000, 80_000]),
        ),
        (
            "{ file = \"d.csv\" }",
            "id,value_us,note\n1,7,\"a, b\"\n2,8,\n",
            us(&[7, 8]),
        ),
        (
            "{ file = \"d.csv\", column = \"response_us\" }",
            "value_us,response_us\n1,7\n2,8\n",
            us(&[7, 8]),
        ),
        ("{ file = \"d.csv\" }", "\u{feff}value_us\r\n5\r\n", us(&[5])),
    ] {
        let text = scenario(&format!("work_time = {{ empirical = {keys} }}"));
        let folder = folder(&[("s.toml", &text), ("d.csv", data)]);
        let read = &load(folder.path()).miners[0].work_time;
        // Drawn alike, though one of them knows a file.
        let draw = |distribution: &Distribution<Duration>| {
            let mut rng = taskstorm::plan::stream(1, "test", 0);
            (0..50).map(|_| distribution.sample(&mut rng)).collect::<Vec<_>>()
        };
        assert_eq!(draw(read), draw(&expected), "{data}");
    }
}

#[test]
fn counted_values_and_bins_are_histograms() {
    for (data, bins) in [
        ("value_bytes,count\n10,3\n20,1\n", [(10, 10, 3), (20, 20, 1)]),
        (
            "low,high,count\n10 B,20,3\n1 KiB,1 KiB,1\n",
            [(10, 20, 3), (1_024, 1_024, 1)],
        ),
        (
            "count,high_bytes,low_bytes\n3,20,10\n1,9,5\n",
            [(10, 20, 3), (5, 9, 1)],
        ),
    ] {
        let text = scenario("result_size = { empirical = \"d.csv\" }");
        let folder = folder(&[("s.toml", &text), ("d.csv", data)]);
        let scenario = load(folder.path());
        let bins = bins.map(|(low, high, count)| Bin {
            low: ByteSize(low),
            high: ByteSize(high),
            count,
        });
        let expected = Distribution::Empirical(Empirical::of_histogram(&bins).unwrap());
        assert_eq!(scenario.miners[0].result_size.mean(), expected.mean());
        let mut written = Vec::new();
        scenario.data[0].write(&mut written).unwrap();
        let rows: String = bins
            .iter()
            .map(|bin| format!("{},{},{}\n", bin.low.0, bin.high.0, bin.count))
            .collect();
        assert_eq!(
            String::from_utf8(written).unwrap(),
            format!("low_bytes,high_bytes,count\n{rows}")
        );
    }
}

/// Writes a scenario and its data files to a folder of their own, as a run does.
pub(super) fn resolved(scenario: &Scenario) -> TempDir {
    let copy = folder(&[("s.toml", &scenario.to_toml())]);
    for file in &scenario.data {
        let path = copy.path().join(file.name());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        file.write(&mut fs::File::create(path).unwrap()).unwrap();
    }
    copy
}

#[test]
fn a_resolved_scenario_carries_its_data_and_reads_back_equal() {
    let text = r#"
        name = "carried"
        chain = { kind = "embedded", submission_delay = { empirical = { file = "../d.csv" } } }
        owners = { count = 1, tasks = 1, payload_size = { empirical = "sizes.csv" } }
        [[miners]]
        count = 1
        work_time = { empirical = { file = "../d.csv", column = "work_ms" } }
        ack_delay = { empirical = ["1ms", "2ms"] }
        [[miners]]
        name = "b"
        count = 1
        work_time = { empirical = "../d.csv" }
        result_size = { empirical = { histogram = [{ low = 1, high = "2 KiB", count = 4 }] } }
    "#;
    let place = folder(&[
        ("in/s.toml", text),
        ("d.csv", "value_us,work_ms\n1,0.5\n2,7\n"),
        ("in/sizes.csv", "low_bytes,high_bytes,count\n1,9,4\n"),
    ]);
    let scenario = load(&place.path().join("in"));
    let names: Vec<_> = scenario.data.iter().map(|file| file.name()).collect();
    assert_eq!(
        names,
        [
            "inputs/chain.submission_delay.csv",
            "inputs/miners-1.work_time.csv",
            "inputs/miners-2.work_time.csv",
            "inputs/owners-1.payload_size.csv",
        ]
    );
    let copy = resolved(&scenario);
    drop(place);
    let again = load(copy.path());
    assert_eq!(again, scenario);
    let work = fs::read_to_string(copy.path().join("inputs/miners-1.work_time.csv")).unwrap();
    assert_eq!(work, "value_us\n500\n7000\n");
    // And once more: nothing of it depends on where it was read from.
    assert_eq!(again.to_toml(), scenario.to_toml());
}

#[test]
fn a_path_is_relative_to_the_file_that_says_it() {
    let place = folder(&[
        (
            "base/base.toml",
            &scenario("work_time = { empirical = \"d.csv\" }"),
        ),
        ("base/d.csv", "value_us\n1\n"),
        (
            "mine/s.toml",
            "extends = \"../base/base.toml\"\nminers = { ack_delay = { empirical = \"d.csv\" } }",
        ),
        ("mine/d.csv", "value_us\n2\n"),
    ]);
    let scenario = load(&place.path().join("mine"));
    let miners = &scenario.miners[0];
    let mean = |delay: &Distribution<Duration>| delay.mean().as_micros();
    assert_eq!((mean(&miners.work_time), mean(&miners.ack_delay)), (1, 2));
    let set = format!(
        "miners.work_time={{ empirical = '{}/mine/d.csv' }}",
        place.path().display()
    );
    let file = place.path().join("mine/s.toml");
    let loaded = Loaded::with_overrides(&file, &[Override::set(&set)]).unwrap();
    assert_eq!(mean(&loaded.scenario.miners[0].work_time), 2);
}

#[test]
fn refusals_of_data_files() {
    let file = "work_time = { empirical = { file = \"data.csv\" } }";
    let size = "result_size = { empirical = \"data.csv\" }";
    for (name, extra, data) in [
        ("missing", "work_time = { empirical = \"work.csv\" }", ""),
        ("is_a_folder", "work_time = { empirical = \".\" }", ""),
        ("empty", file, ""),
        ("header_only", file, "value_us\n"),
        ("no_header", file, "120\n130\n"),
        ("column_misspelt", file, "vlaue_us\n120\n"),
        ("column_in_unknown_unit", file, "value_ns\n120\n"),
        (
            "column_chosen_misspelt",
            "work_time = { empirical = { file = \"data.csv\", column = \"wrok_us\" } }",
            "id,work_us\n1,2\n",
        ),
        ("cell_no_number", file, "value_us\n1\n12x\n"),
        ("cell_negative", file, "value_us\n1\n2\n-3\n"),
        ("cell_empty", file, "id,value_us\n1,\n"),
        ("cell_without_unit", file, "value\n80ms\n80\n"),
        ("cell_too_long", file, "value_s\n1\n86401\n"),
        ("cell_too_large", size, "value_bytes\n65536\n"),
        ("row_too_short", file, "value_us,id\n1,1\n2\n"),
        ("bin_reversed", file, "low_us,high_us,count\n1,2,3\n9,2,3\n"),
        ("bins_without_count", file, "low_us,high_us\n1,2\n"),
        ("bins_that_count_nothing", file, "low_us,high_us,count\n1,2,0\n"),
        ("count_no_number", file, "value_us,count\n1,2.5\n"),
        (
            "values_and_bins",
            file,
            "value_us,low_us,high_us,count\n1,1,1,1\n",
        ),
        ("two_units", file, "value_us,value_ms\n1,1\n"),
    ] {
        insta::assert_snapshot!(format!("data_{name}"), refusal(extra, data));
    }
}

#[test]
fn text_without_a_folder_has_no_data_files() {
    let text = scenario("work_time = { empirical = \"work.csv\" }");
    insta::assert_snapshot!(render(&Loaded::from_toml("text.toml", &text).unwrap_err()));
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    let text = scenario("work_time = { empirical = \"work.csv\" }");
    let folder = folder(&[("s.toml", &text)]);
    fs::write(folder.path().join("work.csv"), b"value_us\n1\n\xff\xfe\n").unwrap();
    let error = Loaded::from_file(folder.path().join("s.toml")).unwrap_err();
    insta::assert_snapshot!(said_in(&folder, &error));
}
