//! docs/metrics.md defines every metric, and none that there is not.

use std::collections::{BTreeMap, BTreeSet};

use taskstorm::metric::Metric;

use super::{cells, page};

/// Every name that a pattern like `task.<span>.<statistic>` stands for.
fn expand(pattern: &str, parts: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let Some((before, rest)) = pattern.split_once('<') else {
        return vec![pattern.to_owned()];
    };
    let (part, after) = rest.split_once('>').expect("a whole part");
    parts[part]
        .iter()
        .flat_map(|value| expand(&format!("{before}{value}{after}"), parts))
        .collect()
}

#[test]
fn every_metric_is_defined_and_every_definition_is_a_metrics() {
    let page = page("metrics.md");
    let rows: Vec<_> = page.lines().filter_map(cells).collect();
    let mut parts = BTreeMap::new();
    let mut defined = BTreeSet::new();
    for row in &rows {
        if let Some(part) = row[0].strip_prefix('<').and_then(|cell| cell.strip_suffix('>')) {
            let values = row[1].split(", ").map(str::to_owned).collect();
            parts.insert(part.to_owned(), values);
        } else if row[0].contains('.') {
            defined.extend(expand(&row[0], &parts));
        }
    }
    let metrics: BTreeSet<String> = Metric::all().into_iter().map(Metric::name).collect();
    let missing: Vec<_> = metrics.difference(&defined).collect();
    let unknown: Vec<_> = defined.difference(&metrics).collect();
    assert!(missing.is_empty(), "not defined: {missing:?}");
    assert!(unknown.is_empty(), "there is no such metric: {unknown:?}");
}

#[test]
fn every_outcome_state_and_span_is_explained() {
    let page = page("metrics.md");
    let rows: Vec<_> = page.lines().filter_map(cells).collect();
    for part in ["<span>", "<outcome>", "<state>"] {
        let values = &rows.iter().find(|row| row[0] == part).expect("the part")[1];
        for value in values.split(", ") {
            assert!(rows.iter().any(|row| row[0] == value), "{part} {value}");
        }
    }
}
