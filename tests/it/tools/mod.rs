//! The tools around a scenario: check, plan, schema, init.

mod check;
mod estimates;
mod forecast;
mod huge;
mod init;
mod mutants;
mod plan;
mod profiles;
mod wrong;
