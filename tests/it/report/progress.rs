//! Progress as plain lines.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::mpsc::{self, Sender},
    time::Duration,
};

use taskstorm::{
    protocol::{REFERENCE, TaskPhase},
    record::{Progress, Recorder, TimeSource},
    report::run::{ProgressDisplay, ProgressMode},
};

use super::sample::{good_run, ms, trouble};

struct Lines(Sender<String>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(String::from_utf8_lossy(bytes).into_owned()).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

fn progress() -> Progress {
    let mut recorder = Recorder::new(REFERENCE);
    good_run(10)
        .iter()
        .chain(&trouble())
        .for_each(|record| recorder.record(record));
    Progress {
        elapsed: ms(12_340),
        real: None,
        tasks: BTreeMap::from([
            (TaskPhase::ACK, 3),
            (TaskPhase::COMMIT, 1_200),
            (TaskPhase::ENDED, 10),
        ]),
        tasks_planned: Some(5_000),
        in_flight: 40,
        recorded: recorder.snapshot(),
    }
}

#[test]
fn lines_say_how_far_the_run_is() {
    let (sender, lines) = mpsc::channel();
    let mut display = ProgressDisplay::lines(Lines(sender), Duration::ZERO, TimeSource::Virtual);
    display.update(&progress());
    display.update(&Progress::default());
    drop(display);
    insta::assert_snapshot!(lines.iter().collect::<String>());
}

#[test]
fn lines_keep_their_distance() {
    let (sender, lines) = mpsc::channel();
    let mut display = ProgressDisplay::lines(Lines(sender), Duration::from_secs(3600), TimeSource::Wall);
    for _ in 0..100 {
        display.update(&progress());
    }
    display.finish();
    let text: String = lines.iter().collect();
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_closed_stderr_and_no_terminal_do_no_harm() {
    let mut display = ProgressDisplay::lines(Closed, Duration::ZERO, TimeSource::Wall);
    display.update(&progress());
    display.finish();
    for mode in [ProgressMode::Bar, ProgressMode::Quiet] {
        let mut display = ProgressDisplay::new(mode, TimeSource::Wall);
        display.update(&progress());
        display.finish();
    }
    assert_eq!(ProgressMode::detect(true), ProgressMode::Quiet);
}
