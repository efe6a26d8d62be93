//! Decides for every transaction, block and request what goes wrong.

use std::{collections::VecDeque, time::Duration};

use rand::{RngExt, rngs::ChaCha8Rng};

use super::{
    BlockVerdict, Delay, Fault, FaultKind, FaultLog, FaultOccurrences, FaultPlan, Scope, Subject, Verdict,
};
use crate::{seed::StreamSeed, time::Micros};

/// The faults of a run under way. Nothing strikes before [`Injector::begin`] and after [`Injector::end`].
///
/// Every fault draws from a stream of its own, which follows from the seed, its kind and its place among those of the kind: it
/// strikes as it did, whatever other faults there are.
#[derive(Debug)]
pub struct Injector {
    /// What a kind is decided for.
    scope: fn(FaultKind) -> Scope,
    began: Option<Micros>,
    over: bool,
    active: Vec<Active>,
}

/// A fault, where its stream stands, and what it did.
#[derive(Debug)]
struct Active {
    fault: Fault,
    rng: ChaCha8Rng,
    /// Draws that were made ahead, of one whose strikes must be known beforehand.
    ahead: VecDeque<bool>,
    /// How many of its moments are over.
    moments: usize,
    strikes: u64,
    first: Option<Micros>,
    last: Option<Micros>,
    windows: Vec<(Micros, Micros)>,
}

impl Injector {
    /// The faults of `plan` in a run of this seed.
    #[must_use]
    pub fn new(plan: &FaultPlan, seed: u64) -> Self {
        let mut active: Vec<Active> = Vec::with_capacity(plan.faults.len());
        for fault in &plan.faults {
            let same = active.iter().filter(|other| other.fault.kind == fault.kind);
            let index = u32::try_from(same.count()).unwrap_or(u32::MAX);
            active.push(Active {
                rng: StreamSeed::derive(seed, &format!("fault/{}", fault.kind), index).rng(),
                fault: fault.clone(),
                ahead: VecDeque::new(),
                moments: 0,
                strikes: 0,
                first: None,
                last: None,
                windows: Vec::new(),
            });
        }
        Self {
            scope: FaultKind::scope,
            began: None,
            over: false,
            active,
        }
    }

    /// The same in front of a node.
    #[must_use]
    pub fn at_node(plan: &FaultPlan, seed: u64) -> Self {
        Self {
            scope: FaultKind::scope_at_node,
            ..Self::new(plan, seed)
        }
    }

    /// Whether nothing ever goes wrong.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    /// The load begins: the windows of faults count from now on.
    pub fn begin(&mut self, now: Micros) {
        self.began.get_or_insert(now);
    }

    /// The load is over: nothing goes wrong any more.
    pub const fn end(&mut self) {
        self.over = true;
    }

    /// The time since the load began; `None` before it, and when it is over.
    fn elapsed(&self, now: Micros) -> Option<Duration> {
        let began = self.began.filter(|_| !self.over)?;
        Some(Duration::from_micros(now.0.saturating_sub(began.0)))
    }

    /// The verdict on a transaction on its way to the chain. Of several faults that strike it, a loss comes before a delay, and
    /// delays add up.
    pub fn transaction(&mut self, now: Micros, subject: Subject<'_>) -> Verdict {
        let Some(elapsed) = self.elapsed(now) else {
            return Verdict::Pass;
        };
        let (mut lost, mut late, mut twice) = (false, Duration::ZERO, None);
        let scope = self.scope;
        for active in self.active.iter_mut().filter(|active| {
            scope(active.fault.kind) == Scope::Transactions && active.fault.target.holds(subject)
        }) {
            if !active.strikes(elapsed) {
                continue;
            }
            active.note(now, now);
            match active.fault.kind {
                FaultKind::Drop => lost = true,
                FaultKind::Delay => late += active.delay(),
                FaultKind::Duplicate => twice = Some(active.delay()),
                FaultKind::Outage | FaultKind::Censor => match active.fault.until {
                    Some(end) => late = late.max(end.saturating_sub(elapsed)),
                    None => lost = true,
                },
                _ => {}
            }
        }
        match (lost, twice) {
            (true, _) => Verdict::Drop,
            _ if !late.is_zero() => Verdict::DeliverAfter(late),
            (_, Some(after)) => Verdict::Twice(after),
            _ => Verdict::Pass,
        }
    }

    /// The verdict on a request to a node.
    pub fn request(&mut self, now: Micros) -> Verdict {
        let Some(elapsed) = self.elapsed(now) else {
            return Verdict::Pass;
        };
        let mut verdict = Verdict::Pass;
        for active in &mut self.active {
            if (self.scope)(active.fault.kind) == Scope::Requests && active.strikes(elapsed) {
                active.note(now, now);
                verdict = match active.fault.kind {
                    FaultKind::Garbage => Verdict::Corrupt,
                    _ => Verdict::Refuse,
                };
            }
        }
        verdict
    }

