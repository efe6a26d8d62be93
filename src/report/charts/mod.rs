//! Charts of a run, drawn from its files: `charts/*.svg` and `charts/*.png`.
//!
//! Each chart is drawn once, as SVG with the font that the program carries; PNG is that drawing, rasterised. The same
//! files give the same pictures, byte for byte.

mod alternate;
mod blocks;
mod canvas;
mod capacity;
mod colour;
mod curves;
mod data;
mod faults;
mod font;
mod gas;
mod in_flight;
mod over_time;
mod panel;
mod percentiles;
mod picture;
mod scale;
mod slowest;
mod stack;
mod states;
mod sweep;
mod throughput;
mod times_over_run;
mod write;

pub use capacity::{LatencyVersusLoad, LoadStep};
pub use data::ChartData;
pub use picture::{Picture, style_sheet};
pub use states::{Arrow, ArrowEnd, ArrowStart, StateChart};
pub use sweep::{SweepChart, SweepLine, SweepPoint};
pub use write::{PictureFormat, write_named_pictures, write_pictures};

/// Every chart of a run. A chart is there even if there is nothing to show in it; it then says why. That of faults is there only
/// if some were asked for.
#[must_use]
pub fn pictures(data: &ChartData<'_>) -> Vec<Picture> {
    let all: [fn(&ChartData<'_>) -> Picture; 9] = [
        percentiles::response,
        times_over_run::response,
        percentiles::tasks,
        times_over_run::tasks,
        throughput::picture,
        in_flight::picture,
        blocks::picture,
        gas::picture,
        slowest::picture,
    ];
    let all = all.iter().map(|picture| picture(data));
    all.chain(faults::picture(data)).collect()
}
