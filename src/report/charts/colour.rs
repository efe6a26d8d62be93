//! The colours of charts: Okabe and Ito's, which people with any kind of colour vision tell apart, in a light and a dark
//! variant, and the greys of paper and ink.

use plotters::style::RGBColor;

use crate::protocol::{Phase, TaskPhase, TaskSpan};

/// A colour by what it stands for. In SVG files it is the light variant; in a web page a custom property, so that the
/// page's theme decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// Behind everything.
    Paper,
    /// Titles, and what is written on data.
    Ink,
    /// Labels.
    Muted,
    /// Axes.
    Axis,
    /// Grid lines, and what is greyed out.
    Grid,
    Sky,
    Orange,
    Green,
    Blue,
    Purple,
    Vermilion,
    Grey,
}

impl Colour {
    pub(super) const ALL: [Self; 12] = [
        Self::Paper,
        Self::Ink,
        Self::Muted,
        Self::Axis,
        Self::Grid,
        Self::Sky,
        Self::Orange,
        Self::Green,
        Self::Blue,
        Self::Purple,
        Self::Vermilion,
        Self::Grey,
    ];

    /// Its name as a custom property, and its light and dark variants. Light variants differ from each other: they are
    /// what a colour is found by in a drawing.
    pub(super) const fn variants(self) -> (&'static str, u32, u32) {
        match self {
            Self::Paper => ("paper", 0xff_ffff, 0x16_191d),
            Self::Ink => ("ink", 0x1a_1d21, 0xf0_f2f4),
            Self::Muted => ("muted", 0x5c_636b, 0xa3_abb4),
            Self::Axis => ("axis", 0x8b_929a, 0x6b_737c),
            Self::Grid => ("grid", 0xe4_e7ea, 0x2c_3238),
            Self::Sky => ("sky", 0x56_b4e9, 0x7c_c8f2),
            Self::Orange => ("orange", 0xe6_9f00, 0xe6_9f01),
            Self::Green => ("green", 0x00_9e73, 0x1f_b58a),
            Self::Blue => ("blue", 0x00_72b2, 0x2f_86d1),
            Self::Purple => ("purple", 0xcc_79a7, 0xd4_8bb3),
            Self::Vermilion => ("vermilion", 0xd5_5e00, 0xf0_7a2a),
            Self::Grey => ("grey", 0x9a_a0a6, 0x6e_767f),
        }
    }

    /// The light variant.
    pub(super) const fn light(self) -> RGBColor {
        let (_, light, _) = self.variants();
        let [_, red, green, blue] = light.to_be_bytes();
        RGBColor(red, green, blue)
    }

    /// The colour of a phase of transactions: those of the lifecycle are coloured in their order.
    pub(super) const fn of_phase(phase: Phase) -> Self {
        const LIFECYCLE: [Colour; 6] = [
            Colour::Sky,
            Colour::Orange,
            Colour::Green,
            Colour::Blue,
            Colour::Purple,
            Colour::Vermilion,
        ];
        if phase.is_setup() {
            Self::Grey
        } else if phase.is_lifecycle() {
            LIFECYCLE[phase.index().saturating_sub(1) % LIFECYCLE.len()]
        } else {
            Self::Muted
        }
    }

    /// The colour of a span of tasks: that of the transactions in it, and ink for the whole task.
    pub(super) const fn of_span(span: TaskSpan) -> Self {
        match span.phase() {
            Some(phase) => Self::of_phase(phase),
            None => Self::Ink,
        }
    }

    /// The colour of where a task stands: that of the transactions which it waits for.
    pub(super) const fn of_stage(stage: TaskPhase) -> Self {
        Self::of_phase(stage.phase())
    }
}
