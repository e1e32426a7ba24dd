//! Drawing: grids of images with text as grey pictures, and plots as SVG; light ink on dark throughout.

mod canvas;
mod glyphs;
mod grid;
mod plot;

pub use canvas::Canvas;
pub use grid::{Band, Cell, Grid, Row};
pub use plot::{Heat, Line, Lines, heat_map, plot_lines};
pub(crate) use plot::{Sheet, svg};
