//! A waterfall of the slowest tasks: where each spent its time.

use super::{
    canvas::{Align, Frame, Heading, Key, Type, draw},
    colour::Colour,
    data::{ChartData, SlowTask},
    over_time,
    panel::{grid, nothing},
    picture::Picture,
    scale::{Scale, time_unit},
};
use crate::format::human;

/// Height of a task's row.
const ROW: f64 = 21.0;
/// Room for the tasks' names and for how long they took.
const NAMES: f64 = 150.0;
const TIMES: f64 = 130.0;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let tasks: &[SlowTask] = data
        .tasks
        .as_ref()
        .map(|tasks| tasks.slowest.as_slice())
        .unwrap_or_default();
    let key: Vec<Key> = data
        .result
        .protocol
        .open_phases()
        .map(|stage| {
            Key::new(
                format!("waiting for {}", with_article(stage.waits_for())),
                Colour::of_stage(stage),
            )
        })
        .collect();
    let title = match tasks.len() {
        0 | 1 => "Where the slowest task spent its time".to_owned(),
        some => format!("Where the {some} slowest tasks spent their time"),
    };
    let heading = Heading {
        name: "slowest-tasks",
        title: &title,
        run: &data.run(),
        reading: "Each from the moment it was meant to be submitted. One that did not end is drawn to the end of the run.",
        key: &key,
    };
    let height = 200.0 + ROW * tasks.len().max(5) as f64;
    draw(&heading, height, |canvas, frame| {
        if data.tasks.is_none() {
            return nothing(canvas, frame, over_time::NO_TASKS);
        }
        let most = tasks.iter().map(|task| task.total_us).max().unwrap_or(0) as f64;
        if tasks.is_empty() {
            return nothing(canvas, frame, "No task was ever queued.");
        }
        let plot = Frame {
            left: frame.left + NAMES,
            top: frame.top + 6.0,
            right: frame.right - TIMES,
            bottom: frame.top + 12.0 + ROW * tasks.len() as f64,
        };
        let (unit, name) = time_unit(most);
        let scale = Scale::from_zero(most / unit, 8);
        let x = |us: u64| plot.left + scale.place(us as f64 / unit) * (plot.right - plot.left);
        grid(canvas, plot, scale, 8);
        let caption = Type::TEXT.bold().aligned(Align::Right);
        let text = format!("time since its intended submission ({name})");
        canvas.text(plot.right, plot.bottom + 35.0, &text, caption);
        for (row, task) in tasks.iter().enumerate() {
            let middle = plot.top + 3.0 + ROW * (row as f64 + 0.5);
            let name = task.key.map_or_else(
                || "never queued".to_owned(),
                |key| format!("session {} · task {}", key.session, key.task),
            );
            canvas.text(frame.left, middle, &name, Type::TEXT);
            for (stage, from, to) in task.stages.iter().filter(|(_, from, to)| to > from) {
                let (top, bottom) = (middle - 7.5, middle + 7.5);
                canvas.rectangle(x(*from), top, x(*to), bottom, Colour::of_stage(*stage), 1.0);
                let segment = Frame {
                    left: x(*from),
                    top,
                    right: x(*to),
                    bottom,
                };
                let stood = human::time_us(to - from);
                let waited = with_article(stage.waits_for());
                canvas.tooltip(segment, &format!("{name}\nwaiting for {waited}: {stood}"));
            }
            let took = human::time_us(task.total_us);
            let text = if task.ended {
                took
            } else {
                format!("{took}, not ended")
            };
            canvas.text(x(task.total_us) + 7.0, middle, &text, Type::LABEL);
        }
    })
}

fn with_article(what: &str) -> String {
    match what {
        "submission" | "end" => format!("its {what}"),
        _ => what.to_owned(),
    }
}