    /// Whether the logs of an answer are missing.
    pub fn logs(&mut self, now: Micros) -> bool {
        self.strike_first(now, Scope::Logs).is_some()
    }

    /// By how many blocks a reply is old; 0 for none.
    pub fn read(&mut self, now: Micros) -> u64 {
        self.strike_first(now, Scope::Reads)
            .map_or(0, |fault| fault.depth)
    }

    /// The first fault that strikes something of this scope.
    fn strike_first(&mut self, now: Micros, wanted: Scope) -> Option<&Fault> {
        let elapsed = self.elapsed(now)?;
        let scope = self.scope;
        let mut all = self
            .active
            .iter_mut()
            .filter(|active| scope(active.fault.kind) == wanted);
        let struck = all.find_map(|active| active.strikes(elapsed).then_some(active))?;
        struck.note(now, now);
        Some(&struck.fault)
    }

    /// The verdict on the block that is made now.
    pub fn block(&mut self, now: Micros) -> BlockVerdict {
        let mut verdict = BlockVerdict::default();
        let Some(elapsed) = self.elapsed(now) else {
            return verdict;
        };
        for (place, active) in self.active.iter_mut().enumerate() {
            if (self.scope)(active.fault.kind) != Scope::Blocks || !active.strikes(elapsed) {
                continue;
            }
            let (lasts, depth) = (active.fault.lasts, active.fault.depth);
            let mut end = now;
            match active.fault.kind {
                FaultKind::Censor => {
                    // It counts only if there is something to leave out.
                    verdict.censors.push(place);
                    continue;
                }
                FaultKind::FeeSpike => {
                    let factor = verdict.fee_factor.unwrap_or(1.0);
                    verdict.fee_factor = Some(factor * active.fault.factor.value());
                }
                FaultKind::EmptyBlocks => verdict.is_empty = true,
                FaultKind::FullBlocks => verdict.fill = verdict.fill.max(active.fault.fill.value()),
                FaultKind::TimestampJump => verdict.jump += active.delay(),
                FaultKind::Reorg => verdict.reorg = verdict.reorg.max(Some(depth)),
                FaultKind::StaleReads => verdict.stale = verdict.stale.max(depth),
                FaultKind::LateLogs => {
                    let late = active.delay();
                    verdict.late = verdict.late.max(late);
                    end = now + late;
                }
                FaultKind::Stall => {
                    verdict.stall = verdict.stall.max(Some(lasts));
                    end = now + lasts;
                }
                FaultKind::Restart => {
                    verdict.restart = verdict.restart.max(Some(lasts));
                    end = now + lasts;
                }
                FaultKind::LostSocket => {
                    verdict.socket = verdict.socket.max(Some(lasts));
                    end = now + lasts;
                }
                _ => {}
            }
            active.note(now, end);
        }
        verdict
    }

    /// Whether a fault with a place in the plan, which strikes the block that is made now, leaves a transaction out of it.
    #[must_use]
    pub fn censors(&self, place: usize, subject: Subject<'_>) -> bool {
        self.active
            .get(place)
            .is_some_and(|active| active.fault.target.holds(subject))
    }

    /// The fault at this place in the plan struck so many times now.
    pub fn count(&mut self, place: usize, now: Micros, times: u64) {
        if let Some(active) = self.active.get_mut(place).filter(|_| times > 0) {
            active.note(now, now);
            active.strikes += times - 1;
        }
    }

    /// Whether a reorg may come within its depth of blocks from the one that is made now, a block every `block_time`.
    pub fn reorg_is_near(&mut self, now: Micros, block_time: Duration) -> bool {
        let Some(elapsed) = self.elapsed(now) else {
            return false;
        };
        let mut is_near = false;
        // Each must draw ahead, whatever the others say.
        for active in &mut self.active {
            if active.fault.kind == FaultKind::Reorg {
                is_near |= active.is_near(elapsed, block_time);
            }
        }
        is_near
    }

    /// Whether reads of blocks before the one that is made now may be asked for.
    #[must_use]
    pub fn may_be_stale(&self, now: Micros) -> bool {
        let stale = |active: &Active| active.fault.kind == FaultKind::StaleReads;
        self.elapsed(now).is_some() && self.active.iter().any(stale)
    }

