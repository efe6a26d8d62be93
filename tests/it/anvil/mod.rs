//! Finding, installing, starting and ending anvil.

mod doctor;
mod ends;
mod finding;
mod installing;
mod machine;
mod outlives;
mod starting;
