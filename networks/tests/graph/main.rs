//! Networks and single ops on candle's graph, in double precision: against differences, against PyTorch, and at corners.

mod corners;
mod differences;
mod networks;
mod ops;
mod pytorch;
mod specs;
