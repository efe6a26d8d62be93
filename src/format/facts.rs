//! Labelled lines: a label at the left, what there is to say of it in a column behind all labels.

/// Lines of labels and texts, indented by two spaces.
#[derive(Debug)]
pub(crate) struct Facts {
    /// Where texts begin, in characters from the start of the line.
    column: usize,
    lines: Vec<String>,
}

impl Facts {
    /// No lines yet; texts begin at `column`, which leaves two spaces behind the longest label.
    pub(crate) const fn new(column: usize) -> Self {
        Self {
            column,
            lines: Vec::new(),
        }
    }

    /// Adds a text with its label; every further line of the text stands below its first.
    pub(crate) fn add(&mut self, label: &str, text: impl AsRef<str>) -> &mut Self {
        let mut label = label;
        for line in text.as_ref().split('\n') {
            let width = self.column - 2;
            self.lines.push(format!("  {label:<width$}{line}"));
            label = "";
        }
        self
    }

    /// Adds a line without the columns.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.lines.push(format!("  {}", text.as_ref()));
        self
    }

    /// Adds a text below the last one.
    pub(crate) fn more(&mut self, text: impl AsRef<str>) -> &mut Self {
        self.add("", text)
    }

    /// The lines, without a line feed behind the last.
    pub(crate) fn text(&self) -> String {
        self.lines.join("\n")
    }
}
