//! Diagnosis for `taskstorm doctor`: the places searched, the anvil found, and a trial start.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Serialize;

use super::environment::Search;
use super::error::{Error, ways};
use super::find::find;
use super::place::{Found, Look, candidates};
use super::server::Anvil;
use super::{Config, PACKAGE, PINNED_VERSION, command};

/// The state of this machine as far as anvil goes.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// The version that taskstorm is tested with.
    pub pinned_version: &'static str,
    /// The anvil that a run would use.
    pub found: Option<Found>,
    /// The reason why it is missing.
    pub problem: Option<String>,
    /// Every place looked at before anything was installed, in order.
    pub looked: Vec<Look>,
    /// Where the pinned version is or would be installed.
    pub cache: Option<PathBuf>,
    /// npm, which installs anvil.
    pub npm: Option<Tool>,
    /// Node.js, which npm runs on.
    pub node: Option<Tool>,
    /// Whether it starts; none until [`Diagnosis::try_start`] was called and found one to start.
    pub start: Option<Start>,
}

/// A tool on `PATH`.
#[derive(Clone, Debug, Serialize)]
pub struct Tool {
    /// Its file.
    pub path: PathBuf,
    /// What it answers to `--version`; none when it does not run.
    pub version: Option<String>,
}

/// How an attempt to start anvil went.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum Start {
    /// It started and answered.
    Started {
        /// Milliseconds from the start to the first answer.
        startup_ms: u64,
        /// Its answer to `web3_clientVersion`.
        client_version: String,
    },
    /// It did not.
    Failed {
        /// The reason.
        problem: String,
    },
}

/// Looks at every place, finds anvil as a run would (installing it if the search allows), and asks for npm and node.
///
/// Blocks as [`find`] does.
#[must_use]
pub fn diagnose(search: &Search, notify: &dyn Fn(&str)) -> Diagnosis {
    let look = |(place, path)| Look::at(place, path, search.version_timeout);
    let looked = candidates(search).into_iter().map(look).collect();
    let (found, problem) = match find(search, notify) {
        Ok(found) => (Some(found), None),
        // The places are in `looked` already.
        Err(Error::NotFound { not_installed, .. }) => (
            None,
            Some(format!("not installed: {not_installed}\n{}", ways(not_installed))),
        ),
        Err(error) => (None, Some(error.to_string())),
    };
    let tool = |name| {
        let path = search.environment.on_path(name)?;
        Some(Tool {
            version: tool_version(&path, search),
            path,
        })
    };
    Diagnosis {
        pinned_version: PINNED_VERSION,
        found,
        problem,
        looked,
        cache: search.environment.pinned_dir(),
        npm: tool("npm"),
        node: tool("node"),
        start: None,
    }
}

impl Diagnosis {
    /// Starts the anvil that was found on a free port, with the default configuration, and ends it again.
    pub async fn try_start(&mut self) {
        let Some(found) = &self.found else { return };
        self.start = Some(match Anvil::start(found, &Config::default()).await {
            Ok(anvil) => {
                let startup_ms = u64::try_from(anvil.startup().as_millis()).unwrap_or(u64::MAX);
                let client_version = anvil.client_version().to_owned();
                anvil.stop().await;
                Start::Started {
                    startup_ms,
                    client_version,
                }
            }
            Err(error) => Start::Failed {
                problem: error.to_string(),
            },
        });
    }

    /// Whether a run would have its anvil, as far as was tried.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.found.is_some() && !matches!(self.start, Some(Start::Failed { .. }))
    }

    /// The diagnosis as lines for a person.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match &self.found {
            Some(found) => {
                let (version, place) = (&found.version, found.place);
                lines.push(format!(
                    "anvil    {version} from {place}: {}",
                    found.executable.display()
                ));
            }
            None => lines.push("anvil    none".to_owned()),
        }
        lines.push(format!("pinned   {PACKAGE} {}", self.pinned_version));
        match &self.start {
            Some(Start::Started {
                startup_ms,
                client_version,
            }) => {
                lines.push(format!("starts   yes, as {client_version}, in {startup_ms} ms"));
            }
            Some(Start::Failed { .. }) => lines.push("starts   no".to_owned()),
            None => lines.push("starts   not tried".to_owned()),
        }
        lines.push(format!("npm      {}", describe(self.npm.as_ref())));
        lines.push(format!("node     {}", describe(self.node.as_ref())));
        let cache = self
            .cache
            .as_ref()
            .map_or("none".to_owned(), |cache| cache.display().to_string());
        lines.push(format!("cache    {cache}"));
        lines.push("looked at, the first usable one counts:".to_owned());
        lines.extend(self.looked.iter().map(|look| format!("  {look}")));
        let warning = self.found.as_ref().and_then(|found| found.warning.as_ref());
        lines.extend(warning.map(|warning| format!("warning: {warning}")));
        lines.extend(
            self.problem
                .iter()
                .flat_map(|problem| problem.lines().map(str::to_owned)),
        );
        if let Some(Start::Failed { problem }) = &self.start {
            lines.extend(problem.lines().map(str::to_owned));
        }
        lines
    }
}

fn describe(tool: Option<&Tool>) -> String {
    match tool {
        None => "not on PATH".to_owned(),
        Some(Tool {
            path,
            version: Some(version),
        }) => format!("{version}: {}", path.display()),
        Some(Tool { path, version: None }) => format!("does not run: {}", path.display()),
    }
}

fn tool_version(path: &Path, search: &Search) -> Option<String> {
    let mut command = Command::new(path);
    command.arg("--version");
    if let Some(path) = &search.environment.path {
        command.env("PATH", path);
    }
    let limit = search.version_timeout.max(Duration::from_secs(1));
    let finished = command::run(command, limit).ok().flatten()?;
    let line = finished
        .output
        .lines()
        .next_back()?
        .trim()
        .trim_start_matches('v')
        .to_owned();
    (finished.status.success() && !line.is_empty()).then_some(line)
}
