//! Whose `-wal` is it? SQLite can't tell: it plays any well-formed `-wal` into any file of that name, even into another database.
//! So an older copy that is put back beside the `-wal` of a newer one would be overwritten, or turned into a mixture.
//!
//! Every write puts a new random mark into the one row of the table `life`, beside the mark it found there. The `-wal` therefore
//! holds a chain of marks, and the file holds the mark it had when it was last written to. The two belong together exactly when the
//! file's mark is the one the chain begins after, or one of its links. No second file is needed that could get lost.
//!
//! A `-wal` that is not the file's is moved aside under another name, never deleted: it may be all that is left of something.
//!
//! Absent on purpose: changing either file.

use super::look::Header;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The format from which on files carry marks.
pub const FORMAT: u32 = 15;

/// Begins a mark; then the mark before and the mark itself follow, as `0…9a…f`.
const SIGN: &[u8] = b"backroom-life ";

/// Hexadecimal digits of a mark.
const DIGITS: usize = 32;

/// The mark before the first one.
const START: &[u8; DIGITS] = b"00000000000000000000000000000000";

/// Puts a new mark into the file. Every write does it.
pub const RENEW: &str =
    "UPDATE life SET mark = 'backroom-life ' || substr(mark, -32) || ' ' || lower(hex(randomblob(16)))";

/// What lies beside a file as its `-wal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wal {
    /// Nothing that was committed.
    Empty,
    /// The file's own changes: it was not closed in order.
    Own,
    /// Changes of another file, or of another copy of this one.
    Foreign,
}

/// A mark and the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    before: [u8; DIGITS],
    now: [u8; DIGITS],
}

/// The file beside a data file that holds what has not reached it yet.
pub fn wal_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

/// A file whose name is that of a data file with something behind it.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Whose the `-wal` is that lies beside a file with this header.
pub fn whose(path: &Path, header: Header) -> io::Result<Wal> {
    let file = match File::open(wal_of(path)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Wal::Empty),
        Err(error) => return Err(error),
    };
    let Some(committed) = Committed::read(BufReader::with_capacity(1 << 20, file))? else { return Ok(Wal::Empty) };
    if !header.has_wal || committed.page_size != header.page_size {
        return Ok(Wal::Foreign);
    }
    let Some((page, first)) = committed.marks.first() else {
        // Nobody marked anything yet in that format.
        return Ok(if header.format < FORMAT { Wal::Own } else { Wal::Foreign });
    };
    let own = match mark_in_file(path, header, *page)? {
        Some(mark) => mark.now == first.before || committed.marks.iter().any(|(_, link)| link.now == mark.now),
        None => header.format < FORMAT && first.before == *START,
    };
    Ok(if own { Wal::Own } else { Wal::Foreign })
}

/// Moves a `-wal` aside, under a name that nothing has.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let wal = wal_of(path);
    let mut names = (1..).map(|number| beside(path, &format!("-wal.set-aside-{number}")));
    let free = names.find(|name| !name.exists()).unwrap_or_else(|| beside(path, "-wal.set-aside"));
    fs::rename(wal, &free)?;
    Ok(free)
}

fn mark_in_file(path: &Path, header: Header, page: u32) -> io::Result<Option<Mark>> {
    let size = header.page_size;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(u64::from(page - 1) * u64::from(size)))?;
    let mut bytes = Vec::with_capacity(size as usize);
    file.take(u64::from(size)).read_to_end(&mut bytes)?;
    Ok(mark_on(&bytes))
}

/// The mark on a page: the one row of a table, so the page is a leaf with one cell.
fn mark_on(page: &[u8]) -> Option<Mark> {
    const LEAF: u8 = 0x0d;
    if page.first() != Some(&LEAF) || page.get(3..5) != Some(&[0, 1]) {
        return None;
    }
    let at = page.windows(SIGN.len()).rposition(|window| window == SIGN)? + SIGN.len();
    let text = page.get(at..at + 2 * DIGITS + 1)?;
    let digits = |part: &[u8]| -> Option<[u8; DIGITS]> {
        part.iter().all(u8::is_ascii_hexdigit).then(|| part.try_into().ok()).flatten()
    };
    Some(Mark { before: digits(text.get(..DIGITS)?)?, now: digits(text.get(DIGITS + 1..)?)? })
}

/// What a `-wal` would add to a file: read as SQLite reads it, up to the first frame that is not sound.
struct Committed {
    page_size: u32,
    /// Pages that hold a mark, in the order they were written.
    marks: Vec<(u32, Mark)>,
}

impl Committed {
    /// `None` when nothing in it was committed.
    fn read(mut wal: impl Read) -> io::Result<Option<Self>> {
        const MAGIC: u32 = 0x377f_0682;
        let mut header = [0; 32];
        if !filled(&mut wal, &mut header)? {
            return Ok(None);
        }
        let [magic, _, page_size, _, salt_one, salt_two, ..] = words(&header, true);
        let sum = Sum { big: magic & 1 == 1, one: 0, two: 0 };
        let sum = sum.over(header.get(..24).unwrap_or_default());
        if magic & !1 != MAGIC || !sum.is(header.get(24..).unwrap_or_default()) || !(512..=65_536).contains(&page_size)
        {
            return Ok(None);
        }
        let (mut sum, mut frame, mut page) = (sum, [0; 24], vec![0; page_size as usize]);
        let (mut waiting, mut marks, mut any) = (Vec::new(), Vec::new(), false);
        while filled(&mut wal, &mut frame)? && filled(&mut wal, &mut page)? {
            let [number, commits, one, two, ..] = words(&frame, true);
            sum = sum.over(frame.get(..8).unwrap_or_default()).over(&page);
            if (one, two) != (salt_one, salt_two) || number == 0 || !sum.is(frame.get(16..).unwrap_or_default()) {
                break;
            }
            waiting.extend(mark_on(&page).map(|mark| (number, mark)));
            if commits > 0 {
                any = true;
                marks.append(&mut waiting);
            }
        }
        Ok(any.then_some(Self { page_size, marks }))
    }
}

/// The checksum of a `-wal`, which goes on from frame to frame.
#[derive(Clone, Copy)]
struct Sum {
    big: bool,
    one: u32,
    two: u32,
}

impl Sum {
    fn over(mut self, bytes: &[u8]) -> Self {
        for pair in bytes.chunks_exact(8) {
            let [first, second, ..] = words(pair, self.big);
            self.one = self.one.wrapping_add(first).wrapping_add(self.two);
            self.two = self.two.wrapping_add(second).wrapping_add(self.one);
        }
        self
    }

    fn is(self, stored: &[u8]) -> bool {
        let [one, two, ..] = words(stored, true);
        (one, two) == (self.one, self.two)
    }
}

/// The first eight numbers in some bytes; zero where there are none.
fn words(bytes: &[u8], big: bool) -> [u32; 8] {
    let mut words = [0; 8];
    for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        let chunk: [u8; 4] = chunk.try_into().unwrap_or_default();
        *word = if big { u32::from_be_bytes(chunk) } else { u32::from_le_bytes(chunk) };
    }
    words
}

/// Whether there was enough to fill it.
fn filled(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
