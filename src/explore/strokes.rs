//! [`Strokes`]: what a person drew, and the image of 28x28 pixels that the network sees of it.

use robust_data::written::mass;
use robust_networks::{PIXELS, SIDE};
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::framing::{Centre, Framing};

/// Points that a drawing may have; a long stroke has some two hundred.
const MAX_POINTS: usize = 4000;
/// Pens, in pixels of the image.
const PENS: std::ops::RangeInclusive<f32> = 1.0..=6.0;
/// A drawing smaller than this share of the canvas is not enlarged to fill the image: a dot stays a dot.
const SMALLEST: f32 = 0.15;

/// Lines on a square canvas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Strokes {
    /// Each a chain of points `[x, y]` in [0, 1], x to the right and y down; a single point is a dot.
    pub(crate) lines: Vec<Vec<[f32; 2]>>,
    /// Thickness of the lines in pixels of the image, from 1 to 6.
    pub(crate) pen: f32,
}

impl Strokes {
    /// The image `(784)`, in steps of 1/255: the drawing, scaled so that the box around its ink has the side of `framing`, its
    /// centre where that says, as far as the box stays in the image.
    ///
    /// # Errors
    /// [`Refusal::Question`] for strokes that are none, or too many, or out of range.
    pub(crate) fn image(&self, framing: &Framing) -> Result<Vec<f32>, Refusal> {
        self.check()?;
        let [low, high] = self.corners();
        let extent = (high[0] - low[0]).max(high[1] - low[1]);
        let scale = (framing.side - self.pen).max(0.0) / extent.max(SMALLEST);
        let middle = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
        let mut shift = [0, 1].map(|axis| framing.at[axis] - scale * middle[axis]);
        if framing.centre == Centre::Mass {
            let [down, across] = mass(&self.ink(scale, shift), SIDE);
            let found = [across, down];
            for axis in 0..2 {
                // Half a pixel lies beyond the centre of the outermost.
                let edge = self.pen / 2.0 - 0.5;
                let (first, last) = (scale * low[axis] + shift[axis] - edge, scale * high[axis] + shift[axis] + edge);
                let most = (SIDE as f32 - 1.0 - last).max(0.0);
                shift[axis] += (framing.at[axis] - found[axis]).clamp(-first.max(0.0), most);
            }
        }
        Ok(self.ink(scale, shift).iter().map(|ink| (255.0 * ink).round() / 255.0).collect())
    }

    fn check(&self) -> Result<(), Refusal> {
        let points: usize = self.lines.iter().map(Vec::len).sum();
        let wrong = |found: String| Err(Refusal::Question(found));
        if !(1..=MAX_POINTS).contains(&points) {
            return wrong(format!("a drawing of {points} points, expected 1 to {MAX_POINTS}"));
        }
        if !PENS.contains(&self.pen) {
            return wrong(format!("a pen of {}, expected {} to {}", self.pen, PENS.start(), PENS.end()));
        }
        match self.lines.iter().flatten().flatten().find(|place| !(0.0..=1.0).contains(*place)) {
            Some(place) => wrong(format!("a point at {place}, expected 0 to 1")),
            None => Ok(()),
        }
    }

    /// The corners of the box around all points.
    fn corners(&self) -> [[f32; 2]; 2] {
        let fold = |start: f32, pick: fn(f32, f32) -> f32| {
            self.lines.iter().flatten().fold([start; 2], |corner, point| [0, 1].map(|i| pick(corner[i], point[i])))
        };
        [fold(f32::INFINITY, f32::min), fold(f32::NEG_INFINITY, f32::max)]
    }

    /// The ink on every pixel, in [0, 1]: full within the pen, none a pixel beyond its edge.
    fn ink(&self, scale: f32, shift: [f32; 2]) -> Vec<f32> {
        let place = |point: &[f32; 2]| [0, 1].map(|axis| scale * point[axis] + shift[axis]);
        let mut image = vec![0.0_f32; PIXELS];
        let reach = self.pen / 2.0 + 0.5;
        for line in &self.lines {
            let ends = line.windows(2).map(|ends| (place(&ends[0]), place(&ends[1])));
            let dot = line.first().filter(|_| line.len() == 1).map(|point| (place(point), place(point)));
            for (from, to) in ends.chain(dot) {
                let [columns, rows] = [0, 1].map(|axis| {
                    let (low, high) = (from[axis].min(to[axis]) - reach, from[axis].max(to[axis]) + reach);
                    low.ceil().max(0.0) as usize..(high.floor().max(-1.0) as isize + 1).max(0) as usize
                });
                for y in rows.start..rows.end.min(SIDE) {
                    for x in columns.start..columns.end.min(SIDE) {
                        let ink = (reach - distance([x as f32, y as f32], from, to)).clamp(0.0, 1.0);
                        let pixel = &mut image[y * SIDE + x];
                        *pixel = pixel.max(ink);
                    }
                }
            }
        }
        image
    }
}

