//! The times of a run, part by part.

use std::{collections::BTreeMap, time::Duration};

use super::{Bounds, Part, TaskSample, Times, TxSample, WarmUpEnd, Window, mser5};
use crate::{
    protocol::Phase,
    record::{PartsResult, TaskRecord, TaskSpan, TxRecord, WarmUpResult},
    time::Micros,
};

/// Keeps the times of a run apart by its parts.
#[derive(Clone, Debug)]
pub(in crate::record) struct Parts {
    window: Window,
    /// Known once the load began, if the window is not open.
    bounds: Option<Bounds>,
    setup: Times,
    warm_up: Times,
    main: Times,
    cool_down: Times,
    /// What belongs to a part that is not known yet.
    transactions: Vec<TxSample>,
    tasks: Vec<TaskSample>,
}

/// The times of each part, and what they come to.
#[derive(Debug)]
pub(in crate::record) struct Divided {
    pub(in crate::record) setup: Times,
    pub(in crate::record) main: Times,
    /// Those of the parts beside the main one.
    pub(in crate::record) apart: Vec<(Part, Times)>,
    /// What each part comes to; `None` if all of the load was measured.
    pub(in crate::record) parts: Option<PartsResult>,
}

impl Default for Parts {
    fn default() -> Self {
        Self::of(Window::EVERYTHING)
    }
}

impl Parts {
    pub(in crate::record) fn of(window: Window) -> Self {
        Self {
            window,
            bounds: None,
            setup: Times::default(),
            warm_up: Times::default(),
            main: Times::default(),
            cool_down: Times::default(),
            transactions: Vec::new(),
            tasks: Vec::new(),
        }
    }

    pub(in crate::record) fn load_begins(&mut self, at: Micros) {
        if let WarmUpEnd::At(length) = self.window.warm_up {
            self.bounds = Some(Bounds::new(at, length, self.window));
        }
    }

    /// The part of something of the load, if it is known yet.
    fn part(&self, intended: Micros) -> Option<Part> {
        if self.window.is_everything() {
            return Some(Part::Main);
        }
        self.bounds.map(|bounds| bounds.part(intended))
    }

    /// What files call the part of something of the load: `load` as long as it is not known.
    pub(in crate::record) fn name_of(&self, intended: Micros) -> &'static str {
        self.part(intended).map_or("load", Part::name)
    }

    /// The same of a transaction.
    pub(in crate::record) fn name_of_transaction(&self, transaction: &TxRecord) -> &'static str {
        if transaction.phase == Phase::Setup {
            Part::Setup.name()
        } else {
            self.name_of(transaction.intended)
        }
    }

    fn times(&mut self, part: Part) -> &mut Times {
        match part {
            Part::Setup => &mut self.setup,
            Part::WarmUp => &mut self.warm_up,
            Part::Main => &mut self.main,
            Part::CoolDown => &mut self.cool_down,
        }
    }

    pub(in crate::record) fn transaction(&mut self, transaction: &TxRecord) {
        let sample = TxSample::of(transaction);
        let part = if sample.phase == Phase::Setup {
            Some(Part::Setup)
        } else {
            self.part(sample.intended)
        };
        match part {
            Some(part) => self.times(part).transaction(sample),
            None => self.transactions.push(sample),
        }
    }

    pub(in crate::record) fn task(&mut self, task: &TaskRecord) {
        let sample = TaskSample::of(task);
        match self.part(sample.intended) {
            Some(part) => self.times(part).task(sample),
            None => self.tasks.push(sample),
        }
    }

    /// Puts everything in its part, now that the run is over.
    pub(in crate::record) fn divide(mut self, load_start: Option<Micros>) -> Divided {
        if self.window.is_everything() {
            return Divided {
                setup: self.setup,
                main: self.main,
                apart: Vec::new(),
                parts: None,
            };
        }
        let (bounds, warm_up) = self.bounds(load_start);
        for sample in std::mem::take(&mut self.transactions) {
            let part = bounds.map_or(Part::Main, |bounds| bounds.part(sample.intended));
            self.times(part).transaction(sample);
        }
        for sample in std::mem::take(&mut self.tasks) {
            let part = bounds.map_or(Part::Main, |bounds| bounds.part(sample.intended));
            self.times(part).task(sample);
        }
        let results = [&self.setup, &self.warm_up, &self.main, &self.cool_down].map(Times::result);
        let parts = PartsResult {
            warm_up,
            main_from_us: bounds.map(|bounds| bounds.main),
            cool_down_from_us: bounds.and_then(|bounds| bounds.cool_down),
            parts: Part::ALL.into_iter().zip(results).collect::<BTreeMap<_, _>>(),
        };
        Divided {
            setup: self.setup,
            main: self.main,
            apart: vec![(Part::WarmUp, self.warm_up), (Part::CoolDown, self.cool_down)],
            parts: Some(parts),
        }
    }

    /// The bounds of the parts, if the load began, and how that of the warm-up was found.
    fn bounds(&self, load_start: Option<Micros>) -> (Option<Bounds>, WarmUpResult) {
        let bounds = |length| load_start.map(|start| Bounds::new(start, length, self.window));
        let found = match self.window.warm_up {
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
    fn steady(&self, bounds: Option<Bounds>) -> Result<(Micros, String), String> {
        let bounds = bounds.ok_or_else(|| "the load never began".to_owned())?;
        let mut tasks: Vec<_> = self
            .tasks
            .iter()
            .filter(|task| bounds.part(task.intended) != Part::CoolDown)
            .filter_map(|task| Some((task.intended, task.id, task.span_us(TaskSpan::Total)?)))
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
