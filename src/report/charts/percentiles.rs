//! Response time by percentile, a curve per phase.

use super::{
    canvas::{Heading, draw},
    colour::Colour,
    curves::{self, Curve},
    data::ChartData,
    over_time,
    picture::Picture,
};

pub(super) fn picture(data: &ChartData<'_>) -> Picture {
    let curves: Vec<Curve<'_>> = data
        .result
        .protocol
        .under_load()
        .filter_map(|phase| {
            Some(Curve {
                name: phase.name(),
                colour: Colour::of_phase(phase),
                width: 2.4,
                times: data.histograms.get(phase.name(), "response_us")?,
            })
        })
        .filter(|curve| !curve.times.is_empty())
        .collect();
    let heading = Heading {
        name: "response-percentiles",
        title: "Response time of transactions, by percentile and phase",
        run: &data.run(),
        reading: "From the moment a transaction was meant to be sent until its block was seen. Further right: the slower few.",
        key: &curves::key(&curves),
    };
    draw(&heading, 540.0, |canvas, frame| {
        let names = ("transactions", "response time");
        curves::draw(canvas, frame, &curves, names, over_time::why_nothing(data));
    })
}
