//! A first look at a file, before SQLite touches it: is it one of ours, and is it whole? Reads a hundred bytes, whatever its size,
//! and changes nothing.
//!
//! Absent on purpose: checks that read the whole file. Those run in the background, on demand, and on every backup.

use crate::{Error, Result, private};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// Marks the file as ours in its header: "Brm1".
pub const APPLICATION_ID: i32 = 0x4272_6d31;

/// SQLite's header.
const HEADER: usize = 100;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Bytes of a page.
    pub page_size: u32,
    /// Format of the tables (`user_version`).
    pub format: u32,
    /// Whose file it is; zero for one that nobody signed.
    pub application_id: i32,
    /// Whether changes go to a `-wal` first.
    pub has_wal: bool,
    /// Bytes the file should have, where the header can be trusted on that.
    bytes: Option<u64>,
}

/// Reads the header of a file; `None` when there is no file. Everything that can't be a data file is refused in words.
pub fn header(path: &Path) -> Result<Option<Header>> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(private::explain(path, "read", &error)),
    };
    let place = path.display();
    if metadata.is_symlink() {
        return Err(Error::FileUnusable(format!(
            "{place} is a link to a file in another place; move the file itself here, or open the folder it is in"
        )));
    }
    if metadata.is_dir() {
        return Err(Error::FileUnusable(format!("{place} is a folder, not a data file; move it away")));
    }
    if !metadata.is_file() {
        return Err(Error::FileUnusable(format!("{place} is not an ordinary file; move it away")));
    }
    let mut start = Vec::with_capacity(HEADER);
    let file = private::told(path, "read", File::open(path))?;
    private::told(path, "read", file.take(HEADER as u64).read_to_end(&mut start))?;
    parse(&start, metadata.len()).map(Some).map_err(|reason| Error::FileCorrupt(format!("{place} {reason}")))
}

fn parse(start: &[u8], length: u64) -> std::result::Result<Header, String> {
    if length == 0 {
        return Err("is empty (0 bytes)".to_owned());
    }
    if start.len() < HEADER {
        return Err(format!("is too short to be a data file ({length} bytes)"));
    }
    if !start.starts_with(MAGIC) {
        return Err("is not a Backroom data file".to_owned());
    }
    let number = |at: usize| {
        start.get(at..at + 4).map_or(0, |bytes| bytes.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)))
    };
    let page_size = match number(16) >> 16 {
        1 => 65_536,
        size => size,
    };
    // The page count is only kept up when both counters agree.
    let trusted = number(24) == number(92) && number(28) > 0;
    let header = Header {
        page_size,
        format: number(60),
        application_id: number(68).cast_signed(),
        has_wal: start.get(18..20) == Some(&[2, 2]),
        bytes: trusted.then(|| u64::from(number(28)) * u64::from(page_size)),
    };
    match header.application_id {
        0 | APPLICATION_ID => Ok(header),
        _ => Err("belongs to another program".to_owned()),
    }
}

/// Refuses a file that was cut short. Only of use once nothing of it lies in a `-wal` any more.
pub fn refuse_cut(path: &Path, header: Header) -> Result<()> {
    let length = private::told(path, "read", fs::metadata(path))?.len();
    match header.bytes {
        Some(whole) if length < whole => {
            Err(Error::FileCorrupt(format!("{} is cut off: {length} of {whole} bytes are there", path.display())))
        }
        _ => Ok(()),
    }
}
