//! Tasks that run side by side: however their events are interleaved, and whichever miners drop out, no invariant
//! breaks and every task is counted where it stands.

use proptest::{prelude::*, sample::Index};
use taskstorm::protocol::{REFERENCE, TaskPhase};

use super::history::{
    Entry, acked, assigned, commit_ended, committed, created, ended, enter, miner, precommit_ended,
    precommitted, queued, result, task,
};

/// How far each of a task's miners goes: 0 silent, 1 acks, 2 precommits, 3 commits.
type Zeal = Vec<u8>;

/// A correct history of a task whose miners go this far, and whose oracle closes what they leave open; the submission
/// apart, since ids are given in its order.
fn history(session: u64, zeal: &Zeal) -> Vec<Entry> {
    let key = task(session, 0);
    let reach = |step: u8| {
        let miners = (1..).zip(zeal);
        miners
            .filter(move |(_, zeal)| **zeal >= step)
            .map(|(number, _)| miner(number))
    };
    let committers: Vec<_> = reach(3).collect();
    let mut entries: Vec<Entry> = reach(1).map(|miner| acked(key, miner)).collect();
    entries.extend(reach(2).map(|miner| precommitted(key, miner)));
    if reach(2).next().is_some() {
        entries.push(precommit_ended(key));
        entries.extend(committers.iter().map(|miner| committed(key, *miner)));
        entries.push(commit_ended(key));
    }
    entries.push(ended(key, &committers));
    let results = committers.iter().map(|miner| (*miner, result(*miner))).collect();
    entries.push(Entry::Results(key, results));
    entries
}

fn shuffled(tasks: &[Zeal], choices: &[Index]) -> Vec<Entry> {
    let mut whole = Vec::new();
    for (session, zeal) in (0..).zip(tasks) {
        let miners: Vec<_> = (1..=zeal.len() as u8).map(miner).collect();
        whole.extend([
            created(session, &miners, false),
            queued(task(session, 0), session),
        ]);
        whole.push(assigned(task(session, 0), &miners));
    }
    let mut open: Vec<_> = (0..)
        .zip(tasks)
        .map(|(session, zeal)| history(session, zeal).into_iter())
        .collect();
    let mut choices = choices.iter().cycle();
    while !open.is_empty() {
        let chosen = choices.next().map_or(0, |choice| choice.index(open.len()));
        match open[chosen].next() {
            Some(entry) => whole.push(entry),
            None => drop(open.remove(chosen)),
        }
    }
    whole.extend((0..).zip(tasks).map(|(session, _)| Entry::Count(session, 1)));
    whole
}

proptest! {
    #[test]
    fn no_correct_interleaving_breaks_an_invariant(
        tasks in prop::collection::vec(prop::collection::vec(0_u8..=3, 1..5), 1..6),
        choices in prop::collection::vec(any::<Index>(), 1..100),
        kept in any::<Index>(),
    ) {
        let whole = shuffled(&tasks, &choices);
        let (ledger, violations) = enter(&whole);
        prop_assert_eq!(violations, vec![]);
        prop_assert_eq!(ledger.in_phase(TaskPhase::ENDED), tasks.len() as u64);

        // Stopped anywhere, each task stands in exactly one phase.
        let (mut ledger, violations) = enter(&whole[..kept.index(whole.len())]);
        let violations: Vec<_> = violations.into_iter().filter(|v| v.task.is_some()).collect();
        prop_assert_eq!(violations, vec![]);
        let standing: u64 = REFERENCE.task_phases.iter().map(|phase| ledger.in_phase(*phase)).sum();
        let open = ledger.close_all();
        prop_assert_eq!(standing, open.len() as u64);
        let ids: Vec<u64> = open.iter().map(|task| task.global_id).collect();
        prop_assert!(ids.is_sorted());
    }
}
