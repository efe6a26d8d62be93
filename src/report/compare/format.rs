//! The texts and tables that the outputs of a comparison share.

use crate::{
    compare::{Comparison, GasChange, Inconclusive, Interval, LatencyMetric, RuleOutcome, RunFacts, Verdict},
    format::{
        Table,
        human::{self, NOTHING},
    },
};

/// Metrics that are named in one line; the rest is counted.
const NAMED: usize = 8;

/// The meaning of [`Verdict::Shifted`].
pub(super) const SHIFTED: &str = "shifted: transactions were sent at another point between two blocks, and no later block took \
                                  them than before; delays and task spans tell whether anything got slower";

/// The number of metrics that got which verdict.
pub(super) fn verdicts(comparison: &Comparison) -> String {
    let counts = comparison.verdicts;
    let shifted = match counts.shifted {
        0 => String::new(),
        shifted => format!(", {shifted} shifted"),
    };
    format!(
        "{} regressed, {} improved, {} unchanged{shifted}, {} inconclusive",
        counts.worse, counts.better, counts.same, counts.not_enough_data
    )
}

/// The metrics with this verdict and by how much they changed, the largest change first; `None` if there is none.
pub(super) fn named(comparison: &Comparison, verdict: Verdict) -> Option<String> {
    let gas = comparison.gas.iter().filter(|gas| gas.verdict == verdict);
    let gas = gas.filter_map(|gas| {
        let change = gas.statistic("mean")?.change_ratio?;
        Some((gas.quantity.as_str(), change))
    });
    let latency = comparison.latency.iter().flat_map(|latency| &latency.metrics);
    let latency = latency.filter(|metric| metric.verdict == verdict);
    let latency = latency.map(|metric| {
        (
            metric.metric.as_str(),
            metric.change_ratio.unwrap_or(f64::INFINITY),
        )
    });
    let mut all: Vec<(&str, f64)> = gas.chain(latency).collect();
    if all.is_empty() {
        return None;
    }
    all.sort_by(|(_, a), (_, b)| b.abs().total_cmp(&a.abs()));
    let mut names: Vec<String> = all
        .iter()
        .take(NAMED)
        .map(|(name, change)| format!("{name} {}", percent(*change)))
        .collect();
    if all.len() > NAMED {
        names.push(format!("and {} more", all.len() - NAMED));
    }
    Some(names.join(", "))
}

/// The runs of the baseline or of the candidate in a line.
pub(super) fn runs_line(runs: &[RunFacts]) -> String {
    let Some(first) = runs.first() else {
        return NOTHING.to_owned();
    };
    let folder = first.folder.display().to_string();
    let (which, tasks) = match runs {
        [one] => (format!("{folder} · seed {}", one.seed), one.tasks),
        runs => {
            let tasks = runs.iter().map(|run| run.tasks).sum();
            (format!("{} runs: {folder}, …", runs.len()), tasks)
        }
    };
    let chain = [Some(first.chain.as_str()), first.hardfork.as_deref()];
    let chain: Vec<&str> = chain.into_iter().flatten().collect();
    format!(
        "{which} · {} · {} · {} · {}{}",
        first.scenario,
        chain.join(" "),
        first.clock.description(),
        first
            .contracts
            .as_ref()
            .map_or_else(String::new, |build| format!("contracts {build} · ")),
        human::counted(tasks, "task")
    )
}

/// How it was compared, in a few sentences.
pub(super) fn method(comparison: &Comparison) -> String {
    if comparison.exact {
        return format!(
            "Baseline and candidate made the same calls with the same seeds (common random numbers): every difference is exact, \
             of these seeds. Changes of latencies up to {}, or 1 ms, count as unchanged.",
            plain_percent(comparison.margin)
        );
    }
    format!(
        "Simultaneous confidence of all {} intervals: {} (Bonferroni). Changes of latencies up to {}, or 1 ms, count as unchanged, \
         and so do changes of mean gas up to {} where it is not exact. {} resamples of batches of neighbouring blocks{}, seed {}.{}",
        comparison.intervals,
        plain_percent(comparison.confidence),
        plain_percent(comparison.margin),
        plain_percent(comparison.gas_margin),
        human::count(comparison.resamples as u64),
        if comparison.base.len() > 1 || comparison.new.len() > 1 {
            " and of runs"
        } else {
            ""
        },
        comparison.seed,
        if comparison.paired {
            " Runs of the same seed are pairs: of both, the same batches are drawn."
        } else {
            ""
        }
    )
}

