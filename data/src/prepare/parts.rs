//! The connected parts of what is written: characters stay, specks and the lines around a scan go.
//!
//! Pixels that touch, at a corner too, are of one part.

/// A part with less of the heaviest part's ink is a speck.
const SPECK: f32 = 0.01;
/// The share of a picture's shorter side that counts as its edge.
const EDGE: f32 = 0.125;
/// A part that runs along so much of a side, and has so much of its pixels at the edge, is a frame.
const FRAME: f32 = 0.8;

/// A connected part.
struct Part {
    /// The sum of its ink.
    ink: f32,
    pixels: usize,
    /// Of them at the picture's edge.
    at_edge: usize,
    /// First row and column, last row and column.
    bounds: [usize; 4],
}

/// Takes specks and frames out of a picture of `[height, width]`, whose ink is what is above 0. Where all is frame, none is: a character that
/// fills its picture looks like one. Gives the first row and column of what is left, and the end of its rows and columns; none without ink.
pub(super) fn keep_characters(ink: &mut [f32], size: [usize; 2]) -> Option<[usize; 4]> {
    let (places, parts) = parts(ink, size);
    let heaviest = parts.iter().map(|part| part.ink).fold(0.0, f32::max);
    let is_speck = |part: &Part| part.ink < SPECK * heaviest;
    let is_framed = parts.iter().any(|part| !is_speck(part) && !part.is_frame(size));
    let is_lost = |part: &Part| is_speck(part) || (is_framed && part.is_frame(size));
    let is_kept: Vec<bool> = parts.iter().map(|part| !is_lost(part)).collect();
    for (level, place) in ink.iter_mut().zip(places) {
        if place > 0 && !is_kept[place as usize - 1] {
            *level = 0.0;
        }
    }
    let kept = parts.iter().zip(&is_kept).filter(|(_, is_kept)| **is_kept).map(|(part, _)| part.bounds);
    let [top, left, bottom, right] = kept.reduce(joined)?;
    Some([top, left, bottom + 1, right + 1])
}

impl Part {
    fn is_frame(&self, [height, width]: [usize; 2]) -> bool {
        let [top, left, bottom, right] = self.bounds;
        let is_long = |length: usize, side: usize| (length + 1) as f32 >= FRAME * side as f32;
        (is_long(bottom - top, height) || is_long(right - left, width))
            && self.at_edge as f32 >= FRAME * self.pixels as f32
    }
}

/// The parts, and for each pixel the number of its own, counted from 1; 0 is paper.
fn parts(ink: &[f32], [height, width]: [usize; 2]) -> (Vec<u32>, Vec<Part>) {
    let edge = (EDGE * height.min(width) as f32) as usize;
    let (mut places, mut parts) = (vec![0_u32; ink.len()], Vec::new());
    let mut waiting = Vec::new();
    for start in 0..ink.len() {
        if ink[start] <= 0.0 || places[start] > 0 {
            continue;
        }
        let number = parts.len() as u32 + 1;
        let mut part = Part {
            ink: 0.0,
            pixels: 0,
            at_edge: 0,
            bounds: [start / width, start % width, start / width, start % width],
        };
        places[start] = number;
        waiting.push(start);
        while let Some(at) = waiting.pop() {
            let (row, column) = (at / width, at % width);
            part.ink += ink[at];
            part.pixels += 1;
            part.at_edge += usize::from(row.min(height - 1 - row).min(column).min(width - 1 - column) < edge);
            part.bounds = joined(part.bounds, [row, column, row, column]);
            for y in row.saturating_sub(1)..(row + 2).min(height) {
                for near in (y * width + column.saturating_sub(1))..(y * width + (column + 2).min(width)) {
                    if ink[near] > 0.0 && places[near] == 0 {
                        places[near] = number;
                        waiting.push(near);
                    }
                }
            }
        }
        parts.push(part);
    }
    (places, parts)
}

/// The bounds of both.
fn joined(a: [usize; 4], b: [usize; 4]) -> [usize; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [usize; 2] = [60, 50];

    /// The ink of a picture of 60 rows and 50 columns.
    fn drawn(is_ink: impl Fn(usize, usize) -> bool) -> Vec<f32> {
        (0..60 * 50).map(|at| f32::from(u8::from(is_ink(at / 50, at % 50)))).collect()
    }

    fn is_character(row: usize, column: usize) -> bool {
        (15..45).contains(&row) && (20..24).contains(&column)
    }

    #[test]
    fn frames_go_whole_or_in_pieces_at_the_edge_or_near_it() {
        type Ink = fn(usize, usize) -> bool;
        let frames: [Ink; 4] = [
            |row, column| !(2..58).contains(&row) || !(2..48).contains(&column),
            |row, column| {
                (row == 3 || row == 56) && (3..47).contains(&column)
                    || (column == 3 || column == 46) && (3..57).contains(&row)
            },
            |_, column| column > 46,
            |row, column| (row == 0 && column < 48) || (column == 0 && row > 2),
        ];
        for (number, frame) in frames.into_iter().enumerate() {
            let mut ink = drawn(|row, column| is_character(row, column) || frame(row, column));
            assert_eq!(keep_characters(&mut ink, SIZE), Some([15, 20, 45, 24]), "frame {number}");
            assert_eq!(ink, drawn(is_character), "frame {number}");
        }
    }

    #[test]
    fn a_character_that_fills_its_picture_is_no_frame() {
        let letter = drawn(|row, column| !(5..55).contains(&row) || column < 5);
        let mut ink = letter.clone();
        assert_eq!(keep_characters(&mut ink, SIZE), Some([0, 0, 60, 50]));
        assert_eq!(ink, letter);
    }

    #[test]
    fn specks_go_and_dots_stay() {
        let is_dot = |row: usize, column: usize| row < 8 && row > 5 && (20..24).contains(&column);
        let mut ink = drawn(|row, column| is_character(row, column) || is_dot(row, column) || (row, column) == (2, 45));
        assert_eq!(keep_characters(&mut ink, SIZE), Some([6, 20, 45, 24]));
        assert_eq!(ink, drawn(|row, column| is_character(row, column) || is_dot(row, column)));
        assert_eq!(keep_characters(&mut drawn(|_, _| false), SIZE), None);
    }
}
