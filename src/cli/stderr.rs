//! Stderr: output there never fails the program, and brings no control character from outside to a terminal.

use std::{
    env, fmt,
    io::{self, IsTerminal, Write},
};

use miette::{Diagnostic, MietteHandler, MietteHandlerOpts, Report, ReportHandler};

use crate::{report::run::beside_the_bar, text};

/// Tells a failure or a warning in full: its message, its causes, where it is and what to do.
pub(super) fn report(report: &Report) {
    show(|coloured| rendered(report, coloured) + "\n");
}

/// Writes what `render` gives, in colours if that is asked of it. It is asked for colours where stderr shows them and
/// the text without colours is safe to show as it is.
pub(super) fn show(render: impl Fn(bool) -> String) {
    let plain = render(false);
    if is_coloured() && text::is_safe(&plain) {
        write(render(true).as_bytes());
    } else {
        write(text::block(&plain).as_bytes());
    }
}

/// Writes to stderr, beside the progress bar if there is one. Whatever goes wrong is ignored: a closed or full stderr
/// changes nothing about what the program does.
pub(super) fn write(bytes: &[u8]) {
    let _ = beside_the_bar(|| {
        let mut stderr = io::stderr().lock();
        stderr.write_all(bytes).and_then(|()| stderr.flush())
    });
}

/// Whether stderr is a terminal and `NO_COLOR` is unset or empty.
pub(super) fn is_coloured() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A report as text.
pub(super) fn rendered(report: &Report, coloured: bool) -> String {
    let options = MietteHandlerOpts::new();
    let handler = if coloured {
        options.build()
    } else {
        options.color(false).terminal_links(false).build()
    };
    let diagnostic: &dyn Diagnostic = report.as_ref();
    Rendered { diagnostic, handler }.to_string()
}

struct Rendered<'a> {
    diagnostic: &'a dyn Diagnostic,
    handler: MietteHandler,
}

impl fmt::Display for Rendered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(self.diagnostic, f)
    }
}
