//! [`Pixels`]: the images of one set in the order of the whole, on the disk, where shards put theirs one after the other.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use robust_data::ImageShape;

/// Images of one shape in a file without a name, which goes with its process.
pub(crate) struct Pixels {
    file: Mutex<File>,
    values: usize,
}

impl Pixels {
    /// No image yet; the file lies in the folder, where the images will be written to.
    pub(super) fn new(folder: &Path, shape: ImageShape) -> io::Result<Self> {
        Ok(Self { file: Mutex::new(tempfile::tempfile_in(folder)?), values: shape.values() })
    }

    /// Puts an image in its place.
    pub(super) fn put(&mut self, place: usize, pixels: &[f32]) -> io::Result<()> {
        let at = self.start(place);
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&pixels.iter().flat_map(|pixel| pixel.to_le_bytes()).collect::<Vec<u8>>())
    }

    /// The images at these places, which were put there.
    pub(crate) fn read(&self, places: Range<usize>) -> io::Result<Vec<f32>> {
        let mut bytes = vec![0; places.len() * self.values * size_of::<f32>()];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.start(places.start)))?;
        file.read_exact(&mut bytes)?;
        drop(file);
        Ok(bytes.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
    }

    fn start(&self, place: usize) -> u64 {
        place as u64 * (self.values * size_of::<f32>()) as u64
    }
}
