//! The times of a run by measurement window.

use std::{collections::BTreeMap, time::Duration};

use super::{MeasurementWindow, TaskSample, Times, TxSample, WarmUpEnd, WindowBounds, WindowSpec, mser5};
use crate::{
    protocol::ProtocolSchema,
    record::{TaskRecord, TxRecord, WarmUpResult, WindowsResult},
    time::Micros,
};

/// Keeps the times of a run by measurement window.
#[derive(Clone, Debug)]
pub(in crate::record) struct WindowedTimes {
    protocol: &'static ProtocolSchema,
    spec: WindowSpec,
    /// Known once the load began, if the window is not open.
    bounds: Option<WindowBounds>,
    /// When the cool-down begins, which is known then in any case.
    cool_down_from: Option<Micros>,
    setup: Times,
    warm_up: Times,
    main: Times,
    cool_down: Times,
    /// Samples whose measurement window is not known yet.
    transactions: Vec<TxSample>,
    tasks: Vec<TaskSample>,
}

/// The times of each window, and what they come to.
#[derive(Debug)]
pub(in crate::record) struct SplitTimes {
    pub(in crate::record) setup: Times,
    pub(in crate::record) main: Times,
    /// Those of the windows beside the main one.
    pub(in crate::record) apart: Vec<(MeasurementWindow, Times)>,
    /// The result of each window; `None` if all of the load was measured.
    pub(in crate::record) parts: Option<WindowsResult>,
}

impl WindowedTimes {
    pub(in crate::record) fn of(protocol: &'static ProtocolSchema, spec: WindowSpec) -> Self {
        Self {
            protocol,
            spec,
            bounds: None,
            cool_down_from: None,
            setup: Times::of(protocol),
            warm_up: Times::of(protocol),
            main: Times::of(protocol),
            cool_down: Times::of(protocol),
            transactions: Vec::new(),
            tasks: Vec::new(),
        }
    }

    pub(in crate::record) fn load_begins(&mut self, at: Micros) {
        self.cool_down_from = self.spec.cool_down.map(|length| at + length);
        if let WarmUpEnd::At(length) = self.spec.warm_up {
            self.bounds = Some(WindowBounds::new(at, length, self.spec));
        }
    }

    /// The measurement window of something of the load, if it is known yet.
    fn window(&self, intended: Micros) -> Option<MeasurementWindow> {
        if self.spec.is_everything() {
            return Some(MeasurementWindow::Main);
        }
        match self.bounds {
            Some(bounds) => Some(bounds.window(intended)),
            None => self
                .cool_down_from
                .filter(|from| intended >= *from)
                .map(|_| MeasurementWindow::CoolDown),
        }
    }

    /// The name in files of the window of something of the load: `load` where the end of the warm-up is not known yet.
    pub(in crate::record) fn name_of(&self, intended: Micros) -> &'static str {
        self.window(intended).map_or("load", MeasurementWindow::name)
    }

    /// The same of a transaction.
    pub(in crate::record) fn name_of_transaction(&self, transaction: &TxRecord) -> &'static str {
        if transaction.phase.is_setup() {
            MeasurementWindow::Setup.name()
        } else {
            self.name_of(transaction.intended)
        }
    }

    fn times(&mut self, window: MeasurementWindow) -> &mut Times {
        match window {
            MeasurementWindow::Setup => &mut self.setup,
            MeasurementWindow::WarmUp => &mut self.warm_up,
            MeasurementWindow::Main => &mut self.main,
            MeasurementWindow::CoolDown => &mut self.cool_down,
        }
    }

    pub(in crate::record) fn transaction(&mut self, transaction: &TxRecord) {
        let sample = TxSample::of(transaction);
        let window = if sample.phase.is_setup() {
            Some(MeasurementWindow::Setup)
        } else {
            self.window(sample.intended)
        };
        match window {
            Some(window) => self.times(window).transaction(sample),
            None => self.transactions.push(sample),
        }
    }

    pub(in crate::record) fn task(&mut self, task: &TaskRecord) {
        let sample = TaskSample::of(task, self.protocol);
        match self.window(sample.intended) {
            Some(window) => self.times(window).task(sample),
            None => self.tasks.push(sample),
        }
    }

    /// Assigns every sample to its window, now that the run is over.
    pub(in crate::record) fn divide(mut self, load_start: Option<Micros>) -> SplitTimes {
        if self.spec.is_everything() {
            return SplitTimes {
                setup: self.setup,
                main: self.main,
                apart: Vec::new(),
                parts: None,
            };
        }
        let (bounds, warm_up) = self.bounds(load_start);
        for sample in std::mem::take(&mut self.transactions) {
            let window = bounds.map_or(MeasurementWindow::Main, |bounds| bounds.window(sample.intended));
            self.times(window).transaction(sample);
        }
        for sample in std::mem::take(&mut self.tasks) {
            let window = bounds.map_or(MeasurementWindow::Main, |bounds| bounds.window(sample.intended));
            self.times(window).task(sample);
        }
        let results = [&self.setup, &self.warm_up, &self.main, &self.cool_down].map(Times::result);
        let parts = WindowsResult {
            warm_up,
            main_from_us: bounds.map(|bounds| bounds.main),
            cool_down_from_us: bounds.and_then(|bounds| bounds.cool_down),
            parts: MeasurementWindow::ALL
                .into_iter()
                .zip(results)
                .collect::<BTreeMap<_, _>>(),
        };
        SplitTimes {
            setup: self.setup,
            main: self.main,
            apart: vec![
                (MeasurementWindow::WarmUp, self.warm_up),
                (MeasurementWindow::CoolDown, self.cool_down),
            ],
            parts: Some(parts),
        }
    }

    /// The bounds of the windows, if the load began, and how that of the warm-up was found.
    fn bounds(&self, load_start: Option<Micros>) -> (Option<WindowBounds>, WarmUpResult) {
        let bounds = |length| load_start.map(|start| WindowBounds::new(start, length, self.spec));
        let found = match self.spec.warm_up {
            WarmUpEnd::At(length) => return (self.bounds.or_else(|| bounds(length)), WarmUpResult::Fixed),
            WarmUpEnd::Mser5 => self.steady(bounds(Duration::ZERO)),
        };
        match found {
            Ok((main, why)) => {
                let length = load_start.map_or(Duration::ZERO, |start| main - start);
                (bounds(length), WarmUpResult::Mser5(why))
            }
            Err(why) => (bounds(Duration::ZERO), WarmUpResult::NoSteadyState(why)),
        }
    }

    /// When the tasks' total times become steady, and what there is to say about that. Those that ended before the
    /// cool-down are looked at, in the order of their arrival.
    fn steady(&self, bounds: Option<WindowBounds>) -> Result<(Micros, String), String> {
        let bounds = bounds.ok_or_else(|| "the load never began".to_owned())?;
        let total = self.protocol.total().index();
        let mut tasks: Vec<_> = self
            .tasks
            .iter()
            .filter(|task| bounds.window(task.intended) != MeasurementWindow::CoolDown)
            .filter_map(|task| Some((task.intended, task.id, task.spans().nth(total)??)))
            .collect();
        tasks.sort_unstable();
        let totals: Vec<u64> = tasks.iter().map(|(_, _, total)| *total).collect();
        let cut = mser5(&totals)?;
        let (all, why) = (tasks.len(), "the standard error is smallest");
        if cut == 0 {
            return Ok((bounds.main, format!("{why} with all {all} of them")));
        }
        let at = tasks.get(cut).map_or(bounds.main, |(intended, ..)| *intended);
        Ok((at, format!("{why} without the first {cut} of {all}")))
    }
}
