//! Values → places on an axis, and where its ticks stand.

/// An axis from 0 to 1 and the values along it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// Equal steps.
    Linear { from: f64, to: f64 },
    /// Equal factors; both ends are above 0.
    Log { from: f64, to: f64 },
    /// Percentiles as HdrHistogram plots them: every further nine takes the same room. From 0 up to this many nines.
    Nines { to: f64 },
}

impl Scale {
    /// A linear axis from 0 that ends with a tick at or above `most`.
    pub(super) fn from_zero(most: f64, ticks: usize) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let step = nice_step(most / ticks as f64);
        Self::Linear {
            from: 0.0,
            to: (most / step - 1e-9).ceil() * step,
        }
    }

    /// A linear axis with these ends.
    pub(super) const fn between(from: f64, to: f64) -> Self {
        Self::Linear { from, to }
    }

    /// A logarithmic axis over whole powers of ten around these values.
    pub(super) fn log(least: f64, most: f64) -> Self {
        let least = least.max(1e-9);
        let from = 10_f64.powf(least.log10().floor());
        Self::Log {
            from,
            to: 10_f64.powf(most.max(from * 1.001).log10().ceil()),
        }
    }

    /// A percentile axis for this many values: up to where one value in all lies above.
    pub(super) fn nines(count: u64) -> Self {
        Self::Nines {
            to: (count.max(10) as f64).log10(),
        }
    }

    /// The place of a value; values beyond an end stand at it.
    pub(super) fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear { from, to } => (value - from) / (to - from),
            Self::Log { from, to } => (value.max(from).ln() - from.ln()) / (to.ln() - from.ln()),
            Self::Nines { to } => -(1.0 - value).max(1e-12).log10() / to,
        };
        if place.is_nan() {
            0.0
        } else {
            place.clamp(0.0, 1.0)
        }
    }

    /// The values at which ticks stand, about as many as `wanted`.
    pub(super) fn ticks(self, wanted: usize) -> Vec<f64> {
        match self {
            Self::Linear { from, to } => {
                let step = nice_step((to - from) / wanted.max(1) as f64);
                let first = (from / step - 1e-9).ceil();
                (0..=wanted * 3)
                    .map(|number| (first + number as f64) * step)
                    .take_while(|value| *value <= to + step * 1e-6)
                    .collect()
            }
            Self::Log { from, to } => {
                let decades = (to / from).log10().round() as i32;
                let digits: &[f64] = if decades <= 2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
                (0..=decades)
                    .flat_map(|power| digits.iter().map(move |digit| from * digit * 10_f64.powi(power)))
                    .filter(|value| *value <= to * 1.000_001)
                    .collect()
            }
            Self::Nines { to } => {
                let mut ticks = vec![0.0, 0.5];
                ticks.extend((1..=to.floor() as i32).map(|nines| 1.0 - 10_f64.powi(-nines)));
                ticks
            }
        }
    }
}

/// 1, 2 or 5 times a power of ten, not below `least`.
fn nice_step(least: f64) -> f64 {
    if !(least.is_finite() && least > 0.0) {
        return 1.0;
    }
    let power = 10_f64.powf(least.log10().floor());
    let digit = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|digit| digit * power >= least * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * power
}

/// A number on an axis: as many decimals as it needs, up to three, with thousands separators. Below 0.1 it has up to
/// three significant digits.
pub(super) fn number(value: f64) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:e}");
    }
    let text = match value.abs() {
        small if small > 0.0 && small < 0.1 => crate::format::human::significant(small),
        large => format!("{large:.3}"),
    };
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let whole = crate::format::human::count(whole.parse().unwrap_or_default());
    let decimals = decimals.trim_end_matches('0');
    let sign = if value < 0.0 { "\u{2212}" } else { "" };
    if decimals.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{decimals}")
    }
}

/// A percentile: `50 %`, `99.9 %`.
pub(super) fn percent(share: f64) -> String {
    let nines = (-(1.0 - share).max(1e-12).log10()).round() as usize;
    let decimals = nines.saturating_sub(2);
    format!("{:.decimals$} %", share * 100.0)
}

/// The unit that suits times up to this many µs: how many µs it has, and its name.
pub(super) const fn time_unit(most_us: f64) -> (f64, &'static str) {
    match most_us {
        ..2e3 => (1.0, "µs"),
        2e3..2e6 => (1e3, "ms"),
        2e6..300e6 => (1e6, "s"),
        300e6..10_800e6 => (60e6, "min"),
        _ => (3600e6, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_end_with_a_tick() {
        for (most, end) in [
            (0.0, 1.0),
            (9.0, 10.0),
            (10.0, 10.0),
            (10.1, 15.0),
            (0.37, 0.4),
            (1.0, 1.0),
        ] {
            let Scale::Linear { to, .. } = Scale::from_zero(most, 5) else {
                panic!("linear");
            };
            assert!((to - end).abs() < 1e-9, "{most}: {to}");
            let ticks = Scale::from_zero(most, 5).ticks(5);
            assert!((ticks.last().unwrap() - to).abs() < 1e-9, "{ticks:?}");
        }
    }

    #[test]
    fn every_nine_takes_the_same_room() {
        let scale = Scale::nines(1000);
        assert_eq!(scale.ticks(9), [0.0, 0.5, 0.9, 0.99, 0.999]);
        for (share, place) in [
            (0.0, 0.0),
            (0.9, 1.0 / 3.0),
            (0.99, 2.0 / 3.0),
            (0.999, 1.0),
            (1.0, 1.0),
        ] {
            assert!((scale.place(share) - place).abs() < 1e-9, "{share}");
        }
        let labels: Vec<_> = scale.ticks(9).into_iter().map(percent).collect();
        assert_eq!(labels, ["0 %", "50 %", "90 %", "99 %", "99.9 %"]);
    }

    #[test]
    fn numbers_have_the_decimals_that_they_need() {
        for (value, text) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (0.0002, "0.0002"),
            (0.0012, "0.0012"),
            (-0.05, "\u{2212}0.05"),
            (1234.5, "1,234.5"),
            (2e6, "2,000,000"),
            (-3.0, "\u{2212}3"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
