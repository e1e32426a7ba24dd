//! [`Study`]: a gallery and what has been measured on it so far; every measurement is made once, when it is first asked for.

use std::cell::OnceCell;

use anyhow::Result;

use super::measure::{
    Artist, Correction, Gallery, Generic, Neighbourhoods, Neuron, Range, Shape, Transfer, Walk, corrections,
    generic_errors, generics, neurons, random_pairs, ranges, transfer, walks,
};

/// Interpolations per class that figures and claims are measured over.
const PAIRS: usize = 100;

/// Everything that figures and claims draw upon.
pub(crate) struct Study<'a> {
    pub(crate) artist: Artist<'a>,
    pub(crate) gallery: Gallery,
    /// Seed of the pairs that are drawn at random.
    pub(crate) seed: u64,
    cells: Cells,
}

/// What was asked for so far.
#[derive(Default)]
struct Cells {
    corrections: OnceCell<Vec<Correction>>,
    neighbourhoods: OnceCell<Neighbourhoods>,
    walks: OnceCell<Vec<Walk>>,
    transfer: OnceCell<Transfer>,
    generics: OnceCell<Vec<Generic>>,
    generic_errors: OnceCell<Vec<f64>>,
    shapes: OnceCell<[Vec<f64>; 5]>,
    ranges: OnceCell<Vec<Range>>,
    neurons: OnceCell<Vec<Neuron>>,
}

impl<'a> Study<'a> {
    /// A study of which nothing is measured yet.
    pub(crate) fn new(artist: Artist<'a>, gallery: Gallery, seed: u64) -> Self {
        Self { artist, gallery, seed, cells: Cells::default() }
    }

    /// The misclassified images, corrected.
    pub(crate) fn corrections(&self) -> Result<&[Correction]> {
        once(&self.cells.corrections, || corrections(self.artist, &self.gallery)).map(Vec::as_slice)
    }

    /// The neighbours of every image in image space and in style space.
    pub(crate) fn neighbourhoods(&self) -> Result<&Neighbourhoods> {
        once(&self.cells.neighbourhoods, || Neighbourhoods::of(&self.gallery))
    }

    /// Interpolations between random pairs, 100 of every class.
    pub(crate) fn walks(&self) -> Result<&[Walk]> {
        let pairs = || random_pairs(&self.gallery, PAIRS, self.seed);
        once(&self.cells.walks, || walks(self.artist, &self.gallery, &pairs())).map(Vec::as_slice)
    }

    /// Style transfer across classes.
    pub(crate) fn transfer(&self) -> Result<&Transfer> {
        once(&self.cells.transfer, || transfer(self.artist, &self.gallery))
    }

    /// The generic sample of every class.
    pub(crate) fn generics(&self) -> Result<&[Generic]> {
        once(&self.cells.generics, || generics(self.artist, &self.gallery)).map(Vec::as_slice)
    }

    /// `(N)`: the error of every image's generic sample.
    pub(crate) fn generic_errors(&self) -> Result<&[f64]> {
        once(&self.cells.generic_errors, || Ok(generic_errors(&self.gallery, self.generics()?))).map(Vec::as_slice)
    }

    /// The shapes of the strokes of all images; none where the images are no written characters.
    pub(crate) fn shapes(&self) -> Option<&[Vec<f64>; 5]> {
        let measured = || self.cells.shapes.get_or_init(|| Shape::columns(&self.gallery.images));
        Shape::is_of(self.gallery.shape).then(measured)
    }

    /// Where the values of the style neurons lie.
    pub(crate) fn ranges(&self) -> &[Range] {
        self.cells.ranges.get_or_init(|| ranges(&self.gallery))
    }

    /// What the style neurons do to strokes; none where there are none.
    pub(crate) fn neurons(&self) -> Result<Option<&[Neuron]>> {
        let Some(shapes) = self.shapes() else { return Ok(None) };
        let measured = || neurons(self.artist, &self.gallery, shapes, self.ranges());
        once(&self.cells.neurons, measured).map(|neurons| Some(neurons.as_slice()))
    }
}

/// What the cell holds, made now if it is empty.
fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T>) -> Result<&T> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
