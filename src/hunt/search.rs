//! The search: sequences in epochs, which learn from those before; the same whatever the number of jobs.

use std::{
    collections::{BTreeMap, HashSet},
    num::NonZero,
    time::{Duration, Instant},
};

use rand::RngExt;
use tokio_util::sync::CancellationToken;

use super::{
    Arena, CasePlayed, CoverageMap, Evidence, Field, Finding, Kept, Look, Participants, Played, Sequence,
    replay, run_case, shorter::shorter,
};
use crate::{protocol::Hunted, run::parallel_map, seed::StreamSeed};

/// Sequences of an epoch. All of them know what those of earlier epochs found, and nothing of each other.
const EPOCH: u64 = 64;
/// One run of so many is a whole one, with actors and faults; the others are sequences.
const CASES: u64 = 128;
/// The most findings that are shrunk; what else is found is counted.
const MOST_FINDINGS: usize = 64;
/// The most sequences that are kept to begin others with.
const MOST_KEPT: usize = 4_096;

/// How a hunt goes.
#[derive(Clone, Debug)]
pub struct HuntSettings {
    /// What all draws are derived from.
    pub seed: u64,
    /// Sequences to play; `None` for no limit but time.
    pub runs: Option<u64>,
    /// How long; `None` for no limit but runs.
    pub time: Option<Duration>,
    /// Sequences that are played at once.
    pub jobs: NonZero<usize>,
}

/// How far a hunt is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HuntProgress {
    /// Runs: sequences that were played, and whole runs.
    pub runs: u64,
    /// Those that were whole.
    pub cases: u64,
    /// Transactions of all.
    pub transactions: u64,
    /// Different things that were covered.
    pub coverage: usize,
    /// Shapes of states that were seen.
    pub shapes: usize,
    /// Different findings.
    pub findings: usize,
    /// Since it began.
    pub took: Duration,
}

/// Hears of a hunt while it goes on.
pub trait HuntObserver {
    /// It is so far.
    fn progress(&mut self, progress: &HuntProgress);
    /// Something was found, and is being shrunk.
    fn found(&mut self, finding: &Finding);
    /// It was shrunk.
    fn shrunk(&mut self, finding: &Finding);
}

/// What a hunt came to.
#[derive(Debug, Default)]
pub struct Hunt {
    /// What was found, in the order in which it was.
    pub findings: Vec<Finding>,
    /// What was covered.
    pub coverage: CoverageMap,
    /// How far it came.
    pub progress: HuntProgress,
    /// Findings beyond the most that are shrunk, by their identity.
    pub more: u64,
    /// Sequences that covered something new, in the order in which they were played.
    pub kept: Vec<Kept>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// What came of a run.
enum Ran {
    /// A sequence, with the variant and the run whose accounts it has.
    Sequence(usize, u64, Box<Played>),
    Case(Box<CasePlayed>),
}

/// What is known at the beginning of an epoch.
#[derive(Debug, Default)]
struct Known {
    shapes: HashSet<u64>,
    kept: Vec<Kept>,
}

/// Hunts, and replays first what earlier hunts kept.
pub fn hunt<P: Hunted>(
    field: &Field<'_, P>,
    settings: &HuntSettings,
    earlier: Vec<Kept>,
    stop: &CancellationToken,
    observer: &mut dyn HuntObserver,
) -> Hunt {
    let began = Instant::now();
    let mut search = Search::default();
    let fresh = search.replay_earlier(field, settings, earlier, stop, observer);
    search.shrink(field, settings, fresh, stop, observer);
    loop {
        let done = search.hunt.progress.runs;
        let over = settings.time.is_some_and(|time| began.elapsed() >= time);
        let left = settings
            .runs
            .map_or(EPOCH, |runs| runs.saturating_sub(done).min(EPOCH));
        if over || left == 0 {
            break;
        }
        if stop.is_cancelled() {
            search.hunt.interrupted = true;
            break;
        }
        let runs: Vec<u64> = (done..done + left).collect();
        let known = &search.known;
        let played = parallel_map(&runs, settings.jobs, |run| {
            (!stop.is_cancelled()).then(|| match run % CASES {
                rest if rest == CASES - 1 => {
                    Ran::Case(Box::new(field.cases.play(stream(settings.seed, *run), stop)))
                }
                _ => play(&field.arenas, settings.seed, *run, known),
            })
        });
        let mut fresh = Vec::new();
        for (run, ran) in done_of(&runs, played) {
            fresh.extend(search.enter(*run, ran, fresh.len(), observer));
        }
        search.shrink(field, settings, fresh, stop, observer);
        let found = &mut search.hunt;
        found.progress = HuntProgress {
            coverage: found.coverage.len(),
            shapes: search.known.shapes.len(),
            findings: found.findings.len(),
            took: began.elapsed(),
            ..found.progress
        };
        observer.progress(&search.hunt.progress);
    }
    search.hunt.kept = search.known.kept.split_off(search.earlier);
    search.hunt
}

/// A hunt that goes on.
#[derive(Debug, Default)]
struct Search {
    hunt: Hunt,
    known: Known,
    /// Sequences that were known before it began.
    earlier: usize,
    /// The place of each finding by its identity; `None` of one beyond [`MOST_FINDINGS`].
    identities: BTreeMap<String, Option<usize>>,
}

impl Search {
    /// Replays what earlier hunts kept. Returns what is broken.
    fn replay_earlier<P: Hunted>(
        &mut self,
        field: &Field<'_, P>,
        settings: &HuntSettings,
        earlier: Vec<Kept>,
        stop: &CancellationToken,
        observer: &mut dyn HuntObserver,
    ) -> Vec<Finding> {
        let (others, earlier): (Vec<Kept>, Vec<Kept>) = earlier
            .into_iter()
            .filter(|kept| kept.variant < field.arenas.len())
            .partition(|kept| kept.scenario.is_some());
        let found = parallel_map(&others, settings.jobs, |kept| {
            (!stop.is_cancelled()).then(|| found_again(field, kept, stop))
        });
        let mut fresh = Vec::new();
        for found in found.into_iter().flatten().flatten() {
            fresh.extend(self.enter_finding(found, fresh.len(), observer));
        }
        let replayed = parallel_map(&earlier, settings.jobs, |kept| {
            let world = &field.arenas[kept.variant].world;
            (!stop.is_cancelled()).then(|| replay(world, &kept.participants, &kept.trace, Look::Blocks, None))
        });
        for (kept, replayed) in done_of(&earlier, replayed) {
            let mut trace = kept.trace.clone();
            trace.truncate(replayed.made);
            let played = Played {
                directory: kept.participants.actors.clone(),
                contracts: kept.participants.contracts.clone(),
                trace,
                broken: replayed.broken,
                coverage: replayed.coverage,
                shapes: Vec::new(),
            };
            fresh.extend(self.enter_played(
                kept.origin,
                kept.variant,
                kept.origin,
                played,
                fresh.len(),
                observer,
            ));
            if kept.of_hunt && P::RESUMES {
                self.known.kept.push(kept.clone());
            }
        }
        self.earlier = self.known.kept.len();
        fresh
    }

