//! Times by percentile: response time with a curve per phase, task time with a curve per span.

use super::{
    canvas::{Heading, draw},
    colour::Colour,
    curves::{self, Curve},
    data::ChartData,
    over_time,
    picture::Picture,
    times_over_run::span_width,
};

/// Response time by percentile and phase.
pub(super) fn response(data: &ChartData<'_>) -> Picture {
    let phases = data.result.protocol.under_load();
    let curves = phases.filter_map(|phase| {
        Some(Curve {
            name: phase.name(),
            colour: Colour::of_phase(phase),
            width: 2.4,
            times: data.histograms.get(phase.name(), "response_us")?,
        })
    });
    let heading = Heading {
        name: "response-percentiles",
        title: "Response time of transactions, by percentile and phase",
        run: &data.run(),
        reading: "From the moment a transaction was meant to be sent until its block was seen. Further right: the slower few.",
        key: &[],
    };
    picture(
        curves,
        heading,
        ("transactions", "response time"),
        over_time::why_nothing(data),
    )
}

/// Task time by percentile and span.
pub(super) fn tasks(data: &ChartData<'_>) -> Picture {
    let spans = data.result.protocol.spans.iter().copied();
    let curves = spans.filter_map(|span| {
        Some(Curve {
            name: span.name(),
            colour: Colour::of_span(span),
            width: span_width(span),
            times: data
                .histograms
                .get(&format!("task.{}", span.name()), "duration_us")?,
        })
    });
    let heading = Heading {
        name: "task-percentiles",
        title: "Task time, by percentile and span",
        run: &data.run(),
        reading: "Total: from the intended submission to the end. Further right: the slower few. Equal times lie inside one another.",
        key: &[],
    };
    picture(
        curves,
        heading,
        ("tasks", "task time"),
        over_time::why_no_task_times(data),
    )
}

fn picture<'a>(
    curves: impl Iterator<Item = Curve<'a>>,
    heading: Heading<'_>,
    names: (&str, &str),
    why_nothing: &str,
) -> Picture {
    let curves: Vec<Curve<'_>> = curves.filter(|curve| !curve.times.is_empty()).collect();
    let key = curves::key(&curves);
    draw(&Heading { key: &key, ..heading }, 540.0, |canvas, frame| {
        curves::draw(canvas, frame, &curves, names, why_nothing);
    })
}
