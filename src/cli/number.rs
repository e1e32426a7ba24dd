//! Numbers as people write them on the command line.

use std::ffi::{OsStr, OsString};

/// Far beyond every distance between two images, so that no sum of steps leaves the range of f32.
const LARGEST: f64 = 1000.0;

/// A number from 0 to [`LARGEST`]; a fraction such as `76.5/255` is one too.
pub(super) fn non_negative(text: &str) -> Result<f64, String> {
    let number = |text: &str| text.trim().parse::<f64>().map_err(|_| format!("'{text}' is not a number"));
    let value = match text.split_once('/') {
        Some((above, below)) => number(above)? / number(below)?,
        None => number(text)?,
    };
    if !(0.0..=LARGEST).contains(&value) {
        return Err(format!("{text} is not a number from 0 to {LARGEST}, such as 0.3 or 76.5/255"));
    }
    // Minus zero is zero.
    Ok(value.abs())
}

/// A share in (0, 1).
pub(super) fn rate(text: &str) -> Result<f64, String> {
    match non_negative(text) {
        Ok(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err(format!("{text} is not a rate between 0 and 1, such as 0.05")),
    }
}

/// A share in [0, 1].
pub(super) fn share(text: &str) -> Result<f64, String> {
    match non_negative(text) {
        Ok(value) if value <= 1.0 => Ok(value),
        _ => Err(format!("{text} is not a share from 0 to 1, such as 0.5")),
    }
}

/// A whole number of at least 1.
pub(super) fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(value) if value > 0 => Ok(value),
        _ => Err(format!("'{text}' is not a whole number of at least 1")),
    }
}

/// A detector score of either sign. `inf` and `-inf` are the outermost numbers: JSON has no infinity, and no score is beyond.
pub(super) fn score(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if !value.is_nan() => Ok(value.clamp(f32::MIN, f32::MAX)),
        _ => Err(format!("'{text}' is not a score, such as 2.75")),
    }
}

/// `--flag -1e-7` as `--flag=-1e-7`, since clap takes a negative number with a negative exponent, and `-inf`, for a flag.
pub(super) fn joined(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let is_negative = |text: &str| text.starts_with('-') && text.parse::<f32>().is_ok();
    arguments.into_iter().fold(Vec::new(), |mut joined, argument| {
        match (joined.last_mut(), argument.to_str()) {
            (Some(flag), Some(number)) if is_negative(number) && is_flag(flag) => {
                flag.push("=");
                flag.push(number);
            }
            _ => joined.push(argument),
        }
        joined
    })
}

/// Whether a value may follow: `--flag`, but not `--flag=value` or `--`.
fn is_flag(argument: &OsStr) -> bool {
    argument.to_str().is_some_and(|text| text.len() > 2 && text.starts_with("--") && !text.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_numbers() {
        for (text, value) in
            [("0.3", 0.3), ("76.5/255", 0.3), ("8/255", 8.0 / 255.0), ("0", 0.0), ("2", 2.0), ("-0", 0.0)]
        {
            assert_eq!(non_negative(text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn nonsense_is_named() {
        for text in ["-1", "nan", "inf", "1/0", "0/0", "", "a", "1/", "1/2/3", "-1/255", "1e300"] {
            assert!(non_negative(text).is_err(), "{text}");
        }
        for text in ["0", "1", "1.5", "-0.1", "nan"] {
            assert!(rate(text).is_err(), "{text}");
        }
        for text in ["0", "-3", "1.5", "99999999999999999999999"] {
            assert!(positive(text).is_err(), "{text}");
        }
        for text in ["-0.1", "1.01", "nan"] {
            assert!(share(text).is_err(), "{text}");
        }
        assert!(share("0") == Ok(0.0) && share("1") == Ok(1.0));
        for text in ["", "x", "nan", "-nan", "1,5"] {
            assert!(score(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_score_can_be_written() {
        for (text, value) in [
            ("-1.5", -1.5),
            ("-1e-7", -1e-7),
            ("1e-45", f32::from_bits(1)),
            ("-1e-45", -f32::from_bits(1)),
            ("inf", f32::MAX),
            ("-inf", f32::MIN),
        ] {
            assert_eq!(score(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn negative_numbers_stay_with_their_flag() {
        for (words, expected) in [
            ("--threshold -1e-7 --json", "--threshold=-1e-7 --json"),
            ("--threshold -inf", "--threshold=-inf"),
            ("--epsilon -0.5", "--epsilon=-0.5"),
            ("--threshold --limit 5", "--threshold --limit 5"),
            ("--threshold=-1 -2", "--threshold=-1 -2"),
            ("-- -1", "-- -1"),
            ("detect -1", "detect -1"),
        ] {
            let found = joined(words.split(' ').map(OsString::from));
            assert_eq!(found, expected.split(' ').collect::<Vec<_>>(), "{words}");
        }
    }
}
