//! Task times with and without faults, and when faults struck and tasks recovered.

use super::{
    canvas::{Align, Canvas, Frame, Heading, Key, Type, draw},
    colour::Colour,
    data::ChartData,
    panel::{Axis, Panel, nothing},
    picture::Picture,
    scale::{percent, time_unit},
};
use crate::{
    format::human,
    record::{FaultsResult, TaskTimes},
    time::Micros,
};

/// Colours of task times with faults and without.
const COLOURS: [Colour; 2] = [Colour::Vermilion, Colour::Blue];
/// Faults that have a line of their own in the second panel.
const LINES: usize = 8;
/// Longest name of a fault in it, in characters.
const NAME: usize = 40;
/// Height of a line in it, in pixels.
const LINE: f64 = 26.0;

/// The chart; `None` of a run in which no faults were asked for.
pub(super) fn picture(data: &ChartData<'_>) -> Option<Picture> {
    let faults = data
        .result
        .faults
        .as_ref()
        .filter(|faults| !faults.faults.is_empty())?;
    let mut key = vec![Key::new("with faults", COLOURS[0])];
    key.extend(
        faults
            .sensitivity
            .as_ref()
            .map(|_| Key::new("without", COLOURS[1])),
    );
    key.push(Key::new("fault", Colour::Grey));
    key.push(Key::new("recovering", Colour::Orange));
    let heading = Heading {
        name: "faults",
        title: "Task time with and without faults, and recovery",
        run: &data.run(),
        reading: "Share of the tasks asked for that ended within a time: the area between the lines is the sensitivity. Below: when \
                  faults struck, and how long until tasks ended as fast as before.",
        key: &key,
    };
    let lines = faults.faults.len().min(LINES) as f64;
    let height = 460.0 + 70.0 + LINE * lines;
    Some(draw(&heading, height, |canvas, frame| {
        let border = frame.bottom - 70.0 - LINE * lines;
        distributions(
            canvas,
            Frame {
                bottom: border,
                ..frame
            },
            faults,
        );
        let below = Frame {
            top: border + 10.0,
            ..frame
        };
        windows(canvas, below, faults, data.result.duration_us);
    }))
}

/// The cumulative distributions of task times.
fn distributions(canvas: &Canvas<'_>, frame: Frame, faults: &FaultsResult) {
    let baseline = faults
        .sensitivity
        .as_ref()
        .map(|sensitivity| &sensitivity.baseline);
    let longest = faults
        .task_times
        .longest_us()
        .max(baseline.map_or(0, TaskTimes::longest_us));
    if longest == 0 {
        return nothing(canvas, frame, "No task ended.");
    }
    let (unit, name) = time_unit(longest as f64);
    let panel = Panel::draw(
        canvas,
        frame,
        &Axis::from_zero(longest as f64 / unit, 10, format!("task time ({name})")),
        &Axis::from_zero(1.0, 5, "share of tasks").labelled(percent),
    );
    let curves = [Some(&faults.task_times), baseline].into_iter().zip(COLOURS);
    for (times, colour) in curves.filter_map(|(times, colour)| Some((times?, colour))) {
        let ended = times.ended as f64 / times.offered.max(1) as f64;
        let mut points = vec![(0.0, 0.0)];
        let mut before = 0.0;
        for (percent, time) in times.percentiles_us.iter().enumerate() {
            let (time, share) = (*time as f64 / unit, ended * percent as f64 / 100.0);
            points.extend([(time, before), (time, share)]);
            before = share;
        }
        points.push((longest as f64 / unit, before));
        panel.line(points, colour, 2.4);
    }
}

/// When faults struck and how long tasks took to recover, a line for each fault.
fn windows(canvas: &Canvas<'_>, frame: Frame, faults: &FaultsResult, duration: Micros) {
    let (unit, name) = time_unit(duration.0 as f64);
    let shown = faults.faults.len().min(LINES);
    let caption = format!("time since the start of the run ({name})");
    let panel = Panel::draw(
        canvas,
        frame,
        &Axis::from_zero(duration.0 as f64 / unit, 10, caption),
        &Axis::from_zero(shown as f64, 1, "faults").labelled(|_| String::new()),
    );
    let room = (panel.frame.bottom - panel.frame.top) / shown as f64;
    for (line, fault) in faults.faults.iter().take(LINES).enumerate() {
        let top = panel.frame.top + room * line as f64;
        let (top, bottom) = (top + 4.0, top + room - 4.0);
        let bar = |from: Micros, to: Micros, colour| {
            let left = panel.x(from.0 as f64 / unit);
            let right = panel.x(to.0 as f64 / unit).max(left + 2.0);
            canvas.rectangle(left, top, right, bottom, colour, 0.8);
        };
        for (from, to) in &fault.windows_us {
            bar(*from, *to, Colour::Grey);
        }
        let recovering = faults
            .recovery
            .iter()
            .filter(|recovery| recovery.fault == fault.fault);
        for recovery in recovering {
            match recovery.recovered_after_us {
                Some(0) => {}
                Some(time) => bar(
                    recovery.from_us,
                    Micros(recovery.from_us.0 + time),
                    Colour::Orange,
                ),
                None => bar(recovery.from_us, duration, Colour::Orange),
            }
        }
        let text = format!(
            "{} · {}",
            human::one_line(&fault.fault, NAME),
            human::count(fault.count)
        );
        let style = Type::LABEL.aligned(Align::Left);
        canvas.text(panel.frame.left + 6.0, (top + bottom) / 2.0, &text, style);
    }
}
