//! Recorded arrivals from a data file.

use std::time::Duration;

use super::{
    Fault, Opened,
    csv::{DataRow, Rows, naming},
    moment::Moments,
};
use crate::scenario::{
    Limits, Quantity, Replay, Scenario, TraceRow,
    units::{ByteSize, Parameter, grouped},
};

/// The sessions that a trace may name.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario::read) struct Seats {
    /// Owners of the group.
    pub(in crate::scenario::read) owners: u32,
    /// Sessions of each.
    pub(in crate::scenario::read) sessions: u32,
}

/// Reads arrivals: `at_us` or dates, and optionally `owner`, `session` and `payload_bytes`, whose cells may be empty. Owners and
/// sessions are checked against `seats` where these are known.
pub(in crate::scenario::read) fn read(
    Opened { file, quoted }: Opened,
    speed: Parameter,
    seats: Option<Seats>,
) -> Result<Replay, Fault> {
    let mut rows = Rows::new(file, quoted)?;
    let Some(at) = rows.column::<Duration>("at")? else {
        return Err(rows.no_column("`at_us`", &naming::<Duration>()));
    };
    let (owner, session) = (rows.plain("owner"), rows.plain("session"));
    let payload = rows.column::<ByteSize>("payload")?;
    // What a run can wait for, at the speed that it is replayed at.
    let longest = Duration::from_micros(Limits::MAX.mul_f64(speed.value()).units());
    let mut moments = Moments::new(at);
    let mut read = Vec::new();
    while let Some(row) = rows.next() {
        let row = row?;
        if read.len() as u64 == Scenario::MAX_TASKS {
            let what = format!("there are more than {} arrivals", grouped(Scenario::MAX_TASKS));
            return Err(row.fault(what, "a run holds every arrival in memory: split the trace"));
        }
        let index = |column: Option<usize>| column.map_or(Ok(None), |column| row.index(column));
        let (owner, session) = (index(owner)?, index(session)?);
        if let Some(seats) = seats {
            beyond(&row, owner, session, seats)?;
        }
        let payload = payload.map_or(Ok(None), |column| {
            row.optional(column, ByteSize(0)..=ByteSize::MAX)
        })?;
        let at_us = moments.read(&row)?;
        read.push(TraceRow {
            at_us,
            owner,
            session,
            // At most the largest payload: sixteen bits.
            payload_bytes: payload.map(|bytes| bytes as u16),
        });
    }
    let begin = moments.begin(longest)?;
    for row in &mut read {
        row.at_us -= begin;
    }
    Replay::new(read, speed).ok_or_else(|| {
        Fault::whole(
            "holds no arrival",
            "below the line that names the columns there is a row for each",
        )
    })
}

/// Whether the row names an owner or a session that the group does not have.
fn beyond(row: &DataRow<'_>, owner: Option<u32>, session: Option<u32>, seats: Seats) -> Result<(), Fault> {
    let Seats { owners, sessions } = seats;
    if let Some(owner) = owner.filter(|owner| *owner >= owners) {
        return Err(row.fault(
            format!("there is no owner {owner}: the group has {owners}"),
            format!(
                "owners count from 0 to {}: raise the group's `count`, or leave the column out to take them in turn",
                owners - 1
            ),
        ));
    }
    let all = u64::from(owners) * u64::from(sessions);
    let (most, whose) = match owner {
        Some(_) => (u64::from(sessions), "each owner has"),
        None => (all, "the group has"),
    };
    match session.filter(|session| u64::from(*session) >= most) {
        Some(session) => Err(row.fault(
            format!("there is no session {session}: {whose} {most}"),
            format!(
                "sessions count from 0 to {}: raise the group's `sessions`, or leave the column out to take them in turn",
                most - 1
            ),
        )),
        None => Ok(()),
    }
}
