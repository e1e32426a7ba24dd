//! A [`Calibration`] as named arrays: `calibration.<id>`, a detector's sorted validation scores, and `fit.<id>.<name>`, what it learned.

use std::collections::BTreeMap;

use robust_networks::checkpoint::Array;

use crate::evaluation::Calibration;

const SCORES: &str = "calibration.";
const FIT: &str = "fit.";
/// What the names of such arrays start with.
pub(crate) const PREFIXES: [&str; 2] = [SCORES, FIT];

/// The arrays of a calibration.
pub(crate) fn arrays(calibration: Calibration) -> BTreeMap<String, Array> {
    let Calibration { scores, fits } = calibration;
    let scores = scores.into_iter().map(|(id, scores)| (format!("{SCORES}{id}"), (vec![scores.len()], scores)));
    let fits = fits.iter().flat_map(|(id, fit)| {
        let named = move |name: &str| format!("{FIT}{id}.{name}");
        fit.arrays().map(move |(name, array)| (named(name), (array.shape.clone(), array.values.clone())))
    });
    scores.chain(fits).collect()
}

/// The calibration of such arrays; others are left alone.
///
/// # Errors
/// Scores that are none, or not sorted.
pub(crate) fn calibration(arrays: BTreeMap<String, Array>) -> Result<Calibration, String> {
    let mut calibration = Calibration::default();
    for (name, (shape, values)) in arrays {
        if let Some(id) = name.strip_prefix(SCORES) {
            if !values.is_sorted() || values.is_empty() {
                return Err(format!("{name} is not a sorted list of scores"));
            }
            calibration.scores.insert(id.to_owned(), values);
        } else if let Some((id, array)) = name.strip_prefix(FIT).and_then(|name| name.split_once('.')) {
            let fit = calibration.fits.remove(id).unwrap_or_default();
            calibration.fits.insert(id.to_owned(), fit.with(array, shape, values));
        }
    }
    Ok(calibration)
}
