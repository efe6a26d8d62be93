//! Thresholds: what a metric must be.

use std::{fmt, str::FromStr};

use super::{Metric, Tally, TaskStatus, Unit};
use crate::{
    record::{RunResult, ThresholdVerdict},
    suggest,
};

/// What a metric must be for a run to be good: `task.total.p99 < 10s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// The metric.
    pub metric: Metric,
    /// The operator.
    pub operator: Operator,
    /// With what, in the metric's unit.
    pub bound: f64,
    /// Whether the run is to stop as soon as it is certain that this will not hold.
    pub stop_early: bool,
    /// Whether nobody wrote it: see [`Threshold::default_gate`].
    pub is_default: bool,
    /// As it was written, but for the space around it.
    expression: String,
}

named! {
    /// How a threshold compares.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Operator {
        /// `<`
        Less = "<",
        /// `<=`
        AtMost = "<=",
        /// `>`
        Greater = ">",
        /// `>=`
        AtLeast = ">=",
        /// `==`
        Equal = "==",
        /// `!=`
        Unequal = "!=",
    }
}

impl Operator {
    /// Whether `measured` compares so with `bound`. Numbers are compared as they are, with no tolerance.
    #[must_use]
    #[expect(clippy::float_cmp, reason = "whoever writes == means it")]
    pub fn holds(self, measured: f64, bound: f64) -> bool {
        match self {
            Self::Less => measured < bound,
            Self::AtMost => measured <= bound,
            Self::Greater => measured > bound,
            Self::AtLeast => measured >= bound,
            Self::Equal => measured == bound,
            Self::Unequal => measured != bound,
        }
    }
}

impl Threshold {
    /// Reads `<metric> <operator> <bound>`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        let expression = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_sign = |c: char| matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥');
        let (name, rest) = expression.split_at(expression.find(is_sign).unwrap_or(expression.len()));
        let (sign, bound) = rest.split_at(rest.find(|c| !is_sign(c)).unwrap_or(rest.len()));
        let (name, bound) = (name.trim(), bound.trim());
        let Some(operator) = Operator::named(sign) else {
            return Err(ThresholdError::Comparison {
                sign: sign.to_owned(),
            });
        };
        let metric = Metric::parse(name).ok_or_else(|| unknown(name))?;
        let unit = metric.unit();
        let bound = match unit.parse(bound) {
            Ok(bound) => bound,
            Err(fault) => {
                let bound = bound.to_owned();
                return Err(ThresholdError::Bound { bound, fault, unit });
            }
        };
        Ok(Self {
            metric,
            operator,
            bound,
            stop_early: false,
            is_default: false,
            expression,
        })
    }

    /// The threshold of a run whose own thresholds do not say how many tasks may fail: `tasks.failed.count == 0`.
    #[must_use]
    pub fn default_gate() -> Self {
        let metric = Metric::Count(Tally::Tasks(TaskStatus::Failed));
        Self {
            metric,
            operator: Operator::Equal,
            bound: 0.0,
            stop_early: false,
            is_default: true,
            expression: format!("{} {} 0", metric.name(), Operator::Equal.name()),
        }
    }

    /// Adds [`Threshold::default_gate`] to `thresholds`, or takes it out if another one says how many tasks may fail
    /// or must end.
    pub fn complete(thresholds: &mut Vec<Self>) {
        thresholds.retain(|threshold| !threshold.is_default);
        if !thresholds.iter().any(Self::gates_failures) {
            thresholds.push(Self::default_gate());
        }
    }

    /// Whether it compares `tasks.failed.*` or `tasks.ended.*`.
    const fn gates_failures(&self) -> bool {
        matches!(
            self.metric,
            Metric::Count(Tally::Tasks(TaskStatus::Failed | TaskStatus::Ended))
                | Metric::Ratio(Tally::Tasks(TaskStatus::Failed | TaskStatus::Ended))
        )
    }

    /// The same, at which a run is to stop early.
    #[must_use]
    pub fn stopping_early(self) -> Self {
        Self {
            stop_early: true,
            ..self
        }
    }

    /// As it was written.
    #[must_use]
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Evaluates the threshold on `result`. A threshold on an unmeasured metric fails.
    #[must_use]
    pub fn evaluate(&self, result: &RunResult) -> ThresholdVerdict {
        let measured = self.metric.of(result);
        ThresholdVerdict {
            expression: self.expression.clone(),
            measured,
            held: measured.is_some_and(|measured| self.operator.holds(measured, self.bound)),
        }
    }
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        Self::parse(text)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.expression)
    }
}

/// The reason why a text is no threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThresholdError {
    /// It compares nothing, or with an unknown sign.
    Comparison {
        /// The sign; empty if there is none.
        sign: String,
    },
    /// No metric has this name.
    Metric {
        /// The name.
        name: String,
        /// The correction.
        help: String,
    },
    /// The bound is none in the metric's unit.
    Bound {
        /// The bound.
        bound: String,
        /// The problem; it completes "it …".
        fault: String,
        /// The unit.
        unit: Unit,
    },
}

impl ThresholdError {
    /// The problem; it completes "it …".
    #[must_use]
    pub fn fault(&self) -> String {
        match self {
            Self::Comparison { sign } if sign.is_empty() => "compares nothing".to_owned(),
            Self::Comparison { sign } => format!("compares with `{sign}`"),
            Self::Metric { name, .. } if name.is_empty() => "names no metric".to_owned(),
            Self::Metric { name, .. } => format!("names no metric: `{name}`"),
            Self::Bound { bound, .. } if bound.is_empty() => "has no bound".to_owned(),
            Self::Bound { bound, fault, .. } => format!("has a bound that {fault}: `{bound}`"),
        }
    }

    /// The correction.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Comparison { sign } if sign == "=" => "write == for equality".to_owned(),
            Self::Comparison { sign } if sign == "≤" || sign == "=<" => "write <=".to_owned(),
            Self::Comparison { sign } if sign == "≥" || sign == "=>" => "write >=".to_owned(),
            Self::Comparison { .. } => {
                "write a metric, one of < <= > >= == !=, and a bound: task.total.p99 < 10s".to_owned()
            }
            Self::Metric { help, .. } => help.clone(),
            Self::Bound { unit, .. } => unit.example().to_owned(),
        }
    }
}

impl fmt::Display for ThresholdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it {}; {}", self.fault(), self.help())
    }
}

impl std::error::Error for ThresholdError {}

/// What to say of a name that no metric has.
fn unknown(name: &str) -> ThresholdError {
    let names: Vec<String> = Metric::all().into_iter().map(Metric::name).collect();
    let below = format!("{name}.");
    let begun: Vec<&str> = names
        .iter()
        .filter(|known| !name.is_empty() && known.starts_with(&below))
        .map(String::as_str)
        .collect();
    let typical = begun
        .iter()
        .find(|known| known.ends_with(".p99") || known.ends_with(".ratio"))
        .or(begun.first());
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let help = match (typical, suggest::nearest(name, &known)) {
        (Some(typical), _) => format!("say what of it, for example `{typical}`"),
        (None, Some(meant)) => format!("did you mean `{meant}`?"),
        (None, None) => "`taskstorm metrics` lists them all".to_owned(),
    };
    ThresholdError::Metric {
        name: name.to_owned(),
        help,
    }
}
