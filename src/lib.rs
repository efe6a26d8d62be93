//! taskstorm: a scenario-driven simulator and load tester for on-chain task lifecycles.

pub mod chain;
