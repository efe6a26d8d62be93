//! Scenarios that run a profile: what they say, what is said of bad ones, and what is planned for them.

mod plans;

use std::{collections::BTreeSet, path::Path, time::Duration};

use alloy::primitives::Address;
use proptest::{option, prelude::*};
use taskstorm::{
    fees::Eip1559Fees,
    plan::{LoadPlan, OrderPlan, Plan, group_arrivals},
    protocol::profile::ActorPlan,
    scenario::{
        Distribution, Limits, Load, Loaded, Override, ProfileRun, RoleGroup, Scenario, ScenarioError,
        TaskCount,
        units::{ByteSize, Rate},
    },
};

use super::refusals::render_within;
use crate::support::place::Place;

const SCENARIO: &str = r#"name = "busy"
protocol = "market.toml"

[chain]
kind = "embedded"

[[asker]]
name = "steady"
count = 3
tasks = 12
load = { constant = "2/s" }
payload_size = "64 B"

[[asker]]
name = "closed"
count = 2
duration = "30s"
start = "5s"
load = { back_to_back = { in_flight = 4 } }
tip = "2 gwei"

[[answerer]]
count = 5
think = { uniform = ["1s", "3s"] }
"#;

/// A folder with a profile, its contracts, and these files.
fn place(files: &[(&str, &str)]) -> Place {
    let place = Place::new();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/profiles");
    for (name, bytes) in crate::support::place::files(&from) {
        if name == "market.toml" || name.starts_with("artifacts/") {
            place.write(&name, bytes);
        }
    }
    for (name, text) in files {
        place.write(name, text);
    }
    place
}

fn load(files: &[(&str, &str)], set: &[Override]) -> Result<Loaded, ScenarioError> {
    Loaded::with_overrides(place(files).path("s.toml"), set)
}

/// The scenario with `from` replaced by `to`.
fn changed(from: &str, to: &str) -> String {
    assert!(SCENARIO.contains(from), "{from}");
    SCENARIO.replacen(from, to, 1)
}

fn scenario(text: &str, set: &[&str]) -> Scenario {
    let set: Vec<_> = set.iter().map(|text| Override::set(text)).collect();
    let loaded = load(&[("s.toml", text)], &set);
    let loaded = loaded.unwrap_or_else(|error| panic!("{:?}", miette::Report::new(error)));
    loaded.scenario
}

fn run(scenario: &Scenario) -> &ProfileRun {
    scenario.profile.as_ref().expect("a profile")
}

fn group<'s>(scenario: &'s Scenario, name: &str) -> &'s RoleGroup {
    let mut groups = run(scenario).groups.iter();
    groups.find(|group| group.name == name).expect("the group")
}

fn actors(plan: &Plan) -> &[ActorPlan] {
    &plan.profile.as_ref().expect("a profile").actors
}

#[test]
fn groups_have_what_is_written_and_defaults_for_the_rest() {
    let scenario = scenario(SCENARIO, &[]);
    let run = run(&scenario);
    assert_eq!(run.definition.schema.name, "question market");
    let groups: Vec<_> = run
        .groups
        .iter()
        .map(|group| (run.role_name(group.role), group.name.as_str(), group.count))
        .collect();
    assert_eq!(
        groups,
        [
            ("asker", "steady", 3),
            ("asker", "closed", 2),
            ("answerer", "answerer", 5)
        ]
    );
    let steady = group(&scenario, "steady").submissions.as_ref().unwrap();
    assert_eq!(steady.tasks, Some(TaskCount::Total(12)));
    assert_eq!(steady.payload_size, Distribution::Constant(ByteSize(64)));
    assert_eq!(group(&scenario, "steady").fees, Eip1559Fees::default());
    let closed = group(&scenario, "closed");
    assert_eq!(closed.fees.tip, 2_000_000_000);
    let closed = closed.submissions.as_ref().unwrap();
    assert_eq!(closed.longest(), Some(Duration::from_secs(30)));
    let answerer = group(&scenario, "answerer");
    let [low, high] = [1, 3].map(Duration::from_secs);
    assert_eq!(answerer.delays, [Distribution::Uniform { low, high }]);
    assert_eq!(answerer.submissions, None);

    // What the reference protocol has is not there.
    assert_eq!(
        (
            scenario.owners.len(),
            scenario.miners.len(),
            scenario.oracle.count
        ),
        (0, 0, 0)
    );
    assert_eq!(scenario.limits.drain, Limits::PROFILE_DRAIN);
    assert_eq!(scenario.expected_tasks(), None);
    assert!(run.parameters.is_empty());
}

