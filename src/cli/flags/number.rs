//! Numbers as people write them on the command line.
//!
//! A refusal says what was expected and, where it can be guessed, what was meant. clap puts the value and its flag before it.

use crate::training::Sigma;

/// Far beyond every distance between two images, so that no sum of steps leaves the range of f32.
const LARGEST: f64 = 1000.0;

/// A number from 0 to [`LARGEST`]; a fraction such as `76.5/255` is one too.
pub(crate) fn non_negative(text: &str) -> Result<f64, String> {
    match number(text) {
        // Minus zero is zero.
        Some(value) if (0.0..=LARGEST).contains(&value) => Ok(value.abs()),
        _ => Err(expected(&format!("a number from 0 to {LARGEST}, such as 0.3 or 76.5/255"), with_a_point(text))),
    }
}

/// A finite number of either sign.
pub(crate) fn finite(text: &str) -> Result<f64, String> {
    match number(text) {
        Some(value) if (value as f32).is_finite() => Ok(value),
        _ => Err(expected("a number, such as 0.485 or 127.5", with_a_point(text))),
    }
}

/// A share in (0, 1).
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    match number(text) {
        Some(value) if value > 0.0 && value < 1.0 => Ok(value),
        _ => Err(expected("a rate between 0 and 1, such as 0.05", with_a_point(text).or_else(|| of_a_hundred(text)))),
    }
}

/// A share in [0, 1].
pub(crate) fn share(text: &str) -> Result<f64, String> {
    match number(text) {
        Some(value) if (0.0..=1.0).contains(&value) => Ok(value.abs()),
        _ => Err(expected("a share from 0 to 1, such as 0.5", with_a_point(text).or_else(|| of_a_hundred(text)))),
    }
}

/// A detector score of either sign. `inf` and `-inf` are the outermost numbers: JSON has no infinity, and no score is beyond.
pub(crate) fn score(text: &str) -> Result<f32, String> {
    match text.trim().parse::<f32>() {
        Ok(value) if !value.is_nan() => Ok(value.clamp(f32::MIN, f32::MAX)),
        _ => Err(expected("a score, such as 1.5", with_a_point(text))),
    }
}

/// The strength of noise: a number, or the range to draw it from.
pub(crate) fn sigma(text: &str) -> Result<Sigma, String> {
    text.parse().map_err(|_| {
        expected("a number from 0 to 10, such as 0.1, or a range of such, such as 0..0.3", with_a_point(text))
    })
}

/// A whole number of at least 1.
pub(crate) fn positive(text: &str) -> Result<usize, String> {
    whole(text, 1, usize::MAX as u64).map(|value| value as usize)
}

/// A whole number of at least 0.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    whole(text, 0, usize::MAX as u64).map(|value| value as usize)
}

/// The same of 64 bits: a seed, or the index of an image.
pub(crate) fn natural(text: &str) -> Result<u64, String> {
    whole(text, 0, u64::MAX)
}

/// A port of this computer; 0 is a free one.
pub(crate) fn port(text: &str) -> Result<u16, String> {
    whole(text, 0, u16::MAX.into()).map(|value| value as u16)
}

/// Two indices, such as 3:18.
pub(crate) fn pair(text: &str) -> Result<(u64, u64), String> {
    let indices = text.split_once(':').and_then(|(from, to)| Some((natural(from).ok()?, natural(to).ok()?)));
    indices.ok_or_else(|| expected("two whole numbers of at least 0, such as 3:18", None))
}

/// A whole number from `least` to `most`, which is named only where it is in the way.
fn whole(text: &str, least: u64, most: u64) -> Result<u64, String> {
    let text = text.trim();
    text.parse().ok().filter(|value| (least..=most).contains(value)).ok_or_else(|| {
        let is_large = text.bytes().all(|byte| byte.is_ascii_digit()) && text.bytes().any(|byte| byte > b'0');
        let upper = if is_large { format!(" and at most {most}") } else { String::new() };
        expected(&format!("a whole number of at least {least}{upper}"), None)
    })
}

/// The value of a number or of a fraction.
fn number(text: &str) -> Option<f64> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    match text.split_once('/') {
        Some((above, below)) => Some(number(above)? / number(below)?),
        None => number(text),
    }
}

/// With a point for a decimal comma, if that makes it a number.
fn with_a_point(text: &str) -> Option<String> {
    let point = text.replacen(',', ".", 1);
    (point != text && number(&point).is_some_and(f64::is_finite)).then_some(point)
}

/// What is meant in per cent, as a share.
fn of_a_hundred(text: &str) -> Option<String> {
    let share = number(text.trim().trim_end_matches('%'))? / 100.0;
    (share > 0.0 && share < 1.0).then(|| share.to_string())
}

fn expected(what: &str, meant: Option<String>) -> String {
    format!("expected {what}{}", meant.map_or(String::new(), |meant| format!("; did you mean {meant}?")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_numbers() {
        for (text, value) in [
            ("0.3", 0.3),
            ("76.5/255", 0.3),
            ("8/255", 8.0 / 255.0),
            ("0", 0.0),
            ("2", 2.0),
            ("-0", 0.0),
            ("+.5", 0.5),
            (" 1 / 4 ", 0.25),
        ] {
            assert_eq!(non_negative(text).unwrap(), value, "{text}");
        }
        assert_eq!((share("0"), share("1"), score("-1.5"), port("0")), (Ok(0.0), Ok(1.0), Ok(-1.5), Ok(0)));
        assert_eq!((count("0"), natural("18446744073709551615"), pair("3:18")), (Ok(0), Ok(u64::MAX), Ok((3, 18))));
    }

    #[test]
    fn a_refusal_says_what_was_meant_where_it_can_be_guessed() {
        for (refusal, meant) in [
            (rate("5").unwrap_err(), "0.05"),
            (rate("0.5%").unwrap_err(), "0.005"),
            (rate("0,05").unwrap_err(), "0.05"),
            (share("50").unwrap_err(), "0.5"),
            (non_negative("0,3").unwrap_err(), "0.3"),
            (score("-1,5").unwrap_err(), "-1.5"),
            (sigma("0,1").unwrap_err(), "0.1"),
        ] {
            assert!(refusal.ends_with(&format!("; did you mean {meant}?")), "{refusal}");
        }
        for refusal in [rate("0"), rate("-5"), rate("100"), share("x"), non_negative("0,3,4"), non_negative("1000.5")] {
            assert!(!refusal.clone().unwrap_err().contains("did you mean"), "{refusal:?}");
        }
        assert_eq!(natural("-1").unwrap_err(), "expected a whole number of at least 0");
        assert_eq!(port("65536").unwrap_err(), "expected a whole number of at least 0 and at most 65535");
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
}
