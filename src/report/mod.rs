//! Renders results for people and for CI systems: a folder per command, and what several of them share.

pub mod capacity;
pub mod charts;
pub mod check;
pub mod compare;
pub mod devnet;
pub mod gas;
mod html;
pub mod hunt;
pub mod junit;
pub mod metrics;
pub mod parallel;
pub mod plan;
pub mod proxy;
pub mod run;
pub mod sweep;

pub use html::{HtmlReport, REPORT_HTML};

pub use crate::format::{Style, measured, value as metric_value};
