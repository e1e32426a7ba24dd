//! What a node says besides its operands.

use super::message::{Attribute, Node};

impl<'a> Node<'a> {
    /// What the file calls it, or its first output.
    pub(super) fn label(&self) -> &'a str {
        if self.name.is_empty() { self.outputs.first().copied().unwrap_or("?") } else { self.name }
    }

    /// The attribute of this name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// An integer.
    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.attribute(name)?.integer
    }

    /// An integer that is 0 or 1; 0 if it is not said.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.integer(name).unwrap_or(0) != 0
    }

    /// A float.
    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name)?.float
    }

    /// Integers.
    pub(super) fn integers(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| &attribute.integers[..])
    }

    /// Text; what is no UTF-8 is no text that is known.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        let text = self.attribute(name)?.text?;
        Some(std::str::from_utf8(text).unwrap_or("?"))
    }

    /// Text, or what it is if it is not said.
    pub(super) fn text_or(&self, name: &str, default: &'static str) -> &'a str {
        self.text(name).unwrap_or(default)
    }
}

/// The place of an axis among so many, counted from the end where it is negative.
pub(super) fn axis(axis: i64, rank: usize) -> Result<usize, String> {
    let signed = i64::try_from(rank).unwrap_or(i64::MAX);
    let place = if axis < 0 { axis.checked_add(signed) } else { Some(axis) };
    place
        .and_then(|place| usize::try_from(place).ok())
        .filter(|&place| place < rank)
        .ok_or_else(|| format!("axis {axis} of a value with {rank} dimensions"))
}

/// Those places, ascending, each once.
pub(super) fn axes(axes: &[i64], rank: usize) -> Result<Vec<usize>, String> {
    let mut places = axes.iter().map(|&at| axis(at, rank)).collect::<Result<Vec<_>, _>>()?;
    places.sort_unstable();
    if places.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(format!("an axis twice in {axes:?}"));
    }
    Ok(places)
}

/// A size that is no less than nothing.
pub(super) fn size(number: i64, what: &str) -> Result<usize, String> {
    usize::try_from(number).map_err(|_| format!("{what} of {number}"))
}
