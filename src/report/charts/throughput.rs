//! Throughput over the run: transactions into blocks, by phase, and tasks that ended.

use super::{
    canvas::{Frame, Heading, Key, draw},
    colour::Colour,
    data::ChartData,
    over_time,
    panel::{Axis, Panel, nothing},
    picture::Picture,
    scale::{Scale, number},
    stack::{stack, tooltip, tops},
};
use crate::protocol::Phase;

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let has_any = |phase: &Phase| {
        let bins = data.transactions.iter().flat_map(|all| &all.in_blocks);
        bins.into_iter().any(|bin| bin[phase.index()] > 0)
    };
    let phases = data.result.protocol.phases;
    let key: Vec<Key> = phases
        .iter()
        .copied()
        .filter(has_any)
        .map(|phase| Key::new(phase.name(), Colour::of_phase(phase)))
        .collect();
    let heading = Heading {
        name: "throughput",
        title: "Throughput over the run",
        run: &data.run(),
        reading: &format!(
            "By when their block was seen, on average over each {}. Below: tasks that ended.",
            over_time::width(data)
        ),
        key: &key,
    };
    draw(&heading, 620.0, |canvas, frame| {
        let divide = frame.top + (frame.bottom - frame.top) * 0.62;
        let upper = Frame {
            bottom: divide,
            ..frame
        };
        let lower = Frame { top: divide, ..frame };
        let per_second = 1e6 / data.bins.width_us() as f64;
        let x = over_time::axis(data);
        match &data.transactions {
            None => nothing(canvas, upper, over_time::NO_TRANSACTIONS),
            Some(transactions) => {
                let layers: Vec<(Colour, Vec<f64>)> = phases
                    .iter()
                    .copied()
                    .map(|phase| {
                        let rates = transactions
                            .in_blocks
                            .iter()
                            .map(|bin| bin[phase.index()] as f64 * per_second);
                        (Colour::of_phase(phase), rates.collect())
                    })
                    .collect();
                let most = tops(&layers).into_iter().fold(0.0, f64::max);
                let y = Axis {
                    scale: Scale::from_zero(most, 5),
                    caption: "transactions into blocks, per second",
                    ticks: 5,
                    label: &number,
                };
                let panel = Panel::draw(canvas, upper, 16.0, &x.axis(), &y);
                over_time::mark_setup(data, &panel);
                stack(&panel, &layers, |bin| over_time::edges(data, bin));
                let names: Vec<&str> = phases.iter().map(|phase| phase.name()).collect();
                tooltip(data, &panel, &layers, &names, "/s");
            }
        }
        match &data.tasks {
            None => nothing(canvas, lower, over_time::NO_TASKS),
            Some(tasks) => {
                let rates: Vec<f64> = tasks
                    .ended
                    .iter()
                    .map(|count| *count as f64 * per_second)
                    .collect();
                let most = rates.iter().copied().fold(0.0, f64::max);
                let y = Axis {
                    scale: Scale::from_zero(most, 3),
                    caption: "tasks ended, per second",
                    ticks: 3,
                    label: &number,
                };
                let panel = Panel::draw(canvas, lower, 16.0, &x.axis(), &y);
                over_time::shade_setup(data, &panel);
                let layers = [(Colour::Grey, rates)];
                stack(&panel, &layers, |bin| over_time::edges(data, bin));
                tooltip(data, &panel, &layers, &["tasks ended"], "/s");
            }
        }
    })
}
