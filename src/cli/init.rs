//! `taskstorm init`: a scenario to begin with, or a profile of a contract with one.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use super::{Exit, Failure, output};
use crate::{
    artifacts::{Artifacts, ArtifactsError, Contract},
    scenario::profile::draft,
};

/// What is written.
const TEMPLATE: &str = include_str!("../scenario/template.toml");

/// Write a commented scenario template, or a first profile of a contract with its scenario.
///
/// With --from, the contract's ABI suggests the profile: contract, roles, functions and events are filled in, and what a
/// person must decide is marked TODO. The profile is written beside the scenario and called after the contract.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Output file; - for stdout.
    #[arg(value_name = "SCENARIO", default_value = "scenario.toml")]
    file: PathBuf,
    /// Draft a profile of the contract in this artifact: a file or folder of Foundry, Hardhat or solc.
    #[arg(long, value_name = "ARTIFACT")]
    from: Option<PathBuf>,
    /// Contract to draft a profile of, if the artifact has several.
    #[arg(long, value_name = "NAME", requires = "from")]
    contract: Option<String>,
    /// Replace existing files.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("{} exists: replace it with --force, or choose another name or folder", .0.display())]
    Exists(PathBuf),
    #[error("cannot write {}: {}", .0.display(), .1)]
    Unwritable(PathBuf, io::Error),
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if let Some(artifact) = &args.from {
        return from_contract(args, artifact);
    }
    let path = &args.file;
    if path == Path::new("-") {
        output::print(TEMPLATE)?;
        return Ok(Exit::Done);
    }
    write(path, TEMPLATE, args.force)?;
    let path = path.display();
    output::print(&format!(
        "wrote {path}\n  taskstorm check {path}\n  taskstorm run {path} --chain embedded\n"
    ))?;
    Ok(Exit::Done)
}

/// Writes a profile of a contract, and a scenario of it.
fn from_contract(args: &Args, artifact: &Path) -> Result<Exit, Failure> {
    if args.file == Path::new("-") {
        return Err(Failure::usage(
            "--from writes two files",
            "name the scenario's file",
        ));
    }
    let contract = contract(artifact, args.contract.as_deref()).map_err(|error| match error {
        ArtifactsError::Missing { path, similar, .. } if args.contract.is_none() => Failure::usage(
            format!("{} holds several contracts", path.display()),
            format!("name one of them with --contract: {}", similar.join(", ")),
        ),
        error => Failure::usage(error.to_string(), error.help()),
    })?;
    let folder = args.file.parent().map(Path::to_owned).unwrap_or_default();
    let draft = draft(&contract, &seen_from(&folder, artifact)).map_err(|error| {
        let help = "write the profile by hand: docs/profiles.md";
        Failure::usage(error.to_string(), help)
    })?;
    let profile = folder.join(format!("{}.toml", draft.name));
    if profile == args.file {
        let help = format!("{} is the profile's file", profile.display());
        return Err(Failure::usage("the scenario needs another name", help));
    }
    write(&profile, &draft.profile, args.force)?;
    write(&args.file, &draft.scenario, args.force)?;
    let (profile, scenario) = (profile.display(), args.file.display());
    output::print(&format!(
        "wrote {profile} and {scenario}\n  taskstorm check {profile}\n  taskstorm run {scenario} --chain embedded\n"
    ))?;
    Ok(Exit::Done)
}

/// The contract that is meant.
fn contract(artifact: &Path, name: Option<&str>) -> Result<Contract, ArtifactsError> {
    let artifacts = Artifacts::open(artifact)?;
    let name = match name {
        Some(name) => name.to_owned(),
        None => artifacts.only_or_named("")?,
    };
    artifacts.interface(&name)
}

/// The path of an artifact for a file in `folder`: as it was given for the working folder, absolute otherwise.
fn seen_from(folder: &Path, artifact: &Path) -> String {
    let path = match folder.as_os_str().is_empty() {
        true => artifact.to_owned(),
        false => std::path::absolute(artifact).unwrap_or_else(|_| artifact.to_owned()),
    };
    path.display().to_string()
}

fn write(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let written = create(path, force).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let error = match error.kind() {
            ErrorKind::AlreadyExists => NotWritten::Exists(path.to_owned()),
            _ => NotWritten::Unwritable(path.to_owned(), error),
        };
        Failure::plain(Exit::Usage, error)
    })
}

fn create(path: &Path, force: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options.open(path)
}
