//! Parallel map over seeds or other items, on all cores.

use std::{num::NonZero, thread};

use rayon::{
    ThreadPoolBuilder,
    iter::{ParallelBridge as _, ParallelIterator as _},
};

/// Does `work` with every seed, as many at once as there are cores, and returns what came of it in the order of
/// `seeds`, whichever was done first.
pub fn parallel_map_seeds<T: Send>(seeds: &[u64], work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let cores = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    parallel_map(seeds, cores, |seed| work(*seed))
}

/// Does `work` with every item, `jobs` at once, and returns what came of it in the order of `items`, whichever was done
/// first; they are begun in that order. What can be done in parallel within an item shares the threads of all.
pub fn parallel_map<I: Sync, T: Send>(
    items: &[I],
    jobs: NonZero<usize>,
    work: impl Fn(&I) -> T + Sync,
) -> Vec<T> {
    let threads = jobs.get().min(items.len()).max(1);
    let Ok(pool) = ThreadPoolBuilder::new().num_threads(threads).build() else {
        // The system has no threads left.
        return items.iter().map(work).collect();
    };
    let mut done: Vec<(usize, T)> = pool.install(|| {
        let each = items.iter().enumerate().par_bridge();
        each.map(|(index, item)| (index, work(item))).collect()
    });
    done.sort_unstable_by_key(|(index, _)| *index);
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
