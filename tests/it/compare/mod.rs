//! Two sides held against each other.

mod churn;
mod command;
mod doctored;
mod gates;
mod shift;
mod support;
mod trial;
