//! Rules that fail a comparison: `latency.p99 > 10%`.

use std::{fmt, str::FromStr};

use serde::Serialize;

use super::{Comparison, LatencyMetric, Verdict, interval::Interval, kind::LatencyKind};
use crate::{
    metric::{Metric, Quantity, Statistic, Unit},
    protocol::{Function, Phase, being_read},
    suggest,
};

/// A change that is too much.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    subject: Subject,
    /// Whether it is about what grows; otherwise about what shrinks.
    grows: bool,
    bound: Bound,
    expression: String,
}

/// What a rule is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Subject {
    /// The mean gas of all calls of every function that succeeded.
    Gas,
    /// A statistic of the gas of a phase's or function's transactions that succeeded.
    GasOf(Quantity, Statistic),
    /// The mean gas of a function and of a phase of the same name.
    GasNamed(Option<Function>, Option<Phase>),
    /// A percentile or the mean of every stretch of tasks' lives, and of every phase's delay and response time.
    Latency(Statistic),
    /// A percentile or the mean of one latency.
    LatencyOf(LatencyKind, Statistic),
    /// A metric of whole runs.
    Figure(Metric),
}

/// How much is too much.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    /// This share of what it was.
    Ratio(f64),
    /// This much in the metric's unit.
    Amount(f64),
}

/// Whether a rule is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleVerdict {
    /// The rule as it was written.
    pub rule: String,
    /// `held`, `failed`, or `inconclusive` where there is not enough data.
    pub outcome: RuleOutcome,
    /// What broke it, or leaves it inconclusive, a sentence each.
    pub findings: Vec<String>,
}

/// Whether a rule is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleOutcome {
    /// Everything was decided, and no change was too much.
    Held,
    /// A change looks like too much and may be chance, or there is too little data.
    Inconclusive,
    /// A change was too much, or what the rule is about was never measured, or is no longer.
    Failed,
}

/// The outcome of a rule that is inconclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Inconclusive {
    /// It fails: what could not be decided does not pass.
    #[default]
    Fail,
    /// It is skipped, with a warning.
    Skip,
    /// It passes.
    Pass,
}

/// Text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it {fault}; {help}")]
pub struct RuleError {
    fault: String,
    help: String,
}

const EXAMPLES: &str = "write a metric and the growth that fails: \"gas > 1%\", \"gas.commit > 500\", \
     \"latency.p99 > 10%\", \"phase.commit.response.p99 > 200ms\"; or what must not shrink: \"tasks.ended.ratio < -0.1%\"";

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let expression = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let wrong = |fault: String| RuleError {
            fault,
            help: EXAMPLES.to_owned(),
        };
        let Some(at) = expression.find(['<', '>']) else {
            return Err(wrong("compares nothing".to_owned()));
        };
        let (name, rest) = expression.split_at(at);
        let grows = rest.starts_with('>');
        let bound = rest[1..].trim();
        let bound = if grows {
            bound.strip_prefix('+').unwrap_or(bound)
        } else {
            bound
                .strip_prefix(['-', '−'])
                .ok_or_else(|| wrong("has < with a bound that is not negative".to_owned()))?
        };
        let subject = subject(name.trim())?;
        let bound = read_bound(bound.trim(), subject.unit())
            .map_err(|fault| wrong(format!("has a bound that {fault}")))?;
        Ok(Self {
            subject,
            grows,
            bound,
            expression,
        })
    }
}

fn read_bound(text: &str, unit: Unit) -> Result<Bound, String> {
    match text.strip_suffix('%') {
        Some(percent) => {
            let percent = Unit::Count.parse(percent.trim_end())?;
            Ok(Bound::Ratio(percent / 100.0))
        }
        None => unit.parse(text).map(Bound::Amount),
    }
}

fn subject(name: &str) -> Result<Subject, RuleError> {
    let statistic = |name: &str| Statistic::named(name).filter(|statistic| is_compared(*statistic));
    if name == "gas" {
        return Ok(Subject::Gas);
    }
    if let Some(found) = name.strip_prefix("latency.").and_then(statistic) {
        return Ok(Subject::Latency(found));
    }
    if let Some(of) = name.strip_prefix("gas.").filter(|of| *of != "total") {
        let (function, phase) = (being_read().function(of), being_read().phase(of));
        if function.is_some() || phase.is_some() {
            return Ok(Subject::GasNamed(function, phase));
        }
    }
    if let Some((kind, statistic)) = LatencyKind::parse(name) {
        return Ok(Subject::LatencyOf(kind, statistic));
    }
    match Metric::parse(name) {
        Some(Metric::Statistic(quantity @ (Quantity::Gas(_) | Quantity::FunctionGas(_)), statistic)) => {
            match statistic {
                Statistic::Min | Statistic::Mean | Statistic::P50 | Statistic::Max | Statistic::Count => {
                    Ok(Subject::GasOf(quantity, statistic))
                }
                _ => Err(RuleError {
                    fault: format!("asks for the {} of gas, which is not compared", statistic.name()),
                    help: "min, mean, p50, max and count are".to_owned(),
                }),
            }
        }
        Some(Metric::Statistic(
            Quantity::Response(_) | Quantity::Service(_) | Quantity::Span(_),
            statistic,
        )) => Err(RuleError {
            fault: format!(
                "asks for the {} of a latency, which is not compared",
                statistic.name()
            ),
            help: "mean, p50, p90, p95, p99 and p99.9 are".to_owned(),
        }),
        Some(metric) => Ok(Subject::Figure(metric)),
        None => Err(unknown(name)),
    }
}

