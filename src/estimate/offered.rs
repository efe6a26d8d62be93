//! Tasks that a load offers, and their rate, from its plan alone.

use std::time::Duration;

use serde::Serialize;

use super::{Level, demand::rate};
use crate::{plan::GroupLoad, scenario::Scenario};

/// What the load of a scenario offers, whatever its protocol makes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offered {
    /// Tasks that are submitted; `None` if that depends on how fast they go.
    pub tasks: Option<u64>,
    /// Tasks per second of the open loads; zero if there are none.
    pub rate: Level,
    /// When the last task of an open load arrives, in µs since the load began; `None` if there is none.
    pub last_arrival_us: Option<u64>,
    /// Whether some groups submit only when a task ends.
    pub closed: bool,
    /// Whether arrivals may be dropped, since too many tasks are in flight.
    pub dropped: bool,
}

impl Offered {
    /// What `scenario` offers.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let groups = scenario.submitting();
        let loads: Vec<_> = groups
            .iter()
            .map(|group| GroupLoad::of(scenario, *group))
            .collect();
        let arrivals: Vec<_> = loads.iter().map(|load| load.arrivals.as_slice()).collect();
        let bin = scenario.chain.block_time.max(Duration::from_secs(1));
        let last = arrivals.iter().filter_map(|arrivals| arrivals.last()).max();
        Self {
            tasks: loads
                .iter()
                .try_fold(0, |sum: u64, load| Some(sum.saturating_add(load.tasks?))),
            rate: rate(&arrivals, bin),
            last_arrival_us: last.map(|last| last.0),
            closed: groups.iter().any(|group| group.submissions.load.is_closed()),
            dropped: groups
                .iter()
                .any(|group| group.submissions.max_in_flight.is_some()),
        }
    }
}
