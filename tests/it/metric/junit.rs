//! JUnit XML: what CI systems read.

use std::{collections::BTreeMap, time::Duration};

use quick_xml::{Reader, events::Event};
use taskstorm::{
    metric::Threshold,
    record::{RunFacts, RunResult, StopReason},
    report::{
        junit::{Case, CaseOutcome, Suite, junit_xml},
        run::junit_of_run,
    },
};

use crate::report::sample::{facts, good_run, result, trouble};

fn judged(mut result: RunResult, thresholds: &[&str]) -> RunResult {
    let verdicts = thresholds.iter().map(|text| Threshold::parse(text).unwrap());
    result.thresholds = verdicts.map(|threshold| threshold.evaluate(&result)).collect();
    result
}

const THRESHOLDS: [&str; 3] = [
    "tasks.ended.ratio >= 99.9%",
    "phase.ack.response.p99 < 500ms",
    "function.endAck.gas.p50 < 60000",
];

fn good() -> RunResult {
    judged(result(&good_run(10), facts()).0, &["tasks.ended.ratio >= 99.9%"])
}

fn bad() -> RunResult {
    let mut records = good_run(10);
    records.extend(trouble());
    let facts = RunFacts {
        stop_reason: StopReason::ChainLost,
        stop_message: Some("anvil <died>".into()),
        ..facts()
    };
    judged(result(&records, facts).0, &THRESHOLDS)
}

#[test]
fn a_run_is_a_suite_of_its_thresholds_and_invariants() {
    let xml = junit_xml(&[junit_of_run(&good()), junit_of_run(&bad())]).unwrap();
    insta::assert_snapshot!(xml);
}

/// The attributes that both schemas know, and whether Ant's requires them.
const KNOWN: [(&str, &[(&str, bool)]); 8] = [
    ("testsuites", &[]),
    (
        "testsuite",
        &[
            ("name", true),
            ("package", true),
            ("id", true),
            ("tests", true),
            ("failures", true),
            ("errors", true),
            ("time", true),
            ("timestamp", true),
            ("hostname", true),
        ],
    ),
    ("properties", &[]),
    ("property", &[("name", true), ("value", true)]),
    ("testcase", &[("name", true), ("classname", true), ("time", true)]),
    ("failure", &[("message", false), ("type", true)]),
    ("error", &[("message", false), ("type", true)]),
    ("system-out", &[]),
];

#[test]
fn every_element_has_what_the_common_schemas_ask_for_and_nothing_else() {
    let xml = junit_xml(&[junit_of_run(&good()), junit_of_run(&bad())]).unwrap();
    let known: BTreeMap<_, _> = KNOWN.into_iter().chain([("system-err", &[][..])]).collect();
    let mut reader = Reader::from_str(&xml);
    let mut children: Vec<(String, Vec<String>)> = vec![(String::new(), Vec::new())];
    loop {
        let event = reader.read_event().unwrap();
        let (start, is_empty) = match event {
            Event::Start(ref start) => (start, false),
            Event::Empty(ref start) => (start, true),
            Event::End(_) => {
                let (name, inside) = children.pop().unwrap();
                if name == "testsuite" {
                    let order = ["properties", "testcase", "system-out", "system-err"];
                    let places = inside
                        .iter()
                        .map(|child| order.iter().position(|name| name == child).unwrap());
                    assert!(places.is_sorted(), "{inside:?}");
                    assert!(
                        order.iter().all(|name| inside.iter().any(|child| child == name)),
                        "{inside:?}"
                    );
                }
                continue;
            }
            Event::Eof => break,
            _ => continue,
        };
        let name = start.name().as_ref().to_owned();
        let attributes: Vec<String> = start
            .attributes()
            .map(|attribute| attribute.unwrap().key.as_ref().to_owned())
            .collect();
        let allowed = known[name.as_str()];
        for attribute in &attributes {
            assert!(
                allowed.iter().any(|(known, _)| known == attribute),
                "{name} {attribute}"
            );
        }
        for (required, _) in allowed.iter().filter(|(_, required)| *required) {
            assert!(
                attributes.iter().any(|attribute| attribute == required),
                "{name} {required}"
            );
        }
        children.last_mut().unwrap().1.push(name.clone());
        if !is_empty {
            children.push((name, Vec::new()));
        }
    }
}

#[test]
fn text_from_elsewhere_cannot_break_the_document() {
    let nasty = "a<b>&\"c\"\u{0}\u{1b}[2J\u{fffe}\nü";
    let suite = Suite {
        name: nasty.into(),
        began: jiff::Timestamp::UNIX_EPOCH,
        took: Duration::from_millis(1_234_567),
        properties: vec![(nasty.into(), nasty.into())],
        cases: vec![Case {
            class: nasty.into(),
            name: nasty.into(),
            verdict: CaseOutcome::Failed {
                kind: "threshold",
                message: nasty.into(),
                details: nasty.into(),
            },
        }],
    };
    let xml = junit_xml(&[suite]).unwrap();
    assert!(xml.chars().all(|c| c == '\n' || !c.is_control()), "{xml:?}");
    assert!(xml.contains("time=\"1234.567\""), "{xml}");
    assert!(xml.contains("a&lt;b&gt;&amp;&quot;c&quot;"), "{xml}");
    let mut reader = Reader::from_str(&xml);
    while reader.read_event().unwrap() != Event::Eof {}
}
