//! The search: sequences in epochs, which learn from those before; the same whatever the number of jobs.

use std::{
    collections::{BTreeMap, HashSet},
    num::NonZero,
    time::{Duration, Instant},
};

use alloy::primitives::Address;
use rand::RngExt;
use tokio_util::sync::CancellationToken;

use super::{
    Broken, Cast, CoverageMap, Evidence, Finding, Look, Played, Sequence, TracedTransaction, World, replay,
    shrink::shrink,
};
use crate::{
    protocol::{Hunted, Protocol},
    run::parallel_map,
    seed::StreamSeed,
};

/// Sequences of an epoch. All of them know what those of earlier epochs found, and nothing of each other.
const EPOCH: u64 = 64;
/// Tries that shrinking a finding may take.
const TRIES: usize = 1_500;
/// The most findings that are shrunk; what else is found is counted.
const MOST_FINDINGS: usize = 64;
/// The most sequences that are kept to begin others with.
const MOST_KEPT: usize = 4_096;

/// A variant of the scenario, ready to be played against.
#[derive(Debug)]
pub struct Arena<'a, P: Protocol> {
    /// The set-up.
    pub setup: P::Setup<'a>,
    /// The chain with the contracts.
    pub world: World<P>,
}

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
    /// Sequences that were played.
    pub runs: u64,
    /// Transactions of these.
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
    /// Findings beyond [`MOST_FINDINGS`], by their identity.
    pub more: u64,
    /// Sequences that covered something new, in the order in which they were played.
    pub kept: Vec<Kept>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// A sequence that covered something new.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The place of the variant.
    pub variant: usize,
    /// The run whose accounts it has.
    pub origin: u64,
    /// Whether that is a run of a hunt with the same seed, so that others can go on from it.
    pub of_hunt: bool,
    /// Who takes part.
    pub cast: Cast,
    /// The transactions.
    pub trace: Vec<TracedTransaction>,
}

/// What is known at the beginning of an epoch.
#[derive(Debug, Default)]
struct Known {
    shapes: HashSet<u64>,
    kept: Vec<Kept>,
}

