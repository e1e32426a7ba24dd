//! What the figures and claims measure.

mod artist;
mod correction;
mod gallery;
mod generic;
mod interval;
mod neighbourhood;
mod neighbours;
mod neuron;
mod pairs;
mod sample;
mod shape;
#[cfg(test)]
mod toy;
mod transfer;
mod walk;

pub(crate) use artist::{Artist, Codes};
pub(crate) use correction::{Correction, corrections};
pub(crate) use gallery::Gallery;
pub(crate) use generic::{Generic, generic_errors, generics};
pub(crate) use interval::{bootstrap, mean_with_interval, wilson};
pub(crate) use neighbourhood::{Neighbourhood, Neighbourhoods, Space};
pub(crate) use neighbours::{Neighbour, nearest};
pub(crate) use neuron::{Neuron, Range, neurons, ranges, strongest};
pub(crate) use pairs::{Pair, farthest_pairs, form_pairs, random_pairs};
pub(crate) use sample::{correlation, distance, mean, quantile, share, squared_distance, within_classes};
pub(crate) use shape::Shape;
pub(crate) use transfer::{Transfer, transfer};
pub(crate) use walk::{LAMBDAS, Walk, straight_path, style_path, walks};
