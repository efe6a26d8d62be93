//! Scenarios that extend others, and values set beside the file.

use std::{fs, path::Path, time::Duration};

use taskstorm::scenario::{
    ChainKind, Distribution, Load, Loaded, Override, Scenario, ScenarioError, Spread, TaskCount,
    units::{ByteSize, Count, Period, Rate},
};
use tempfile::TempDir;

use super::refusals::{render, render_within};

const BASE: &str = r#"name = "base"
price = "10 gwei"

[chain]
kind = "embedded"
block_time = "1s"

[owners]
count = 20
min_nodes = 3
max_nodes = 5
redundancy = 3
tasks = 300
load = { constant = "50/s" }

[[miners]]
name = "gpu"
count = 40
work_time = { lognormal = { median = "80ms", p95 = "300ms" } }

[[miners]]
name = "cpu"
count = 20
work_time = "2s"
"#;

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

fn load(files: &[(&str, &str)], set: &[&str]) -> Result<Loaded, ScenarioError> {
    let folder = folder(files);
    let set: Vec<_> = set.iter().map(|text| Override::set(text)).collect();
    Loaded::with_overrides(folder.path().join("main.toml"), &set)
}

/// What `main.toml` becomes above [`BASE`].
fn extended(main: &str) -> Scenario {
    let main = format!("extends = \"base.toml\"\n{main}");
    load(&[("main.toml", &main), ("base.toml", BASE)], &[])
        .unwrap()
        .scenario
}

/// What [`BASE`] becomes.
fn set(assignments: &[&str]) -> Scenario {
    load(&[("main.toml", BASE)], assignments).unwrap().scenario
}

/// What is said of `main.toml` in a folder of these files.
fn refusal(files: &[(&str, &str)], set: &[&str]) -> String {
    let folder = folder(files);
    let set: Vec<_> = set.iter().map(|text| Override::set(text)).collect();
    let error = Loaded::with_overrides(folder.path().join("main.toml"), &set).unwrap_err();
    let place = folder.path().display().to_string();
    // Wide, so that where lines break does not depend on the folder's name.
    render_within(1_000, &error).replace(&format!("{place}/"), "")
}

#[test]
fn what_a_file_does_not_say_is_as_the_base_has_it() {
    let base = Scenario::from_toml("base", BASE).unwrap();
    assert_eq!(extended(""), base);
    let mut quick = base.clone();
    quick.name = "quick".into();
    quick.chain.block_time = Duration::from_millis(200);
    quick.owners[0].submissions.tasks = Some(TaskCount::PerSession(2));
    assert_eq!(
        extended("name = \"quick\"\n[chain]\nblock_time = \"200ms\"\n[owners]\ntasks = { per_session = 2 }"),
        quick
    );
}

#[test]
fn a_value_replaces_the_bases_even_where_both_are_tables() {
    let scenario = extended(
        "[owners]\nload = { back_to_back = { in_flight = 2 } }\n[miners.gpu]\nwork_time = { exponential = \"1s\" }",
    );
    assert_eq!(
        scenario.owners[0].submissions.load,
        Load::BackToBack {
            in_flight: Distribution::Constant(Count(2)),
            think_time: Load::NO_THINKING
        }
    );
    let mean = Duration::from_secs(1);
    assert_eq!(scenario.miners[0].work_time, Distribution::Exponential { mean });
}

#[test]
fn a_group_is_changed_by_its_name_and_a_list_replaces_all_groups() {
    let counts = |scenario: &Scenario| -> Vec<(String, u32)> {
        let groups = scenario.miners.iter();
        groups.map(|group| (group.name.clone(), group.count)).collect()
    };
    let scenario = extended("[miners.cpu]\ncount = 7");
    assert_eq!(counts(&scenario), [("gpu".into(), 40), ("cpu".into(), 7)]);
    assert_eq!(
        scenario.miners[1].work_time,
        Distribution::Constant(Duration::from_secs(2))
    );
    let scenario = extended("[[miners]]\nname = \"cpu\"\ncount = 9");
    assert_eq!(counts(&scenario), [("cpu".into(), 9)]);
    assert_eq!(
        scenario.miners[0].work_time,
        Distribution::Constant(Duration::from_millis(100))
    );
    // A list of one is a lone group too; and it is known by its name.
    let one = "[[owners]]\nname = \"bulk\"\ncount = 3\ntasks = 5\n[miners]\ncount = 4";
    for change in ["[owners]\ntasks = 6", "[owners.bulk]\ntasks = 6"] {
        let main = format!("extends = \"base.toml\"\n{change}");
        let base = format!("name = \"b\"\n{one}");
        let scenario = load(&[("main.toml", &main), ("base.toml", &base)], &[])
            .unwrap()
            .scenario;
        assert_eq!(
            (scenario.owners[0].count, scenario.expected_tasks()),
            (3, Some(6)),
            "{change}"
        );
    }
}

