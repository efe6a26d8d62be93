//! The search for a capacity: the highest arrival rate at which what is asked for still holds.
//!
//! A search is a sequence of steps, each a run of its own at one rate. [`Search`] chooses the rates and knows nothing of
//! runs; a step is judged by the thresholds that are to hold, and by whether the system kept up ([`Steadiness`]), with
//! tests that know their own noise; what was exhausted first is read from all steps together ([`Saturation`]).

mod above;
mod backlog;
#[cfg(test)]
mod coverage;
mod evaluate;
mod find;
mod folder;
mod margin;
mod observe;
mod result;
mod saturation;
mod search;
mod settings;
mod trend;
mod trial;

pub use find::{CapacityError, find};
pub use folder::{CAPACITY_CSV, CAPACITY_JSON, CapacityDir};
pub use result::{CAPACITY_SCHEMA_VERSION, CapacityResult, SearchEnd, Steadiness, Step};
pub use saturation::{Resource, Saturation, Sign};
pub use search::{Evidence, Next, Search};
pub use settings::CapacitySettings;
