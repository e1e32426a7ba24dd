//! How a command cuts its images into batches.

use std::ops::Range;

/// `0..len` in batches of at most `most` images: of one size, give or take an image, and as many for each of so many
/// threads, so that all threads are done at the same time, with few images as with many.
pub(crate) fn batches(len: usize, most: usize, threads: usize) -> Vec<Range<usize>> {
    let count = len.div_ceil(most).next_multiple_of(threads).min(len);
    (0..count).map(|batch| batch * len / count..(batch + 1) * len / count).collect()
}

#[cfg(test)]
mod tests {
    use super::batches;

    #[test]
    fn batches_are_even_and_as_many_for_each_thread() {
        for (len, most, threads, expected) in [
            (100, 64, 2, vec![50, 50]),
            (130, 64, 2, vec![32, 33, 32, 33]),
            (130, 64, 1, vec![43, 43, 44]),
            (3, 64, 8, vec![1, 1, 1]),
            (5, usize::MAX, 1, vec![5]),
            (0, 64, 2, vec![]),
        ] {
            let sizes: Vec<usize> = batches(len, most, threads).iter().map(ExactSizeIterator::len).collect();
            assert_eq!(sizes, expected, "{len} images, at most {most}, {threads} threads");
        }
        for (len, most, threads) in [(1000, 64, 2), (10_000, 64, 3), (55_000, 64, 7), (1_000_000, 1, 1024), (7, 2, 3)] {
            let batches = batches(len, most, threads);
            assert!(batches.iter().all(|batch| (1..=most).contains(&batch.len())));
            assert!(batches.iter().flat_map(Clone::clone).eq(0..len), "every image once, in order");
            assert!(batches.len().is_multiple_of(threads) || batches.len() == len);
        }
    }
}
