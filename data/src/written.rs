//! Where what is written on an image lies: the centre of mass of its ink, and the box around it.

/// The centre of mass, down and across; not a number of an image without ink.
#[must_use]
pub fn mass(image: &[f32], width: usize) -> [f32; 2] {
    let sum: f32 = image.iter().sum();
    let moment = |place: &dyn Fn(usize) -> usize| {
        image.iter().enumerate().map(|(at, ink)| ink * place(at) as f32).sum::<f32>() / sum
    };
    [moment(&|at| at / width), moment(&|at| at % width)]
}

/// The first row and column of what is above a level, and the last row and column; none where nothing is.
#[must_use]
pub fn bounds(image: &[f32], width: usize, level: f32) -> Option<[usize; 4]> {
    let inked = || (0..image.len()).filter(|&at| image[at] > level);
    let (rows, columns) = (|| inked().map(|at| at / width), || inked().map(|at| at % width));
    Some([rows().min()?, columns().min()?, rows().max()?, columns().max()?])
}
