//! Charts → files.

use std::{fs, num::NonZero, path::Path, thread};

use super::Picture;
use crate::run_folder::{ExportError, write_file};

/// The folder of charts in a run's folder.
const CHARTS: &str = "charts";

/// A format that charts are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFormat {
    /// Pixels, for papers and slides: 274 per inch at a width of 7 inches.
    Png,
    /// A drawing, at any size.
    Svg,
}

impl PictureFormat {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Png, Self::Svg];

    const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

/// Writes pictures into `charts/` of a run's folder in each of these formats, on all cores. Each file appears whole or
/// not at all.
///
/// # Errors
/// The first file that could not be made or written, once all others have been tried.
pub fn write_pictures(
    folder: &Path,
    pictures: &[Picture],
    formats: &[PictureFormat],
) -> Result<(), ExportError> {
    let named: Vec<(&str, &Picture)> = pictures.iter().map(|picture| (picture.name(), picture)).collect();
    write_named_pictures(folder, &named, formats)
}

/// The same under other names than the pictures' own, for several of a kind.
///
/// # Errors
/// As [`write_pictures`].
pub fn write_named_pictures(
    folder: &Path,
    pictures: &[(&str, &Picture)],
    formats: &[PictureFormat],
) -> Result<(), ExportError> {
    let folder = &folder.join(CHARTS);
    fs::create_dir_all(folder).map_err(|cause| ExportError::Write {
        path: folder.to_owned(),
        cause,
    })?;
    let files: Vec<((&str, &Picture), PictureFormat)> = pictures
        .iter()
        .flat_map(|picture| formats.iter().map(move |format| (*picture, *format)))
        .collect();
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let write_some = |worker: usize| {
        let some = files.iter().skip(worker).step_by(workers);
        some.map(|((name, picture), format)| write(folder, name, picture, *format))
            .fold(Ok(()), Result::and)
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..workers)
            .map(|worker| scope.spawn(move || write_some(worker)))
            .collect();
        let first = write_some(0);
        others.into_iter().fold(first, |sum, other| {
            sum.and(
                other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            )
        })
    })
}

fn write(folder: &Path, name: &str, picture: &Picture, format: PictureFormat) -> Result<(), ExportError> {
    let path = folder.join(format!("{name}.{}", format.extension()));
    let bytes = match format {
        PictureFormat::Png => picture.png()?,
        PictureFormat::Svg => picture.svg().into_bytes(),
    };
    write_file(path, &bytes)
}
