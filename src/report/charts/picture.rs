//! A drawn chart, and the formats that it is written in.

use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb},
};

use super::{colour::Colour, font};
use crate::{run_folder::ExportError, text};

/// Pixels of a PNG file per pixel of the drawing.
const PNG_SCALE: f32 = 2.0;
/// Pixels of a PNG file per metre: 960 drawn pixels are 7 inches wide, so that print has 274 pixels per inch.
const PNG_DENSITY: u32 = 10_799;

/// A chart: one drawing, whatever it is written as.
#[derive(Clone, Debug)]
pub struct Picture {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) size: (u32, u32),
    /// The drawing, an SVG document; it stands within one that has a title and a description.
    pub(super) drawing: String,
    /// Invisible rectangles with what they stand for, for those who point at them; in web pages alone.
    pub(super) spots: String,
    /// Units of the drawing's coordinates per pixel.
    pub(super) units: u32,
}

impl Picture {
    /// Its name: of a file, without its extension.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it shows, in a sentence, for those who cannot see it.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Its width and height in pixels.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        self.size
    }

    /// The picture as an SVG file that brings its font along.
    #[must_use]
    pub fn svg(&self) -> String {
        let style = format!("<style>{}</style>", font_faces());
        self.document(&style, &self.drawing)
    }

    /// The picture to be put into a web page that has [`style_sheet`]: colours are the custom properties `--ts-…`, which
    /// follow the page's theme. Whoever points at a place is told what was measured there.
    #[must_use]
    pub fn svg_for_html(&self) -> String {
        let mut drawing = self.drawing.clone();
        for colour in Colour::ALL {
            let (name, light, _) = colour.variants();
            drawing = drawing.replace(&format!("\"#{light:06X}\""), &format!("\"var(--ts-{name})\""));
        }
        let _ = writeln!(
            drawing,
            "<g class=\"spots\" fill=\"none\" pointer-events=\"all\">\n{}</g>",
            self.spots
        );
        self.document("", &drawing)
    }

    /// The picture as a PNG file, at twice its size.
    ///
    /// # Errors
    /// If it cannot be drawn.
    pub fn png(&self) -> Result<Vec<u8>, ExportError> {
        self.drawn()
            .map_err(|cause| ExportError::format(self.name, cause))
    }

    fn document(&self, head: &str, drawing: &str) -> String {
        let (width, height) = self.size;
        let mut document = String::with_capacity(head.len() + drawing.len() + 512);
        // Writing to a String cannot fail.
        let _ = write!(
            document,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {} {}\" role=\"img\" stroke-linejoin=\"round\">\n\
             <title>{}</title><desc>{}</desc>{head}\n{drawing}</svg>\n",
            width * self.units,
            height * self.units,
            escaped(&self.title),
            escaped(&self.description),
        );
        text::block(&document).into_owned()
    }

    fn drawn(&self) -> Result<Vec<u8>, String> {
        let options = Options {
            font_family: font::FAMILY.to_owned(),
            fontdb: Arc::clone(&FONTS),
            ..Options::default()
        };
        let document = self.document("", &self.drawing);
        let tree = Tree::from_str(&document, &options).map_err(|error| error.to_string())?;
        let [width, height] = [self.size.0, self.size.1].map(|side| (side as f32 * PNG_SCALE) as u32);
        let mut pixels = Pixmap::new(width, height).ok_or("it has no size")?;
        resvg::render(
            &tree,
            Transform::from_scale(PNG_SCALE, PNG_SCALE),
            &mut pixels.as_mut(),
        );
        // Everything stands on paper: no pixel is transparent.
        let opaque: Vec<u8> = pixels
            .data()
            .chunks_exact(4)
            .flat_map(|pixel| &pixel[..3])
            .copied()
            .collect();
        encoded(width, height, &opaque).map_err(|error| error.to_string())
    }
}

fn encoded(width: u32, height: u32, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: PNG_DENSITY,
        yppu: PNG_DENSITY,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// The fonts that PNG files are drawn with: ours alone, never the machine's.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for (_, bytes) in font::FILES {
        fonts.load_font_data(bytes.to_vec());
    }
    Arc::new(fonts)
});

/// The font as a style sheet brings it along.
fn font_faces() -> String {
    font::FILES
        .iter()
        .map(|(weight, bytes)| {
            format!(
                "@font-face{{font-family:\"{}\";font-weight:{weight};src:url(data:font/ttf;base64,{}) format(\"truetype\")}}",
                font::FAMILY,
                BASE64_STANDARD.encode(bytes)
            )
        })
        .collect()
}

/// What a web page needs in its style sheet for [`Picture::svg_for_html`]: the font, and the colours of the light and
/// the dark theme. The dark one follows the reader's setting, and `data-theme` of the page's root where that is set.
#[must_use]
pub fn style_sheet() -> String {
    let properties = |dark: bool| -> String {
        let all = Colour::ALL.iter();
        all.map(|colour| {
            let (name, light, deep) = colour.variants();
            format!("--ts-{name}:#{:06x};", if dark { deep } else { light })
        })
        .collect()
    };
    format!(
        "{}\n:root{{{}}}\n@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}\n\
         :root[data-theme=dark]{{{dark}}}\n",
        font_faces(),
        properties(false),
        dark = properties(true),
    )
}

/// Text that cannot end its element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
