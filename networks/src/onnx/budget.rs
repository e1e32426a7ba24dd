//! [`Budget`]: what may be allocated for the tensors of a file before it is known to be a network.

/// What an ONNX file may ask for apart from its own size: 64 MiB of floats.
const FREE: usize = 1 << 24;

/// Elements that may still be made: as many as the file has bytes, and [`FREE`] more. Nothing is given back.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// For a file of so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self { left: FREE.saturating_add(bytes) }
    }

    /// A file beside it is so many bytes long.
    pub(super) fn extend(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes);
    }

    /// So many elements are about to be made.
    pub(super) fn take(&mut self, elements: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(elements).ok_or_else(|| {
            format!(
                "{elements} more elements of constants are more than the file's size allows (its bytes, and {FREE})"
            )
        })?;
        Ok(())
    }
}

/// The product of the sizes, refused where it is absurd.
pub(super) fn elements(shape: &[usize]) -> Result<usize, String> {
    const MOST: usize = 1 << 28;
    const DIMENSIONS: usize = 16;
    if shape.len() > DIMENSIONS {
        return Err(format!("{} dimensions; {DIMENSIONS} are supported", shape.len()));
    }
    // Strides are products of some of the sizes, so that a 0 among them makes no other smaller.
    let product = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)));
    let empty = shape.contains(&0);
    product
        .filter(|&product| product <= MOST)
        .map(|product| if empty { 0 } else { product })
        .ok_or_else(|| format!("shape {shape:?} has more than {MOST} elements"))
}
