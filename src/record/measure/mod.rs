//! Measurement windows of a load: warm-up, main window and cool-down.

mod mser;
mod samples;
mod times;
mod windowed;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use mser::mser5;
use samples::{TaskSample, TxSample};
pub(super) use times::Times;
pub(super) use windowed::{SplitTimes, WindowedTimes};

use crate::{
    measure::{Measure, WarmUp},
    time::Micros,
};

named! {
    /// A measurement window of a run. Transactions and tasks belong to a window by their intended time.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum MeasurementWindow {
        /// Before the load: registrations, sessions, deposits; and nonces that were filled at any time.
        Setup = "setup",
        /// The beginning of the load, apart from the main figures.
        WarmUp = "warm_up",
        /// What the main figures are of.
        Main = "main",
        /// The end of the load, apart from the main figures.
        CoolDown = "cool_down",
    }
}

/// The specification of the main window. Moments count from the beginning of the load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSpec {
    /// Where the warm-up ends.
    pub warm_up: WarmUpEnd,
    /// Where the cool-down begins; `None` for none.
    pub cool_down: Option<Duration>,
}

/// Where the warm-up ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmUpEnd {
    /// There; 0 for no warm-up.
    At(Duration),
    /// Where [`mser5`] finds it when the run is over.
    Mser5,
}

impl WindowSpec {
    /// All of the load.
    pub const EVERYTHING: Self = Self {
        warm_up: WarmUpEnd::At(Duration::ZERO),
        cool_down: None,
    };

    /// The windows that a scenario asks for; the load is planned to end at `load_end`, since it began. Without a planned end
    /// there is no cool-down.
    #[must_use]
    pub fn new(measure: Measure, load_end: Option<Micros>) -> Self {
        let Measure { warm_up, cool_down } = measure;
        Self {
            warm_up: match warm_up {
                WarmUp::Fixed(length) => WarmUpEnd::At(length),
                WarmUp::Auto => WarmUpEnd::Mser5,
            },
            cool_down: load_end
                .filter(|_| !cool_down.is_zero())
                .map(|end| Duration::from(end).saturating_sub(cool_down)),
        }
    }

    /// Whether all of the load is measured.
    #[must_use]
    pub fn is_everything(self) -> bool {
        self == Self::EVERYTHING
    }
}

/// The bounds of a run's measurement windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct WindowBounds {
    /// When the main window begins.
    pub(super) main: Micros,
    /// When the cool-down begins.
    pub(super) cool_down: Option<Micros>,
}

impl WindowBounds {
    /// The bounds of a load that began at `start`, with a warm-up of this length.
    pub(super) fn new(start: Micros, warm_up: Duration, spec: WindowSpec) -> Self {
        Self {
            main: start + warm_up,
            cool_down: spec.cool_down.map(|at| start + at),
        }
    }

    /// The window of something of the load that was meant to be at `intended`.
    pub(super) fn window(self, intended: Micros) -> MeasurementWindow {
        if intended < self.main {
            MeasurementWindow::WarmUp
        } else if self.cool_down.is_some_and(|at| intended >= at) {
            MeasurementWindow::CoolDown
        } else {
            MeasurementWindow::Main
        }
    }
}
