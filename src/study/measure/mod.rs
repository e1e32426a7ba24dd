//! What the figures and claims measure.

mod artist;
mod average;
mod correction;
mod correlation;
mod distance;
mod gallery;
mod generic;
mod interval;
mod neighbourhood;
mod neighbours;
mod neuron;
mod pairs;
mod path;
mod quantile;
mod shape;
#[cfg(test)]
mod toy;
mod transfer;
mod walk;

pub use artist::{Artist, Codes};
pub use average::{mean, share};
pub use correction::{Correction, corrections};
pub use correlation::{correlation, within_classes};
pub use distance::{distance, squared_distance};
pub use gallery::Gallery;
pub use generic::{Generic, generic_errors, generics};
pub use interval::{bootstrap, mean_with_interval, wilson};
pub use neighbourhood::{Neighbourhood, Neighbourhoods};
pub use neighbours::{Neighbour, nearest};
pub use neuron::{Neuron, neurons, strongest};
pub use pairs::{Pair, farthest_pairs, form_pairs, random_pairs};
pub use path::Path;
pub use quantile::quantile;
pub use shape::Shape;
pub use transfer::{Transfer, transfer};
pub use walk::{LAMBDAS, Walk, straight_path, style_path, walks};
