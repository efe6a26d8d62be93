//! Effect size and rank test: the tendency of candidate values to be larger than the other's.

use statrs::stats_tests::{
    Alternative,
    mannwhitneyu::{MannWhitneyUMethod, mannwhitneyu},
};

use super::{batches::Batches, sample::Values};

/// Cliff's delta: the probability that a value of `new` is larger than one of `base`, less the probability that it is
/// smaller; −1 to 1 (N. Cliff, "Dominance statistics", Psychological Bulletin 114, 1993). `None` if one is empty.
pub(super) fn cliffs_delta(base: &Values, new: &Values) -> Option<f64> {
    if base.count == 0 || new.count == 0 {
        return None;
    }
    let mut below = 0_u64;
    let mut of_base = base.bins.iter().peekable();
    let (mut larger, mut smaller) = (0.0, 0.0);
    for (bin, values) in &new.bins {
        while let Some((_, smaller)) = of_base.next_if(|(other, _)| *other < bin) {
            below += smaller.count;
        }
        let equal = of_base.peek().filter(|(other, _)| *other == bin);
        let equal = equal.map_or(0, |(_, equal)| equal.count);
        larger += values.count as f64 * below as f64;
        smaller += values.count as f64 * (base.count - below - equal) as f64;
    }
    Some((larger - smaller) / (base.count as f64 * new.count as f64))
}

/// The p-value of the two-sided Mann–Whitney test on the medians of batches, which are as good as independent; single
/// values are not. `None` if baseline or candidate has fewer than two.
pub(super) fn p_value(base: &Batches, new: &Batches) -> Option<f64> {
    let medians = |batches: &Batches| -> Vec<u32> {
        let all = batches.runs.iter().flatten();
        all.filter_map(|batch| batch.quantile_bin(0.5)).collect()
    };
    let (base, new) = (medians(base), medians(new));
    if base.len() < 2 || new.len() < 2 {
        return None;
    }
    let method = MannWhitneyUMethod::AsymptoticInclContinuityCorrection;
    let (_, p) = mannwhitneyu(&new, &base, method, Alternative::TwoSided).ok()?;
    // Batches that are all alike leave nothing to rank.
    Some(if p.is_nan() { 1.0 } else { p })
}

/// The p-values of several tests, so that the probability of a false positive in any of them is no more than the level
/// that they are held against (S. Holm, Scandinavian Journal of Statistics 6, 1979). What was not tested stays so.
pub(super) fn holm(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut order: Vec<usize> = (0..p_values.len())
        .filter(|index| p_values[*index].is_some())
        .collect();
    let at = |index: usize| p_values[index].unwrap_or(1.0);
    order.sort_by(|a, b| at(*a).total_cmp(&at(*b)));
    let mut adjusted = vec![None; p_values.len()];
    let mut largest = 0.0_f64;
    for (place, index) in order.iter().enumerate() {
        largest = largest.max((at(*index) * (order.len() - place) as f64).min(1.0));
        adjusted[*index] = Some(largest);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::sample::Sample;
    use crate::time::Micros;

    fn values(values: &[u64]) -> Values {
        let mut sample = Sample::new(Micros(1));
        values.iter().for_each(|value| sample.record(Micros(0), *value));
        sample.batches(1).pop().unwrap_or_default()
    }

    #[test]
    fn the_effect_is_how_often_one_is_larger() {
        for (base, new, delta) in [
            (&[1, 2, 3][..], &[4, 5][..], Some(1.0)),
            (&[4, 5], &[1, 2, 3], Some(-1.0)),
            (&[1, 2, 3], &[1, 2, 3], Some(0.0)),
            (&[1, 2], &[2, 2], Some(0.5)),
            (&[], &[2], None),
        ] {
            assert_eq!(cliffs_delta(&values(base), &values(new)), delta);
        }
    }

    /// The example of Holm's method in R: `p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm")`.
    #[test]
    fn p_values_are_adjusted_as_r_does() {
        let adjusted = holm(&[Some(0.04), None, Some(0.01), Some(0.03), Some(0.02)]);
        let expected = [Some(0.06), None, Some(0.04), Some(0.06), Some(0.06)];
        for (found, expected) in adjusted.iter().zip(expected) {
            assert_eq!(
                found.map(|p| (p * 1e9).round()),
                expected.map(|p: f64| (p * 1e9).round())
            );
        }
    }
}
