//! [`Windowed`]: a convolution or a transposed one, each direction by the algorithm that suits its shape.

use std::fmt;

use super::down::Down;
use super::gradient::{self, sum_products, write_products};
use super::scratch::Scratch;
use super::shares::UpByShares;
use super::task::Task;
use super::up::Up;
use crate::kernels::gemm::{Finish, Former};
use crate::kernels::simd::Isa;
use crate::kernels::windows::Windows;
use crate::kernels::winograd::{Tiled, TiledGradient};

/// A packed weight `[small channel][large channel][row][column]` for both directions, and a bias.
#[derive(Clone, Debug)]
pub(in crate::kernels) struct Windowed {
    isa: Isa,
    /// Which of the network's layers it is.
    number: usize,
    /// Whether the way forward leads up: a transposed convolution.
    is_up: bool,
    down: DownBy,
    up: UpBy,
    gradient: GradientBy,
}

#[derive(Clone, Debug)]
enum DownBy {
    Product(Down),
    Tiles(Tiled),
}

#[derive(Clone, Debug)]
enum UpBy {
    Phases(Up),
    Tiles(Tiled),
    Shares(UpByShares),
}

#[derive(Clone, Debug)]
enum GradientBy {
    Product(Windows),
    Tiles(TiledGradient),
}

/// The names of the algorithms, forward and back.
impl fmt::Display for Windowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let down = match self.down {
            DownBy::Product(_) => "product",
            DownBy::Tiles(_) => "Winograd",
        };
        let up = match self.up {
            UpBy::Phases(_) => "product by phases",
            UpBy::Tiles(_) => "Winograd",
            UpBy::Shares(_) => "shares",
        };
        let [forward, back] = if self.is_up { [up, down] } else { [down, up] };
        write!(f, "{forward}, back {back}")
    }
}

impl Windowed {
    /// For the maps of the way forward, and those of the gradients. `by_shares`: the way up leads to a plain map, and does nothing
    /// with a sum but add a bias.
    pub(in crate::kernels) fn new(
        isa: Isa,
        number: usize,
        is_up: bool,
        forward: Windows,
        back: Windows,
        by_shares: bool,
    ) -> Self {
        let [down, up] = if is_up { [back, forward] } else { [forward, back] };
        let by_shares = by_shares.then(|| UpByShares::new(isa, up)).flatten();
        let gradient = match is_up {
            false => Windows { small: back.small, ..forward },
            true => Windows { large: back.large, ..forward },
        };
        Self {
            isa,
            number,
            is_up,
            down: Tiled::new(isa, &down, false).map_or_else(|| DownBy::Product(Down::new(isa, down)), DownBy::Tiles),
            up: match (by_shares, Tiled::new(isa, &up, true)) {
                (Some(shares), _) => UpBy::Shares(shares),
                (None, Some(tiles)) => UpBy::Tiles(tiles),
                (None, None) => UpBy::Phases(Up::new(isa, up)),
            },
            gradient: TiledGradient::new(isa, &gradient).map_or(GradientBy::Product(gradient), GradientBy::Tiles),
        }
    }

    /// Hands out the packing of both directions.
    pub(in crate::kernels) fn fill<'a>(
        &'a mut self,
        weight: &'a [f32],
        bias: &'a [f32],
        mut hand_out: impl FnMut(Task<'a>),
    ) {
        let Self { is_up, down, up, .. } = self;
        let biases = if *is_up { [&[], bias] } else { [bias, &[]] };
        hand_out(Box::new(move || match down {
            DownBy::Product(down) => down.fill(weight, biases[0]),
            DownBy::Tiles(down) => down.fill(weight, biases[0]),
        }));
        hand_out(Box::new(move || match up {
            UpBy::Phases(up) => up.fill(weight, biases[1]),
            UpBy::Tiles(up) => up.fill(weight, biases[1]),
            UpBy::Shares(up) => up.fill(weight, biases[1]),
        }));
    }

    pub(in crate::kernels) fn forward(
        &self,
        images: usize,
        input: &[f32],
        output: &mut [f32],
        finish: Finish<'_>,
        scratch: &mut Scratch,
    ) {
        match self.is_up {
            true => self.run_up(images, input, output, finish, scratch),
            false => self.run_down(images, input, (output, finish), scratch, None),
        }
    }

