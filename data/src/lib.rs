//! Strict readers for IDX, npz and PNG images, the embedded MNIST and the pretrained networks.
#![forbid(unsafe_code)]
