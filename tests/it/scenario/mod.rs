//! Tests of scenario files and of the plans made of them.

mod arrivals;
mod compose;
mod counts;
mod data_files;
mod distributions;
mod doubts;
mod files;
mod hostile;
mod order;
mod plan;
mod populations;
mod profiles;
pub(crate) mod refusals;
mod round_trip;
mod seeds;
mod streams;
mod traces;
mod units;

use taskstorm::scenario::Scenario;

/// A scenario that leaves out all that can be left out, with `extra` at its end.
fn minimal(extra: &str) -> Scenario {
    let text = format!("name = \"t\"\nowners = {{ count = 1, tasks = 1 }}\n{extra}");
    Scenario::from_toml("test.toml", &text).unwrap()
}
