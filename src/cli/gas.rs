//! `taskstorm gas`: what a scenario costs, and whether it still costs what it did.

use std::path::{Path, PathBuf};

use super::{Exit, Failure, output, scenario::ScenarioArgs, signals};
use crate::{
    record::Progress,
    report::gas::{By, GasComparison, GasSnapshot, SnapshotError, Tolerance, gas_table},
    run::measure_gas,
    scenario::ChainKind,
};

/// Measure gas by phase or function; compare with a snapshot.
///
/// It runs in virtual time on the embedded chain, whatever chain the scenario names: the same scenario gives the same
/// gas to the unit, every time. With --snapshot it is written to a file that is checked in and later compared with.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Snapshot file. Without --check and --update it is written, unless a different one exists.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Compare with the snapshot; fail (exit 4) if gas changed.
    #[arg(long, requires = "snapshot", conflicts_with = "update")]
    check: bool,
    /// Rewrite the snapshot and print the changes.
    #[arg(long, requires = "snapshot")]
    update: bool,
    /// Tolerated change: gas, such as 500, or a share, such as 1%.
    #[arg(
        long,
        value_name = "GAS|%",
        requires = "check",
        default_value = "0",
        hide_default_value = true
    )]
    tolerance: Tolerance,
    /// Group rows by phase or by function.
    #[arg(long, value_name = "phase|function", value_parser = by, conflicts_with_all = ["check", "json"], default_value = "phase", hide_default_value = true)]
    by: By,
    /// Print the snapshot as JSON instead of as a table; with --check or --update, print the changes.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let scenario = args.scenario.load(Some(ChainKind::Embedded))?;
    let plan = Plan::of(args)?;
    let stop = signals::stop_on_signal().map_err(Failure::unexpected)?;
    let ran = measure_gas(&scenario, &stop, |_: &Progress| {})?;
    if let Some(exit) = Exit::of_incomplete(&ran.result, "no gas was measured") {
        return Ok(exit);
    }
    let now = GasSnapshot::new(&ran.result, &ran.profile, ran.scenario_digest, &scenario);
    let show = || {
        if args.json {
            output::print_json(&now.to_json())
        } else {
            output::print_styled(|style| gas_table(&now, args.by, style))
        }
    };
    match plan {
        Plan::Show => show().map(|()| Exit::Done),
        Plan::Write(path) => {
            write_first(&now, path)?;
            show().map(|()| Exit::Done)
        }
        Plan::Check(path, old) => {
            let compared = compare(&old, &now, path, args.tolerance)?;
            let printed = print_comparison(&compared, args.json);
            if compared.holds() {
                return Exit::Done.after([printed]);
            }
            tracing::error!(
                "gas differs from {}; accept the change with --update",
                path.display()
            );
            Exit::Threshold.after([printed])
        }
        Plan::Update(path, old) => {
            write(&now, path)?;
            match old.map(|old| GasComparison::of(&old, &now, Tolerance::default())) {
                Some(Ok(compared)) => print_comparison(&compared, args.json)?,
                Some(Err(other)) => {
                    tracing::warn!("{other}; the snapshot was replaced");
                    show()?;
                }
                None => show()?,
            }
            Ok(Exit::Done)
        }
    }
}

/// What is to become of the gas. Snapshots are read before the run, so that a wrong path fails at once.
enum Plan<'a> {
    Show,
    Write(&'a Path),
    Check(&'a Path, Box<GasSnapshot>),
    Update(&'a Path, Option<Box<GasSnapshot>>),
}

impl<'a> Plan<'a> {
    fn of(args: &'a Args) -> Result<Self, Failure> {
        let Some(path) = args.snapshot.as_deref() else {
            return Ok(Self::Show);
        };
        let old = GasSnapshot::read(path).map(Box::new);
        if args.check {
            return old
                .map(|old| Self::Check(path, old))
                .map_err(|error| unreadable(&error, path));
        }
        if args.update {
            return match old {
                Ok(old) => Ok(Self::Update(path, Some(old))),
                Err(SnapshotError::Missing(_)) => Ok(Self::Update(path, None)),
                Err(error @ SnapshotError::Unreadable { .. }) => Err(unreadable(&error, path)),
                Err(error) => {
                    tracing::warn!("{error}; it is replaced");
                    Ok(Self::Update(path, None))
                }
            };
        }
        Ok(Self::Write(path))
    }
}

/// Writes a first snapshot. One that is there and differs is somebody's decision.
fn write_first(now: &GasSnapshot, path: &Path) -> Result<(), Failure> {
    match crate::input::read_result_text(path) {
        Ok(text) if text == now.to_json() => Ok(()),
        Ok(_) => Err(Failure::usage(
            format!("{} exists and differs", path.display()),
            "print the changes with --check, or replace it with --update",
        )),
        Err(_) => write(now, path),
    }
}

fn write(now: &GasSnapshot, path: &Path) -> Result<(), Failure> {
    now.write(path)
        .map_err(|error| Failure::plain(Exit::Usage, error))
}

fn unreadable(error: &SnapshotError, path: &Path) -> Failure {
    let help = match error {
        SnapshotError::Missing(_) => format!("make it with --snapshot {}, without --check", path.display()),
        SnapshotError::Unreadable { .. } => "give --snapshot a readable file".to_owned(),
        SnapshotError::Invalid { .. } | SnapshotError::Version { .. } => {
            "rewrite it with --update and review the changes".to_owned()
        }
    };
    Failure::usage(error.to_string(), help)
}

fn compare(
    old: &GasSnapshot,
    now: &GasSnapshot,
    path: &Path,
    tolerance: Tolerance,
) -> Result<GasComparison, Failure> {
    GasComparison::of(old, now, tolerance).map_err(|other| {
        Failure::usage(
            format!("{}: {other}", path.display()),
            "keep a snapshot for each, or replace this one with --update",
        )
    })
}

fn print_comparison(compared: &GasComparison, json: bool) -> Result<(), Failure> {
    if json {
        output::print_value(compared)
    } else {
        output::print_styled(|style| compared.table(style))
    }
}

fn by(text: &str) -> Result<By, String> {
    let by = By::ALL.into_iter().find(|by| by.name() == text);
    by.ok_or_else(|| "give phase or function".to_owned())
}
