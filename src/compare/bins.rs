//! Histogram bins of at most 0.1 % of their values, so that the values of many blocks take little room.

/// Leading bits of a value that its bin keeps; smaller values have a bin each.
const BITS: u32 = 11;
const HALF: u32 = 1 << (BITS - 1);

/// The bin of a value. Larger values are in the same bin or a higher one.
pub(super) const fn bin(value: u64) -> u32 {
    let length = u64::BITS - value.leading_zeros();
    let shift = length.saturating_sub(BITS);
    shift * HALF + (value >> shift) as u32
}

/// The middle of a bin: within 0.05 % of every value in it.
pub(super) fn middle(bin: u32) -> f64 {
    let shift = (bin / HALF).saturating_sub(1);
    let low = u64::from(bin - shift * HALF) << shift;
    low as f64 + ((1_u64 << shift) - 1) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_in_the_order_of_values_and_close_to_them() {
        let mut last = 0;
        for value in (0..5_000).chain((13..63).flat_map(|bits| {
            let power = 1_u64 << bits;
            [power - 1, power, power + power / 3]
        })) {
            let found = bin(value);
            assert!(found >= last, "{value}");
            last = found;
            let error = (middle(found) - value as f64).abs();
            assert!(error <= value as f64 / 2_000.0, "{value}: {}", middle(found));
        }
        assert_eq!((bin(0), middle(bin(2_047))), (0, 2_047.0));
    }
}
