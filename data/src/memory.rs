//! Whether images fit into memory: asked before they are read, so that the answer is a line and not the end of the program.

use std::{fs, path::Path};

use crate::Error;

/// An error if `images` images, which take `bytes` bytes, are more than the system has left, as far as it tells.
pub(crate) fn check(path: &Path, images: usize, bytes: usize) -> Result<(), Error> {
    let read = |file| fs::read_to_string(file).ok();
    let available = read("/proc/meminfo").and_then(|text| available(&text));
    let allowed = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    match available.into_iter().chain(allowed).min() {
        Some(left) if left < bytes as u64 => Err(exceeded(path, images, bytes)),
        _ => Ok(()),
    }
}

/// The error of `images` images that do not fit.
pub(crate) fn exceeded(path: &Path, images: usize, bytes: usize) -> Error {
    Error::Memory { path: path.to_owned(), images, megabytes: bytes / 1_000_000 }
}

/// What Linux can still give without swapping, in bytes.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn available_memory_is_read_where_there_is_a_line_of_it() {
        let text =
            "MemTotal:       24610088 kB\nMemFree:          199096 kB\nMemAvailable:   14786640 kB\nBuffers: 0 kB\n";
        for (text, bytes) in
            [(text, Some(14_786_640 * 1024)), ("", None), ("MemAvailable: much kB", None), ("MemAvailable: 7", None)]
        {
            assert_eq!(available(text), bytes, "{text}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_no_machine_holds_is_refused_before_it_is_read() {
        let message = check(Path::new("large.npz"), 1 << 40, 3136 << 40).unwrap_err().to_string();
        assert!(message.starts_with("large.npz holds 1099511627776 images, which take 3448068464 MB"), "{message}");
        check(Path::new("small.npz"), 1, 3136).unwrap();
    }
}