/// A rule's outcome in a word.
pub(super) const fn outcome(outcome: RuleOutcome, inconclusive: Inconclusive) -> &'static str {
    match (outcome, inconclusive) {
        (RuleOutcome::Held, _) => "held",
        (RuleOutcome::Failed, _) => "FAILED",
        (RuleOutcome::Inconclusive, Inconclusive::Fail) => "INCONCLUSIVE",
        (RuleOutcome::Inconclusive, Inconclusive::Skip) => "skipped (inconclusive)",
        (RuleOutcome::Inconclusive, Inconclusive::Pass) => "passed (inconclusive)",
    }
}

/// The metrics of the baseline that the candidate does not have; `None` if there are none.
pub(super) fn vanished(comparison: &Comparison) -> Option<String> {
    let gas = comparison.gas.iter().filter(|gas| gas.has_vanished());
    let latency = comparison.latency.iter().filter(|latency| latency.has_vanished());
    let names = gas.map(|gas| gas.quantity.as_str());
    let names: Vec<&str> = names
        .chain(latency.map(|latency| latency.quantity.as_str()))
        .collect();
    let more = names.len().saturating_sub(NAMED);
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match more {
        0 => (!names.is_empty()).then_some(shown),
        more => Some(format!("{shown}, and {more} more")),
    }
}

/// Percentiles and means, a row each.
pub(super) fn latency_table<'a>(metrics: impl IntoIterator<Item = &'a LatencyMetric>) -> Table {
    Table::default()
        .texts(["metric"])
        .numbers(["baseline", "candidate", "change", "interval", "verdict"])
        .rows(metrics.into_iter().map(latency_row))
}

/// Response times per function, some rows each.
pub(super) fn function_table(comparison: &Comparison) -> Table {
    let rows = comparison.functions.iter().flat_map(|function| {
        function.statistics.iter().map(|statistic| {
            let change = change(statistic.change_us, statistic.change_ratio);
            let [base, new] = [statistic.base_us, statistic.new_us].map(time);
            vec![
                format!("{}.{}", function.quantity, statistic.name),
                base,
                new,
                change,
            ]
        })
    });
    Table::default()
        .texts(["time per function"])
        .numbers(["baseline", "candidate", "change"])
        .rows(rows)
}

fn time(us: Option<f64>) -> String {
    us.map_or_else(nothing, |us| human::time_us(us.max(0.0).round() as u64))
}

fn change(us: Option<f64>, ratio: Option<f64>) -> String {
    match (us, ratio) {
        (_, Some(ratio)) => percent(ratio),
        (Some(us), None) => signed_time(us),
        (None, None) => nothing(),
    }
}

/// The row of a percentile or the mean.
pub(super) fn latency_row(metric: &LatencyMetric) -> Vec<String> {
    let interval = match (metric.interval_ratio, metric.interval_us) {
        (Some(ratio), _) => between(ratio),
        (None, Some(us)) => format!("{} to {}", signed_time(us.low), signed_time(us.high)),
        (None, None) => nothing(),
    };
    vec![
        metric.metric.clone(),
        time(metric.base_us),
        time(metric.new_us),
        change(metric.change_us, metric.change_ratio),
        interval,
        metric.verdict.words().to_owned(),
    ]
}

/// Gas, some rows each.
pub(super) fn gas_table<'a>(gas: impl IntoIterator<Item = &'a GasChange>) -> Table {
    Table::default()
        .texts(["gas"])
        .numbers([
            "calls",
            "statistic",
            "baseline",
            "candidate",
            "change",
            "%",
            "verdict",
        ])
        .rows(gas.into_iter().flat_map(gas_rows))
}

