//! Lines that lie on each other: their colours alternate, so that none hides another.

/// Length of a dash in pixels.
const DASH: f64 = 9.0;
/// Points that are closer than this many pixels are one.
const NEAR: f64 = 1.5;

/// A place in pixels.
type Place = (f64, f64);

/// The strokes that each line is drawn with: from point to point, and where `n` lines share the way, every `n`th dash of it.
pub(super) fn strokes(lines: &[Vec<Place>]) -> Vec<Vec<[Place; 2]>> {
    let share = |line: &[Place], way: [Place; 2]| {
        line.windows(2)
            .any(|other| near(other[0], way[0]) && near(other[1], way[1]))
    };
    let of = |(number, line): (usize, &Vec<Place>)| {
        let mut strokes = Vec::new();
        for way in line.windows(2).map(|way| [way[0], way[1]]) {
            let sharing = |lines: &[Vec<Place>]| lines.iter().filter(|line| share(line, way)).count();
            strokes.extend(dashes(way, sharing(&lines[..number]), sharing(lines)));
        }
        strokes
    };
    lines.iter().enumerate().map(of).collect()
}

fn near(one: Place, other: Place) -> bool {
    (one.0 - other.0).abs() < NEAR && (one.1 - other.1).abs() < NEAR
}

/// Every `n`th dash of the way between two places, from the dash `first` on, counted from 0; all of it if `n` is 1.
fn dashes([from, to]: [Place; 2], first: usize, n: usize) -> Vec<[Place; 2]> {
    let length = (to.0 - from.0).hypot(to.1 - from.1);
    if n <= 1 || length <= 0.0 {
        return vec![[from, to]];
    }
    // All have at least one.
    let dash = DASH.min(length / n as f64);
    let at = |along: f64| {
        let share = (along / length).min(1.0);
        (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
    };
    let count = (length / dash).ceil() as usize;
    (first..count)
        .step_by(n)
        .map(|dash_number| {
            let begin = dash_number as f64 * dash;
            [at(begin), at(begin + dash)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::strokes;

    #[test]
    fn a_way_that_lines_share_is_divided_among_them() {
        let shared = vec![(0.0, 0.0), (90.0, 0.0)];
        let lines = [shared.clone(), vec![(0.0, 0.0), (90.0, 50.0)], shared];
        let drawn = strokes(&lines);
        let [first, alone, second] = &drawn[..] else {
            panic!("{drawn:?}");
        };
        assert_eq!(*alone, [[(0.0, 0.0), (90.0, 50.0)]]);
        assert_eq!((first.len(), second.len()), (5, 5));
        assert_eq!(first[0], [(0.0, 0.0), (9.0, 0.0)]);
        assert_eq!(second[0], [(9.0, 0.0), (18.0, 0.0)]);
        assert_eq!(second[4], [(81.0, 0.0), (90.0, 0.0)]);
    }

    #[test]
    fn a_short_way_shows_every_line() {
        let lines = vec![vec![(0.0, 0.0), (6.0, 0.0)]; 3];
        assert!(strokes(&lines).iter().all(|strokes| strokes.len() == 1));
        assert!(strokes(&[vec![(1.0, 1.0)], Vec::new()]).iter().all(Vec::is_empty));
    }
}
