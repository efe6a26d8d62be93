//! `taskstorm hunt` and `taskstorm replay`: correct contracts give nothing, a fault gives a short sequence that shows it.

mod command;
mod correct;
mod runs;
mod support;
