//! Parallel map over seeds or other items, on all cores.

use std::{
    num::NonZero,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Does `work` with every seed, as many at once as there are cores, and returns what came of it in the order of
/// `seeds`, whichever was done first.
pub fn parallel_map_seeds<T: Send>(seeds: &[u64], work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    parallel_map(seeds, cores, |seed| work(*seed))
}

/// Does `work` with every item, `jobs` at once, and returns what came of it in the order of `items`, whichever was done
/// first.
pub fn parallel_map<I: Sync, T: Send>(
    items: &[I],
    jobs: NonZero<usize>,
    work: impl Fn(&I) -> T + Sync,
) -> Vec<T> {
    let workers = jobs.get().min(items.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    done.lock()
                        .unwrap_or_else(|poisoned| poisoned.into_inner())
                        .push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::parallel_map_seeds;

    #[test]
    fn results_come_in_the_order_of_the_seeds() {
        let seeds: Vec<u64> = (0..100).rev().collect();
        assert_eq!(
            parallel_map_seeds(&seeds, |seed| seed * 2),
            seeds.iter().map(|seed| seed * 2).collect::<Vec<_>>()
        );
        assert_eq!(parallel_map_seeds(&[], |seed| seed), [0; 0]);
    }
}
