//! Reading distributions: one value, or a table with one key that names the shape.

mod empirical;
mod quantity;

use toml::de::DeValue;

pub(super) use self::quantity::ReadQuantity;
use super::{table::Table, value::Value};
use crate::scenario::{
    Distribution, Spread,
    keys::Shape,
    problem::Problem,
    suggest::{self, list},
    units::Parameter,
};

/// The bounds of a shape, in millionths: beyond them the tails exceed what can be counted, or there is no spread left.
const SHAPE: [u64; 2] = [100_000, 1_000_000_000];
/// The bounds of σ, in millionths.
const SIGMA: [u64; 2] = [0, 10_000_000];

/// Reads a constant or a distribution.
pub(in crate::scenario) fn read<T: ReadQuantity>(value: Value<'_>) -> Option<Distribution<T>> {
    let DeValue::Table(entries) = value.get() else {
        return T::read(value, T::LEAST).map(Distribution::Constant);
    };
    let mut keys = entries.keys().map(|key| key.get_ref().as_ref());
    let (Some(shape), None) = (keys.next(), keys.next()) else {
        return value.refuse(
            "one distribution",
            format!("has {} keys", entries.len()),
            help::<T>(""),
        );
    };
    let table = Table::of(&value)?;
    let named = |name| Parameters::<T>::new(&table, name);
    match shape {
        "uniform" => table.optional("uniform", uniform),
        "exponential" => table.optional("exponential", exponential),
        "normal" => normal(named("normal")),
        "lognormal" => lognormal(named("lognormal")),
        "gamma" => gamma(named("gamma")),
        "weibull" => weibull(named("weibull")),
        "pareto" => pareto(named("pareto")),
        "empirical" => table.optional("empirical", |observed| empirical::read(observed, value.path())),
        other => {
            let shapes = Shape::ALL.map(|shape| shape.name);
            let help = suggest::nearest(other, &shapes).map_or_else(
                || format!("the distributions are {}, and a single value", list(&shapes)),
                |meant| format!("did you mean {}?", example::<T>(meant)),
            );
            let problem = Problem::new(
                format!("`{}`: unknown distribution `{other}`", value.path()),
                help,
            )
            .at_key(value.path().key(other), "unknown distribution");
            value.report().broken(value.path().clone(), problem);
            None
        }
    }
}

/// An array of the smallest and the largest value.
fn uniform<T: ReadQuantity>(value: Value<'_>) -> Option<Distribution<T>> {
    const MUST: &str = "an array of the smallest and the largest value";
    let bounds = match value.elements().map(<[_; 2]>::try_from) {
        Some(Ok(bounds)) => bounds,
        Some(Err(bounds)) => {
            return value.refuse(MUST, format!("has {} values", bounds.len()), help::<T>("uniform"));
        }
        None => return value.refuse(MUST, "is no array", help::<T>("uniform")),
    };
    let [low, high] = bounds.map(|bound| T::read(bound, T::LEAST));
    let (low, high) = (low?, high?);
    if low <= high {
        return Some(Distribution::Uniform { low, high });
    }
    value.refuse(MUST, "begins with the larger one", help::<T>("uniform"))
}

/// The mean alone, or a table of `mean` and `max`.
fn exponential<T: ReadQuantity>(value: Value<'_>) -> Option<Distribution<T>> {
    let DeValue::Table(_) = value.get() else {
        return T::read(value, T::UNIT).map(|mean| Distribution::Exponential { mean });
    };
    let parameters = Parameters::<T>::of(Table::of(&value)?);
    let (mean, max) = (
        parameters.quantity("mean", T::EXAMPLE[1], T::UNIT),
        parameters.max(),
    );
    parameters.finish();
    Some(capped(Distribution::Exponential { mean: mean? }, max))
}

fn normal<T: ReadQuantity>(parameters: Parameters<'_, T>) -> Option<Distribution<T>> {
    let [small, large] = T::EXAMPLE;
    let (mean, stddev) = (
        parameters.quantity("mean", large, T::ZERO),
        parameters.quantity("stddev", small, T::ZERO),
    );
    let max = parameters.max();
    parameters.finish();
    let (mean, stddev) = (mean?, stddev?);
    Some(capped(Distribution::Normal { mean, stddev }, max))
}

/// `median`, and `p95` or `sigma`.
fn lognormal<T: ReadQuantity>(parameters: Parameters<'_, T>) -> Option<Distribution<T>> {
    let [small, large] = T::EXAMPLE;
    let median = parameters.quantity("median", small, T::UNIT);
    let (by_sigma, by_p95) = (parameters.has("sigma"), parameters.has("p95"));
    let spread = if by_sigma {
        parameters.number("sigma", "1.2", SIGMA).map(Spread::Sigma)
    } else {
        parameters.quantity("p95", large, T::UNIT).map(Spread::P95)
    };
    // The one that is not read is no unknown key either.
    let _ = parameters.table.value(if by_sigma { "p95" } else { "sigma" });
    let (path, report) = (parameters.table.path().clone(), parameters.table.report());
    let max = parameters.max();
    parameters.finish();
    let (median, spread) = (median?, spread?);
    let problem = match spread {
        Spread::Sigma(_) if by_p95 => Problem::new(
            format!("`{path}`: the spread is given twice"),
            "leave `p95` or `sigma`",
        )
        .at(path.key("sigma"), "the standard deviation of the logarithm")
        .at(path.key("p95"), "the 95th percentile"),
        Spread::P95(p95) if p95 < median => Problem::new(
            format!("`{path}`: the 95th percentile lies below the median"),
            help::<T>("lognormal"),
        )
        .at(path.key("p95"), "is smaller than the median")
        .at(path.key("median"), "the median"),
        _ => return Some(capped(Distribution::LogNormal { median, spread }, max)),
    };
    report.broken(path, problem);
    None
}

