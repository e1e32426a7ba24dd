//! [`Shard`]: the part of the images that one of several machines takes.
//!
//! Images are dealt like cards, one after the other, so that shards are of one size, give or take an image, and of a dataset that is sorted
//! by class each has some of every class.

use std::fmt;
use std::iter::StepBy;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One shard of several; as text `2/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    number: usize,
    count: usize,
}

impl Shard {
    /// How many shards there are at most.
    pub const MOST: usize = 1_000_000;

    /// Shard `number` of `count`, from 1 on; none if there is no such one, or more than [`MOST`](Self::MOST).
    #[must_use]
    pub fn new(number: usize, count: usize) -> Option<Self> {
        (count <= Self::MOST && (1..=count).contains(&number)).then_some(Self { number, count })
    }

    /// Which one it is, from 1 on.
    #[must_use]
    pub fn number(self) -> usize {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> usize {
        self.count
    }

    /// The places of its images among so many.
    pub fn places(self, images: usize) -> StepBy<Range<usize>> {
        (self.number - 1..images.max(self.number - 1)).step_by(self.count)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}

/// The text is no shard.
#[derive(Debug, thiserror::Error)]
#[error("expected a shard, such as 2/7: the second of seven; of at most {} shards", Shard::MOST)]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let parts = text.split_once('/').and_then(|(number, count)| Some((whole(number)?, whole(count)?)));
        parts.and_then(|(number, count)| Self::new(number, count)).ok_or(NoShard)
    }
}

fn whole(text: &str) -> Option<usize> {
    text.trim().parse().ok()
}

impl TryFrom<String> for Shard {
    type Error = NoShard;

    fn try_from(text: String) -> Result<Self, NoShard> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_has_one_shard_and_every_text_that_is_one_comes_back() {
        for (images, count) in [(70, 1), (70, 3), (70, 64), (5, 7), (0, 2)] {
            let mut dealt: Vec<usize> =
                (1..=count).flat_map(|number| Shard::new(number, count).unwrap().places(images)).collect();
            dealt.sort_unstable();
            assert!(dealt.into_iter().eq(0..images), "{images} images, {count} shards");
        }
        assert_eq!(Shard::new(2, 3).unwrap().places(8).collect::<Vec<_>>(), [1, 4, 7]);
        for (text, expected) in [
            ("1/1", true),
            (" 2 / 7", true),
            ("8/7", false),
            ("0/7", false),
            ("1/1000000", true),
            ("1/1000001", false),
            ("2", false),
            ("/", false),
        ] {
            assert_eq!(text.parse::<Shard>().is_ok(), expected, "{text}");
        }
        assert_eq!("2/7".parse::<Shard>().unwrap().to_string(), "2/7");
    }
}
