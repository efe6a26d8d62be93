//! Quantities that have distributions: the kinds of their keys, and what observations of them are written as.

use std::fmt;

use serde_json::{Value, json};

use super::{
    Key,
    distribution::{Kind, Shape},
    inline,
    kind::{any_of, defined, described, list, pair, positive, table, text, whole},
    literal::{array, bare, quoted},
};
use crate::{
    distribution::{Bin, Empirical, Observed, Quantity as Measured},
    scenario::{OwnerGroup, Scenario},
};

/// A quantity that distributions are of.
#[derive(Clone, Copy)]
pub(super) enum Quantity {
    Delay,
    Size,
    Count,
}

/// The kind of a delay, constant or drawn.
pub(super) fn delays() -> Value {
    let examples = json!([
        "100ms",
        { "uniform": ["10ms", "60ms"] },
        { "exponential": "100ms" },
        { "exponential": { "mean": "100ms", "max": "2s" } },
        { "normal": { "mean": "1.5s", "stddev": "200ms" } },
        { "lognormal": { "median": "120ms", "p95": "400ms" } },
        { "lognormal": { "median": "120ms", "sigma": 0.7, "max": "10s" } },
        { "gamma": { "shape": 2.0, "mean": "300ms" } },
        { "weibull": { "shape": 0.7, "scale": "300ms" } },
        { "pareto": { "scale": "80ms", "shape": 1.5, "max": "1m" } },
        { "empirical": "delays.csv" },
        { "empirical": ["80ms", "95ms"] },
        { "empirical": { "file": "delays.csv", "column": "work_us" } },
        { "empirical": { "histogram": [{ "low": "80ms", "high": "100ms", "count": 3 }] } },
    ]);
    json!({ "$ref": "#/definitions/delays", "examples": examples })
}

/// The kind of a size, constant or drawn.
pub(super) fn sizes() -> Value {
    let examples = json!([
        "32 B",
        64,
        { "uniform": ["32 B", "1 KiB"] },
        { "exponential": "1 KiB" },
        { "exponential": { "mean": "1 KiB", "max": "16 KiB" } },
        { "normal": { "mean": "256 B", "stddev": "64 B" } },
        { "lognormal": { "median": "64 B", "p95": "1 KiB" } },
        { "gamma": { "shape": 2.0, "mean": "256 B" } },
        { "weibull": { "shape": 0.7, "scale": "256 B" } },
        { "pareto": { "scale": "64 B", "shape": 1.5, "max": "16 KiB" } },
        { "empirical": "sizes.csv" },
        { "empirical": { "histogram": [{ "low": "32 B", "high": "64 B", "count": 3 }] } },
    ]);
    json!({ "$ref": "#/definitions/sizes", "examples": examples })
}

/// The kind of a count, constant or drawn.
pub(super) fn counts() -> Value {
    let mut examples = vec![
        json!(1),
        json!(4),
        json!({ "exponential": 2 }),
        json!({ "lognormal": { "median": 4, "p95": 16 } }),
    ];
    examples.extend(counts_to(16));
    json!({ "$ref": "#/definitions/counts", "examples": examples })
}

/// The kind of a redundancy, constant or drawn.
pub(super) fn redundancies() -> Value {
    json!({
        "$ref": "#/definitions/counts",
        "maximum": OwnerGroup::MAX_REDUNDANCY,
        "examples": counts_to(3),
    })
}

/// Counts of at most `most`, from 3.
fn counts_to(most: u32) -> Vec<Value> {
    vec![
        json!(most),
        json!({ "uniform": [1, most] }),
        json!({ "exponential": { "mean": 2, "max": most } }),
        json!({ "normal": { "mean": 2, "stddev": 1, "max": most } }),
        json!({ "lognormal": { "median": 2, "p95": 3, "max": most } }),
        json!({ "lognormal": { "median": 2, "sigma": 0.8, "max": most } }),
        json!({ "gamma": { "shape": 2.0, "mean": 2, "max": most } }),
        json!({ "weibull": { "shape": 0.7, "scale": 2, "max": most } }),
        json!({ "pareto": { "scale": 1, "shape": 1.5, "max": most } }),
        json!({ "empirical": "counts.csv" }),
        json!({ "empirical": [1, 1, most] }),
        json!({ "empirical": { "file": "counts.csv", "column": "places" } }),
        json!({ "empirical": { "histogram": [{ "low": 1, "high": 3, "count": 3 }] } }),
    ]
}

