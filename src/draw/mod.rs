//! Drawing: grids of images with text as pictures, grey or in colours, and plots as SVG; light ink on dark throughout.

mod band;
mod canvas;
mod colours;
mod glyphs;
mod grid;
mod plot;

pub use band::{Band, Cell, Row};
pub use canvas::Canvas;
pub(crate) use colours::{attack_line, detector_line, detector_number, worst_line};
pub use grid::Grid;
pub use plot::{Heat, Line, Lines, heat_map, plot_lines};
pub(crate) use plot::{Sheet, svg};
