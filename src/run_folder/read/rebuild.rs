//! The result of a run that left none: its rows are recorded once more.

use std::{collections::BTreeSet, path::Path};

use super::{ReadError, Rows, rows::CsvRow};
use crate::{
    plan::Plan,
    protocol::{ProtocolSchema, REFERENCE},
    record::{
        BLOCKS_CSV, BlockRecord, BuildFacts, ChainFacts, Histograms, Record, Recorder, RunFacts, RunResult,
        ScenarioFacts, StopReason, TASKS_CSV, TRANSACTIONS_CSV, TaskRecord, TimeSource, TxRecord, WindowSpec,
    },
    scenario::{ChainKind, Loaded, Scenario},
    time::Micros,
};

/// What all rows of a folder come to, and what they do not tell.
#[derive(Debug)]
pub(super) struct Rebuilt {
    pub(super) result: RunResult,
    pub(super) histograms: Histograms,
    pub(super) notes: Vec<String>,
}

/// Records the rows of the tables in `folder` once more; `scenario` is the text beside them. What only the run itself knew stays open: the chain's version, when it
/// started by the wall clock, when setup was done, and whether invariants held.
pub(super) fn rebuild(folder: &Path, scenario: Option<&str>) -> Result<Rebuilt, ReadError> {
    let mut notes = Vec::new();
    let mut of_scenario = Vec::new();
    let scenario = parse(scenario, &mut of_scenario);
    let protocol = scenario.as_ref().map_or(REFERENCE, Scenario::schema);
    let mut recorder = Recorder::new(protocol);
    // When the first task was due, since the load began.
    let mut first_due = Micros::ZERO;
    if let Some(scenario) = scenario
        .as_ref()
        .filter(|scenario| !scenario.measure.is_everything())
    {
        let plan = Plan::of(scenario);
        first_due = plan.first_due().unwrap_or_default();
        recorder = recorder.measuring(WindowSpec::new(scenario.measure, plan.load_end));
    }
    let (mut last, mut load_start) = (Micros::ZERO, None::<Micros>);
    let begins_with = protocol.lifecycle().next();
    let mut begins = |moment| load_start = Some(load_start.map_or(moment, |first| first.min(moment)));

    let mut tables = Tables {
        folder,
        protocol,
        notes: &mut notes,
    };
    tables.each(TRANSACTIONS_CSV, "transactions", |row: TxRecord| {
        if Some(row.phase) == begins_with {
            begins(row.intended);
        }
        last = last.max(row.included.or(row.sent).unwrap_or(row.intended));
        recorder.record(&Record::Transaction(row));
    })?;
    tables.each(TASKS_CSV, "tasks", |row: TaskRecord| {
        begins(row.intended);
        last = last.max(row.ended.or(row.opened).unwrap_or(row.intended));
        recorder.record(&Record::Task(row));
    })?;
    tables.each(BLOCKS_CSV, "blocks", |row: BlockRecord| {
        last = last.max(row.seen);
        recorder.record(&Record::Block(row));
    })?;

    notes.append(&mut of_scenario);
    let counted = "its result was counted again from the rows of its tables";
    let said = [counted].into_iter().chain(notes.iter().map(String::as_str));
    let message = said.collect::<Vec<_>>().join("; ");
    let thresholds = scenario.as_ref().map(|scenario| scenario.thresholds.clone());
    let (mut result, histograms) = recorder.finish(RunFacts {
        clock: match scenario.as_ref().map(|scenario| scenario.chain.kind) {
            Some(ChainKind::Embedded) => TimeSource::Virtual,
            Some(ChainKind::Anvil) | None => TimeSource::Wall,
        },
        chain: scenario.as_ref().map(chain).unwrap_or_default(),
        scenario: scenario.map_or_else(
            || ScenarioFacts {
                name: folder_name(folder),
                ..ScenarioFacts::default()
            },
            |scenario| ScenarioFacts {
                name: scenario.name,
                description: scenario.description,
                seed: scenario.seed,
            },
        ),
        started_at: None,
        stop_reason: StopReason::Unknown,
        stop_message: Some(message),
        duration: last,
        setup_end: None,
        load_start: load_start.map(|first| Micros(first.since(first_due))),
        node: None,
        faults: None,
        checked: BTreeSet::new(),
    });
    let thresholds = thresholds.unwrap_or_default();
    result.thresholds = thresholds
        .iter()
        .map(|threshold| threshold.evaluate(&result))
        .collect();
    Ok(Rebuilt {
        result,
        histograms,
        notes,
    })
}

/// The tables of a folder.
struct Tables<'a> {
    folder: &'a Path,
    /// The protocol whose names they hold.
    protocol: &'static ProtocolSchema,
    notes: &'a mut Vec<String>,
}

impl Tables<'_> {
    /// Reads the rows of a table about `what`, and notes what is missing of it.
    fn each<T: CsvRow>(
        &mut self,
        file: &str,
        what: &str,
        mut record: impl FnMut(T),
    ) -> Result<(), ReadError> {
        let Some(mut rows) = Rows::open(&self.folder.join(file), self.protocol)? else {
            self.notes
                .push(format!("{file} is missing: no data about {what}"));
            return Ok(());
        };
        for row in &mut rows {
            record(row?);
        }
        if rows.was_cut() {
            self.notes.push(format!(
                "the last row of {file} was never written to its end and is left out"
            ));
        }
        Ok(())
    }
}

/// The scenario, if it can still be read.
fn parse(text: Option<&str>, notes: &mut Vec<String>) -> Option<Scenario> {
    let loaded = text.map(|text| Loaded::from_toml("scenario.toml", text));
    match loaded {
        Some(Ok(loaded)) => return Some(loaded.scenario),
        Some(Err(_)) => notes.push("scenario.toml is not a scenario that this version can run".to_owned()),
        None => notes.push("scenario.toml is missing".to_owned()),
    }
    notes.push("scenario, seed and chain are unknown, and times are taken for wall-clock times".to_owned());
    None
}

/// What the scenario asks of the chain.
fn chain(scenario: &Scenario) -> ChainFacts {
    ChainFacts {
        kind: scenario.chain.kind.to_string(),
        hardfork: Some(scenario.chain.hardfork.name().to_owned()),
        block_time_us: Some(Micros::from(scenario.chain.block_time).0),
        gas_limit: Some(scenario.chain.gas_limit),
        contract_build: match scenario.profile {
            Some(_) => None,
            None => Some(BuildFacts::of(&scenario.contracts, 100)),
        },
        ..ChainFacts::default()
    }
}

fn folder_name(folder: &Path) -> String {
    let path = folder.canonicalize();
    let path = path.as_deref().unwrap_or(folder);
    path.file_name()
        .map_or_else(|| "run".to_owned(), |name| name.to_string_lossy().into_owned())
}
