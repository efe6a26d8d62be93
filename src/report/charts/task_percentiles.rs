//! Task time by percentile, a curve per span.

use super::{
    canvas::{Heading, draw},
    colour::Colour,
    curves::{self, Curve},
    data::ChartData,
    over_time,
    picture::Picture,
    task_times,
};

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let curves: Vec<Curve<'_>> = data
        .result
        .protocol
        .spans
        .iter()
        .copied()
        .filter_map(|span| {
            let name = format!("task.{}", span.name());
            Some(Curve {
                name: span.name(),
                colour: Colour::of_span(span),
                width: task_times::width(span),
                times: data.histograms.get(&name, "duration_us")?,
            })
        })
        .filter(|curve| !curve.times.is_empty())
        .collect();
    let heading = Heading {
        name: "task-percentiles",
        title: "Task time, by percentile and span",
        run: &data.run(),
        reading: "Total: from the intended submission to the end. Further right: the slower few. Equal times lie inside one another.",
        key: &curves::key(&curves),
    };
    draw(&heading, 540.0, |canvas, frame| {
        let names = ("tasks", "task time");
        curves::draw(canvas, frame, &curves, names, over_time::why_no_task_times(data));
    })
}
