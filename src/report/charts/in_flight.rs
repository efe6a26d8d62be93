//! Tasks in flight over the run, by where they stood.

use super::{
    canvas::{Heading, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, nothing},
    picture::Picture,
    stack::{Layer, key, stack, top},
};
use crate::format::human;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let stages = data.result.protocol.open_phases().enumerate();
    let layers: Vec<Layer<'_>> = stages
        .map(|(index, stage)| Layer {
            name: stage.waits_for(),
            colour: Colour::of_stage(stage),
            values: data
                .tasks
                .as_ref()
                .map_or_else(Vec::new, |tasks| tasks.in_flight[index].clone()),
        })
        .collect();
    let mut reading = format!(
        "From the intended submission to the end, on average over each {}.",
        over_time::width(data)
    );
    let never_queued = data.tasks.as_ref().map_or(0, |tasks| tasks.never_queued);
    if never_queued > 0 {
        let tasks = human::counted(never_queued, "task");
        reading.push_str(&format!(" Left out: {tasks} never queued."));
    }
    let heading = Heading {
        name: "tasks-in-flight",
        title: "Tasks in flight over the run, by what they wait for",
        run: &data.run(),
        reading: &reading,
        key: &key(&layers),
    };
    draw(&heading, 480.0, |canvas, frame| {
        if data.tasks.is_none() {
            return nothing(canvas, frame, over_time::NO_TASKS);
        }
        let most = top(&layers);
        if most <= 0.0 {
            return nothing(canvas, frame, "No task was ever in flight.");
        }
        let y = Axis::from_zero(most, 5, "tasks in flight");
        stack(data, &over_time::panel(data, canvas, frame, &y), &layers, "");
    })
}
