//! Trained networks as part of the binary: safetensors files, written by `robust train`.

/// Names and files, static so that the binary holds each once; the default network of a dataset has the dataset's name.
static NETWORKS: &[(&str, &[u8])] = &[
    ("mnist", include_bytes!("../pretrained/mnist.safetensors")),
    ("emnist-letters", include_bytes!("../pretrained/emnist-letters.safetensors")),
    ("fashion-mnist", include_bytes!("../pretrained/fashion-mnist.safetensors")),
];

/// The checkpoint of that name, a safetensors file.
#[must_use]
pub fn pretrained(name: &str) -> Option<&'static [u8]> {
    NETWORKS.iter().find(|(network, _)| *network == name).map(|(_, bytes)| *bytes)
}

/// The names of all of them.
pub fn names() -> impl Iterator<Item = &'static str> {
    NETWORKS.iter().map(|(name, _)| *name)
}
