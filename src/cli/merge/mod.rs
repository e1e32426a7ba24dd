//! The shards of a run, put together again: [`Shards`] are what is known of them, [`Sets`] writes their attacked sets, and [`seen`] is what
//! detectors saw. Nothing is held of more than one shard at once but its rows, so that memory depends on the images and not on how many
//! shards they were dealt to.

mod agreement;
mod pixels;
mod sets;
mod shards;
mod sightings;

pub(crate) use sets::Sets;
pub(crate) use shards::Shards;
pub(crate) use sightings::seen;