/// The numbers of a gas that changed, a row each; the mean alone if it did not.
pub(super) fn gas_rows(gas: &GasChange) -> Vec<Vec<String>> {
    let calls = gas.statistic("calls");
    let calls = match calls.map(|calls| (calls.base, calls.new)) {
        Some((old, new)) if old == new => number(old),
        Some((old, new)) => format!("{} → {}", number(old), number(new)),
        None => nothing(),
    };
    let statistics = gas.statistics.iter().filter(|statistic| {
        statistic.name == "mean"
            || (gas.exact && statistic.name != "calls" && statistic.base != statistic.new)
    });
    let rows = statistics.map(|statistic| {
        let is_mean = statistic.name == "mean";
        let share = match (statistic.change_ratio, gas.interval_ratio) {
            (Some(_), Some(interval)) if is_mean => between(interval),
            (Some(ratio), _) => percent(ratio),
            (None, _) => nothing(),
        };
        let change = statistic.change.map_or_else(nothing, signed_number);
        let verdict = match (is_mean, gas.exact) {
            (false, _) => String::new(),
            (true, true) => format!("{}, exactly", gas.verdict.words()),
            (true, false) => gas.verdict.words().to_owned(),
        };
        vec![
            gas.quantity.clone(),
            if is_mean { calls.clone() } else { String::new() },
            statistic.name.to_owned(),
            number(statistic.base),
            number(statistic.new),
            change,
            share,
            verdict,
        ]
    });
    rows.collect()
}

/// Effect sizes and rank tests of whole latencies.
pub(super) fn shift_table(comparison: &Comparison) -> Table {
    let pair = |pair: [u64; 2]| format!("{} / {}", human::count(pair[0]), human::count(pair[1]));
    let rows = comparison.latency.iter().map(|latency| {
        vec![
            latency.quantity.clone(),
            pair(latency.values),
            pair(latency.batches.map(|count| count as u64)),
            latency
                .cliffs_delta
                .map_or_else(nothing, |delta| format!("{delta:+.3}")),
            latency.rank_test_p.map_or_else(nothing, p_value),
        ]
    });
    Table::default()
        .texts(["latency"])
        .numbers(["values", "batches", "Cliff's delta", "rank test p"])
        .rows(rows)
}

/// The figures that were measured.
pub(super) fn figure_table(comparison: &Comparison) -> Table {
    let figures = comparison.figures.iter();
    let figures = figures.filter(|figure| figure.base.is_some() || figure.new.is_some());
    let rows = figures.map(|figure| {
        let value =
            |value: Option<f64>| value.map_or_else(nothing, |value| human::value(figure.is.unit(), value));
        let change = match (figure.change, figure.change_ratio) {
            (Some(0.0), _) => "none".to_owned(),
            (_, Some(ratio)) => percent(ratio),
            _ => nothing(),
        };
        vec![
            figure.metric.clone(),
            value(figure.base),
            value(figure.new),
            change,
        ]
    });
    Table::default()
        .texts(["figure"])
        .numbers(["baseline", "candidate", "change"])
        .rows(rows)
}

/// A change in %, with its sign.
pub(super) fn percent(ratio: f64) -> String {
    if ratio.is_infinite() {
        return "from nothing".to_owned();
    }
    let percent = ratio * 100.0;
    let decimals = if percent.abs() < 10.0 { 2 } else { 1 };
    // No −0.00.
    if percent.abs() < 0.005 && percent != 0.0 {
        return "≈ 0 %".to_owned();
    }
    format!("{percent:+.decimals$} %").replace("+0.00 %", "0 %")
}

fn between(interval: Interval) -> String {
    if interval.low == interval.high && interval.low != 0.0 {
        return "exact".to_owned();
    }
    format!("{} to {}", percent(interval.low), percent(interval.high))
}

/// A share in %, as somebody would write it.
pub(super) fn plain_percent(share: f64) -> String {
    let percent = format!("{:.3}", share * 100.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    format!("{percent} %")
}

fn p_value(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

fn signed_time(us: f64) -> String {
    let sign = if us < 0.0 { "−" } else { "+" };
    format!("{sign}{}", human::time_us(us.abs().round() as u64))
}

fn signed_number(change: f64) -> String {
    let sign = if change < 0.0 { "−" } else { "+" };
    match number(Some(change.abs())).as_str() {
        "0" => "0".to_owned(),
        number => format!("{sign}{number}"),
    }
}

/// A number with separators, and one decimal if it is no whole number.
fn number(number: Option<f64>) -> String {
    let Some(number) = number else {
        return nothing();
    };
    let tenths = (number * 10.0).round() as u64;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => human::count(whole),
        (whole, tenth) => format!("{}.{tenth}", human::count(whole)),
    }
}

fn nothing() -> String {
    NOTHING.to_owned()
}