/// Whether a latency is compared by it.
fn is_compared(statistic: Statistic) -> bool {
    statistic == Statistic::Mean || statistic.quantile().is_some()
}

fn unknown(name: &str) -> RuleError {
    let short = [
        "gas",
        "latency.mean",
        "latency.p50",
        "latency.p90",
        "latency.p95",
        "latency.p99",
    ];
    let names: Vec<String> = Metric::all().into_iter().map(Metric::name).collect();
    let of_functions: Vec<String> = being_read()
        .functions
        .iter()
        .map(|f| format!("gas.{}", f.name()))
        .collect();
    let mut known: Vec<&str> = short.to_vec();
    known.extend(of_functions.iter().chain(&names).map(String::as_str));
    RuleError {
        fault: if name.is_empty() {
            "names no metric".to_owned()
        } else {
            format!("names no metric: `{name}`")
        },
        help: match suggest::nearest(name, &known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("{EXAMPLES}; `taskstorm metrics` lists all metrics"),
        },
    }
}

impl Subject {
    fn unit(self) -> Unit {
        match self {
            Self::Gas | Self::GasNamed(..) => Unit::Gas,
            Self::Latency(_) | Self::LatencyOf(..) => Unit::Time,
            Self::GasOf(quantity, statistic) => Metric::Statistic(quantity, statistic).unit(),
            Self::Figure(metric) => metric.unit(),
        }
    }
}

/// What happened to one metric, as a rule sees it.
struct Change {
    name: String,
    unit: Unit,
    base: Option<f64>,
    new: Option<f64>,
    /// The interval of the difference; `None` if it is exact, or if nothing is known of that.
    interval: Option<Interval>,
    /// Whether the difference itself can be relied on without one.
    certain: bool,
    /// Whether there was enough data to say anything of the difference.
    decided: bool,
    /// Runs of the baseline and the candidate that measured it.
    runs: [usize; 2],
    reason: Option<String>,
}

impl Rule {
    pub(super) const fn subject(&self) -> Subject {
        self.subject
    }

    /// The percentile or mean that it asks for of this latency.
    pub(super) fn statistic_of(&self, kind: LatencyKind) -> Option<Statistic> {
        match self.subject {
            Subject::Latency(statistic) if is_latency(kind) => Some(statistic),
            Subject::LatencyOf(of, statistic) if of == kind => Some(statistic),
            _ => None,
        }
    }

    /// Holds it against what was found. A change counts as too much if it is beyond the bound as it was measured and if
    /// chance alone, at the comparison's confidence, does not explain that there is one.
    pub(super) fn evaluate(&self, comparison: &Comparison) -> RuleVerdict {
        let changes = self.changes(comparison);
        let all = [comparison.base.len(), comparison.new.len()];
        let mut verdict = RuleVerdict {
            rule: self.expression.clone(),
            outcome: RuleOutcome::Held,
            findings: Vec::new(),
        };
        if changes.is_empty() {
            verdict.outcome = RuleOutcome::Failed;
            verdict.findings.push("the metric was not measured".to_owned());
        }
        let decided = changes
            .iter()
            .filter_map(|change| Some((change, self.outcome(change, all)?)));
        let mut decided: Vec<_> = decided.collect();
        decided.sort_by_key(|(_, (outcome, _))| std::cmp::Reverse(*outcome));
        for (_, (outcome, finding)) in decided {
            verdict.outcome = verdict.outcome.max(outcome);
            verdict.findings.push(finding);
        }
        verdict
    }

    /// What is to be said of a change, where `all` runs are in the baseline and the candidate; `None` if it was decided and is not too much.
    fn outcome(&self, change: &Change, all: [usize; 2]) -> Option<(RuleOutcome, String)> {
        let Change { name, unit, .. } = change;
        let value = |value| crate::format::value(*unit, value);
        let (base, new) = match (change.base, change.new) {
            (Some(base), Some(new)) => (base, new),
            (None, None) => return Some((RuleOutcome::Failed, format!("{name} was not measured"))),
            (None, Some(_)) => {
                let finding = format!(
                    "{name} was measured only in the candidate: the baseline has no value to compare with"
                );
                return Some((RuleOutcome::Inconclusive, finding));
            }
            (Some(base), None) => {
                let finding = format!(
                    "{name} was {} in the baseline and was not measured in the candidate",
                    value(base)
                );
                return Some((RuleOutcome::Failed, finding));
            }
        };
        let sign = if self.grows { 1.0 } else { -1.0 };
        let difference = (new - base) * sign;
        let allowed = match self.bound {
            Bound::Ratio(ratio) => base.abs() * ratio,
            Bound::Amount(amount) => amount,
        };
        // Sums of rounded numbers may be off in their last digit.
        if difference <= allowed + base.abs() * 1e-12 {
            return undecided(change, all).map(|why| (RuleOutcome::Inconclusive, format!("{name}: {why}")));
        }
        let grew = if self.grows { "grew" } else { "shrank" };
        let share = super::ratio(Some(new - base), Some(base));
        let share = share.map_or_else(String::new, |share| format!(" ({:+.2} %)", share * 100.0));
        let finding = format!("{name} {grew} from {} to {}{share}", value(base), value(new));
        let beyond_chance = match change.interval {
            None => change.certain,
            Some(interval) if self.grows => interval.low > 0.0,
            Some(interval) => interval.high < 0.0,
        };
        Some(if beyond_chance {
            (RuleOutcome::Failed, finding)
        } else {
            let why = change
                .reason
                .as_deref()
                .unwrap_or("the change is not statistically significant");
            (RuleOutcome::Inconclusive, format!("{finding}, but {why}"))
        })
    }

