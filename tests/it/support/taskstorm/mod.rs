//! Builds, runs and checks a taskstorm process in a folder of its own.

mod ended;
mod expected;
mod running;

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{self, Seek},
    process::{Command, Stdio},
};

use self::expected::{Expected, Text};
pub(crate) use self::{ended::Ended, running::Running};
use super::{anvil, place::Place};

/// The real program.
pub(crate) const EXECUTABLE: &str = env!("CARGO_BIN_EXE_taskstorm");

/// A taskstorm process that is being put together, and what must come of it: exit code 0 unless another is given.
pub(crate) struct Taskstorm {
    place: Place,
    arguments: Vec<OsString>,
    prelude: String,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
    expected: Expected,
}

impl Place {
    /// A process in this folder.
    pub(crate) fn taskstorm(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Taskstorm {
        let empty = Taskstorm {
            place: self.clone(),
            arguments: Vec::new(),
            prelude: String::new(),
            stdout: None,
            stderr: None,
            expected: Expected::default(),
        };
        empty.args(arguments)
    }
}

impl Taskstorm {
    pub(crate) fn new(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        Place::new().taskstorm(arguments)
    }

    /// `taskstorm run` of this scenario, to the folder `out`, without the charts.
    pub(crate) fn run(scenario: &str) -> Self {
        Self::new(["run", "scenario.toml", "--out", "out", "--no-charts"]).file("scenario.toml", scenario)
    }

    /// The same on a node that runs already.
    pub(crate) fn run_on(url: &str, scenario: &str) -> Self {
        Self::run(scenario).args(["--chain", url])
    }

    /// The same in virtual time.
    pub(crate) fn simulate(scenario: &str) -> Self {
        Self::run(scenario).args(["--chain", "embedded", "--quiet"])
    }

    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        let arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned());
        self.arguments.extend(arguments);
        self
    }

    /// A file of its folder.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        self.place.write(name, text);
        self
    }

    /// Shell commands that come first in the process that becomes taskstorm: limits, environment, ignored signals.
    pub(crate) fn after(mut self, prelude: &str) -> Self {
        prelude.clone_into(&mut self.prelude);
        self
    }

    pub(crate) fn stdout_to(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = Some(stdout.into());
        self
    }

    pub(crate) fn stderr_to(mut self, stderr: impl Into<Stdio>) -> Self {
        self.stderr = Some(stderr.into());
        self
    }

    pub(crate) fn code(mut self, code: i32) -> Self {
        self.expected.code = Some(code);
        self
    }

    /// For processes that are killed, and those of which one fails, whichever.
    pub(crate) fn any_code(mut self) -> Self {
        self.expected.code = None;
        self
    }

    /// That stdout is this, to the byte.
    pub(crate) fn stdout(mut self, text: &str) -> Self {
        self.expected.stdout.push(Text::Is(text.to_owned()));
        self
    }

    pub(crate) fn stdout_has(mut self, part: &str) -> Self {
        self.expected.stdout.push(Text::Has(part.to_owned()));
        self
    }

    /// That stderr is this, to the byte.
    pub(crate) fn stderr(mut self, text: &str) -> Self {
        self.expected.stderr.push(Text::Is(text.to_owned()));
        self
    }

    pub(crate) fn stderr_has(mut self, part: &str) -> Self {
        self.expected.stderr.push(Text::Has(part.to_owned()));
        self
    }

    pub(crate) fn stderr_lacks(mut self, part: &str) -> Self {
        self.expected.stderr.push(Text::Lacks(part.to_owned()));
        self
    }

    /// That this is in its folder at the end.
    pub(crate) fn leaves(mut self, file: &str) -> Self {
        self.expected.files.push((file.to_owned(), true));
        self
    }

    /// That this is not in its folder at the end.
    pub(crate) fn leaves_no(mut self, file: &str) -> Self {
        self.expected.files.push((file.to_owned(), false));
        self
    }

    pub(crate) fn start(self) -> Running {
        // What it writes is kept in files without a name: a pipe would be full at some time.
        let kept = || tempfile::tempfile().expect("a temporary file");
        let (stdout, stderr) = (kept(), kept());
        let copy = |file: &File| Stdio::from(file.try_clone().expect("a file"));
        let child = Command::new("/bin/sh")
            .args(["-c", &format!("{}\nexec \"$@\"", self.prelude), "sh", EXECUTABLE])
            .args(&self.arguments)
            .current_dir(self.place.path(""))
            .env("ANVIL", &anvil::found().executable)
            .env("COLUMNS", "100")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(self.stdout.unwrap_or_else(|| copy(&stdout)))
            .stderr(self.stderr.unwrap_or_else(|| copy(&stderr)))
            .spawn()
            .expect("taskstorm starts");
        Running {
            place: self.place,
            line: self.arguments.join(OsStr::new(" ")).display().to_string(),
            child,
            stdout,
            stderr,
            expected: self.expected,
        }
    }

    /// Runs it to its end, and checks what came of it.
    #[track_caller]
    pub(crate) fn end(self) -> Ended {
        self.start().end()
    }
}

/// An output whose reader is gone.
pub(crate) fn unread() -> io::PipeWriter {
    io::pipe().expect("a pipe").1
}

/// An output that takes nothing: a disk that is full.
pub(crate) fn full() -> File {
    let full = File::options().write(true).open("/dev/full");
    full.expect("a device that is always full")
}

/// What was written to a file that was kept.
fn text(file: &mut File) -> String {
    file.rewind().expect("its start");
    io::read_to_string(file).expect("UTF-8")
}
