//! How a node says where the windows of its convolution or pool lie. Those of one dimension lie on maps of one row.

use super::attributes::size;
use super::budget::elements;
use super::message::Node;
use crate::spec::Window;

/// Rows and columns of a map of one, two or three spatial dimensions. Of three the last two are one: windows see one pixel of each.
pub(super) fn map(sizes: &[usize]) -> Result<[usize; 2], String> {
    match *sizes {
        [columns] => Ok([1, columns]),
        [rows, columns] => Ok([rows, columns]),
        [rows, a, b] => Ok([rows, elements(&[a, b])?]),
        _ => Err(format!("{} spatial dimensions", sizes.len())),
    }
}

/// The spatial dimensions of a result with so many windows each way on a map of these.
pub(super) fn unmapped(positions: &[usize], sizes: &[usize]) -> Vec<usize> {
    match *sizes {
        [_] => positions[1..].to_vec(),
        [rows, a, b] if rows > 0 => vec![positions[0], a, b],
        _ => positions.to_vec(),
    }
}

/// Rows and columns of windows.
pub(super) fn both(sizes: &[usize]) -> Result<[usize; 2], String> {
    match *sizes {
        [columns] => Ok([1, columns]),
        [rows, columns] | [rows, columns, 1] if sizes.len() == 2 || columns == 1 => Ok([rows, columns]),
        _ => Err(format!("windows of {sizes:?}; one or two spatial dimensions are supported")),
    }
}

/// An attribute that has a size for each way, 1 if it is not said.
fn sizes(node: &Node, name: &str, ways: usize) -> Result<[usize; 2], String> {
    let Some(numbers) = node.integers(name) else { return Ok([1; 2]) };
    let sizes = numbers.iter().map(|&number| size(number, name)).collect::<Result<Vec<_>, _>>()?;
    if sizes.len() != ways || sizes.contains(&0) {
        return Err(format!("{name} {numbers:?} for {ways} spatial dimensions"));
    }
    both(&sizes)
}

/// The windows of a kernel on a map, and the padding that the node says before `ceil_mode` reaches beyond it.
pub(super) fn window(
    node: &Node,
    kernel: [usize; 2],
    map: [usize; 2],
    ways: usize,
) -> Result<(Window, [[usize; 2]; 2]), String> {
    let stride = sizes(node, "strides", ways)?;
    let dilation = sizes(node, "dilations", ways)?;
    let bare = Window { size: kernel, stride, dilation, padding: [[0; 2]; 2] };
    let (Some(rows), Some(columns)) = (bare.reach()[0], bare.reach()[1]) else {
        return Err(format!("windows of {kernel:?}"));
    };
    let reach = [rows, columns];
    let padding = match node.text_or("auto_pad", "NOTSET") {
        "NOTSET" => padding(node, ways)?,
        "VALID" => [[0; 2]; 2],
        side @ ("SAME_UPPER" | "SAME_LOWER") => [0, 1].map(|way| {
            let positions = map[way].div_ceil(stride[way]);
            let total = ((positions.saturating_sub(1)).saturating_mul(stride[way]).saturating_add(reach[way]))
                .saturating_sub(map[way]);
            let less = total / 2;
            if side == "SAME_UPPER" { [less, total - less] } else { [total - less, less] }
        }),
        other => return Err(format!("auto_pad {other:?}")),
    };
    let mut window = Window { padding, ..bare };
    if node.flag("ceil_mode") {
        for way in 0..2 {
            let whole = map[way].saturating_add(padding[way][0]).saturating_add(padding[way][1]);
            let more = whole
                .checked_sub(reach[way])
                .ok_or("windows that are larger than what they lie on")?
                .div_ceil(stride[way]);
            // The last window begins on the map or before it.
            let last = if more.saturating_mul(stride[way]) >= map[way].saturating_add(padding[way][0]) {
                more.saturating_sub(1)
            } else {
                more
            };
            let behind = (last.saturating_mul(stride[way]).saturating_add(reach[way]))
                .saturating_sub(map[way].saturating_add(padding[way][0]));
            window.padding[way][1] = behind.max(padding[way][1]);
        }
    }
    Ok((window, padding))
}

/// The padding that a node says: all that lie before, then all that lie behind.
pub(super) fn padding(node: &Node, ways: usize) -> Result<[[usize; 2]; 2], String> {
    let Some(numbers) = node.integers("pads") else { return Ok([[0; 2]; 2]) };
    let pads = numbers.iter().map(|&number| size(number, "pads")).collect::<Result<Vec<_>, _>>()?;
    match (ways, &pads[..]) {
        (1, &[before, behind]) => Ok([[0; 2], [before, behind]]),
        (2, &[above, left, below, right]) => Ok([[above, below], [left, right]]),
        (3, &[above, 0, 0, below, 0, 0]) => Ok([[above, below], [0; 2]]),
        _ => Err(format!("pads {numbers:?} for {ways} spatial dimensions")),
    }
}
