//! `latency.hlog` → histograms.

use base64::{Engine, prelude::BASE64_STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogIterator, LogEntry},
    },
};

use crate::record::{Histograms, MeasurementWindow, NamedHistogram, RunResult, Stats};

/// The histograms of a log that a run wrote, in its order; the reason if it is none.
pub(super) fn histograms(log: &[u8]) -> Result<Histograms, String> {
    let mut histograms = Vec::new();
    for entry in IntervalLogIterator::new(log) {
        let entry = entry.map_err(|error| format!("it is not an HdrHistogram log ({error:?})"))?;
        let LogEntry::Interval(interval) = entry else {
            continue;
        };
        let tag = interval.tag().map_or("", |tag| tag.as_str());
        let histogram = decode(interval.encoded_histogram())
            .map_err(|cause| format!("its histogram {tag:?} cannot be read ({cause})"))?;
        let (phase, metric) = named(tag);
        histograms.push(NamedHistogram {
            phase: phase.to_owned(),
            metric,
            histogram,
        });
    }
    Ok(Histograms(histograms))
}

/// In what `histograms` hold other values than `result` counts, if they do: a log may be cut between two of them.
pub(super) fn gap(result: &RunResult, histograms: &Histograms) -> Option<String> {
    let mut expected: Vec<(String, &'static str, Option<Stats>)> = Vec::new();
    for (phase, times) in &result.phases {
        expected.push((phase.name().to_owned(), "response_us", times.response_us));
        expected.push((phase.name().to_owned(), "service_us", times.service_us));
    }
    for (span, times) in &result.task_phases {
        expected.push((format!("task.{}", span.name()), "duration_us", times.duration_us));
    }
    let lateness = result.generator.lateness_us;
    expected.push(("generator".to_owned(), "lateness_us", lateness));
    let windows = result.parts.iter().flat_map(|windows| &windows.parts);
    for (window, times) in windows
        .filter(|(window, _)| matches!(window, MeasurementWindow::WarmUp | MeasurementWindow::CoolDown))
    {
        for (phase, times) in &times.phases {
            let name = format!("{}.{}", window.name(), phase.name());
            expected.push((name.clone(), "response_us", times.response_us));
            expected.push((name, "service_us", times.service_us));
        }
        for (span, times) in &times.task_phases {
            let name = format!("{}.task.{}", window.name(), span.name());
            expected.push((name, "duration_us", times.duration_us));
        }
        let name = format!("{}.generator", window.name());
        expected.push((name, "lateness_us", times.lateness_us));
    }
    expected.into_iter().find_map(|(name, metric, stats)| {
        let counted = stats.map_or(0, |stats| stats.count);
        let found = histograms
            .get(&name, metric)
            .map_or(0, |histogram| histogram.len());
        (found != counted).then(|| format!("it holds {found} values of {name} ({metric}), not {counted}"))
    })
}

fn decode(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| error.to_string())?;
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("{error:?}"))
}

/// The tag without its measurement window.
fn without_window(tag: &str) -> &str {
    let parts = ["warm_up.", "cool_down."].into_iter();
    parts
        .filter_map(|part| tag.strip_prefix(part))
        .next()
        .unwrap_or(tag)
}

/// What a tag says, as `phases.csv` names it; the inverse of what writing does.
fn named(tag: &str) -> (&str, &'static str) {
    match tag.strip_suffix(".service") {
        Some(phase) => (phase, "service_us"),
        None if without_window(tag).starts_with("task.") => (tag, "duration_us"),
        None if without_window(tag) == "generator" => (tag, "lateness_us"),
        None => (tag, "response_us"),
    }
}
