//! Rules that select the requests a fault is injected into.

use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use super::{AnswerFault, RetryAfter, request::Request};

/// A fault and the requests that it is injected into: those that match all conditions.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(super) fault: AnswerFault,
    /// Methods of which a request calls one, or how they begin, with `*` after it; empty: all.
    methods: Vec<String>,
    /// Calls that a request has at least.
    min_calls: usize,
    /// Text that some request must have held before; `None`: nothing.
    after: Option<String>,
    /// From when to when after the rule was set.
    window: (Duration, Duration),
    /// How many matching requests are let through first.
    skip: u64,
    /// How many are hit at most.
    times: u64,
    /// The chance with which a matching request is hit.
    chance: f64,
}

impl Rule {
    /// Hits every request.
    pub const fn always(fault: AnswerFault) -> Self {
        Self {
            fault,
            methods: Vec::new(),
            min_calls: 0,
            after: None,
            window: (Duration::ZERO, Duration::MAX),
            skip: 0,
            times: u64::MAX,
            chance: 1.0,
        }
    }

    /// Hits one request.
    pub const fn once(fault: AnswerFault) -> Self {
        Self::always(fault).times(1)
    }

    /// Only requests that call one of these methods; `anvil_*` is all that begin so.
    pub fn on(mut self, methods: &[&str]) -> Self {
        self.methods = methods.iter().map(|&method| method.to_owned()).collect();
        self
    }

    /// Only requests of at least so many calls.
    pub const fn larger_than(mut self, calls: usize) -> Self {
        self.min_calls = calls + 1;
        self
    }

    /// Only after a request that held this text.
    pub fn after(mut self, text: &str) -> Self {
        self.after = Some(text.to_owned());
        self
    }

    /// Only between these times since the rule was set.
    pub const fn between(mut self, from: Duration, until: Duration) -> Self {
        self.window = (from, until);
        self
    }

    /// Lets so many matching requests through first.
    pub const fn skip(mut self, requests: u64) -> Self {
        self.skip = requests;
        self
    }

    /// Hits so many requests at most.
    pub const fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Hits a matching request with this chance, 0 to 1.
    pub const fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }

    /// Whether the fault concerns this method.
    pub(super) fn concerns(&self, method: &str) -> bool {
        let is_meant = |other: &String| match other.strip_suffix('*') {
            Some(begin) => method.starts_with(begin),
            None => other == method,
        };
        self.methods.is_empty() || self.methods.iter().any(is_meant)
    }

    /// Whether a request matches at this time since the rule was set, counting and chance aside.
    fn matches(&self, request: &Request, elapsed: Duration) -> bool {
        request.calls.len() >= self.min_calls
            && request.calls.iter().any(|call| self.concerns(&call.method))
            && (request.is_batch || !self.fault.is_of_batches())
            && (self.window.0..self.window.1).contains(&elapsed)
            && self.after.is_none()
    }
}

/// The rules of a proxy, in the order in which they were set.
#[derive(Debug)]
pub(super) struct Rules {
    rules: Vec<(Instant, Rule)>,
    chance: ChaCha8Rng,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            chance: ChaCha8Rng::seed_from_u64(1),
        }
    }
}

impl Rules {
    pub(super) fn push(&mut self, rule: Rule) {
        self.rules.push((Instant::now(), rule));
    }

    /// The rule that hits this request.
    pub(super) fn pick(&mut self, request: &Request) -> Option<Rule> {
        let mut picked = None;
        for (since, rule) in &mut self.rules {
            if picked.is_none() && rule.times > 0 && rule.matches(request, since.elapsed()) {
                if rule.skip > 0 {
                    rule.skip -= 1;
                } else if rule.chance >= 1.0 || self.chance.random_bool(rule.chance) {
                    rule.times -= 1;
                    picked = Some(rule.clone());
                }
            }
            rule.after.take_if(|text| request.contains(text));
        }
        picked
    }
}

/// Rules by which a share of all requests fails, each in one of ten ways with the same chance.
pub fn faulty(share: f64) -> Vec<Rule> {
    let ways = [
        AnswerFault::Status(500, RetryAfter::Unsaid),
        AnswerFault::Status(503, RetryAfter::Unsaid),
        AnswerFault::Status(429, RetryAfter::Seconds(1)),
        AnswerFault::Refused,
        AnswerFault::ResetMidway,
        AnswerFault::Truncated,
        AnswerFault::Empty,
        AnswerFault::Garbage,
        AnswerFault::Lost,
        AnswerFault::Delayed(Duration::from_secs(1)),
    ];
    let chance = share / ways.len() as f64;
    ways.into_iter()
        .map(|fault| Rule::always(fault).chance(chance))
        .collect()
}
