//! The groups in which the images of a batch pass the convolutions.

/// Images of a group: few enough that their maps and values at the points stay in the second cache beside the weights, and a
/// number whose 4 tiles each fill whole tiles of rows.
pub(super) const GROUP: usize = 6;

/// The first image of each group of a batch, and the group's size. There is always a first group, if only an empty one,
/// so that gradients are written after any batch.
pub(super) fn groups(images: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..images.max(1)).step_by(GROUP).map(move |first| (first, GROUP.min(images - first)))
}
