//! How strong the noise on the encoder's input is.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use serde::{Deserialize, Serialize};

/// Standard deviation of the Gaussian noise on an image; pixels are in [0, 1], and the sum is not clipped.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sigma {
    /// The same for every image.
    Fixed(f64),
    /// Drawn for each image, uniformly between the two.
    Between([f64; 2]),
}

impl Sigma {
    /// One image's.
    pub(super) fn draw(self, rng: &mut impl Rng) -> f32 {
        match self {
            Self::Fixed(sigma) => sigma as f32,
            Self::Between([low, high]) => (low + (high - low) * rng.random::<f64>()) as f32,
        }
    }
}

impl fmt::Display for Sigma {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Fixed(sigma) => write!(formatter, "{sigma}"),
            Self::Between([low, high]) => write!(formatter, "{low}..{high}"),
        }
    }
}

impl FromStr for Sigma {
    type Err = String;

    /// One number, or two around `..`.
    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|sigma| (0.0..=10.0).contains(sigma));
        let sigma = match text.split_once("..") {
            None => number(text).map(Self::Fixed),
            Some((low, high)) => {
                number(low).zip(number(high)).filter(|(low, high)| low <= high).map(|(l, h)| Self::Between([l, h]))
            }
        };
        sigma.ok_or_else(|| {
            format!("'{text}' is neither a number from 0 to 10, such as 0.1, nor a range, such as 0..0.3")
        })
    }
}

#[cfg(test)]
mod tests {
    use robust_attacks::random::stream;

    use super::Sigma;

    #[test]
    fn text_and_json_survive_their_way_there_and_back() {
        for (text, json, sigma) in [
            ("0.1", "0.1", Sigma::Fixed(0.1)),
            ("0", "0.0", Sigma::Fixed(0.0)),
            ("0..0.3", "[0.0,0.3]", Sigma::Between([0.0, 0.3])),
        ] {
            assert_eq!((text.parse(), sigma.to_string()), (Ok(sigma), text.to_owned()));
            assert_eq!(serde_json::to_string(&sigma).unwrap(), json);
            assert_eq!(serde_json::from_str::<Sigma>(json).unwrap(), sigma);
        }
        for text in ["", "-0.1", "nan", "inf", "11", "0.3..0.1", "..0.3", "0..", "0..1..2", "x"] {
            assert!(text.parse::<Sigma>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_range_is_filled_evenly() {
        let mut rng = stream(1, "noise", &[]);
        let drawn: Vec<f32> = (0..1000).map(|_| Sigma::Between([0.1, 0.3]).draw(&mut rng)).collect();
        let mean = drawn.iter().sum::<f32>() / 1000.0;
        assert!(drawn.iter().all(|sigma| (0.1..0.3).contains(sigma)) && (mean - 0.2).abs() < 0.01, "{mean}");
        assert_eq!(Sigma::Fixed(0.1).draw(&mut rng), 0.1);
    }
}
