//! Two sides held against each other.

mod command;
mod doctored;
mod support;
mod trial;