    /// Enters what came of a run. Returns what is broken that was not known to be.
    fn enter(
        &mut self,
        run: u64,
        ran: Ran,
        fresh: usize,
        observer: &mut dyn HuntObserver,
    ) -> Option<Finding> {
        self.hunt.progress.runs += 1;
        match ran {
            Ran::Sequence(variant, origin, played) => {
                self.hunt.progress.transactions += played.trace.len() as u64;
                self.enter_played(run, variant, origin, *played, fresh, observer)
            }
            Ran::Case(played) => {
                self.hunt.progress.cases += 1;
                self.hunt.progress.transactions += played.transactions;
                self.enter_case(run, *played, fresh, observer)
            }
        }
    }

    fn enter_case(
        &mut self,
        run: u64,
        played: CasePlayed,
        fresh: usize,
        observer: &mut dyn HuntObserver,
    ) -> Option<Finding> {
        for covered in &played.coverage {
            self.hunt.coverage.add(covered.clone());
        }
        let finding = found_in_run(run, played)?;
        self.enter_finding(finding, fresh, observer)
    }

    fn enter_played(
        &mut self,
        run: u64,
        variant: usize,
        origin: u64,
        played: Played,
        fresh: usize,
        observer: &mut dyn HuntObserver,
    ) -> Option<Finding> {
        let mut is_new = false;
        for covered in played.coverage {
            is_new |= self.hunt.coverage.add(covered);
        }
        for shape in played.shapes {
            is_new |= self.known.shapes.insert(shape);
        }
        let participants = Participants {
            actors: played.directory,
            contracts: played.contracts,
        };
        let Some((broken, evidence)) = played.broken else {
            if is_new && self.known.kept.len() < MOST_KEPT {
                self.known.kept.push(Kept {
                    variant,
                    origin,
                    of_hunt: true,
                    participants,
                    trace: played.trace,
                    scenario: None,
                });
            }
            return None;
        };
        let finding = Finding {
            broken,
            evidence,
            variant,
            scenario: None,
            participants,
            found_after: played.trace.len(),
            trace: played.trace,
            run,
            times: 1,
        };
        self.enter_finding(finding, fresh, observer)
    }

