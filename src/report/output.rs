//! Where reports go, and how a file gets there whole.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}; choose another folder with --out", path.display())]
pub struct OutputError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// A folder that reports are written to.
#[derive(Debug, Clone)]
pub struct Output {
    folder: PathBuf,
}

impl Output {
    /// Makes the folder and proves that a file can be created in it: before the long work, not after.
    ///
    /// # Errors
    /// [`OutputError`] if it cannot.
    pub fn new(folder: &Path) -> Result<Self, OutputError> {
        let error = |source| OutputError { path: folder.into(), source };
        fs::create_dir_all(folder).map_err(error)?;
        NamedTempFile::new_in(folder).map_err(error)?;
        Ok(Self { folder: folder.into() })
    }

    /// The path of a file in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder `name` inside this one.
    ///
    /// # Errors
    /// [`OutputError`] if it cannot be made or written to.
    pub fn subfolder(&self, name: &str) -> Result<Self, OutputError> {
        Self::new(&self.path(name))
    }

    /// The folder itself.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Removes `name`, if it is there.
    ///
    /// # Errors
    /// [`OutputError`] with the file's path.
    pub fn remove(&self, name: &str) -> Result<(), OutputError> {
        let path = self.path(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(OutputError { path, source }),
            _ => Ok(()),
        }
    }

    /// Writes `name` whole or not at all.
    ///
    /// # Errors
    /// [`OutputError`] with the file's path.
    pub fn write(
        &self,
        name: &str,
        content: impl FnOnce(&mut BufWriter<&mut fs::File>) -> io::Result<()>,
    ) -> Result<(), OutputError> {
        let path = self.path(name);
        write_atomically(&path, content).map_err(|source| OutputError { path, source })
    }
}

/// Writes `path` by way of a temporary file beside it.
///
/// # Errors
/// Whatever the system or `content` reports; the old file, if any, is then untouched.
pub fn write_atomically(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&mut fs::File>) -> io::Result<()>,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut file = temporary_file(folder)?;
    let mut writer = BufWriter::new(file.as_file_mut());
    content(&mut writer)?;
    writer.flush()?;
    drop(writer);
    file.persist(path)?;
    Ok(())
}

/// Temporary files are private to their owner by default; reports are as readable as any other file.
fn temporary_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Rows with a header line, as CSV.
///
/// # Errors
/// Whatever the writer or the serialiser reports.
pub fn write_csv<Row: Serialize>(rows: impl IntoIterator<Item = Row>, writer: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(writer);
    for row in rows {
        csv.serialize(row)?;
    }
    csv.flush()
}

/// A document, indented, with a final newline.
///
/// # Errors
/// Whatever the writer or the serialiser reports.
pub fn write_json(document: &impl Serialize, mut writer: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut writer, document)?;
    writeln!(writer)
}
