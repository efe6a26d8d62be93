//! Runs a scenario with a look at what its transactions access of the chain's state.

use std::{cell::Cell, rc::Rc};

use tokio_util::sync::CancellationToken;

use super::{RunError, in_process::simulate_traced};
use crate::{
    chain::embedded::TracedBlock,
    driver::RunObserver,
    record::{Progress, Recorder, RunResult},
    scenario::Scenario,
};

/// Runs `scenario` in virtual time, whatever chain it names, and hands `listener` every block of its load: the accesses of its
/// transactions, and the name of the function that each calls, where it is one of the protocol's contracts. Thresholds are left
/// out: they neither stop the run nor are they judged.
///
/// # Errors
/// As [`simulate`](super::simulate).
pub fn trace_accesses(
    scenario: &Scenario,
    stop: &CancellationToken,
    observer: impl RunObserver,
    mut listener: impl FnMut(TracedBlock, Vec<Option<String>>) + 'static,
) -> Result<RunResult, RunError> {
    let scenario = Scenario {
        thresholds: Vec::new(),
        ..scenario.clone()
    };
    let load_began = Rc::new(Cell::new(false));
    let mut observer = LoadObserver {
        observer,
        began: Rc::clone(&load_began),
    };
    let recorder = Recorder::new(scenario.schema());
    let of_load = move |block, functions| {
        if load_began.get() {
            listener(block, functions);
        }
    };
    simulate_traced(&scenario, recorder, stop, &mut observer, of_load).map(|ran| ran.result)
}

/// An observer that notes that the load began.
struct LoadObserver<O> {
    observer: O,
    began: Rc<Cell<bool>>,
}

impl<O: RunObserver> RunObserver for LoadObserver<O> {
    fn progress(&mut self, progress: &Progress) {
        self.observer.progress(progress);
    }

    fn setup_done(&mut self) {
        self.began.set(true);
        self.observer.setup_done();
    }

    fn wants_headlines(&self) -> bool {
        self.observer.wants_headlines()
    }

    fn headline(&mut self, line: &str) {
        self.observer.headline(line);
    }
}