#[test]
fn bases_have_bases_and_each_path_is_relative_to_its_own_file() {
    let files = [
        ("main.toml", "extends = \"shared/middle.toml\"\nseed = 3"),
        (
            "shared/middle.toml",
            "extends = \"../deep/base.toml\"\nname = \"middle\"\nseed = 2",
        ),
        ("deep/base.toml", BASE),
    ];
    let scenario = load(&files, &["chain.block_time=2s"]).unwrap().scenario;
    assert_eq!(
        (
            scenario.name.as_str(),
            scenario.seed,
            scenario.expected_tasks().unwrap()
        ),
        ("middle", 3, 300)
    );
    assert_eq!(scenario.chain.block_time, Duration::from_secs(2));
}

#[test]
fn what_is_set_is_toml_or_else_text() {
    let rate = |text: &str| Load::Constant {
        rate: Rate::parse(text).unwrap(),
    };
    let scenario = set(&[
        "miners.gpu.count=500",
        "miners[1].work_time=3s",
        " chain.kind = anvil ",
        "owners.load.constant=90/min",
        "owners.payload_size.uniform=[1, \"2 KiB\"]",
        "description=what=ever",
        "oracle.count=2",
        "windows.ack=1m",
        "owners.name=\"many\"",
    ]);
    assert_eq!(scenario.miners[0].count, 500);
    assert_eq!(
        scenario.miners[1].work_time,
        Distribution::Constant(Duration::from_secs(3))
    );
    assert_eq!(scenario.chain.kind, ChainKind::Anvil);
    assert_eq!(scenario.owners[0].submissions.load, rate("90/min"));
    let (low, high) = (ByteSize(1), ByteSize(2_048));
    assert_eq!(
        scenario.owners[0].submissions.payload_size,
        Distribution::Uniform { low, high }
    );
    assert_eq!(scenario.description, "what=ever");
    assert_eq!(scenario.oracle.count, 2);
    assert_eq!(scenario.windows.ack, Duration::from_secs(60));
    assert_eq!(scenario.owners[0].name, "many");
}

#[test]
fn a_part_of_a_value_or_a_whole_group_can_be_set_and_the_last_counts() {
    let scenario = set(&[
        "miners.gpu.work_time.lognormal.p95=500ms",
        "owners[0].load={ constant = \"5/s\" }",
        "owners.load={ constant = \"6/s\" }",
        "miners[1]={ count = 3 }",
    ]);
    let (median, p95) = (Duration::from_millis(80), Duration::from_millis(500));
    assert_eq!(
        scenario.miners[0].work_time,
        Distribution::LogNormal {
            median,
            spread: Spread::P95(p95)
        }
    );
    let rate = Rate::new(6, Period::Second).unwrap();
    assert_eq!(scenario.owners[0].submissions.load, Load::Constant { rate });
    let miners = &scenario.miners[1];
    assert_eq!((miners.name.as_str(), miners.count), ("miners-2", 3));
}

#[test]
fn seeds_and_kinds_of_chains_are_set_like_anything_else() {
    let overrides = [
        Override::set("seed=4"),
        Override::seed(5),
        Override::chain_kind(ChainKind::Embedded),
        Override::assign("--vary", "miners.gpu.count=6"),
    ];
    let scenario = Loaded::from_toml_with("base", BASE, &overrides).unwrap().scenario;
    assert_eq!((scenario.seed, scenario.chain.kind), (5, ChainKind::Embedded));
    assert_eq!(scenario.miners[0].count, 6);
}

#[test]
fn the_written_scenario_stands_on_its_own() {
    let scenario = extended("seed = 7");
    let text = scenario.to_toml();
    assert!(!text.contains("extends"), "{text}");
    assert_eq!(Scenario::from_toml("written", &text).unwrap(), scenario);
}

