//! The summary at the end of a run.

use std::path::Path;

use insta::assert_snapshot;
use taskstorm::{
    protocol::Function,
    record::{Record, RunFacts, StopReason, TaskOutcome, TimeSource, TxOutcome},
    report::{Style, run::summary_table},
};

use super::sample::{facts, good_run, ms, node, result, transaction, trouble, unseen, waiting};

fn summary(records: &[Record], facts: RunFacts) -> String {
    let text = summary_table(
        &result(records, facts).0,
        Some(Path::new("reports/sample")),
        Style::Plain,
    );
    for line in text.lines() {
        assert!(
            line.chars().count() <= 80,
            "{} columns: {line}",
            line.chars().count()
        );
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
    }
    text
}

#[test]
fn a_run_that_went_well() {
    assert_snapshot!(summary(&good_run(10), facts()));
}

#[test]
fn a_run_that_was_cut_short() {
    let mut records = good_run(10);
    records.extend(trouble());
    let stop_message = Some("anvil (pid 4711) exited with signal 9".into());
    assert_snapshot!(summary(
        &records,
        RunFacts {
            stop_reason: StopReason::ChainLost,
            stop_message,
            node: Some(node()),
            ..facts()
        }
    ));
}

#[test]
fn a_run_without_anything() {
    let nothing = RunFacts {
        setup_end: None,
        load_start: None,
        checked: [].into(),
        duration: ms(0),
        ..facts()
    };
    assert_snapshot!(summary(&[], nothing));
}

#[test]
fn a_run_where_everything_failed() {
    let mut records = Vec::new();
    for id in 0..5 {
        let submit = transaction(id, Function::SUBMIT, ms(3_000), 0);
        let outcome = TxOutcome::Refused("insufficient funds".into());
        records.push(Record::Transaction(unseen(submit, outcome)));
        records.push(Record::Task(waiting(
            id,
            TaskOutcome::Failed("submit refused".into()),
        )));
    }
    assert_snapshot!(summary(&records, facts()));
}

#[test]
fn a_run_of_one_task_in_virtual_time() {
    let facts = RunFacts {
        clock: TimeSource::Virtual,
        started_at: None,
        ..facts()
    };
    assert_snapshot!(summary(&good_run(1), facts));
}

#[test]
fn big_numbers_and_long_names_stay_within_the_width() {
    let mut records = good_run(10);
    for record in &mut records {
        if let Record::Transaction(transaction) = record {
            transaction.gas_used = Some(29_999_999);
        }
    }
    let mut facts = facts();
    facts.scenario.name = "a scenario with a very long name ".repeat(9);
    facts.chain.hardfork = Some("a hardfork that nobody has heard of".into());
    summary(&records, facts);
}

#[test]
fn colours_are_escape_codes_around_the_same_text() {
    let (result, _) = result(
        &trouble(),
        RunFacts {
            stop_reason: StopReason::Interrupted,
            ..facts()
        },
    );
    let coloured = summary_table(&result, None, Style::Coloured);
    assert!(coloured.starts_with("\u{1b}[1;31mINCOMPLETE: interrupted\u{1b}[0m"));
    let mut plain = String::new();
    let mut rest = coloured.as_str();
    while let Some((text, code)) = rest.split_once('\u{1b}') {
        plain.push_str(text);
        rest = code.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let expected = summary_table(&result, None, Style::Plain);
    assert_eq!(trimmed, expected.lines().collect::<Vec<_>>());
}
