//! Protocols as data: a profile says in terms of its contracts' own functions and events what the actors do.
//!
//! [`expression`] is the language of its values, conditions and calls.

pub mod expression;
