//! Expectations of a process that ended: its exit code, its outputs and its files.

use super::Ended;

/// What must come of a process.
pub(super) struct Expected {
    /// Any exit code will do if there is none.
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<Text>,
    pub(super) stderr: Vec<Text>,
    /// Files by name, and whether they must be there.
    pub(super) files: Vec<(String, bool)>,
}

/// What an output must be.
pub(super) enum Text {
    Is(String),
    Has(String),
    Lacks(String),
}

impl Default for Expected {
    fn default() -> Self {
        Self {
            code: Some(0),
            stdout: Vec::new(),
            stderr: Vec::new(),
            files: Vec::new(),
        }
    }
}

impl Expected {
    #[track_caller]
    pub(super) fn check(&self, line: &str, ended: &Ended) {
        let Ended {
            code, stdout, stderr, ..
        } = ended;
        let told = || format!("taskstorm {line}\nexit code {code:?}\nstdout:\n{stdout}\nstderr:\n{stderr}");
        if let Some(expected) = self.code {
            assert_eq!(*code, Some(expected), "{}", told());
        }
        for (output, texts) in [(stdout, &self.stdout), (stderr, &self.stderr)] {
            for text in texts {
                match text {
                    Text::Is(text) => assert_eq!(output, text, "{}", told()),
                    Text::Has(part) => assert!(output.contains(part), "nowhere: {part}\n{}", told()),
                    Text::Lacks(part) => assert!(!output.contains(part), "it says: {part}\n{}", told()),
                }
            }
        }
        for (file, there) in &self.files {
            let found = ended.place().has(file);
            assert_eq!(found, *there, "whether there is {file}: {}", told());
        }
    }
}
