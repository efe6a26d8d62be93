//! Rates above the failing one: decides whether the search may conclude that they fail, too.
//!
//! A search takes for granted that what fails at a rate fails at every higher one. That is so where the system does not
//! keep up. Where it does and a hold fails all the same, higher rates are tried before the search concludes.

use super::{CapacityResult, search::rounded};

/// How often the highest rate is doubled to see whether a higher one holds.
const DOUBLINGS: u32 = 3;

/// What is to be done about rates above the lowest that fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Above {
    /// This rate is to be tried, after so many times before.
    Try {
        /// The rate.
        rate: f64,
        /// The number of times that it was tried before.
        before: u32,
    },
    /// This rate holds: holding does not end where it fails first.
    Holds(f64),
    /// Nothing: they fail as well, as far as can be told.
    Nothing,
}

impl CapacityResult {
    /// What to do about rates above `fails`, the lowest that fails, after so many `doublings`.
    pub(super) fn above(&self, fails: f64, doublings: u32) -> Above {
        let rates = self.steps.iter().map(|step| step.rate_per_s);
        let Some(highest) = rates.reduce(f64::max) else {
            return Above::Nothing;
        };
        let at_highest = || self.steps.iter().filter(|step| step.rate_per_s == highest);
        let tried = at_highest().count() as u32;
        let held = at_highest().filter(|step| step.held).count() as u32;
        let majority = self.settings.repeats / 2 + 1;
        if highest > fails && held >= majority {
            return Above::Holds(highest);
        }
        if highest > fails && held > 0 && tried - held < majority {
            return Above::Try {
                rate: highest,
                before: tried,
            };
        }
        let is_steady = at_highest().all(|step| step.steadiness.keeps_up());
        let next = rounded(highest * 2.0).min(self.settings.max_rate_per_s);
        if is_steady && next > highest && doublings < DOUBLINGS {
            Above::Try {
                rate: next,
                before: 0,
            }
        } else {
            Above::Nothing
        }
    }
}