/// Hunts in these arenas, and replays first what earlier hunts kept.
pub fn hunt<P: Hunted>(
    arenas: &[Arena<'_, P>],
    settings: &HuntSettings,
    earlier: Vec<Kept>,
    stop: &CancellationToken,
    observer: &mut dyn HuntObserver,
) -> Hunt {
    let began = Instant::now();
    let mut search = Search::default();
    let fresh = search.replay_earlier(arenas, settings, earlier, stop, observer);
    search.shrink(arenas, settings, fresh, observer);
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
            (!stop.is_cancelled()).then(|| play(arenas, settings.seed, *run, known))
        });
        let mut fresh = Vec::new();
        for (run, (variant, origin, played)) in runs.iter().zip(played.into_iter().flatten()) {
            fresh.extend(search.enter(*run, variant, origin, played, fresh.len(), observer));
        }
        search.shrink(arenas, settings, fresh, observer);
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
        arenas: &[Arena<'_, P>],
        settings: &HuntSettings,
        earlier: Vec<Kept>,
        stop: &CancellationToken,
        observer: &mut dyn HuntObserver,
    ) -> Vec<Finding> {
        let earlier: Vec<Kept> = earlier
            .into_iter()
            .filter(|kept| kept.variant < arenas.len())
            .collect();
        let replayed = parallel_map(&earlier, settings.jobs, |kept| {
            let world = &arenas[kept.variant].world;
            (!stop.is_cancelled()).then(|| replay(world, &kept.cast, &kept.trace, Look::Blocks))
        });
        let mut fresh = Vec::new();
        for (kept, replayed) in earlier.into_iter().zip(replayed.into_iter().flatten()) {
            let mut trace = kept.trace.clone();
            trace.truncate(replayed.made);
            let played = Played {
                directory: kept.cast.actors.clone(),
                contracts: kept.cast.contracts.clone(),
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
                self.known.kept.push(kept);
            }
        }
        self.earlier = self.known.kept.len();
        fresh
    }

    /// Enters what came of a run. Returns what is broken that was not known to be.
    fn enter(
        &mut self,
        run: u64,
        variant: usize,
        origin: u64,
        played: Played,
        fresh: usize,
        observer: &mut dyn HuntObserver,
    ) -> Option<Finding> {
        self.hunt.progress.runs += 1;
        self.hunt.progress.transactions += played.trace.len() as u64;
        self.enter_played(run, variant, origin, played, fresh, observer)
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
        let cast = Cast {
            actors: played.directory,
            contracts: played.contracts,
        };
        let Some((broken, evidence)) = played.broken else {
            if is_new && self.known.kept.len() < MOST_KEPT {
                self.known.kept.push(Kept {
                    variant,
                    origin,
                    of_hunt: true,
                    cast,
                    trace: played.trace,
                });
            }
            return None;
        };
        let identity = broken.identity();
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
        let finding = Finding {
            broken,
            evidence,
            variant,
            cast,
            found_after: played.trace.len(),
            trace: played.trace,
            run,
            times: 1,
        };
        observer.found(&finding);
        Some(finding)
    }

    /// Shrinks what was found.
    fn shrink<P: Hunted>(
        &mut self,
        arenas: &[Arena<'_, P>],
        settings: &HuntSettings,
        fresh: Vec<Finding>,
        observer: &mut dyn HuntObserver,
    ) {
        let shrunk = parallel_map(&fresh, settings.jobs, |finding| {
            shrunk(&arenas[finding.variant].world, finding)
        });
        for finding in shrunk {
            observer.shrunk(&finding);
            self.hunt.findings.push(finding);
        }
    }
}

/// Plays the sequence of a run: a new one, or one that goes on from what covered something new. Returns the variant and the run
/// whose accounts it has, too.
fn play<P: Hunted>(arenas: &[Arena<'_, P>], seed: u64, run: u64, known: &Known) -> (usize, u64, Played) {
    let stream = |run: u64| StreamSeed::derive(seed, &format!("hunt/{}", run >> 32), run as u32);
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
    (variant, origin, sequence.play())
}

/// The same finding with a shorter trace.
fn shrunk<P: Hunted>(world: &World<P>, finding: &Finding) -> Finding {
    let identity = finding.broken.identity();
    let mut latest: Option<(Broken, Evidence)> = None;
    let look = match finding.evidence {
        Evidence::Transaction => Look::Transactions,
        _ => Look::End,
    };
    let same = |look: Look, trace: &[TracedTransaction]| {
        let replayed = replay(world, &finding.cast, trace, look);
        let broken = replayed.broken?;
        (broken.0.identity() == identity).then_some((broken, replayed.made))
    };
    let looks = [look, Look::Blocks];
    let Some(look) = looks
        .into_iter()
        .find(|look| same(*look, &finding.trace).is_some())
    else {
        return finding.clone();
    };
    let trace = shrink(&finding.trace, TRIES, &mut |candidate| {
        let (broken, made) = same(look, candidate)?;
        latest = Some(broken);
        Some(made)
    });
    // The latest that was tried may not be the best.
    let told = same(look, &trace).map(|(broken, _)| broken);
    let (broken, evidence) = told.unwrap_or_else(|| (finding.broken.clone(), finding.evidence.clone()));
    let ends = trace
        .iter()
        .flat_map(|transaction| [Some(transaction.from), transaction.to]);
    let mut named: Vec<Address> = ends.flatten().collect();
    named.sort_unstable();
    let mut cast = finding.cast.clone();
    cast.contracts
        .retain(|(account, _)| named.binary_search(account).is_ok());
    Finding {
        broken,
        evidence,
        trace,
        cast,
        ..finding.clone()
    }
}