impl Quantity {
    /// Its constants and distributions.
    pub(super) fn schema(self) -> Value {
        let constant = match self {
            Self::Delay => "Always the same delay.",
            Self::Size => "Always the same size.",
            Self::Count => "Always the same count.",
        };
        let shapes = Shape::ALL.iter().map(|shape| self.shape(shape));
        any_of([described(constant, self.value())].into_iter().chain(shapes))
    }

    /// One value.
    fn value(self) -> Value {
        defined(match self {
            Self::Delay => "duration",
            Self::Size => "size",
            Self::Count => "count",
        })
    }

    /// The table whose only key is the shape's name.
    fn shape(self, shape: &Shape) -> Value {
        let kind = match shape.name {
            "uniform" => described(
                "The smallest and the largest value; all between them are equally likely.",
                pair(self.value()),
            ),
            "exponential" => described("The mean.", any_of([self.value(), self.parameters(shape)])),
            "empirical" => described(
                "What was observed: values, or a CSV file of values or of a histogram.",
                any_of(self.observed()),
            ),
            _ => self.parameters(shape),
        };
        let about = match (self, shape.name) {
            (Self::Count, "normal") => "Normal, truncated at 0; what is drawn as 0 counts as 1.",
            _ => shape.about,
        };
        let table = json!({
            "type": "object",
            "properties": { shape.name: kind },
            "additionalProperties": false,
            "required": [shape.name],
        });
        described(about, table)
    }

    /// The table of the shape's parameters.
    fn parameters(self, shape: &Shape) -> Value {
        let keys: Vec<_> = shape
            .parameters()
            .map(|parameter| {
                let kind = match (self, parameter.kind) {
                    (_, Kind::Number) => positive(),
                    (Self::Count, Kind::QuantityOrZero) => whole(0..=Scenario::MAX_ACTORS),
                    (_, Kind::Quantity | Kind::QuantityOrZero) => self.value(),
                };
                let key = Key::new(parameter.name, parameter.about, kind, |(): &()| None);
                if parameter.required { key.required() } else { key }
            })
            .collect();
        table(&keys)
    }

    /// What an empirical distribution may be given as.
    fn observed(self) -> [Value; 4] {
        [
            described("A CSV file, relative to this one.", text()),
            described("The observed values.", list(self.value())),
            table(&file()),
            table(&histogram(&self.value())),
        ]
    }
}

fn file() -> Vec<Key<str>> {
    keys! { str:
        required "file", "A CSV file, relative to this one.", text() => |name| quoted(name);
        "column", "The column that holds the values.", text() => |_| None;
    }
}

/// The key of bins, whose bounds are values of this kind.
fn histogram(value: &Value) -> Vec<Key<[Bin<String>]>> {
    keys! { [Bin<String>]:
        required "histogram", "How many fell into each bin.", list(table(&bin(value))) => |bins| {
            let keys = bin(&Value::Null);
            array(bins.iter().map(|bin| inline(&keys, bin)))
        };
    }
}

fn bin(value: &Value) -> Vec<Key<Bin<String>>> {
    keys! { Bin<String>:
        required "low", "The smallest value in the bin.", value.clone() => |bin| bare(&bin.low);
        required "high", "The first value above it.", value.clone() => |bin| bare(&bin.high);
        required "count", "How many.", json!({ "type": "integer", "minimum": 0 }) => |bin| bare(bin.count);
    }
}

impl<T: Measured> fmt::Display for Empirical<T> {
    /// As a scenario file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let literal = |units| T::of(units).literal();
        let text = match (&self.file, &*self.observed) {
            (Some(name), _) => inline(&file(), &**name),
            (None, Observed::Values(values)) => array(values.iter().map(|value| bare(literal(*value)))),
            (None, Observed::Histogram { bins, .. }) => {
                let bin = |bin: &Bin<u64>| Bin {
                    low: literal(bin.low),
                    high: literal(bin.high),
                    count: bin.count,
                };
                let bins: Vec<_> = bins.iter().map(bin).collect();
                inline(&histogram(&Value::Null), bins.as_slice())
            }
        };
        f.write_str(&text.unwrap_or_default())
    }
}
