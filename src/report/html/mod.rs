//! `report.html`: a run as one page that asks nothing of anyone, for people.
//!
//! The page is whole without JavaScript; with it tables sort, charts tell their values at the pointer, and the theme can
//! be chosen. The same files give the same page, byte for byte.

mod environment;
mod measured;
mod overview;
mod page;
mod table;
mod verdicts;

use std::path::Path;

use minijinja::{Environment, UndefinedBehavior, syntax::SyntaxConfig, value::Serde};

use self::page::Page;
use super::charts::Picture;
use crate::{
    run_folder::{ExportError, FinishedRun, RunFolder, write_file},
    text,
};

/// The file's name.
pub const REPORT_HTML: &str = "report.html";

const PAGE: &str = include_str!("page.html");
const TABLE: &str = include_str!("table.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A run as a web page.
#[derive(Clone, Copy, Debug)]
pub struct HtmlReport<'a> {
    /// The run.
    pub run: FinishedRun<'a>,
    /// Its charts; without any the page says how to have them drawn.
    pub pictures: &'a [Picture],
    /// Data that is missing from its files, a sentence each.
    pub notes: &'a [String],
}

impl<'a> HtmlReport<'a> {
    /// The page of a run that was read back.
    #[must_use]
    pub fn of(folder: &'a RunFolder, pictures: &'a [Picture]) -> Self {
        Self {
            run: folder.finished(),
            pictures,
            notes: folder.notes(),
        }
    }

    /// The text of `report.html`.
    ///
    /// # Errors
    /// If it cannot be put together.
    pub fn html(&self) -> Result<String, ExportError> {
        match render(&Page::of(self)) {
            Ok(page) => Ok(text::block(&page).into_owned()),
            Err(error) => Err(ExportError::format(REPORT_HTML, format!("{error:#}"))),
        }
    }

    /// Writes `report.html` into `folder`; it appears whole or not at all.
    ///
    /// # Errors
    /// If it cannot be made or written.
    pub fn write(&self, folder: &Path) -> Result<(), ExportError> {
        write_file(folder.join(REPORT_HTML), self.html()?.as_bytes())
    }
}

/// Fills the templates. Their names end with `.html`: everything that is not said to be safe is escaped.
fn render(page: &Page) -> Result<String, minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    templates.set_syntax(syntax.build()?);
    templates.add_template("page.html", PAGE)?;
    templates.add_template("table.html", TABLE)?;
    templates.get_template("page.html")?.render(Serde(page))
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE};

    /// They stand in the page as they are.
    #[test]
    fn style_and_script_cannot_end_their_elements() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
            assert!(!text.contains("http") && !text.contains("@import") && !text.contains("url("));
        }
    }
}