fn gamma<T: ReadQuantity>(parameters: Parameters<'_, T>) -> Option<Distribution<T>> {
    let (shape, mean) = (
        parameters.number("shape", "2.0", SHAPE),
        parameters.quantity("mean", T::EXAMPLE[1], T::UNIT),
    );
    let max = parameters.max();
    parameters.finish();
    let (shape, mean) = (shape?, mean?);
    Some(capped(Distribution::Gamma { shape, mean }, max))
}

fn weibull<T: ReadQuantity>(parameters: Parameters<'_, T>) -> Option<Distribution<T>> {
    let (shape, scale) = (
        parameters.number("shape", "0.7", SHAPE),
        parameters.quantity("scale", T::EXAMPLE[1], T::UNIT),
    );
    let max = parameters.max();
    parameters.finish();
    let (shape, scale) = (shape?, scale?);
    Some(capped(Distribution::Weibull { shape, scale }, max))
}

fn pareto<T: ReadQuantity>(parameters: Parameters<'_, T>) -> Option<Distribution<T>> {
    let (scale, shape) = (
        parameters.quantity("scale", T::EXAMPLE[0], T::UNIT),
        parameters.number("shape", "1.5", SHAPE),
    );
    let max = parameters.max();
    let (path, report) = (parameters.table.path().clone(), parameters.table.report());
    parameters.finish();
    let (scale, shape) = (scale?, shape?);
    if max.is_some_and(|max| max < scale) {
        let problem = Problem::new(
            format!("`{path}`: the largest value lies below the smallest"),
            help::<T>("pareto"),
        )
        .at(path.key("max"), "is smaller than the scale")
        .at(path.key("scale"), "the smallest value");
        report.broken(path, problem);
        return None;
    }
    Some(capped(Distribution::Pareto { scale, shape }, max))
}

/// `of`, with what exceeds `max` counted as that.
fn capped<T>(of: Distribution<T>, max: Option<T>) -> Distribution<T> {
    match max {
        Some(max) => Distribution::Capped {
            of: Box::new(of),
            max,
        },
        None => of,
    }
}

/// The named parameters of a distribution.
struct Parameters<'a, T> {
    table: Table<'a>,
    of: std::marker::PhantomData<T>,
}

impl<'a, T: ReadQuantity> Parameters<'a, T> {
    /// Those in the table that is the value of `shape`.
    fn new(table: &Table<'a>, shape: &'static str) -> Self {
        Self::of(table.table(shape))
    }

    fn of(table: Table<'a>) -> Self {
        Self {
            table,
            of: std::marker::PhantomData,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.table.has(name)
    }

    /// A quantity of at least `least`.
    fn quantity(&self, name: &'static str, example: &str, least: T) -> Option<T> {
        self.table
            .required(name, format!("{name} = {example}"), |value| T::read(value, least))
    }

    /// A number without a unit, from and to so many millionths.
    fn number(&self, name: &'static str, example: &str, bounds: [u64; 2]) -> Option<Parameter> {
        let [least, most] = bounds.map(Parameter::from_millionths);
        self.table.required(name, format!("{name} = {example}"), |value| {
            value.parameter(least..=most)
        })
    }

    /// The largest value, if there is to be one.
    fn max(&self) -> Option<T> {
        self.table.optional("max", |value| T::read(value, T::UNIT))
    }

    fn finish(self) {
        self.table.finish();
    }
}

/// What a distribution of this shape looks like; `uniform` for an unknown one.
fn help<T: ReadQuantity>(shape: &str) -> String {
    format!("for example {}", example::<T>(shape))
}

fn example<T: ReadQuantity>(shape: &str) -> String {
    let [small, large] = T::EXAMPLE;
    match shape {
        "exponential" => format!("{{ exponential = {large} }} (the mean)"),
        "normal" => format!("{{ normal = {{ mean = {large}, stddev = {small} }} }}"),
        "lognormal" => format!("{{ lognormal = {{ median = {small}, p95 = {large} }} }}"),
        "gamma" => format!("{{ gamma = {{ shape = 2.0, mean = {large} }} }}"),
        "weibull" => format!("{{ weibull = {{ shape = 0.7, scale = {large} }} }}"),
        "pareto" => format!("{{ pareto = {{ scale = {small}, shape = 1.5 }} }}"),
        "empirical" => format!("{{ empirical = [{small}, {large}] }}"),
        _ => format!("{{ uniform = [{small}, {large}] }}"),
    }
}
