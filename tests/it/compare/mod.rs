//! Two sides held against each other.

mod command;
mod doctored;
mod gates;
mod support;
mod trial;
