//! Detect adversarial and misclassified inputs by reconstruction, and measure the detection.
#![forbid(unsafe_code)]
