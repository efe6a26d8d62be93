//! The streamed files.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    sync::{Arc, Mutex},
};

use taskstorm::{
    protocol::{Function, REFERENCE},
    record::{Journal, Output, Record, Recorder, RunFacts, StopReason},
    run_folder::RunDir,
};

use super::sample::{facts, good_run, ms, transaction, trouble};

/// A writer whose bytes stay visible.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Shared {
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.lock().unwrap().truncate(length as usize);
        Ok(())
    }
}

#[test]
fn rows_say_what_was_recorded() {
    let [transactions, tasks, blocks] = [(); 3].map(|()| Shared::default());
    let journal = Journal::new(transactions.clone(), tasks.clone()).with_blocks(blocks.clone());
    let mut recorder = Recorder::new(REFERENCE).with_journal(journal);
    for record in good_run(1).iter().chain(&trouble()[..7]) {
        recorder.record(record);
    }
    recorder.flush();
    insta::assert_snapshot!("transactions.csv", transactions.text());
    insta::assert_snapshot!("tasks.csv", tasks.text());
    assert!(blocks.text().starts_with(
        "number,timestamp,seen_us,gas_used,gas_limit,base_fee_wei,transactions\n1,1764016741,1000000,"
    ));
}

#[test]
fn empty_files_have_their_headers() {
    let (transactions, tasks) = (Shared::default(), Shared::default());
    drop(Recorder::new(REFERENCE).with_journal(Journal::new(transactions.clone(), tasks.clone())));
    assert!(
        transactions
            .text()
            .starts_with("id,role,actor_index,from,nonce,hash,function,phase,session_id,task_id,")
    );
    assert!(
        tasks
            .text()
            .starts_with("id,session_id,task_id,global_id,role,actor_index,intended_us,")
    );
    assert_eq!(
        (transactions.text().lines().count(), tasks.text().lines().count()),
        (1, 1)
    );
}

#[test]
fn every_second_of_the_run_reaches_the_files() {
    let transactions = Shared::default();
    let mut recorder = Recorder::new(REFERENCE).with_journal(Journal::new(transactions.clone(), io::sink()));
    let first = Record::Transaction(transaction(0, Function::SUBMIT, ms(100), 200));
    recorder.record(&first);
    recorder.tick(ms(900));
    assert_eq!(transactions.text().lines().count(), 0);
    recorder.tick(ms(1_000));
    assert_eq!(transactions.text().lines().count(), 2);
    recorder.record(&first);
    recorder.tick(ms(1_500));
    assert_eq!(transactions.text().lines().count(), 2);
    drop(recorder);
    assert_eq!(transactions.text().lines().count(), 3, "dropping flushes");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_one_file_and_not_the_run() {
    let tasks = Shared::default();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut recorder = Recorder::new(REFERENCE).with_journal(Journal::new(full, tasks.clone()));
    assert!(recorder.journal_error().is_none());
    let records = good_run(10);
    for _ in 0..20 {
        records.iter().for_each(|record: &Record| recorder.record(record));
    }
    let error = recorder.journal_error().unwrap().to_string();
    assert_eq!(
        error,
        "cannot write transactions.csv: No space left on device (os error 28)"
    );
    let (result, _) = recorder.finish(facts());
    assert_eq!(
        (result.stop_reason, result.complete),
        (StopReason::Finished, false)
    );
    assert_eq!(result.journal_error.as_deref(), Some(error.as_str()));
    assert_eq!(result.transactions.total, 20 * 115);
    assert_eq!(tasks.text().lines().count(), 1 + 20 * 10);
}

#[test]
fn what_a_reorg_undoes_is_in_no_file_and_no_figure() {
    let record = |recorder: &mut Recorder, block: Option<u64>, records: &[Record]| {
        for record in records {
            match block {
                Some(block) => recorder.record_in(block, record),
                None => recorder.record(record),
            }
        }
    };
    let written = || {
        let files = [(); 3].map(|()| Shared::default());
        let [transactions, tasks, blocks] = files.clone();
        let journal = Journal::new(transactions, tasks).with_blocks(blocks);
        (files, Recorder::new(REFERENCE).with_journal(journal))
    };
    let (good, trouble) = (good_run(6), trouble());
    // Blocks 1 to 4, and something of no block in between; of blocks 3 and 4 others take the place.
    let (files, mut recorder) = written();
    recorder.undo_blocks();
    record(&mut recorder, Some(1), &good[..20]);
    record(&mut recorder, Some(2), &good[20..30]);
    recorder.settle(1);
    record(&mut recorder, None, &trouble[..1]);
    record(&mut recorder, Some(3), &good[30..50]);
    record(&mut recorder, None, &trouble[1..3]);
    record(&mut recorder, Some(4), &good[50..]);
    record(&mut recorder, None, &trouble[3..4]);
    let gone = recorder.undo_from(3);
    assert_eq!(gone, good[30..]);
    assert_eq!(recorder.undo_from(3), [], "there is nothing left to undo");
    record(&mut recorder, Some(3), &good[40..]);

    let (expected_files, mut expected) = written();
    record(&mut expected, None, &good[..30]);
    record(&mut expected, None, &trouble[..4]);
    record(&mut expected, None, &good[40..]);
    assert_eq!(recorder.finish(facts()).0, expected.finish(facts()).0);
    for (file, expected) in files.iter().zip(&expected_files) {
        assert_eq!(file.text(), expected.text());
    }
}

#[test]
fn a_run_that_is_cut_short_keeps_its_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut dir = RunDir::create(folder.path().join("run")).unwrap();
    let mut recorder = Recorder::new(REFERENCE).with_journal(dir.journal());
    good_run(10).iter().for_each(|record| recorder.record(record));
    let (result, _) = recorder.finish(RunFacts {
        stop_reason: StopReason::Interrupted,
        ..facts()
    });
    assert!(!result.complete);
    let rows = |file| {
        let file = File::open(dir.path().join(file)).unwrap();
        csv::Reader::from_reader(file)
            .records()
            .map(Result::unwrap)
            .count()
    };
    assert_eq!((rows("transactions.csv"), rows("tasks.csv")), (115, 10));
    assert!(fs::exists(dir.path().join("tasks.csv")).unwrap());
}