    /// The moment up to which faults kept transactions or blocks back: tasks are to end only some time after it. `None` if one
    /// still does.
    #[must_use]
    pub fn withheld_until(&self, now: Micros) -> Option<Micros> {
        let mut latest = Micros::ZERO;
        for active in self.active.iter().filter(|active| active.fault.kind.withholds()) {
            let Some(last) = active.last else { continue };
            let closed = active.fault.strikes_at_moments()
                || active
                    .fault
                    .until
                    .zip(self.elapsed(now))
                    .is_some_and(|(until, elapsed)| until <= elapsed);
            if !closed {
                return None;
            }
            let end = active.windows.last().map_or(last, |(_, end)| last.max(*end));
            latest = latest.max(end);
        }
        Some(latest)
    }

    /// What happened until now.
    #[must_use]
    pub fn log(&self, now: Micros) -> FaultLog {
        let began = self.began.unwrap_or(now);
        let faults = self.active.iter().map(|active| active.occurrences(began, now));
        FaultLog {
            faults: faults.collect(),
        }
    }
}

impl Active {
    /// Whether it strikes what is before it now, so long after the load began.
    fn strikes(&mut self, elapsed: Duration) -> bool {
        let opens = elapsed >= self.fault.from;
        let open = opens && self.fault.until.is_none_or(|until| elapsed < until);
        if self.fault.strikes_at_moments() {
            let due = self.fault.moment(self.moments).is_some_and(|at| at <= elapsed);
            if due {
                // Those that passed with nothing to strike are over as well.
                while self.fault.moment(self.moments).is_some_and(|at| at <= elapsed) {
                    self.moments += 1;
                }
            }
            return due && open;
        }
        let drawn = match self.ahead.pop_front() {
            Some(drawn) => drawn,
            None if open => self.draw(),
            None => false,
        };
        drawn && open
    }

    fn draw(&mut self) -> bool {
        self.rng.random::<f64>() < self.fault.share()
    }

    /// Whether it strikes within its depth of blocks.
    fn is_near(&mut self, elapsed: Duration, block_time: Duration) -> bool {
        let blocks = self.fault.depth + 1;
        if self.fault.strikes_at_moments() {
            let next = self.fault.moment(self.moments);
            let horizon = elapsed + block_time * u32::try_from(blocks + 1).unwrap_or(u32::MAX);
            return next.is_some_and(|at| at <= horizon);
        }
        while (self.ahead.len() as u64) < blocks {
            let drawn = self.draw();
            self.ahead.push_back(drawn);
        }
        self.ahead.iter().any(|drawn| *drawn)
    }

    /// By how much it strikes now.
    fn delay(&mut self) -> Duration {
        let Delay { least, most } = self.fault.by;
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let (least, most) = (micros(least), micros(most));
        let drawn = if most > least {
            self.rng.random_range(least..=most)
        } else {
            least
        };
        Duration::from_micros(drawn)
    }

    /// It struck now, and disturbs the run until `end`.
    fn note(&mut self, now: Micros, end: Micros) {
        self.strikes += 1;
        self.first.get_or_insert(now);
        self.last = Some(now);
        if self.fault.strikes_at_moments() && self.windows.len() < FaultOccurrences::MOST_WINDOWS {
            self.windows.push((now, end));
        }
    }

    fn occurrences(&self, began: Micros, now: Micros) -> FaultOccurrences {
        let window = || {
            let (first, last) = (self.first?, self.last?);
            // A fault without an end disturbs the run until it strikes for the last time.
            let end = self.fault.until.map_or(last, |until| (began + until).min(now));
            let from = (began + self.fault.from).max(began).min(first);
            Some((from, end.max(last)))
        };
        FaultOccurrences {
            fault: self.fault.to_string(),
            kind: self.fault.kind.name().to_owned(),
            count: self.strikes,
            first_us: self.first,
            last_us: self.last,
            windows_us: if self.fault.strikes_at_moments() {
                self.windows.clone()
            } else {
                window().into_iter().collect()
            },
        }
    }
}

impl Fault {
    /// The moment of its strike with this number, of those that it has.
    fn moment(&self, number: usize) -> Option<Duration> {
        if self.at.is_empty() && self.every.is_none() {
            return (number == 0).then_some(self.from);
        }
        let Some(every) = self.every else {
            return self.at.get(number).copied();
        };
        if self.at.is_empty() {
            return Some(self.from + every * u32::try_from(number + 1).unwrap_or(u32::MAX));
        }
        // Of the moments of both, in order.
        let mut ats = self.at.iter().copied().peekable();
        let mut next = self.from + every;
        let mut moment = None;
        for _ in 0..=number {
            moment = Some(match ats.next_if(|at| *at <= next) {
                Some(at) => at,
                None => {
                    let at = next;
                    next += every;
                    at
                }
            });
        }
        moment
    }
}