    /// The gradient of the input from that of the output, and where sums are given the weight gradient, which needs the input.
    pub(in crate::kernels) fn backward(
        &self,
        images: usize,
        [input, d_output]: [&[f32]; 2],
        d_input: Option<(&mut [f32], Finish<'_>)>,
        sums: Option<(Former, &mut [f32])>,
        scratch: &mut Scratch,
    ) {
        if !self.is_up {
            if let Some((d_input, finish)) = d_input {
                self.run_up(images, d_output, d_input, finish, scratch);
            }
            if let Some((former, sums)) = sums {
                self.sum_gradient(images, input, d_output, scratch, former, sums);
            }
            return;
        }
        match (d_input, sums, &self.gradient) {
            // What goes down is at the points already.
            (Some(d_input), Some((former, sums)), GradientBy::Tiles(gradient)) => {
                self.run_down(images, d_output, d_input, scratch, Some((gradient, input, former, sums)));
            }
            (d_input, sums, _) => {
                if let Some(d_input) = d_input {
                    self.run_down(images, d_output, d_input, scratch, None);
                }
                if let Some((former, sums)) = sums {
                    self.sum_gradient(images, d_output, input, scratch, former, sums);
                }
            }
        }
    }

    fn run_down(
        &self,
        images: usize,
        large: &[f32],
        (small, finish): (&mut [f32], Finish<'_>),
        scratch: &mut Scratch,
        gradient: Option<(&TiledGradient, &[f32], Former, &mut [f32])>,
    ) {
        match &self.down {
            DownBy::Tiles(down) => down.down(images, large, (small, finish), &mut scratch.tiles, gradient),
            DownBy::Product(down) => {
                down.run(self.isa, images, large, small, finish);
                if let Some((gradient, small, former, sums)) = gradient {
                    gradient.run(images, large, small, &mut scratch.tiles, former, sums);
                }
            }
        }
    }

    fn run_up(&self, images: usize, small: &[f32], large: &mut [f32], finish: Finish<'_>, scratch: &mut Scratch) {
        match &self.up {
            UpBy::Phases(up) => up.run(self.isa, images, small, large, finish),
            UpBy::Tiles(up) => up.up(images, small, (large, finish), &mut scratch.tiles),
            UpBy::Shares(up) => up.run(self.isa, images, small, large, &mut scratch.shares[self.number]),
        }
    }

    fn sum_gradient(
        &self,
        images: usize,
        large: &[f32],
        small: &[f32],
        scratch: &mut Scratch,
        former: Former,
        sums: &mut [f32],
    ) {
        match &self.gradient {
            GradientBy::Tiles(gradient) => gradient.run(images, large, small, &mut scratch.tiles, former, sums),
            GradientBy::Product(windows) => sum_products(self.isa, windows, images, large, small, former, sums),
        }
    }

    /// Floats of the sums of a weight gradient.
    pub(in crate::kernels) fn sums(&self) -> usize {
        match &self.gradient {
            GradientBy::Product(windows) => gradient::sums(windows),
            GradientBy::Tiles(gradient) => gradient.sums(),
        }
    }

    /// Writes sums to a gradient in PyTorch's layout.
    pub(in crate::kernels) fn write_gradient(&self, sums: &[f32], gradient: &mut [f32]) {
        match &self.gradient {
            GradientBy::Product(windows) => write_products(windows, sums, gradient),
            GradientBy::Tiles(tiles) => tiles.write(sums, gradient),
        }
    }

    /// Floats of scratch for tiles, large and small.
    pub(in crate::kernels) fn tiles(&self) -> [usize; 2] {
        let down = if let DownBy::Tiles(down) = &self.down { down.scratch() } else { [0, 0] };
        let up = if let UpBy::Tiles(up) = &self.up { up.scratch() } else { [0, 0] };
        let gradient = if let GradientBy::Tiles(gradient) = &self.gradient { gradient.scratch() } else { [0, 0] };
        [0, 1].map(|level| down[level].max(up[level]).max(gradient[level]))
    }

    /// Floats of scratch for shares.
    pub(in crate::kernels) fn shares(&self) -> usize {
        if let UpBy::Shares(up) = &self.up { up.scratch() } else { 0 }
    }

    /// Bytes of scratch that an image passes through on the way forward.
    pub(in crate::kernels) fn bytes(&self) -> usize {
        match (self.is_up, &self.down, &self.up) {
            (false, DownBy::Tiles(down), _) => down.bytes(),
            (true, _, UpBy::Tiles(up)) => up.bytes(),
            _ => 0,
        }
    }
}
