//! Shapes of distributions and their parameters.

/// A shape, by the key that names it.
pub(in crate::scenario) struct Shape {
    /// The key.
    pub(in crate::scenario) name: &'static str,
    pub(super) about: &'static str,
    /// Named parameters; none if the value is an array.
    parameters: &'static [Parameter],
}

/// A named parameter of a shape.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// What a parameter may be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// A quantity of the distribution, above 0.
    Quantity,
    /// The same, from 0.
    QuantityOrZero,
    /// A number without a unit, above 0.
    Number,
}

const fn parameter(name: &'static str, about: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        about,
        kind,
        required: true,
    }
}

const fn optional(name: &'static str, about: &'static str, kind: Kind) -> Parameter {
    Parameter {
        name,
        about,
        kind,
        required: false,
    }
}

/// The parameter that every shape with named parameters has beside its own.
const MAX: Parameter = optional("max", "What is drawn above it counts as this.", Kind::Quantity);

impl Shape {
    const fn new(name: &'static str, about: &'static str, parameters: &'static [Parameter]) -> Self {
        Self {
            name,
            about,
            parameters,
        }
    }

    pub(in crate::scenario) const UNIFORM: Self = Self::new("uniform", "Uniform.", &[]);
    pub(in crate::scenario) const EXPONENTIAL: Self = Self::new(
        "exponential",
        "Exponential.",
        &[parameter("mean", "The mean.", Kind::Quantity)],
    );
    pub(in crate::scenario) const NORMAL: Self = Self::new(
        "normal",
        "Normal, truncated at 0.",
        &[
            parameter("mean", "The mean before truncation.", Kind::QuantityOrZero),
            parameter(
                "stddev",
                "The standard deviation before truncation.",
                Kind::QuantityOrZero,
            ),
        ],
    );
    pub(in crate::scenario) const LOG_NORMAL: Self = Self::new(
        "lognormal",
        "Log-normal.",
        &[
            parameter("median", "Half of all samples lie below it.", Kind::Quantity),
            optional(
                "p95",
                "95 % of all samples lie below it; or give sigma.",
                Kind::Quantity,
            ),
            optional(
                "sigma",
                "The standard deviation of the logarithm; or give p95.",
                Kind::Number,
            ),
        ],
    );
    pub(in crate::scenario) const GAMMA: Self = Self::new(
        "gamma",
        "Gamma.",
        &[
            parameter("shape", "The shape k; the variance is mean² / k.", Kind::Number),
            parameter("mean", "The mean.", Kind::Quantity),
        ],
    );
    pub(in crate::scenario) const WEIBULL: Self = Self::new(
        "weibull",
        "Weibull.",
        &[
            parameter(
                "shape",
                "The shape k: below 1 the tail is heavier than an exponential's.",
                Kind::Number,
            ),
            parameter(
                "scale",
                "The scale λ: 63.2 % of all samples lie below it.",
                Kind::Quantity,
            ),
        ],
    );
    pub(in crate::scenario) const PARETO: Self = Self::new(
        "pareto",
        "Pareto: the tail falls with the power −α.",
        &[
            parameter("scale", "The smallest value.", Kind::Quantity),
            parameter(
                "shape",
                "The tail index α; at most 1 there is no mean.",
                Kind::Number,
            ),
        ],
    );
    pub(in crate::scenario) const EMPIRICAL: Self = Self::new("empirical", "Empirical.", &[]);

    /// Every shape.
    pub(in crate::scenario) const ALL: [Self; 8] = [
        Self::UNIFORM,
        Self::EXPONENTIAL,
        Self::NORMAL,
        Self::LOG_NORMAL,
        Self::GAMMA,
        Self::WEIBULL,
        Self::PARETO,
        Self::EMPIRICAL,
    ];

    /// Its parameters, the largest value last.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().chain([&MAX])
    }

    /// A distribution of this shape as a scenario file writes it: the values of its parameters in their order, then the
    /// largest value. Those that are `None` are left out.
    pub(in crate::scenario) fn text(&self, values: impl IntoIterator<Item = Option<String>>) -> String {
        let parameters = self.parameters().zip(values);
        let entries: Vec<_> = parameters
            .filter_map(|(parameter, value)| Some(format!("{} = {}", parameter.name, value?)))
            .collect();
        format!("{{ {} = {{ {} }} }}", self.name, entries.join(", "))
    }
}
