//! An anvil of our own: finding it, installing it, starting it, and ending it whatever ends us.
//!
//! [`find`] says which executable to run, [`Anvil::start`] runs it, and dropping the [`Anvil`] ends it.
//! [`diagnose`] reports the places searched and the anvil found.

mod command;
mod config;
mod doctor;
mod environment;
mod error;
mod find;
mod guard;
mod inspect;
mod install;
mod output;
mod package;
mod place;
mod process;
mod server;

pub use config::{Config, Order};
pub use doctor::{Diagnosis, Start, Tool, diagnose};
pub use environment::{Environment, Install, Search};
pub use error::{Error, NotInstalled};
pub use find::find;
pub use inspect::{Problem, Version};
pub use place::{Finding, Found, Look, Place};
pub use process::Exit;
pub use server::Anvil;

/// The npm package that carries anvil.
pub const PACKAGE: &str = "@foundry-rs/anvil";

/// The version of anvil that taskstorm is measured and tested with, and that it installs.
pub const PINNED_VERSION: &str = "1.7.1";