    /// Enters something broken. Returns it if it was not known to be.
    fn enter_finding(
        &mut self,
        finding: Finding,
        fresh: usize,
        observer: &mut dyn HuntObserver,
    ) -> Option<Finding> {
        let identity = finding.broken.identity();
        if let Some(known) = self.identities.get(&identity) {
            match known.and_then(|place| self.hunt.findings.get_mut(place)) {
                Some(finding) => finding.times += 1,
                None => self.hunt.more += u64::from(known.is_none()),
            }
            return None;
        }
        let place = self.hunt.findings.len() + fresh;
        if place >= MOST_FINDINGS {
            self.identities.insert(identity, None);
            self.hunt.more += 1;
            return None;
        }
        self.identities.insert(identity, Some(place));
        observer.found(&finding);
        Some(finding)
    }

    /// Shrinks what was found, until it is stopped.
    fn shrink<P: Hunted>(
        &mut self,
        field: &Field<'_, P>,
        settings: &HuntSettings,
        fresh: Vec<Finding>,
        stop: &CancellationToken,
        observer: &mut dyn HuntObserver,
    ) {
        let shrunk = parallel_map(&fresh, settings.jobs, |finding| shorter(field, finding, stop));
        for (found, finding) in fresh.iter().zip(shrunk) {
            let (before, identity) = (found.broken.identity(), finding.broken.identity());
            // Of a whole run the transactions may show what a sequence has shown before.
            let known = self
                .identities
                .get(&identity)
                .copied()
                .filter(|_| before != identity);
            if let Some(known) = known {
                self.identities.insert(before, known);
                if let Some(same) = known.and_then(|place| self.hunt.findings.get_mut(place)) {
                    same.times += 1;
                }
                continue;
            }
            let place = Some(self.hunt.findings.len());
            self.identities.insert(before, place);
            self.identities.insert(identity, place);
            observer.shrunk(&finding);
            self.hunt.findings.push(finding);
        }
    }
}

/// What is broken again by what an earlier hunt found in a scenario of its own.
fn found_again<P: Hunted>(field: &Field<'_, P>, kept: &Kept, stop: &CancellationToken) -> Option<Finding> {
    let scenario = kept.scenario.as_deref()?;
    if kept.trace.is_empty() {
        return found_in_run(kept.origin, run_case(scenario.clone(), stop));
    }
    let world = (field.deploy)(scenario).ok()?;
    let replayed = replay(&world, &kept.participants, &kept.trace, Look::Blocks, None);
    let (broken, evidence) = replayed.broken?;
    Some(Finding {
        broken,
        evidence,
        variant: 0,
        scenario: kept.scenario.clone(),
        participants: kept.participants.clone(),
        found_after: replayed.made,
        trace: kept.trace[..replayed.made].to_vec(),
        run: kept.origin,
        times: 1,
    })
}

/// What a whole run broke.
fn found_in_run(run: u64, played: CasePlayed) -> Option<Finding> {
    Some(Finding {
        broken: played.broken?,
        evidence: Evidence::Run,
        variant: 0,
        scenario: Some(Box::new(played.scenario)),
        participants: Participants::default(),
        found_after: usize::try_from(played.transactions).unwrap_or(usize::MAX),
        trace: Vec::new(),
        run,
        times: 1,
    })
}

/// What was done, with the item that it was done with: not all is, of a hunt that is stopped.
fn done_of<I, T>(items: &[I], done: Vec<Option<T>>) -> impl Iterator<Item = (&I, T)> {
    let all = items.iter().zip(done);
    all.filter_map(|(item, done)| Some((item, done?)))
}

/// What a run draws from.
fn stream(seed: u64, run: u64) -> StreamSeed {
    StreamSeed::derive(seed, &format!("hunt/{}", run >> 32), run as u32)
}

/// Plays the sequence of a run: a new one, or one that goes on from what covered something new.
fn play<P: Hunted>(arenas: &[Arena<'_, P>], seed: u64, run: u64, known: &Known) -> Ran {
    let stream = |run: u64| stream(seed, run);
    let mut draws = stream(run).rng_of_decision([0; 4]);
    let kept = if !P::RESUMES || known.kept.is_empty() || draws.random_bool(0.6) {
        None
    } else {
        Some(&known.kept[draws.random_range(0..known.kept.len())])
    };
    let (variant, origin) = match kept {
        Some(kept) => (kept.variant, kept.origin),
        None => (draws.random_range(0..arenas.len()), run),
    };
    let arena = &arenas[variant];
    let mut adversary = P::adversary(&arena.setup, &arena.world.contracts, stream(origin));
    let prefix = match kept {
        Some(kept) => {
            let length = draws.random_range(0..=kept.trace.len());
            adversary.resume(length, stream(run));
            &kept.trace[..length]
        }
        None => &[],
    };
    let sequence = Sequence {
        prefix,
        world: &arena.world,
        adversary,
        known: &known.shapes,
        salt: run,
    };
    Ran::Sequence(variant, origin, Box::new(sequence.play()))
}
