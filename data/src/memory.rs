//! Whether images fit into memory: asked before they are read, so that the answer is a line and not the end of the program.

use std::{fs, path::Path};

use crate::Error;

/// An error if `images` images, which take `bytes` bytes, are more than the system has left, as far as it tells.
pub(crate) fn check(path: &Path, images: usize, bytes: usize) -> Result<(), Error> {
    let available = read("/proc/meminfo").and_then(|text| available(&text));
    match available.into_iter().chain(allotted()).min() {
        Some(left) if left < bytes as u64 => Err(exceeded(path, images, bytes)),
        _ => Ok(()),
    }
}

/// The error of `images` images that do not fit.
pub(crate) fn exceeded(path: &Path, images: usize, bytes: usize) -> Error {
    Error::Memory { path: path.to_owned(), images, megabytes: bytes / 1_000_000 }
}

fn read(file: &str) -> Option<String> {
    fs::read_to_string(file).ok()
}

/// The memory that a container or a scheduler allots to this process, in bytes, as far as Linux tells: its control group's limit, of
/// version 1 or 2, or that of one around it.
#[must_use]
pub fn allotted() -> Option<u64> {
    smallest_limit(&read("/proc/self/cgroup").unwrap_or_default(), read)
}

/// The smallest limit along the paths that `/proc/self/cgroup` names.
fn smallest_limit(groups: &str, read: impl Fn(&str) -> Option<String>) -> Option<u64> {
    let mut limits = Vec::new();
    for line in groups.lines() {
        let [_, controllers, path] = line.splitn(3, ':').collect::<Vec<_>>()[..] else { continue };
        let (root, file) = match controllers {
            "" => ("/sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        // In a container the path may be the host's, and the container's own group the root.
        for group in Path::new(path).ancestors().map(|group| group.display().to_string()) {
            let found = read(&format!("{root}{}/{file}", group.trim_end_matches('/')));
            limits.extend(found.and_then(|text| text.trim().parse::<u64>().ok()));
        }
    }
    limits.into_iter().min()
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
    fn the_smallest_limit_of_the_groups_around_counts() {
        let files = [
            ("/sys/fs/cgroup/memory.max", "max"),
            ("/sys/fs/cgroup/job_7/memory.max", "4096"),
            ("/sys/fs/cgroup/job_7/step_0/memory.max", "8192\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712"),
            ("/sys/fs/cgroup/memory/slurm/job_7/memory.limit_in_bytes", "2048"),
        ];
        let read = |wanted: &str| files.iter().find(|(file, _)| *file == wanted).map(|(_, text)| (*text).to_owned());
        for (groups, expected) in [
            ("0::/job_7/step_0\n", Some(4096)),
            ("0::/", None),
            ("0::/../elsewhere", None),
            ("5:cpu,cpuacct:/slurm\n3:memory:/slurm/job_7/step_0\n", Some(2048)),
            ("3:memory:/docker/of:the:host", Some(9_223_372_036_854_771_712)),
            ("", None),
            ("nonsense", None),
        ] {
            assert_eq!(smallest_limit(groups, read), expected, "{groups}");
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