#[test]
fn delays_that_are_left_out_are_those_of_the_profile() {
    let text = changed("think = { uniform = [\"1s\", \"3s\"] }\n", "");
    let scenario = scenario(&text, &[]);
    let two = Duration::from_secs(2);
    assert_eq!(group(&scenario, "answerer").delays, [Distribution::Constant(two)]);
}

#[test]
fn parameters_are_expressions_of_the_profiles_types() {
    let text = changed(
        "[chain]",
        "[parameters]\nmost = \"2 * bond + 3\"\nbond = 5\n[chain]",
    );
    let scenario = scenario(&text, &[]);
    let run = run(&scenario);
    let names = run
        .parameters
        .iter()
        .map(|(place, _)| run.definition.parameters[*place].name.as_str());
    // In the order of the profile.
    assert_eq!(names.collect::<Vec<_>>(), ["bond", "most"]);
    assert_eq!(run.parameter_texts, ["5", "2 * bond + 3"]);
}

#[test]
fn thresholds_know_the_phases_and_functions_of_the_profile() {
    let text = changed(
        "[chain]",
        "thresholds = [\"task.answer.p99 < 9s\", \"tasks.failed.count < 2\"]\n[chain]",
    );
    let scenario = scenario(&text, &[]);
    let thresholds: Vec<_> = scenario.thresholds.iter().map(ToString::to_string).collect();
    assert_eq!(thresholds, ["task.answer.p99 < 9s", "tasks.failed.count < 2"]);
    let refused = load(
        &[(
            "s.toml",
            &changed("[chain]", "thresholds = [\"task.precommit.p99 < 9s\"]\n[chain]"),
        )],
        &[],
    );
    assert!(refused.is_err());
}

#[test]
fn a_path_is_relative_to_the_file_that_says_it_and_groups_merge_by_name() {
    let base = SCENARIO.replace("market.toml", "../market.toml");
    let main = "extends = \"shared/base.toml\"\n[asker.steady]\ncount = 7\n[answerer]\ncount = 9";
    let scenario = load(&[("s.toml", main), ("shared/base.toml", &base)], &[])
        .unwrap()
        .scenario;
    let run = run(&scenario);
    assert!(
        run.file.is_absolute() && run.file.ends_with("market.toml"),
        "{:?}",
        run.file
    );
    let counts: Vec<_> = run.groups.iter().map(|group| group.count).collect();
    assert_eq!(counts, [7, 2, 9]);
    assert_eq!(
        group(&scenario, "steady").submissions.as_ref().unwrap().tasks,
        Some(TaskCount::Total(12))
    );
}

#[test]
fn what_is_set_goes_to_the_groups_of_a_role() {
    let constant = |text: &str| Load::Constant {
        rate: Rate::parse(text).unwrap(),
    };
    let set = [
        "asker.steady.count=6",
        "asker[1].duration=1m",
        "asker.steady.load={ constant = \"9/s\" }",
        "answerer.count=8",
        "answerer.think=7s",
        "parameters.bond=1 ether",
    ];
    let scenario = scenario(SCENARIO, &set);
    let steady = group(&scenario, "steady");
    assert_eq!(
        (steady.count, &steady.submissions.as_ref().unwrap().load),
        (6, &constant("9/s"))
    );
    assert_eq!(
        group(&scenario, "closed").submissions.as_ref().unwrap().duration,
        Some(Duration::from_secs(60))
    );
    let answerer = group(&scenario, "answerer");
    assert_eq!(
        (answerer.count, &answerer.delays[0]),
        (8, &Distribution::Constant(Duration::from_secs(7)))
    );
    assert_eq!(run(&scenario).parameter_texts, ["1 ether"]);
}

#[test]
fn a_duration_for_all_is_one_of_the_groups_that_submit() {
    let scenario = load(&[("s.toml", SCENARIO)], &[Override::duration("10s")])
        .unwrap()
        .scenario;
    for submitting in scenario.submitting() {
        let submissions = submitting.submissions;
        assert_eq!(
            (submissions.tasks, submissions.duration),
            (None, Some(Duration::from_secs(10)))
        );
    }
}

/// What is said of a scenario, with the folder's own name left out.
fn refusal(text: &str) -> String {
    let place = place(&[("s.toml", text)]);
    let error = Loaded::from_file(place.path("s.toml")).expect_err(text);
    said(&place, &error)
}

