//! MSER-5: finds where a series becomes steady.

/// Values in a batch.
const BATCH: usize = 5;
/// Batches below which nothing is decided.
const FEWEST: usize = 10;
/// Truncations that leave fewer batches than this are not looked at: of so few, some are alike by chance.
const LEFT: usize = 5;

/// How many of the first `values` to leave out so that the rest are steady; a multiple of five.
///
/// MSER-5 (White, "An effective truncation heuristic for bias reduction in simulation output", 1997; White, Cobb and
/// Spratt, 2000): of the means of batches of five, the first *d* are left out, with the *d* that minimises the marginal
/// standard error, the sum of squared differences of the rest from their mean over the square of their number. Where it
/// lies in the second half, the series is too short to tell, or not steady at all.
///
/// # Errors
/// Why no steady part was found.
pub fn mser5(values: &[u64]) -> Result<usize, String> {
    let means: Vec<f64> = values
        .chunks_exact(BATCH)
        .map(|batch| batch.iter().map(|value| *value as f64).sum::<f64>() / BATCH as f64)
        .collect();
    let n = means.len();
    if n < FEWEST {
        return Err(format!(
            "{} tasks ended, and MSER-5 wants at least {}",
            values.len(),
            FEWEST * BATCH
        ));
    }
    // From the end: the mean and the sum of squared differences of all batches from `d` on (Welford).
    let (mut mean, mut squares) = (0.0, 0.0);
    let mut best = (f64::INFINITY, 0);
    for d in (0..n).rev() {
        let count = (n - d) as f64;
        let difference = means[d] - mean;
        mean += difference / count;
        squares += difference * (means[d] - mean);
        let error = squares / (count * count);
        // Of equal errors the one that keeps most.
        if n - d >= LEFT && error <= best.0 {
            best = (error, d);
        }
    }
    if best.1 > n / 2 {
        return Err(format!(
            "the standard error is smallest without the first {} of {} tasks, which is more than half",
            best.1 * BATCH,
            values.len()
        ));
    }
    Ok(best.1 * BATCH)
}
