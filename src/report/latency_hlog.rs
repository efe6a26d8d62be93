//! `latency.hlog`: the latency histograms in the format that HdrHistogram implementations share.

use std::time::{Duration, UNIX_EPOCH};

use hdrhistogram::serialization::{
    V2DeflateSerializer,
    interval_log::{IntervalLogWriterBuilder, Tag},
};

use super::{ExportError, Exporter, FinishedRun};
use crate::record::NamedHistogram;

/// Writes `latency.hlog`: an HdrHistogram log (version 1.3, compressed V2 histograms) with one histogram over the whole
/// run per tag. Values are µs. The tags are the phases of `phases.csv`: `submit` is the response time of submit
/// transactions, `submit.service` their service time, `task.ack` the duration of a task's ack phase, `generator` the
/// generator's lateness.
#[derive(Clone, Copy, Debug)]
pub struct LatencyHlog;

impl Exporter for LatencyHlog {
    fn file_name(&self) -> &'static str {
        "latency.hlog"
    }

    fn export(&self, run: &FinishedRun<'_>) -> Result<Vec<u8>, ExportError> {
        let failed = |cause: String| ExportError::Format {
            file: self.file_name(),
            cause,
        };
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
