//! `taskstorm init`: a scenario to begin with.

use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use super::{Exit, Failure, output};

/// What is written.
const TEMPLATE: &str = include_str!("../scenario/template.toml");

/// Write a commented scenario template.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Output file; - for stdout.
    #[arg(value_name = "SCENARIO", default_value = "scenario.toml")]
    file: PathBuf,
    /// Replace an existing file.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, thiserror::Error)]
enum NotWritten {
    #[error("{} exists: choose another name, or replace it with --force", .0.display())]
    Exists(PathBuf),
    #[error("cannot write {}: {}", .0.display(), .1)]
    Unwritable(PathBuf, io::Error),
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let path = &args.file;
    if path == Path::new("-") {
        output::print(TEMPLATE)?;
        return Ok(Exit::Done);
    }
    let written = create(path, args.force).and_then(|mut file| file.write_all(TEMPLATE.as_bytes()));
    written.map_err(|error| {
        let error = match error.kind() {
            ErrorKind::AlreadyExists => NotWritten::Exists(path.clone()),
            _ => NotWritten::Unwritable(path.clone(), error),
        };
        Failure::plain(Exit::Usage, error)
    })?;
    let path = path.display();
    output::print(&format!(
        "wrote {path}\n  taskstorm check {path}\n  taskstorm run {path} --chain embedded\n"
    ))?;
    Ok(Exit::Done)
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
