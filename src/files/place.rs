//! Where a file that is to be written really lies.
//!
//! A file takes its place by a rename, which would put it where a link, a device or a pipe was. A link stays and what it names is
//! replaced; anything but a regular file is refused. What is read is held to the same (`robust_data::open_file`).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use robust_data::special;

/// As many links as the system follows.
const MOST_LINKS: usize = 40;

/// `path`, or what the link there names in the end, whether that is there or not.
///
/// # Errors
/// A folder, a device, a pipe or a socket lies there; links that go round.
pub(crate) fn place(path: &Path) -> io::Result<PathBuf> {
    if let Some(found) = fs::metadata(path).ok().as_ref().and_then(special) {
        return Err(unfit(found));
    }
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&path) {
            // The links under these lead to what a process has open, and have no end that a file could be put at.
            Ok(_) if ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder)) => {
                return Err(unfit("what a process has open"));
            }
            Ok(found) if found.is_symlink() => {
                let named = fs::read_link(&path)?;
                path = path.parent().map_or(named.clone(), |folder| folder.join(&named));
            }
            Ok(found) => return special(&found).map_or(Ok(path), |found| Err(unfit(found))),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(error),
        }
    }
    Err(unfit("a link to itself"))
}

fn unfit(found: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, format!("found {found}, expected a regular file or none"))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_to_their_end_and_only_files_are_fit() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").unwrap();
        fs::create_dir(at("folder")).unwrap();
        for (link, named) in [
            ("one", "file"),
            ("two", "one"),
            ("gone", "nowhere"),
            ("round", "round"),
            ("null", "/dev/null"),
            ("in", "folder"),
        ] {
            symlink(named, at(link)).unwrap();
        }
        symlink(at("file"), at("folder/out")).unwrap();
        for (path, end) in [
            ("file", "file"),
            ("two", "file"),
            ("gone", "nowhere"),
            ("new", "new"),
            ("in/new", "in/new"),
            ("in/out", "file"),
        ] {
            assert_eq!(place(&at(path)).unwrap(), at(end), "{path}");
        }
        for (path, found) in
            [("folder", "a folder"), ("in", "a folder"), ("null", "a device"), ("round", "a link to itself")]
        {
            assert!(place(&at(path)).unwrap_err().to_string().starts_with(&format!("found {found}")), "{path}");
        }
        assert!(place(Path::new("/dev/stdout")).is_err());
    }
}
