//! [`Window`]: how the windows of a convolution or a pool lie on a map.

use serde::{Deserialize, Serialize};

/// Windows on a map. Pairs are rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Taps of a window.
    pub size: [usize; 2],
    /// Pixels from one window to the next.
    pub stride: [usize; 2],
    /// Pixels from one tap to the next.
    pub dilation: [usize; 2],
    /// Rows above the map and below it, columns left of it and right of it, that windows may reach.
    pub padding: [[usize; 2]; 2],
}

impl Window {
    /// As wide as high, with the same padding on all sides and no gaps.
    #[must_use]
    pub const fn square(size: usize, stride: usize, padding: usize) -> Self {
        Self { size: [size; 2], stride: [stride; 2], dilation: [1; 2], padding: [[padding; 2]; 2] }
    }

    /// Blocks of `size` rows and columns that cover a map of these rows and columns; the last reach over its end.
    #[must_use]
    pub fn blocks(size: usize, map: [usize; 2]) -> Self {
        let behind = |pixels: usize| if size == 0 { 0 } else { pixels.next_multiple_of(size) - pixels };
        Self { padding: map.map(|pixels| [0, behind(pixels)]), ..Self::square(size, size, 0) }
    }

    /// Pixels from the first tap to behind the last, none where it has no tap or its taps lie nowhere.
    pub(crate) fn reach(&self) -> [Option<usize>; 2] {
        [0, 1].map(|way| {
            let gaps = self.size[way].checked_sub(1)?.checked_mul(self.dilation[way])?;
            (self.dilation[way] > 0).then_some(gaps + 1)
        })
    }

    /// How many windows lie on a map of these rows and columns, none where not a single one does.
    pub(crate) fn positions(&self, map: [usize; 2]) -> Option<[usize; 2]> {
        let reach = self.reach();
        let positions = |way: usize| {
            let whole = map[way].checked_add(self.padding[way][0])?.checked_add(self.padding[way][1])?;
            Some(whole.checked_sub(reach[way]?)?.checked_div(self.stride[way])? + 1)
        };
        Some([positions(0)?, positions(1)?])
    }

    /// All numbers that it names.
    pub(crate) fn sizes(&self) -> Vec<usize> {
        [self.size, self.stride, self.dilation, self.padding[0], self.padding[1]].concat()
    }
}
