//! A plan for people and as data: its groups, its actors, and when tasks arrive.

mod csv;
mod drawn;
mod histogram;
mod submitter;
mod table;

pub use csv::{actors_csv, arrivals_csv};
pub use table::PlanSummary;