    fn changes(&self, comparison: &Comparison) -> Vec<Change> {
        let gas = |wanted: &dyn Fn(Quantity) -> bool, statistic: &str| -> Vec<Change> {
            let of_it = comparison.gas.iter();
            let of_it = of_it.filter(|gas| gas.outcome != "reverted" && wanted(gas.is));
            of_it
                .filter_map(|gas| {
                    let number = gas.statistic(statistic)?;
                    let is_count = statistic == "calls";
                    // Calls that were not made are counted as well: none.
                    let known = |number: Option<f64>| number.or(is_count.then_some(0.0));
                    Some(Change {
                        name: format!("{}.{statistic}", gas.quantity),
                        unit: if is_count { Unit::Count } else { Unit::Gas },
                        base: known(number.base),
                        new: known(number.new),
                        interval: gas.interval.filter(|_| statistic == "mean" && !gas.exact),
                        certain: gas.exact || is_count,
                        decided: gas.exact || is_count || gas.interval.is_some(),
                        runs: gas.runs,
                        reason: gas.reason.clone(),
                    })
                })
                .collect()
        };
        let latency = |wanted: &dyn Fn(&LatencyMetric) -> bool| -> Vec<Change> {
            let all = comparison.latency.iter().flat_map(|latency| {
                let metrics = latency.metrics.iter();
                metrics.map(|metric| (metric, latency.runs))
            });
            all.filter(|(metric, _)| wanted(metric))
                .map(|(metric, runs)| Change {
                    name: metric.metric.clone(),
                    unit: Unit::Time,
                    base: metric.base_us,
                    new: metric.new_us,
                    interval: metric.interval_us,
                    certain: false,
                    decided: metric.interval_us.is_some(),
                    runs,
                    reason: metric.reason.clone(),
                })
                .collect()
        };
        match self.subject {
            // What fills a gap of nonces calls no contract, and happens by chance.
            Subject::Gas => gas(
                &|is| matches!(is, Quantity::FunctionGas(function) if !function.is_filler()),
                "mean",
            ),
            Subject::GasNamed(function, phase) => {
                let wanted = [function.map(Quantity::FunctionGas), phase.map(Quantity::Gas)];
                gas(&|is| wanted.contains(&Some(is)), "mean")
            }
            Subject::GasOf(quantity, statistic) => {
                let name = match statistic {
                    Statistic::P50 => "median",
                    Statistic::Count => "calls",
                    statistic => statistic.name(),
                };
                gas(&|is| is == quantity, name)
            }
            // What a place between two blocks explains, nobody meant who asks for all latencies.
            Subject::Latency(statistic) => latency(&|metric| {
                let (kind, of) = metric.is;
                of == statistic && is_latency(kind) && metric.verdict != Verdict::Shifted
            }),
            Subject::LatencyOf(kind, statistic) => latency(&|metric| metric.is == (kind, statistic)),
            Subject::Figure(metric) => {
                let found = comparison.figures.iter().filter(|figure| figure.is == metric);
                found
                    .map(|figure| Change {
                        name: figure.metric.clone(),
                        unit: metric.unit(),
                        base: figure.base,
                        new: figure.new,
                        interval: None,
                        certain: true,
                        decided: true,
                        runs: figure.runs,
                        reason: None,
                    })
                    .collect()
            }
        }
    }
}

/// The reason why a change that is not too much cannot be relied on, where `all` runs are in the baseline and the candidate.
fn undecided(change: &Change, all: [usize; 2]) -> Option<String> {
    if !change.decided {
        let reason = change.reason.as_deref();
        return Some(reason.unwrap_or("there is too little data").to_owned());
    }
    let ([base, new], [all_base, all_new]) = (change.runs, all);
    (base == all_base && new < all_new)
        .then(|| format!("only {new} of the {all_new} candidate runs measured it"))
}

/// What `latency` stands for: service times are parts of response times.
const fn is_latency(kind: LatencyKind) -> bool {
    !matches!(kind, LatencyKind::Service(_))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}
