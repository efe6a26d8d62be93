//! All that the page shows, as its template takes it.

use serde::Serialize;

use super::{
    HtmlReport, SCRIPT, STYLE,
    environment::{self, Fact},
    measured,
    overview::{self, Figure},
    table::TitledTable,
    verdicts::{self, VerdictCard},
};
use crate::{
    format::human,
    record::TimeSource,
    report::charts::{Picture, style_sheet},
};

/// What the template is filled with.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    style: String,
    script: &'static str,
    name: String,
    description: String,
    simulated: bool,
    facts: Vec<String>,
    verdicts: Vec<VerdictCard>,
    notes: Vec<String>,
    figures: Vec<Figure>,
    charts: Vec<Chart>,
    measured: Vec<TitledTable>,
    decided: Vec<TitledTable>,
    scenario: String,
    environment: Vec<Fact>,
    version: String,
}

/// A chart. Its drawing is the one thing of a run that goes into the page as it is.
#[derive(Debug, Serialize)]
struct Chart {
    name: &'static str,
    svg: String,
}

impl Page {
    pub(super) fn of(report: &HtmlReport<'_>) -> Self {
        let result = report.run.result;
        let chain = &result.chain;
        let mut facts = vec![format!("seed {}", result.scenario.seed)];
        let kind = [Some(chain.kind.clone()), chain.hardfork.clone()];
        facts.extend(kind.into_iter().flatten().filter(|fact| !fact.is_empty()));
        facts.push(format!("{} in all", human::time_us(result.duration_us.0)));
        facts.extend(
            result
                .started_at
                .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string()),
        );
        Self {
            style: style_sheet() + STYLE,
            script: SCRIPT,
            name: result.scenario.name.clone(),
            description: result.scenario.description.clone(),
            simulated: result.clock == TimeSource::Virtual,
            facts,
            verdicts: verdicts::verdicts(result),
            notes: report.notes.to_vec(),
            figures: overview::figures(result),
            charts: report.pictures.iter().map(Chart::of).collect(),
            measured: measured::tables(result),
            decided: verdicts::tables(result),
            scenario: report.run.scenario.trim_end().to_owned(),
            environment: environment::facts(result),
            version: result.tool_version.clone(),
        }
    }
}

impl Chart {
    fn of(picture: &Picture) -> Self {
        Self {
            name: picture.name(),
            svg: picture.svg_for_html(),
        }
    }
}
