//! Reading a known number of values from a stream whose header may lie about it.

use std::io::{self, Read};

/// Values that are read at a time.
const BLOCK: usize = 8192;
/// Rows that are read at a time, or as many as these bytes hold.
const ROWS: usize = 64;
const BYTES: usize = 1 << 24;

/// Appends up to `count` values of `W` bytes each and returns how many bytes there were, at most one more than `count` values take.
///
/// Room is made as bytes arrive, and never for more than `count` values.
///
/// # Errors
/// What `content` reports; [`io::ErrorKind::OutOfMemory`] if the values do not fit into memory.
pub(crate) fn append<const W: usize, T>(
    content: impl Read,
    count: usize,
    value: impl Fn([u8; W]) -> T,
    values: &mut Vec<T>,
) -> io::Result<u64> {
    let expected = (count * W) as u64;
    let mut content = content.take(expected + 1);
    let end = values.len() + count;
    let (mut bytes, mut found) = (Vec::new(), 0);
    loop {
        bytes.clear();
        let read = content.by_ref().take((W * BLOCK) as u64).read_to_end(&mut bytes)?;
        // A single byte after the last value makes no value.
        let words = bytes.as_chunks::<W>().0;
        let words = &words[..words.len().min(end - values.len())];
        make_room(values, words.len(), end)?;
        values.extend(words.iter().map(|&word| value(word)));
        found += read as u64;
        if read < W * BLOCK {
            return Ok(found);
        }
    }
}

/// Of `count` rows of `width` values of `W` bytes each, appends those at `rows`, ascending. Returns how many bytes there were, at most
/// one more than all rows take.
///
/// # Errors
/// What `content` reports.
pub(crate) fn append_rows<const W: usize, T>(
    content: impl Read,
    [count, width]: [usize; 2],
    rows: &[usize],
    value: impl Fn([u8; W]) -> T,
    values: &mut Vec<T>,
) -> io::Result<u64> {
    let row_bytes = width * W;
    let mut content = content.take((count * row_bytes) as u64 + 1);
    let (mut rows, mut first) = (rows.iter().copied().peekable(), 0);
    let mut block = vec![0; (BYTES / row_bytes.max(1)).clamp(1, ROWS) * row_bytes];
    loop {
        let read = fill(&mut content, &mut block)?;
        let (whole, rest) = (read / row_bytes, read % row_bytes);
        while let Some(row) = rows.next_if(|&row| row < first + whole) {
            let bytes = &block[(row - first) * row_bytes..][..row_bytes];
            values.extend(bytes.as_chunks::<W>().0.iter().map(|&word| value(word)));
        }
        first += whole;
        if read < block.len() {
            return Ok((first * row_bytes + rest) as u64);
        }
    }
}

/// Reads until the block is full or nothing is left; returns how many bytes it read.
fn fill(content: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match content.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Twice as much room each time, as a `Vec` makes it, but not beyond `end` values.
fn make_room<T>(values: &mut Vec<T>, more: usize, end: usize) -> io::Result<()> {
    if values.capacity() - values.len() < more {
        let doubled = values.len().min(end - values.len());
        values.try_reserve_exact(more.max(doubled))?;
    }
    Ok(())
}
