//! The style-memory network: train it, attack it, watch it notice.
