//! `latency.hlog`: the latency histograms in the format that HdrHistogram implementations share, written and read back.

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_STANDARD};
use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer, V2DeflateSerializer,
        interval_log::{IntervalLogIterator, IntervalLogWriterBuilder, LogEntry, Tag},
    },
};

use super::{
    ExportError, Exporter, FinishedRun, LATENCY_HLOG,
    series::{GAS_USED, series},
};
use crate::record::{Histograms, NamedHistogram, RunResult};

/// Writes `latency.hlog`: an HdrHistogram log (version 1.3, compressed V2 histograms) with one histogram over the whole
/// run per tag. Values are µs. The tags are the phases of `phases.csv`: `submit` is the response time of submit
/// transactions, `submit.service` their service time, `task.ack` the duration of a task's ack phase, `generator` the
/// generator's lateness.
#[derive(Clone, Copy, Debug)]
pub struct LatencyHlog;

impl Exporter for LatencyHlog {
    fn file_name(&self) -> &'static str {
        LATENCY_HLOG
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        let failed = |cause: String| ExportError::format(LATENCY_HLOG, cause);
        let mut bytes = Vec::new();
        let mut serializer = V2DeflateSerializer::new();
        let mut builder = IntervalLogWriterBuilder::new();
        builder
            .add_comment(&format!("[Logged with taskstorm {}]", run.result.tool_version))
            .add_comment("[Histogram log format version 1.3]")
            .add_comment("Values are microseconds; Interval_Max is milliseconds.")
            .with_max_value_divisor(1e3);
        if let Some(start) = run.result.started_at {
            let since_epoch = u64::try_from(start.as_microsecond()).unwrap_or(0);
            let start = UNIX_EPOCH + Duration::from_micros(since_epoch);
            builder.with_start_time(start).with_base_time(start);
        }
        let mut log = builder
            .begin_log_with(&mut bytes, &mut serializer)
            .map_err(|error| failed(error.to_string()))?;
        let duration = Duration::from(run.result.duration_us);
        for named in &run.histograms.0 {
            let tag = tag(named);
            log.write_histogram(&named.histogram, Duration::ZERO, duration, Tag::new(&tag))
                .map_err(|error| failed(format!("{tag}: {error:?}")))?;
        }
        Ok(bytes)
    }
}

/// The tag that a histogram is logged under.
fn tag(named: &NamedHistogram) -> String {
    match named.metric {
        "service_us" => format!("{}.service", named.phase),
        _ => named.phase.clone(),
    }
}

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
    let mut expected = series(result)
        .into_iter()
        .filter(|series| series.metric != GAS_USED);
    expected.find_map(|series| {
        let counted = series.stats.map_or(0, |stats| stats.count);
        let found = histograms
            .get(&series.phase, series.metric)
            .map_or(0, Histogram::len);
        (found != counted).then(|| {
            format!(
                "it holds {found} values of {} ({}), not {counted}",
                series.phase, series.metric
            )
        })
    })
}

fn decode(text: &str) -> Result<Histogram<u64>, String> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|error| error.to_string())?;
    Deserializer::new()
        .deserialize(&mut bytes.as_slice())
        .map_err(|error| format!("{error:?}"))
}

/// What a tag says, as `phases.csv` names it: the inverse of [`tag`].
fn named(tag: &str) -> (&str, &'static str) {
    let apart = tag
        .strip_prefix("warm_up.")
        .or_else(|| tag.strip_prefix("cool_down."));
    match (tag.strip_suffix(".service"), apart.unwrap_or(tag)) {
        (Some(phase), _) => (phase, "service_us"),
        (None, "generator") => (tag, "lateness_us"),
        (None, name) if name.starts_with("task.") => (tag, "duration_us"),
        (None, _) => (tag, "response_us"),
    }
}
