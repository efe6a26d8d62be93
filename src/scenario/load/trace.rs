//! Recorded arrivals, replayed.

use std::{io, sync::Arc, time::Duration};

use crate::scenario::units::Parameter;

/// Arrivals that were recorded: when each was due, and optionally whose it was and how large.
///
/// Cheap to clone: the rows are shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    rows: Arc<[TraceRow]>,
    file: Option<Arc<str>>,
    /// How many times faster than it was recorded it is replayed, more than 0.
    speed: Parameter,
}

/// A recorded arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceRow {
    /// When it is due at speed 1, in microseconds since the load of its group began.
    pub at_us: u64,
    /// The owner that submits, from 0 within its group; `None` to take owners in turn.
    pub owner: Option<u32>,
    /// The session that submits, from 0: within its owner if that is given, otherwise within the group. `None` to take
    /// sessions in turn.
    pub session: Option<u32>,
    /// Bytes of the payload; `None` to draw them from the group's distribution.
    pub payload_bytes: Option<u16>,
}

/// A session of a group, as the index of its owner in the group and its own among those of its owner.
pub(crate) type Seat = (u32, u32);

impl Replay {
    /// Speed 1: as it was recorded.
    pub const AS_RECORDED: Parameter = Parameter::from_millionths(1_000_000);
    /// The slowest speed, a thousandth.
    pub const SLOWEST: Parameter = Parameter::from_millionths(1_000);
    /// The highest speed, a million.
    pub const FASTEST: Parameter = Parameter::from_millionths(1_000_000_000_000);

    /// A replay of `rows` at a speed of more than 0; `None` if there are none. They are put in order of time, equal ones
    /// as they are given.
    #[must_use]
    pub fn new(rows: Vec<TraceRow>, speed: Parameter) -> Option<Self> {
        let mut rows = rows;
        rows.sort_by_key(|row| row.at_us);
        let usable = !rows.is_empty() && speed.millionths() > 0;
        usable.then(|| Self {
            rows: rows.into(),
            file: None,
            speed,
        })
    }

    /// The same, which a resolved scenario refers to as `file`.
    pub(in crate::scenario) fn of_file(self, file: Arc<str>) -> Self {
        Self {
            file: Some(file),
            ..self
        }
    }

    /// The same at `factor` times the speed, rounded to a millionth; `None` if that is out of
    /// [`Replay::SLOWEST`] to [`Replay::FASTEST`].
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Option<Self> {
        // What is no number, or negative, becomes 0.
        let millionths = (self.speed.millionths() as f64 * factor).round() as u64;
        let speed = Parameter::from_millionths(millionths);
        (Self::SLOWEST..=Self::FASTEST).contains(&speed).then(|| Self {
            speed,
            ..self.clone()
        })
    }

    /// What was recorded, in order of time.
    #[must_use]
    pub fn rows(&self) -> &[TraceRow] {
        &self.rows
    }

    /// How many times faster than it was recorded it is replayed.
    #[must_use]
    pub const fn speed(&self) -> Parameter {
        self.speed
    }

    /// When a row is due since the load of its group began, rounded down to the microsecond.
    #[must_use]
    pub fn due(&self, row: &TraceRow) -> Duration {
        let speed = u128::from(self.speed.millionths().max(1));
        let micros = u128::from(row.at_us) * 1_000_000 / speed;
        Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// When the last row is due, and a microsecond: the shortest time that holds all of them.
    #[must_use]
    pub fn length(&self) -> Duration {
        let last = self.rows.last().map_or(Duration::ZERO, |row| self.due(row));
        last.saturating_add(Duration::from_micros(1))
    }

    /// The number of rows that are due before `time`.
    #[must_use]
    pub fn due_before(&self, time: Duration) -> usize {
        self.rows.partition_point(|row| self.due(row) < time)
    }

    /// Which session of a group of `owners` owners of `sessions` sessions each submits each row. Rows that say nothing go
    /// round the group, to the first session of every owner, then to the second of every owner, and so on; those that say
    /// the owner, round its sessions. Only a row that a group this small was never checked for is beyond it: it wraps.
    pub(crate) fn seats(&self, owners: u32, sessions: u32) -> impl Iterator<Item = Seat> + '_ {
        let (owners, sessions) = (owners.max(1), sessions.max(1));
        let mut turn = 0_u64;
        let mut turns = vec![0_u32; owners as usize];
        self.rows.iter().map(move |row| match (row.owner, row.session) {
            (Some(owner), Some(session)) => (owner % owners, session % sessions),
            (Some(owner), None) => {
                let owner = owner % owners;
                let next = &mut turns[owner as usize];
                let session = *next;
                *next = (session + 1) % sessions;
                (owner, session)
            }
            (None, Some(session)) => (session % owners, session / owners % sessions),
            (None, None) => {
                let place = turn;
                turn = (turn + 1) % (u64::from(owners) * u64::from(sessions));
                // Both are below their own number, of 32 bits.
                (
                    (place % u64::from(owners)) as u32,
                    (place / u64::from(owners)) as u32,
                )
            }
        })
    }

    /// The data file that holds it; empty if none does.
    pub(in crate::scenario) fn file(&self) -> &str {
        self.file.as_deref().unwrap_or_default()
    }

    /// As a CSV file.
    pub(in crate::scenario) fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        writeln!(out, "at_us,owner,session,payload_bytes")?;
        let cell = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
        self.rows.iter().try_for_each(|row| {
            let payload = row.payload_bytes.map(u32::from);
            let (owner, session, payload) = (cell(row.owner), cell(row.session), cell(payload));
            writeln!(out, "{},{owner},{session},{payload}", row.at_us)
        })
    }
}
