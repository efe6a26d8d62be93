//! Opens and reads input files that a user names: bounded in size, and regular files where a file names another.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::Path,
};

use nix::libc::O_NONBLOCK;
use thiserror::Error;

/// The reason why an input file cannot be read. Messages complete "cannot read FILE: …".
#[derive(Debug, Error)]
pub(crate) enum InputError {
    /// The operating system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// A pipe, a device, a socket, or a file that the kernel makes up as it is read.
    #[error("it is {0}, not a regular file")]
    NotRegular(&'static str),
    /// Larger than what is read.
    #[error("it is larger than {} MiB", most >> 20)]
    TooLarge {
        /// Most bytes that are read.
        most: u64,
    },
}

impl From<InputError> for io::Error {
    fn from(error: InputError) -> Self {
        match error {
            InputError::Io(error) => error,
            other => Self::other(other),
        }
    }
}

/// Opens a regular file of at most `most` bytes to be read up to the size that it has now. Never waits for a pipe.
///
/// # Errors
/// If it cannot be opened, is no regular file, or is larger.
pub(crate) fn open_regular(path: &Path, most: u64) -> Result<io::Take<File>, InputError> {
    let mut file = File::options().read(true).custom_flags(O_NONBLOCK).open(path)?;
    let metadata = file.metadata()?;
    if let Some(kind) = special(metadata.file_type()) {
        return Err(InputError::NotRegular(kind));
    }
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
    }
    if metadata.len() > most {
        return Err(InputError::TooLarge { most });
    }
    // Files of /proc have no size and yet hold something: the environment of this process, for one.
    if metadata.len() == 0 && file.read(&mut [0])? > 0 {
        return Err(InputError::NotRegular("a file of the kernel"));
    }
    Ok(file.take(metadata.len()))
}

/// Reads a regular file of at most `most` bytes.
///
/// # Errors
/// As [`open_regular`].
pub(crate) fn read_regular(path: &Path, most: u64) -> Result<Vec<u8>, InputError> {
    let mut bytes = Vec::new();
    open_regular(path, most)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a file that a run or a sweep wrote, tables apart: a regular file of at most 1 GiB.
///
/// # Errors
/// As [`open_regular`].
pub(crate) fn read_result(path: &Path) -> io::Result<Vec<u8>> {
    const MOST: u64 = 1 << 30;
    Ok(read_regular(path, MOST)?)
}

/// As [`read_result`], of text in UTF-8.
///
/// # Errors
/// As [`read_result`]; [`io::ErrorKind::InvalidData`] if it is no text.
pub(crate) fn read_result_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read_result(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
}

/// Reads a file of at most `most` bytes that the command line names. A pipe will do, so that a command's output can be
/// given.
///
/// # Errors
/// If it cannot be read, or holds more.
pub(crate) fn read_named(path: &Path, most: u64) -> Result<Vec<u8>, InputError> {
    if fs::metadata(path)?.is_file() {
        return read_regular(path, most);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(InputError::TooLarge { most });
    }
    Ok(bytes)
}

/// What a file is that is neither a regular one nor a folder.
fn special(kind: fs::FileType) -> Option<&'static str> {
    [
        (kind.is_fifo(), "a pipe"),
        (kind.is_char_device() || kind.is_block_device(), "a device"),
        (kind.is_socket(), "a socket"),
    ]
    .into_iter()
    .find_map(|(is, name)| is.then_some(name))
}