/// From a point to a straight line between two others.
fn distance(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let ([dx, dy], [px, py]) = ([to[0] - from[0], to[1] - from[1]], [point[0] - from[0], point[1] - from[1]]);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((px * dx + py * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (px - along * dx).hypot(py - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MNIST: Framing = Framing { side: 20.0, centre: Centre::Mass, at: [14.0; 2], pen: 2.0 };

    fn strokes(lines: &[&[[f32; 2]]]) -> Strokes {
        Strokes { lines: lines.iter().map(|line| line.to_vec()).collect(), pen: 2.0 }
    }

    /// First and last column and row with ink of at least a half.
    fn inked(image: &[f32]) -> [usize; 4] {
        let ink = || (0..PIXELS).filter(|&i| image[i] >= 0.5);
        let (columns, rows) = (|| ink().map(|i| i % SIDE), || ink().map(|i| i / SIDE));
        [columns().min(), columns().max(), rows().min(), rows().max()].map(Option::unwrap)
    }

    #[test]
    fn wherever_and_however_large_it_is_drawn_the_box_has_twenty_pixels() {
        for (low, high) in [(0.0, 1.0), (0.05, 0.3), (0.6, 0.95)] {
            let cross = strokes(&[&[[low, low], [high, high]], &[[low, high], [high, low]]]);
            let image = cross.image(&MNIST).unwrap();
            let [left, right, top, bottom] = inked(&image);
            assert_eq!((right - left, bottom - top), (19, 19), "{low} to {high}");
            for centre in mass(&image, SIDE) {
                assert!((centre - 14.0).abs() < 0.02, "{centre}");
            }
        }
    }

    #[test]
    fn the_centre_of_mass_or_of_the_box_is_in_the_middle() {
        // Heavy at the bottom, as an L.
        let l = strokes(&[&[[0.2, 0.1], [0.2, 0.9], [0.8, 0.9]]]);
        let by_mass = l.image(&MNIST).unwrap();
        assert!(mass(&by_mass, SIDE).iter().all(|centre| (centre - 14.0).abs() < 0.05));
        let by_box = l.image(&Framing { centre: Centre::Box, at: [13.5; 2], side: 24.0, ..MNIST }).unwrap();
        let [left, right, top, bottom] = inked(&by_box);
        assert_eq!(([left + right, top + bottom], bottom - top), ([27, 27], 23));
    }

    #[test]
    fn a_dot_stays_small_and_a_lopsided_drawing_stays_in_the_image() {
        let [left, right, top, bottom] = inked(&strokes(&[&[[0.9, 0.2]]]).image(&MNIST).unwrap());
        assert!(right - left < 4 && bottom - top < 4);
        // A block in the corner, and a thin tail: its centre of mass in the middle would push the tail out.
        let mut lines: Vec<Vec<[f32; 2]>> =
            (0..21).map(|i| [0.0, 0.3].map(|x| [x, 0.015 * i as f32]).to_vec()).collect();
        lines.push(vec![[0.0, 0.0], [1.0, 1.0]]);
        let image = Strokes { lines, pen: 1.0 }.image(&MNIST).unwrap();
        assert_eq!(inked(&image), [8, 27, 8, 27], "the tail touches the border and is whole");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let dot: &[[f32; 2]] = &[[0.5, 0.5]];
        for (strokes, found) in [
            (strokes(&[]), "a drawing of 0 points, expected 1 to 4000"),
            (strokes(&[&[[0.5; 2]; 4001]]), "a drawing of 4001 points"),
            (strokes(&[&[[0.5, f32::NAN]]]), "a point at NaN, expected 0 to 1"),
            (strokes(&[&[[0.5, f32::INFINITY]]]), "a point at inf"),
            (strokes(&[&[[-0.1, 0.5]]]), "a point at -0.1"),
            (Strokes { pen: f32::NAN, ..strokes(&[dot]) }, "a pen of NaN, expected 1 to 6"),
            (Strokes { pen: 90.0, ..strokes(&[dot]) }, "a pen of 90"),
        ] {
            assert!(strokes.image(&MNIST).unwrap_err().to_string().starts_with(found), "{found}");
        }
    }
}
