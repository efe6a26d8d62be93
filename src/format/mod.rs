//! Formats for people: numbers, labelled lines, and the one table builder of terminal, Markdown and web page.

mod facts;
pub(crate) mod human;
mod style;
mod table;

pub(crate) use facts::Facts;
pub use human::{measured, value};
pub use style::Style;
pub(crate) use table::{Cell, Table, Tone, markdown_escaped};
