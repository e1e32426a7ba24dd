//! [`Repeated`]: a function of two values, each repeated where it has one element in place of many, as NumPy does it.
#![expect(unsafe_code, reason = "kernels, compiled for an instruction set")]

use super::pairs::Pairs;
use super::repeats::repeats;
use super::sums::sum;
use crate::kernels::simd::{Isa, Kernel, Vector, run};
use crate::spec::Pairwise;

/// A function of two values of these shapes.
#[derive(Clone, Debug)]
pub(super) struct Repeated {
    function: Pairwise,
    /// Where both operands have what belongs to each run of the result.
    pairs: Pairs,
    /// Elements of the last axes, which both operands have in a row or are one element of.
    length: usize,
    is_row: [bool; 2],
    elements: [usize; 2],
}

impl Repeated {
    pub(super) fn new(function: Pairwise, shapes: [&[usize]; 2], result: &[usize]) -> Self {
        let steps = shapes.map(|shape| repeats(shape, result.len()));
        let axes = (0..result.len()).filter(|&axis| result[axis] > 1);
        let mut axes: Vec<(usize, [usize; 2])> =
            axes.map(|axis| (result[axis], [steps[0][axis], steps[1][axis]])).collect();
        let (mut length, mut is_row) = (1, [true; 2]);
        if let Some((size, steps)) = axes.pop() {
            (length, is_row) = (size, steps.map(|step| step == 1));
        }
        let goes_on =
            |length: usize, steps: [usize; 2]| (0..2).all(|side| steps[side] == usize::from(is_row[side]) * length);
        while let Some((size, _)) = axes.pop_if(|(_, steps)| goes_on(length, *steps)) {
            length *= size;
        }
        let list = |(size, steps): (usize, [usize; 2])| (0..size).map(|at| steps.map(|step| at * step)).collect();
        let elements = shapes.map(|shape| shape.iter().product());
        Self { function, pairs: Pairs::new(axes.into_iter().map(list).collect()), length, is_row, elements }
    }

    /// The function of one image's operands.
    pub(super) fn forward(&self, isa: Isa, operands: [&[f32]; 2], to: &mut [f32]) {
        run(isa, Forward { of: self, operands, to });
    }

    /// The way back to one of the operands, which is written, or added to.
    pub(super) fn backward(
        &self,
        isa: Isa,
        side: usize,
        operands: [&[f32]; 2],
        d_result: &[f32],
        d_operand: &mut [f32],
        is_first: bool,
    ) {
        let to = &mut d_operand[..self.elements[side]];
        if is_first {
            to.fill(0.0);
        }
        // The operand itself comes first, then the other one.
        let (own, other) = (operands[side], operands[1 - side]);
        run(isa, Backward { of: self, side, own, other, d_result, to });
    }
}

struct Forward<'a> {
    of: &'a Repeated,
    operands: [&'a [f32]; 2],
    to: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Forward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        match self.of.function {
            Pairwise::Add => self.each(|a, b| a + b),
            Pairwise::Subtract => self.each(|a, b| a - b),
            Pairwise::Multiply => self.each(|a, b| a * b),
            Pairwise::Divide => self.each(|a, b| a / b),
            Pairwise::Larger => self.each(|a, b| if a > b || a.is_nan() { a } else { b }),
            Pairwise::Smaller => self.each(|a, b| if a < b || a.is_nan() { a } else { b }),
        }
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn each(self, f: impl Fn(f32, f32) -> f32) {
        let Repeated { pairs, length, is_row, .. } = self.of;
        let mut to = self.to.chunks_exact_mut(*length);
        pairs.each(|[a, b]| {
            let (Some(to), a, b) = (to.next(), &self.operands[0][a..], &self.operands[1][b..]) else { return };
            match is_row {
                [true, true] => to.iter_mut().zip(a.iter().zip(b)).for_each(|(to, (a, b))| *to = f(*a, *b)),
                [true, false] => to.iter_mut().zip(a).for_each(|(to, a)| *to = f(*a, b[0])),
                [false, _] => to.iter_mut().zip(b).for_each(|(to, b)| *to = f(a[0], *b)),
            }
        });
    }
}

struct Backward<'a> {
    of: &'a Repeated,
    side: usize,
    own: &'a [f32],
    other: &'a [f32],
    d_result: &'a [f32],
    to: &'a mut [f32],
}

// SAFETY: safe code but for its being compiled for an instruction set.
unsafe impl Kernel for Backward<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const MR: usize>(self) {
        let share = |is_it: bool, is_equal: bool| if is_equal { 0.5 } else { f32::from(u8::from(is_it)) };
        match (self.of.function, self.side) {
            (Pairwise::Add, _) | (Pairwise::Subtract, 0) => self.each(|_, _| 1.0),
            (Pairwise::Subtract, _) => self.each(|_, _| -1.0),
            (Pairwise::Multiply, _) => self.each(|_, other| other),
            (Pairwise::Divide, 0) => self.each(|_, other| 1.0 / other),
            (Pairwise::Divide, _) => self.each(|own, other| -other / (own * own)),
            (Pairwise::Larger, _) => self.each(|own, other| share(own > other, own == other)),
            (Pairwise::Smaller, _) => self.each(|own, other| share(own < other, own == other)),
        }
    }
}

impl Backward<'_> {
    /// Adds the gradient times a slope that follows from the operand and the other one.
    #[inline(always)]
    fn each(self, slope: impl Fn(f32, f32) -> f32) {
        let Repeated { pairs, length, is_row, .. } = self.of;
        let mut d_result = self.d_result.chunks_exact(*length);
        pairs.each(|at| {
            let (own_at, other_at) = (at[self.side], at[1 - self.side]);
            let (Some(d), own, other) = (d_result.next(), &self.own[own_at..], &self.other[other_at..]) else { return };
            let to = &mut self.to[own_at..];
            match (is_row[self.side], is_row[1 - self.side]) {
                (true, true) => {
                    let d = d.iter().zip(own.iter().zip(other));
                    to.iter_mut().zip(d).for_each(|(to, (d, (own, other)))| *to += d * slope(*own, *other));
                }
                (true, false) => {
                    let d = d.iter().zip(own);
                    to.iter_mut().zip(d).for_each(|(to, (d, own))| *to += d * slope(*own, other[0]));
                }
                (false, _) => to[0] += sum(d, &other[..*length], |d, other| d * slope(own[0], other)),
            }
        });
    }
}
