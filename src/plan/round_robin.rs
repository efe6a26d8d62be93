//! Round-robin assignment of tasks to sessions.

use super::Arrival;
use crate::time::Micros;

/// Assigns a group's tasks to its sessions, round-robin: first to the first session of every owner, then to the second
/// of every owner, and so on; then again from the start.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoundRobin {
    owners: u32,
    sessions: u32,
    tasks: u64,
}

impl RoundRobin {
    /// The assignment of `tasks` for `owners` owners of `sessions` sessions each; both from 1.
    pub(super) const fn new(owners: u32, sessions: u32, tasks: u64) -> Self {
        Self {
            owners,
            sessions,
            tasks,
        }
    }

    fn turns(self) -> u64 {
        u64::from(self.owners) * u64::from(self.sessions)
    }

    /// The place of a session in each round.
    fn turn(self, owner: u32, session: u32) -> u64 {
        u64::from(session) * u64::from(self.owners) + u64::from(owner)
    }

    /// Tasks of a session: as many as of any other, or one more if it is among the first and there is a remainder.
    pub(super) fn tasks(self, owner: u32, session: u32) -> u64 {
        let turns = self.turns();
        self.tasks / turns + u64::from(self.turn(owner, session) < self.tasks % turns)
    }

    /// The arrivals of one owner, in order of time; those of the group, as many as it has tasks, are at `times`.
    pub(super) fn arrivals(self, owner: u32, times: &[Micros]) -> Vec<Arrival> {
        let rounds = self.tasks(owner, 0);
        (0..rounds)
            .flat_map(|round| (0..self.sessions).map(move |session| (round, session)))
            .filter_map(|(round, session)| {
                let k = round * self.turns() + self.turn(owner, session);
                let at = *times.get(usize::try_from(k).ok()?)?;
                Some(Arrival {
                    at,
                    session,
                    payload: None,
                })
            })
            .collect()
    }
}
