//! Colours of the terminal.

use std::{
    env,
    io::{self, IsTerminal},
};

/// How a text for the terminal is dressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// With ANSI colours.
    Coloured,
}

impl Style {
    /// Colours if stdout is a terminal and `NO_COLOR` is unset or empty.
    #[must_use]
    pub fn detect() -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if io::stdout().is_terminal() && !refused {
            Self::Coloured
        } else {
            Self::Plain
        }
    }

    /// The text in an ANSI style, such as `1` for bold, if colours are on.
    fn paint(self, code: &str, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.paint("1;31", text)
    }
}
