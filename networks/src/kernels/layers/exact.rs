//! [`Exact`]: a product whose output rows lie one behind the other, also where they do not end with a register.

use crate::kernels::gemm::{Buffer, Finish, Grid, Packed, Rows, Runs, multiply};
use crate::kernels::simd::Isa;

/// Rows of a product: so many of each image, with so many floats of input and of output.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Exact {
    pub(in crate::kernels) rows: usize,
    pub(in crate::kernels) depth: usize,
    pub(in crate::kernels) columns: usize,
    /// Floats from one image to the next, of input and output.
    pub(in crate::kernels) pitches: [usize; 2],
}

impl Exact {
    /// Floats of scratch.
    pub(in crate::kernels) fn wide(self, isa: Isa) -> usize {
        if self.is_whole(isa) { 0 } else { self.rows * self.pitch(isa) }
    }

    /// Multiplies the rows of `images` images. A product writes whole registers, so where that would reach into the next row it goes to
    /// scratch first. A finish's buffer is laid out like the output.
    #[expect(clippy::too_many_arguments, reason = "a product: two factors, the result, and what becomes of it")]
    pub(in crate::kernels) fn multiply(
        self,
        isa: Isa,
        images: usize,
        input: &[f32],
        weights: &Packed,
        output: &mut [f32],
        finish: Finish<'_>,
        wide: &mut Buffer,
    ) {
        let Self { rows, depth, columns, pitches } = self;
        let grid = |image: usize, row: usize| Grid { origin: 0, strides: [0, image, row] };
        if self.is_whole(isa) {
            let (from, to) = (grid(pitches[0], depth), grid(pitches[1], columns));
            let rows = Rows { counts: [1, images, rows], input: from, output: to };
            return multiply(isa, rows, Runs::one(depth), input, weights.all(), output, finish);
        }
        let pitch = self.pitch(isa);
        let bias = if finish.has_bias() { Finish::Bias } else { Finish::Keep };
        for image in 0..images {
            let (input, first) = (&input[image * pitches[0]..], image * pitches[1]);
            let of_image = Rows { counts: [1, 1, rows], input: grid(0, depth), output: grid(0, pitch) };
            multiply(isa, of_image, Runs::one(depth), input, weights.all(), wide, bias);
            let output = output[first..].chunks_exact_mut(columns).zip(wide.chunks_exact(pitch)).take(rows);
            for (row, (to, sums)) in output.enumerate() {
                let places = first + row * columns..;
                places.zip(to.iter_mut().zip(sums)).for_each(|(at, (to, sum))| *to = finish.of(*sum, *to, at));
            }
        }
    }

    /// Whether rows end with a register.
    fn is_whole(self, isa: Isa) -> bool {
        self.columns.is_multiple_of(isa.lanes())
    }

    fn pitch(self, isa: Isa) -> usize {
        self.columns.next_multiple_of(isa.lanes())
    }
}
