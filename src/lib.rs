//! taskstorm: a scenario-driven simulator and load tester for on-chain task lifecycles.
//!
//! Session owners submit tasks, miners answer them, oracles close what is overdue. Every task passes through submit →
//! ack → precommit → commit → end on the reference contracts. taskstorm runs such a population on a real anvil in
//! wall-clock time, or on an EVM in this process in virtual time, and measures response time and gas per phase. The
//! command line (`taskstorm run FILE`) is a thin layer over this library.
//!
//! # Data flow
//! ```text
//! scenario file ─▶ Scenario ─▶ Plan ─▶ driver ⇄ actors
//!                                       ⇅
//!                                     chain
//!                                       ▼
//!                              Record stream ─▶ Recorder ─▶ RunResult ─▶ exporters
//! ```
//! - [`scenario`] parses and validates a TOML file; errors carry the place in the file.
//! - [`plan`] turns scenario and seed into accounts, arrivals and random streams. Nothing later draws from another
//!   source, so a simulation with the same scenario and seed gives the same result, byte for byte.
//! - [`protocol`] holds the actors, state machines without I/O, and checks every event against the protocol's invariants.
//! - [`driver`] steps the actors in wall-clock or virtual time, and [`chain`] is what they act on.
//! - [`record`] counts transactions, tasks and blocks; its [`RunResult`](record::RunResult) is what every output is
//!   made from.
//! - [`run`] puts these together, and [`run_folder`] writes the folder of a run and reads it back. [`metric`] names every
//!   number of a result and evaluates thresholds.
//! - [`sweep`], [`capacity`] and [`compare`] build on many runs; [`estimate`] predicts one without running it, and [`parallel`]
//!   bounds what several cores could do for its chain.
//! - [`report`] renders all of these: tables, charts, a web page, Markdown, JUnit XML.
//!
//! # Where to start
//! - Simulate a scenario: [`run::simulate`], as below. [`run::run`] does the same on a node.
//! - Read the files of a run: [`run_folder::RunFolder`].
//! - Write an actor: [`protocol::Actor`].
//!
//! The folder `examples/` of the repository has small programs: `simulate`, `sweep` and `slowest`.
//!
//! # Example
//! A simulation of 20 tasks: some ten seconds of virtual time, a fraction of a second of real time.
//! ```
//! use taskstorm::{
//!     metric::Metric,
//!     protocol::REFERENCE,
//!     record::{Progress, Recorder},
//!     run::simulate,
//!     scenario::Scenario,
//! };
//! use tokio_util::sync::CancellationToken;
//!
//! let scenario = Scenario::from_toml(
//!     "example.toml",
//!     r#"
//!     name = "example"
//!     seed = 1
//!
//!     [owners]
//!     count = 2
//!     redundancy = 2
//!     tasks = 20
//!     load = { poisson = "5/s" }
//!
//!     [miners]
//!     count = 6
//!     work_time = { lognormal = { median = "120ms", p95 = "400ms" } }
//!     "#,
//! )?;
//! let stop = CancellationToken::new();
//! let simulation = simulate(&scenario, Recorder::new(REFERENCE), &stop, |_: &Progress| {})?;
//!
//! let result = simulation.result;
//! assert_eq!((result.tasks.ended, result.tasks.failed), (20, 0));
//! let p99 = Metric::parse("task.total.p99").and_then(|metric| metric.of(&result));
//! println!("p99 of task time: {p99:?} µs");
//! # assert!(p99.is_some_and(|us| us > 4e6));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Platform
//! Unix only: processes, signals and files are handled with Unix calls.

#[macro_use]
mod named;

pub mod artifacts;
pub mod block;
pub mod capacity;
pub mod chain;
pub mod cli;
pub mod compare;
pub mod devnet;
pub mod distribution;
pub mod driver;
pub mod estimate;
pub mod fault;
pub mod fees;
mod files;
pub mod format;
pub mod gas;
pub mod hardfork;
pub mod hunt;
mod input;
pub mod measure;
pub mod mempool;
pub mod metric;
pub mod parallel;
pub mod plan;
pub mod protocol;
pub mod proxy;
pub mod record;
pub mod report;
pub mod run;
pub mod run_folder;
pub mod scenario;
pub mod seed;
pub mod state_dump;
mod suggest;
pub mod sweep;
mod text;
pub mod time;
pub mod units;
