//! Writing an npz archive, array by array. An array is deflated in pieces, on as many threads as there are pieces, and the pieces
//! are put one behind the other.
//!
//! A piece is a deflate stream that ends at a whole byte and is not the last (RFC 1951, an empty stored block; zlib's sync flush),
//! and refers to nothing before itself. So the bytes depend on where an array is cut, and not on who deflates which piece.

use std::{
    cell::RefCell,
    io::{self, Write},
    marker::PhantomData,
};

use flate2::{Compress, Compression, Crc, FlushCompress};
use rawzip::{CompressionMethod, DataDescriptorOutput, ZipArchiveWriter, time::UtcDateTime};

use super::header::Header;

/// Beyond it, time grows faster than files shrink.
const LEVEL: Compression = Compression::fast();
/// An empty deflate block that is the last: what pieces lack.
const END: [u8; 2] = [3, 0];

/// A number that an array can hold.
pub trait Element: Copy {
    /// numpy's name for it, little-endian.
    const DESCR: &str;
    /// The bytes of numbers, little-endian.
    fn bytes(values: &[Self]) -> Vec<u8>;
}

impl Element for f32 {
    const DESCR: &str = "<f4";
    fn bytes(values: &[Self]) -> Vec<u8> {
        values.iter().map(|value| value.to_le_bytes()).collect::<Vec<_>>().into_flattened()
    }
}

impl Element for i64 {
    const DESCR: &str = "<i8";
    fn bytes(values: &[Self]) -> Vec<u8> {
        values.iter().map(|value| value.to_le_bytes()).collect::<Vec<_>>().into_flattened()
    }
}

/// Some values of an array, deflated.
pub struct Piece<T> {
    deflated: Deflated,
    values: usize,
    element: PhantomData<T>,
}

impl<T: Element> Piece<T> {
    /// Deflates `values`.
    ///
    /// # Errors
    /// Whatever the compressor reports.
    pub fn new(values: &[T]) -> io::Result<Self> {
        Ok(Self { deflated: Deflated::new(&T::bytes(values))?, values: values.len(), element: PhantomData })
    }
}

/// Bytes in their deflated form, and their checksum.
struct Deflated {
    bytes: Vec<u8>,
    crc: Crc,
    length: u64,
}

impl Deflated {
    /// What deflating would make longer is stored.
    fn new(bytes: &[u8]) -> io::Result<Self> {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut deflated = FAST.with_borrow_mut(|fast| deflate(fast, bytes))?;
        if deflated.len() > bytes.len() {
            deflated = deflate(&mut Compress::new(Compression::none(), false), bytes)?;
        }
        Ok(Self { bytes: deflated, crc, length: bytes.len() as u64 })
    }
}

thread_local! {
    /// What a compressor works with is larger than a piece: made once, and not once for every piece.
    static FAST: RefCell<Compress> = RefCell::new(Compress::new(LEVEL, false));
}

fn deflate(stream: &mut Compress, mut bytes: &[u8]) -> io::Result<Vec<u8>> {
    stream.reset();
    let mut deflated = Vec::with_capacity(bytes.len() + bytes.len() / 8 + 64);
    loop {
        let before = stream.total_in();
        stream.compress_vec(bytes, &mut deflated, FlushCompress::Sync)?;
        bytes = &bytes[(stream.total_in() - before) as usize..];
        if deflated.len() < deflated.capacity() {
            deflated.shrink_to_fit();
            return Ok(deflated);
        }
        deflated.reserve(deflated.len());
    }
}

/// Writes an npz archive: deflated, every entry dated 1980-01-01, so that the same values make the same file.
///
/// Give it a file that is not yet in its final place: the archive is whole only after [`Writer::finish`].
///
/// ```
/// use robust_data::npz::{Piece, Writer};
///
/// let mut npz = Writer::new(Vec::new());
/// npz.array("label", &[3], &[7_i64, 2, 1])?;
/// let pieces = [Piece::new(&[0.0_f32; 784])?, Piece::new(&[1.0; 784])?];
/// npz.pieces("x", &[2, 1, 28, 28], &pieces)?;
/// let bytes = npz.finish()?;
/// # assert_eq!(&bytes[..4], b"PK\x03\x04");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Writer<W: Write> {
    zip: ZipArchiveWriter<W>,
}

impl<W: Write> Writer<W> {
    /// Writes to `writer`.
    pub fn new(writer: W) -> Self {
        Self { zip: ZipArchiveWriter::new(writer) }
    }

    /// Writes an array in one piece; the values are in C order.
    ///
    /// # Errors
    /// There are more or fewer values than the shape says, or the archive cannot be written.
    pub fn array<T: Element>(&mut self, key: &str, shape: &[usize], values: &[T]) -> io::Result<()> {
        self.pieces(key, shape, &[Piece::new(values)?])
    }

    /// Writes an array whose values, in C order, are those of the pieces.
    ///
    /// # Errors
    /// There are more or fewer values than the shape says, or the archive cannot be written.
    pub fn pieces<T: Element>(&mut self, key: &str, shape: &[usize], pieces: &[Piece<T>]) -> io::Result<()> {
        let found: usize = pieces.iter().map(|piece| piece.values).sum();
        if shape.iter().try_fold(1, |values: usize, &size| values.checked_mul(size)) != Some(found) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("array {key}: {found} values do not make the shape {shape:?}"),
            ));
        }
        let header = Header { descr: T::DESCR.to_owned(), fortran_order: false, shape: shape.to_owned() };
        let header = Deflated::new(&header.to_bytes())?;
        let name = format!("{key}.npy");
        let entry = self.zip.new_file(&*name).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, _) = entry.last_modified(UtcDateTime::from_unix(DAWN)).start().map_err(io_error)?;
        let (mut crc, mut length) = (Crc::new(), 0);
        for piece in [&header].into_iter().chain(pieces.iter().map(|piece| &piece.deflated)) {
            entry.write_all(&piece.bytes)?;
            crc.combine(&piece.crc);
            length += piece.length;
        }
        entry.write_all(&END)?;
        entry.finish(DataDescriptorOutput::new(crc.sum(), length)).map_err(io_error)?;
        Ok(())
    }

    /// Writes the directory at the end of the archive and hands the writer back.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.zip.finish().map_err(io_error)
    }
}

/// 1980-01-01 in seconds of Unix time: the first day that a zip archive can name.
const DAWN: i64 = 315_532_800;

fn io_error(error: rawzip::Error) -> io::Error {
    match error.into_kind() {
        rawzip::ErrorKind::IO(error) => error,
        other => io::Error::other(other.to_string()),
    }
}