#[test]
fn problems_are_shown_where_the_value_was_written() {
    let extending = "extends = \"base.toml\"\nname = \"main\"\n";
    let with = |more: &str| format!("{extending}{more}");
    for (name, main, base) in [
        (
            "value_of_the_base",
            with(""),
            BASE.replace("count = 20\nmin", "count = -20\nmin"),
        ),
        (
            "value_of_the_file",
            with("[owners]\ncount = -20"),
            BASE.to_owned(),
        ),
        (
            "values_of_both",
            with("[owners]\nredundancy = 4"),
            BASE.to_owned(),
        ),
        (
            "key_of_the_base",
            with(""),
            BASE.replace("min_nodes", "min_ndoes"),
        ),
        (
            "key_missing_in_all",
            with("[owners]\nredundancy = 3"),
            BASE.replace("tasks = 300\n", ""),
        ),
        (
            "base_is_no_toml",
            with(""),
            BASE.replace("count = 20", "count = = 20"),
        ),
        (
            "change_of_unknown_group",
            with("[miners.gpus]\ncount = 3"),
            BASE.to_owned(),
        ),
        ("change_of_no_group", with("[miners]\ncount = 3"), BASE.to_owned()),
    ] {
        insta::assert_snapshot!(name, refusal(&[("main.toml", &main), ("base.toml", &base)], &[]));
    }
}

#[test]
fn extensions_that_lead_nowhere() {
    for (name, files) in [
        ("missing_base", vec![("main.toml", "extends = \"no/base.toml\"")]),
        ("base_is_no_path", vec![("main.toml", "extends = 3")]),
        ("base_is_empty", vec![("main.toml", "extends = \"\"")]),
        (
            "extends_misspelt",
            vec![("main.toml", "extend = \"base.toml\"\nname = \"x\"")],
        ),
        ("circle_of_one", vec![("main.toml", "extends = \"main.toml\"")]),
        (
            "circle",
            vec![
                ("main.toml", "extends = \"a.toml\""),
                ("a.toml", "extends = \"sub/b.toml\""),
                ("sub/b.toml", "# back to the second\nextends = \"../a.toml\""),
            ],
        ),
    ] {
        insta::assert_snapshot!(name, refusal(&files, &[]));
    }
    let text = Loaded::from_toml("text", "extends = \"base.toml\"").unwrap_err();
    insta::assert_snapshot!("base_of_no_file", render(&text));
}

#[test]
fn problems_with_what_is_set_point_at_the_flag() {
    for (name, assignment) in [
        ("set_negative", "miners.gpu.count=-3"),
        ("set_wrong_type", "owners.count=many"),
        ("set_misspelt_key", "chain.block_tme=2s"),
        ("set_misspelt_section", "minres.count=2"),
        ("set_without_value", "owners.count"),
        ("set_nothing", "owners.count="),
        ("set_no_key", "owners..count=3"),
        ("set_no_index", "owners[x].count=3"),
        ("set_against_the_file", "owners.redundancy=9"),
        ("set_more_than_there_are", "owners.max_nodes=61"),
        ("set_which_group", "miners.count=3"),
        ("set_unknown_group", "miners.gpx.count=3"),
        ("set_a_group_without_key", "miners.gpu=3"),
        ("set_no_group", "miners.work_time.lognormal.p95=3s"),
        ("set_index_beyond", "miners[2].count=3"),
        ("set_index_of_no_array", "chain[0].kind=anvil"),
        ("set_broken_table", "owners.load={constant=5/s}"),
        ("set_rate_without_unit", "owners.load.constant=5"),
    ] {
        insta::assert_snapshot!(name, refusal(&[("main.toml", BASE)], &[assignment]));
    }
}

#[test]
fn every_fault_of_what_is_set_is_said_at_once() {
    let set = ["owners.count=0", "chain.block_time=1", "windows.ack=\"30s\""];
    insta::assert_snapshot!(refusal(&[("main.toml", BASE)], &set));
}

#[test]
fn files_are_found_from_any_folder() {
    // A path without a folder is relative to the process's own.
    let error = Loaded::from_file(Path::new("no-such-scenario.toml")).unwrap_err();
    assert!(matches!(error, ScenarioError::Unreadable { .. }));
}
