//! One piece of work per seed, on all cores.

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
pub fn each_seed<T: Send>(seeds: &[u64], work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let workers = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(seeds.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(seeds.len()));
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = work(*seed);
                    done.lock()
                        .unwrap_or_else(|poisoned| poisoned.into_inner())
                        .push((*seed, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    done.sort_by_key(|(seed, _)| seeds.iter().position(|s| s == seed));
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::each_seed;

    #[test]
    fn results_come_in_the_order_of_the_seeds() {
        let seeds: Vec<u64> = (0..100).rev().collect();
        assert_eq!(
            each_seed(&seeds, |seed| seed * 2),
            seeds.iter().map(|seed| seed * 2).collect::<Vec<_>>()
        );
        assert_eq!(each_seed(&[], |seed| seed), [0; 0]);
    }
}
