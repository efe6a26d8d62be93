//! Shrinking: fewer transactions that break the same.
//!
//! Transactions are left out in ever smaller pieces (delta debugging; Zeller and Hildebrandt, "Simplifying and isolating
//! failure-inducing input", 2002). Those that stay keep their blocks and times: what happens later does not happen earlier
//! because something before it, reverted or not, is gone. Then time that nothing needs is taken out.

use super::TracedTransaction;

/// Whether a trace still breaks the same, and after how many of its transactions.
pub(super) type Still<'a> = dyn FnMut(&[TracedTransaction]) -> Option<usize> + 'a;

/// The shortest trace found that `still` breaks the same, at most after so many tries. The trace that is given must.
pub(super) fn shrink(
    trace: &[TracedTransaction],
    tries: usize,
    still: &mut Still<'_>,
) -> Vec<TracedTransaction> {
    let mut search = Search {
        best: trace.to_vec(),
        left: tries,
        still,
    };
    search.leave_out();
    search.take_out_time();
    search.leave_out();
    search.best
}

struct Search<'a, 'b> {
    best: Vec<TracedTransaction>,
    left: usize,
    still: &'a mut Still<'b>,
}

impl Search<'_, '_> {
    /// Whether a candidate breaks the same; then it is the best, without what follows.
    fn try_this(&mut self, mut candidate: Vec<TracedTransaction>) -> bool {
        if self.left == 0 || candidate.is_empty() {
            return false;
        }
        self.left -= 1;
        match (self.still)(&candidate) {
            Some(made) => {
                candidate.truncate(made);
                self.best = candidate;
                true
            }
            None => false,
        }
    }

    /// Leaves out pieces of half the trace, then of a quarter, and so on; of one transaction as long as that helps.
    fn leave_out(&mut self) {
        let mut size = self.best.len().div_ceil(2);
        while size > 0 && self.left > 0 {
            let mut helped = false;
            // From the end: what is late depends on what is early.
            let mut end = self.best.len();
            while end > 0 {
                let begin = end.saturating_sub(size);
                let kept = [&self.best[..begin], &self.best[end.min(self.best.len())..]].concat();
                if self.try_this(kept) {
                    helped = true;
                }
                end = begin.min(self.best.len());
            }
            if size > 1 {
                size = size.div_ceil(2).min(size - 1);
            } else if !helped {
                break;
            }
        }
    }

    /// Moves what follows a pause closer, and numbers the blocks anew.
    fn take_out_time(&mut self) {
        for place in (1..self.best.len()).rev() {
            let pause = |trace: &[TracedTransaction]| {
                let before = trace.get(place.wrapping_sub(1))?;
                Some(trace.get(place)?.timestamp - before.timestamp)
            };
            for rest in [0, 1] {
                match pause(&self.best) {
                    Some(found) if found > rest => {
                        let mut closer = self.best.clone();
                        for transaction in &mut closer[place..] {
                            transaction.timestamp -= found - rest;
                        }
                        if self.try_this(closer) {
                            break;
                        }
                    }
                    _ => break,
                }
            }
        }
        let mut numbered = self.best.clone();
        let (mut number, mut before) = (0, None);
        for transaction in &mut numbered {
            if before != Some(transaction.block) {
                number += 1;
            }
            before = Some(transaction.block);
            transaction.block = number;
        }
        self.try_this(numbered);
    }
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, Bytes, U256};

    use super::*;

    fn transaction(number: u8, timestamp: u64) -> TracedTransaction {
        TracedTransaction {
            block: u64::from(number),
            timestamp,
            from: Address::with_last_byte(number),
            to: None,
            value: U256::ZERO,
            input: Bytes::new(),
            refuse: None,
            kind: String::new(),
            note: None,
        }
    }

    fn senders(trace: &[TracedTransaction]) -> Vec<u8> {
        trace.iter().map(|transaction| transaction.from[19]).collect()
    }

    #[test]
    fn only_what_is_needed_stays() {
        let trace: Vec<_> = (1..=40)
            .map(|number| transaction(number, u64::from(number)))
            .collect();
        let needed = [3, 17, 31];
        let shrunk = shrink(&trace, 1_000, &mut |candidate| {
            let found = senders(candidate);
            let all = needed.iter().all(|number| found.contains(number));
            let last = found.iter().position(|number| *number == 31)?;
            all.then_some(last + 1)
        });
        assert_eq!(senders(&shrunk), needed);
        assert_eq!(
            shrunk
                .iter()
                .map(|transaction| transaction.block)
                .collect::<Vec<_>>(),
            [1, 2, 3]
        );
    }

    #[test]
    fn time_that_is_needed_stays_though_what_passed_it_goes() {
        let trace: Vec<_> = [(1, 0), (2, 50), (3, 100)]
            .map(|(number, at)| transaction(number, at))
            .to_vec();
        // The last must come at least 60 seconds after the first.
        let shrunk = shrink(&trace, 1_000, &mut |candidate| {
            let [first, .., last] = candidate else { return None };
            let needed = first.from[19] == 1 && last.from[19] == 3;
            (needed && last.timestamp >= first.timestamp + 60).then_some(candidate.len())
        });
        assert_eq!(senders(&shrunk), [1, 3]);
        assert_eq!(shrunk[1].timestamp - shrunk[0].timestamp, 100);
    }
}
