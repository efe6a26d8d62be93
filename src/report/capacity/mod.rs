//! The results of a capacity search for people.

mod chart;
mod table;

pub use chart::capacity_picture;
pub use table::{capacity_table, step_line};
