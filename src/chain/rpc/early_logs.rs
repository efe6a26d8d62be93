//! Logs that a node announces before the block that holds them, or with it.

use super::{announcements::Head, event::EarlyLog};
use crate::{chain::Log, time::Micros};

/// The latest announced block, and logs of later ones. Nodes differ in which they announce first.
#[derive(Debug, Default)]
pub(super) struct EarlyLogs {
    head: Option<(Head, Micros)>,
    /// Whether the latest block follows the one that was announced before it: otherwise nothing of it is reported early.
    pub(super) follows: bool,
    /// Logs of blocks that are not announced yet, with their numbers.
    waiting: Vec<(u64, Log)>,
}

impl EarlyLogs {
    /// A block was announced.
    pub(super) fn head(&mut self, head: Head, at: Micros, report: impl Fn(EarlyLog)) {
        let before = self.head.replace((head, at));
        self.follows = before.is_none_or(|(before, _)| before.id.hash == head.parent_hash);
        for (number, log) in std::mem::take(&mut self.waiting) {
            self.log(number, log, &report);
        }
    }

    /// Reports a log of the latest block and keeps one of a later. One of an earlier block is left to be read with it.
    pub(super) fn log(&mut self, number: u64, log: Log, report: impl Fn(EarlyLog)) {
        match self.head {
            Some((head, at)) if head.id.number == number => {
                if self.follows {
                    report(EarlyLog {
                        log,
                        block_number: number,
                        seen: at,
                        block_timestamp: head.timestamp,
                    });
                }
            }
            Some((head, _)) if head.id.number > number => {}
            _ => self.waiting.push((number, log)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use alloy::primitives::{Address, B256, Bytes};

    use super::*;
    use crate::chain::rpc::header::BlockId;

    fn head(number: u8, parent: u8) -> Head {
        Head {
            id: BlockId {
                number: number.into(),
                hash: B256::repeat_byte(number),
            },
            parent_hash: B256::repeat_byte(parent),
            timestamp: 1000 + u64::from(number),
        }
    }

    #[test]
    fn a_priority_log_is_reported_as_seen_with_its_block_whichever_is_announced_first() {
        let reported = RefCell::new(Vec::new());
        let report = |log: EarlyLog| reported.borrow_mut().push((log.seen.0, log.block_timestamp));
        let log = || Log {
            index: 0,
            address: Address::ZERO,
            topics: Vec::new(),
            data: Bytes::new(),
        };
        let mut early = EarlyLogs::default();
        early.log(7, log(), report);
        assert!(reported.borrow().is_empty());
        early.head(head(7, 6), Micros(70), report);
        early.log(7, log(), report);
        early.log(8, log(), report);
        // Late: its block is read by now, or about to be.
        early.log(6, log(), report);
        assert_eq!(*reported.borrow(), [(70, 1007), (70, 1007)]);
        early.head(head(8, 7), Micros(80), report);
        assert_eq!(reported.borrow().last(), Some(&(80, 1008)));
        // A block that was never announced takes its logs along.
        early.log(9, log(), report);
        early.head(head(10, 9), Micros(100), report);
        assert_eq!(reported.borrow().len(), 3);
        // It does not follow the one before it: what led to it is not known.
        early.log(10, log(), report);
        assert_eq!(reported.borrow().len(), 3);
    }
}
