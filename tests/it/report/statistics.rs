//! Percentiles against a naive computation.

use proptest::{collection::vec, prelude::*};
use taskstorm::{
    protocol::{Function, Phase},
    record::{Distribution, Record, TxRecord},
    time::Micros,
};

use super::sample::{facts, result, transaction};

/// The smallest value that at least the share `quantile` of the sorted values does not exceed.
fn nearest_rank(sorted: &[u64], quantile: f64) -> u64 {
    let rank = (quantile * sorted.len() as f64).ceil() as usize;
    sorted[rank.max(1) - 1]
}

fn close(measured: u64, exact: u64) -> bool {
    measured.abs_diff(exact) <= exact / 1000
}

proptest! {
    #[test]
    fn statistics_equal_a_naive_computation(mut values in vec(0..1_u64 << 40, 1..500)) {
        let mut distribution = Distribution::default();
        values.iter().for_each(|value| distribution.record(*value));
        let stats = distribution.stats().unwrap();
        values.sort_unstable();

        let count = values.len() as f64;
        let sum: u128 = values.iter().map(|value| u128::from(*value)).sum();
        let mean = sum as f64 / count;
        let variance = values.iter().map(|value| (*value as f64 - mean).powi(2)).sum::<f64>() / count;
        prop_assert_eq!((stats.count, stats.min, stats.max), (values.len() as u64, values[0], values[values.len() - 1]));
        prop_assert!((stats.mean - mean).abs() <= 0.001);
        prop_assert!((stats.stddev - variance.sqrt()).abs() <= 0.001 + variance.sqrt() * 1e-9);
        for (quantile, measured) in
            [(0.5, stats.p50), (0.9, stats.p90), (0.95, stats.p95), (0.99, stats.p99), (0.999, stats.p99_9)]
        {
            let exact = nearest_rank(&values, quantile);
            prop_assert!(close(measured, exact), "p{quantile}: {measured}, not {exact}");
        }
    }

    #[test]
    fn gas_percentiles_are_exact(mut values in vec(21_000..3_000_000_u64, 1..300)) {
        let records: Vec<Record> = values
            .iter()
            .map(|gas| TxRecord { gas_used: Some(*gas), ..transaction(0, Function::ACK, Micros(0), 1) })
            .map(Record::Transaction)
            .collect();
        let (result, _) = result(&records, facts());
        values.sort_unstable();
        let stats = result.phases[&Phase::ACK].gas_used.unwrap();
        for (quantile, measured) in [(0.5, stats.p50), (0.9, stats.p90), (0.99, stats.p99), (0.999, stats.p99_9)] {
            prop_assert_eq!(measured, nearest_rank(&values, quantile));
        }
        prop_assert_eq!(result.functions[&Function::ACK].gas_used, Some(stats));
    }
}
