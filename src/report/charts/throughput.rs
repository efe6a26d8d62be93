//! Throughput over the run: transactions into blocks, by phase, and tasks that ended.

use super::{
    canvas::{Heading, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, nothing},
    picture::Picture,
    stack::{Layer, key, stack, top},
};

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let per_second = 1e6 / data.bins.width_us() as f64;
    let in_blocks = data.transactions.as_ref().map(|all| all.in_blocks.as_slice());
    let phases = data.result.protocol.phases.iter().map(|phase| {
        let bins = in_blocks.unwrap_or_default().iter();
        Layer {
            name: phase.name(),
            colour: Colour::of_phase(*phase),
            values: bins.map(|bin| bin[phase.index()] as f64 * per_second).collect(),
        }
    });
    let phases: Vec<Layer<'_>> = phases.collect();
    let shown = phases
        .iter()
        .filter(|layer| layer.values.iter().any(|rate| *rate > 0.0));
    let heading = Heading {
        name: "throughput",
        title: "Throughput over the run",
        run: &data.run(),
        reading: &format!(
            "By when their block was seen, on average over each {}. Below: tasks that ended.",
            over_time::width(data)
        ),
        key: &key(shown),
    };
    draw(&heading, 620.0, |canvas, frame| {
        let [upper, lower] = frame.split(0.62);
        if in_blocks.is_some() {
            let y = Axis::from_zero(top(&phases), 5, "transactions into blocks, per second");
            stack(data, &over_time::panel(data, canvas, upper, &y), &phases, "/s");
        } else {
            nothing(canvas, upper, over_time::NO_TRANSACTIONS);
        }
        if let Some(tasks) = &data.tasks {
            let ended = [Layer {
                name: "tasks ended",
                colour: Colour::Grey,
                values: tasks
                    .ended
                    .iter()
                    .map(|count| *count as f64 * per_second)
                    .collect(),
            }];
            let y = Axis::from_zero(top(&ended), 3, "tasks ended, per second");
            stack(
                data,
                &over_time::panel_below(data, canvas, lower, &y),
                &ended,
                "/s",
            );
        } else {
            nothing(canvas, lower, over_time::NO_TASKS);
        }
    })
}
