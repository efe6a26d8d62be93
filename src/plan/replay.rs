//! Assignment of trace rows to owners and sessions.

use super::Arrival;
use crate::{
    scenario::{Replay, SubmittingGroup},
    time::Micros,
};

/// The arrivals of each member of the group, in order of time, since the load of the run began: as many of the trace's as
/// the group's tasks and duration allow.
pub(super) fn share_out(group: SubmittingGroup<'_>, replay: &Replay) -> Vec<Vec<Arrival>> {
    let mut shares = vec![Vec::new(); group.count as usize];
    let seats = replay.seats(group.count, group.sessions);
    let rows = replay.rows().iter().zip(seats).take(group.rows_of(replay));
    for (row, (member, session)) in rows {
        if let Some(share) = shares.get_mut(member as usize) {
            share.push(Arrival {
                at: Micros::from(group.submissions.start) + replay.due(row),
                session,
                payload: row.payload_bytes,
            });
        }
    }
    shares
}

/// Tasks of each of a member's `sessions`.
pub(super) fn tasks_by_session(arrivals: &[Arrival], sessions: u32) -> Vec<u64> {
    let mut tasks = vec![0; sessions as usize];
    for arrival in arrivals {
        if let Some(tasks) = tasks.get_mut(arrival.session as usize) {
            *tasks += 1;
        }
    }
    tasks
}
