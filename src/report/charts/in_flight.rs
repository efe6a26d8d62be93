//! Tasks in flight over the run, by where they stood.

use super::{
    canvas::{Heading, Key, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, Panel, nothing},
    picture::Picture,
    scale::{Scale, number},
    stack::{stack, tooltip, tops},
};
use crate::{format::human, protocol::TaskPhase};

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let stages = || data.result.protocol.open_phases();
    let key: Vec<Key> = stages()
        .map(|stage| Key::new(stage.waits_for(), Colour::of_stage(stage)))
        .collect();
    let mut reading = format!(
        "From the intended submission to the end, on average over each {}.",
        over_time::width(data)
    );
    let never_queued = data.tasks.as_ref().map_or(0, |tasks| tasks.never_queued);
    if never_queued > 0 {
        reading.push_str(&format!(
            " Left out: {} never queued.",
            human::counted(never_queued, "task")
        ));
    }
    let heading = Heading {
        name: "tasks-in-flight",
        title: "Tasks in flight over the run, by what they wait for",
        run: &data.run(),
        reading: &reading,
        key: &key,
    };
    draw(&heading, 480.0, |canvas, frame| {
        let Some(tasks) = &data.tasks else {
            return nothing(canvas, frame, over_time::NO_TASKS);
        };
        let layers: Vec<(Colour, Vec<f64>)> = stages()
            .zip(&tasks.in_flight)
            .map(|(stage, values)| (Colour::of_stage(stage), values.clone()))
            .collect();
        let most = tops(&layers).into_iter().fold(0.0, f64::max);
        if most <= 0.0 {
            return nothing(canvas, frame, "No task was ever in flight.");
        }
        let y = Axis {
            scale: Scale::from_zero(most, 5),
            caption: "tasks in flight",
            ticks: 5,
            label: &number,
        };
        let panel = Panel::draw(canvas, frame, 16.0, &over_time::axis(data).axis(), &y);
        over_time::mark_setup(data, &panel);
        stack(&panel, &layers, |bin| over_time::edges(data, bin));
        let names: Vec<&str> = stages().map(TaskPhase::waits_for).collect();
        tooltip(data, &panel, &layers, &names, "");
    })
}
