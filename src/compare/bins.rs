//! Histogram bins of at most 0.1 % of their values, so that the values of many blocks take little room.

/// Leading bits of a value that its bin keeps; smaller values have a bin each.
const BITS: u32 = 11;
const HALF: u32 = 1 << (BITS - 1);

/// How wide a bin is at most, over its values: a percentile is known to within as much.
pub(super) const RESOLUTION: f64 = 1.0 / HALF as f64;

/// The bin of a value. Larger values are in the same bin or a higher one.
pub(super) const fn bin(value: u64) -> u32 {
    let length = u64::BITS - value.leading_zeros();
    let shift = length.saturating_sub(BITS);
    shift * HALF + (value >> shift) as u32
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
            // One that is more than 0.1 % larger is in another bin.
            assert!(bin(value + value / 1_000 + 1) > found, "{value}");
        }
        assert_eq!((bin(0), bin(2_047)), (0, 2_047));
    }
}
