//! [`Fit`]: what a detector learned from clean images, as named arrays of f32: the form in which a file can hold it.

use std::collections::BTreeMap;

use crate::Error;

/// What is found where an array should be and is not.
pub(crate) const MISSING: &str = "is missing";

/// Named arrays. A detector that learns makes one of itself and is made from one; a detector that learns nothing has an
/// empty one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fit(BTreeMap<String, Array>);

/// Finite numbers in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// How many along each dimension.
    pub shape: Vec<usize>,
    /// All of them, the last dimension fastest.
    pub values: Vec<f32>,
}

impl Fit {
    /// The fit with another array.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, shape: Vec<usize>, values: Vec<f32>) -> Self {
        self.0.insert(name.into(), Array { shape, values });
        self
    }

    /// The fit with all of another, each array of it called `name.` and what it is called there.
    #[must_use]
    pub(crate) fn with_part(mut self, name: &str, part: &Self) -> Self {
        self.0.extend(part.0.iter().map(|(own, array)| (format!("{name}.{own}"), array.clone())));
        self
    }

    /// What [`with_part`](Self::with_part) of that name added.
    pub(crate) fn part(&self, name: &str) -> Self {
        let own = |full: &String| Some(full.strip_prefix(name)?.strip_prefix('.')?.to_owned());
        Self(self.0.iter().filter_map(|(full, array)| Some((own(full)?, array.clone()))).collect())
    }

    /// Every array with its name, by name.
    pub fn arrays(&self) -> impl Iterator<Item = (&str, &Array)> {
        self.0.iter().map(|(name, array)| (name.as_str(), array))
    }

    /// The shape of an array, for what is only known from there; empty if there is no such array.
    pub(crate) fn shape(&self, name: &str) -> &[usize] {
        self.0.get(name).map_or(&[], |array| &array.shape)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of an array of finite numbers that must be there and have `shape`.
    ///
    /// # Errors
    /// [`Error::Fit`], which says what is there instead.
    pub fn values(&self, name: &str, shape: &[usize]) -> Result<&[f32], Error> {
        let wrong = |found| Error::Fit { name: name.to_owned(), found, expected: shape.to_vec() };
        let array = self.0.get(name).ok_or_else(|| wrong(MISSING.to_owned()))?;
        if array.shape != shape || array.values.len() != shape.iter().product::<usize>() {
            return Err(wrong(format!("has {} values of shape {:?}", array.values.len(), array.shape)));
        }
        match array.values.iter().find(|value| !value.is_finite()) {
            Some(value) => Err(wrong(format!("holds {value}"))),
            None => Ok(&array.values),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fit;

    #[test]
    fn a_part_is_found_again() {
        let part = Fit::default().with("mean", vec![1], vec![1.0]).with("part.mean", vec![1], vec![2.0]);
        let whole = Fit::default().with("mean", vec![1], vec![3.0]).with("parting", vec![1], vec![4.0]);
        let whole = whole.with_part("part", &part);
        assert_eq!(whole.part("part"), part);
        assert_eq!(
            (whole.values("part.mean", &[1]).unwrap(), whole.values("mean", &[1]).unwrap()),
            (&[1.0][..], &[3.0][..])
        );
        assert!(whole.part("other").is_empty());
    }

    #[test]
    fn an_array_is_found_by_name_and_shape_or_refused_with_what_is_there() {
        let fit = Fit::default().with("mean", vec![2, 2], vec![1.0, 2.0, 3.0, 4.0]);
        assert_eq!(fit.values("mean", &[2, 2]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
        let short = Fit::default().with("mean", vec![2, 2], vec![1.0]);
        let poisoned = Fit::default().with("mean", vec![1], vec![f32::NAN]);
        for (fit, name, shape, expected) in [
            (&fit, "mean", &[4][..], "array `mean` of the fit has 4 values of shape [2, 2], expected finite"),
            (&fit, "deviation", &[2, 2], "array `deviation` of the fit is missing, expected finite"),
            (&short, "mean", &[2, 2], "array `mean` of the fit has 1 values of shape [2, 2], expected finite"),
            (&poisoned, "mean", &[1], "array `mean` of the fit holds NaN, expected finite numbers of shape [1]"),
        ] {
            let message = fit.values(name, shape).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
