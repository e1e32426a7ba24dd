//! Where the ink of an image lies on the whole.

/// The centre of mass, down and across; not a number of an image without ink.
pub(super) fn mass(image: &[f32], width: usize) -> [f32; 2] {
    let sum: f32 = image.iter().sum();
    let moment = |place: &dyn Fn(usize) -> usize| {
        image.iter().enumerate().map(|(at, ink)| ink * place(at) as f32).sum::<f32>() / sum
    };
    [moment(&|at| at / width), moment(&|at| at % width)]
}