fn said(place: &Place, diagnostic: &dyn miette::Diagnostic) -> String {
    // As wide as it takes: where lines break must not depend on the folder's name.
    let folder = format!("{}/", place.path("").display());
    render_within(400, diagnostic).replace(&folder, "")
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let refusals = [
        ("the_profile_is_missing", "\"market.toml\"", "\"markt.toml\""),
        ("unknown_role", "[[answerer]]", "[[answerers]]"),
        (
            "key_of_the_reference_protocol",
            "[chain]",
            "price = 5\n[windows]\nack = \"3s\"\n[miners]\ncount = 3\n[chain]",
        ),
        ("nobody_submits", "name = \"busy\"", "name = \"busy\"\nasker = []"),
        ("unknown_delay", "think =", "thing ="),
        ("load_of_another_role", "think =", "tasks = 5\nthink ="),
        ("tasks_per_session", "tasks = 12", "tasks = { per_session = 4 }"),
        ("unknown_parameter", "[chain]", "[parameters]\nbonds = 5\n[chain]"),
        (
            "parameter_of_another_type",
            "[chain]",
            "[parameters]\nbond = \"true\"\nmost = \"payload\"\n[chain]",
        ),
        ("two_groups_of_a_name", "\"closed\"", "\"steady\""),
        (
            "unknown_group_in_the_order",
            "[chain]",
            "[chain]\norder = { adversarial = { last = [\"stedy\"] } }",
        ),
        ("capped_closed_load", "start = \"5s\"", "max_in_flight = 3"),
    ];
    for (name, from, to) in refusals {
        let text = match name {
            "nobody_submits" => {
                "name = \"busy\"\nprotocol = \"market.toml\"\n[answerer]\ncount = 1\n".to_owned()
            }
            _ => changed(from, to),
        };
        insta::assert_snapshot!(format!("profile_{name}"), refusal(&text));
    }
    let without =
        "name = \"t\"\nowners = { count = 1, tasks = 1 }\nminers = { count = 1 }\n[parameters]\nbond = 5\n";
    insta::assert_snapshot!("profile_parameters_of_none", refusal(without));
}

#[test]
fn what_is_wrong_with_the_profile_is_said_in_its_own_file() {
    let broken = ("broken.toml", "name = \"broken\"\nroles = 5\n");
    let place = place(&[("s.toml", &changed("market.toml", "broken.toml")), broken]);
    let said = said(&place, &Loaded::from_file(place.path("s.toml")).unwrap_err());
    assert!(
        said.contains("s.toml has ") && said.contains("[broken.toml:2:9]"),
        "{said}"
    );
    // Its role tables are no problem of the scenario.
    assert!(!said.contains("asker"), "{said}");
}

#[test]
fn a_role_that_nobody_has_is_doubtful() {
    let text = changed(
        "[[answerer]]\ncount = 5\nthink = { uniform = [\"1s\", \"3s\"] }\n",
        "",
    );
    let place = place(&[("s.toml", &text)]);
    let warnings = Loaded::from_file(place.path("s.toml")).unwrap().warnings;
    let text: String = warnings.iter().map(|warning| said(&place, warning)).collect();
    insta::assert_snapshot!("profile_role_of_nobody", text);
}

#[test]
fn a_text_that_is_no_file_finds_a_profile_by_its_absolute_path_alone() {
    let place = place(&[]);
    let absolute = place.path("market.toml").display().to_string();
    assert!(Scenario::from_toml("s", SCENARIO).is_err());
    assert!(Scenario::from_toml("s", &SCENARIO.replace("market.toml", &absolute)).is_ok());
}

#[test]
fn data_files_of_a_role_go_with_the_scenario() {
    let text = changed("{ uniform = [\"1s\", \"3s\"] }", "{ empirical = \"think.csv\" }");
    let place = place(&[("s.toml", &text), ("think.csv", "value_ms\n5\n7\n")]);
    let scenario = Scenario::load(place.path("s.toml")).unwrap();
    let names: Vec<_> = scenario.data.iter().map(|file| file.name()).collect();
    assert_eq!(names, ["inputs/answerer-1.think.csv"]);
}

#[test]
fn plan_and_check_say_the_profile_and_its_groups() {
    let place = place(&[("s.toml", SCENARIO)]);
    let said = |arguments: &[&str]| {
        let said = place.taskstorm(arguments).end().stdout;
        said.replace(
            &format!("{}/", place.path("").canonicalize().unwrap().display()),
            "",
        )
    };
    insta::assert_snapshot!("plan_of_a_profile", said(&["plan", "s.toml"]));
    insta::assert_snapshot!("check_of_a_profile", said(&["check", "s.toml"]));
    insta::assert_snapshot!("plan_of_a_profile_json", said(&["plan", "s.toml", "--json"]));
    insta::assert_snapshot!("check_of_a_profile_json", said(&["check", "s.toml", "--json"]));
    insta::assert_snapshot!("arrivals_of_a_profile", said(&["plan", "s.toml", "--csv"]));
    insta::assert_snapshot!(
        "actors_of_a_profile",
        said(&["plan", "s.toml", "--csv", "--actors"])
    );
}
