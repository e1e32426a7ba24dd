//! Datasets of small images of any shape, whose classes are bars of different places: a folder of classes, npz and IDX.

use std::fs;
use std::path::Path;

use robust_data::npz::Writer;
use robust_data::{ImageShape, png};

/// Classes of a planted dataset.
pub(crate) const CLASSES: [&str; 3] = ["bottom", "middle", "top"];

/// Image `number` of a class: a bright bar across a third of the rows, in front of a pattern that depends on the number. Channel by channel.
fn image(shape: ImageShape, class: usize, number: usize) -> Vec<u8> {
    let ImageShape { channels, height, width } = shape;
    let bar = (2 - class) * height / 3..(3 - class) * height / 3;
    let value = |channel: usize, y: usize, x: usize| {
        let pattern = (7 * number + 13 * channel + 3 * y + 5 * x) % 60;
        let bright = if bar.contains(&y) { 150 + 20 * channel } else { 0 };
        (pattern + bright) as u8
    };
    (0..channels * height * width).map(|at| value(at / (height * width), at / width % height, at % width)).collect()
}

/// `folder/train/CLASS/N.png` and `folder/test/CLASS/N.png`, so many images per class in each; none is no folder.
pub(crate) fn write_folders(folder: &Path, shape: ImageShape, [train, test]: [usize; 2]) {
    for (part, count) in [("train", train), ("test", test)] {
        for (class, name) in CLASSES.iter().enumerate() {
            for number in 0..count {
                write_picture(
                    &folder.join(part).join(name).join(format!("{number:03}.png")),
                    shape,
                    class,
                    number + 100 * count,
                );
            }
        }
    }
}

/// One picture of a class.
pub(crate) fn write_picture(path: &Path, shape: ImageShape, class: usize, number: usize) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let planes = image(shape, class, number);
    let pixels = shape.height * shape.width;
    let together: Vec<u8> = (0..pixels)
        .flat_map(|at| (0..shape.channels).map(move |channel| channel * pixels + at))
        .map(|at| planes[at])
        .collect();
    let encode = if shape.channels == 3 { png::encode_colours } else { png::encode };
    fs::write(path, encode(path, &together, shape.width).unwrap()).unwrap();
}

/// `folder/train.npz` and `folder/test.npz` with `x` (N, C, H, W), f32, and `y`.
pub(crate) fn write_npz(folder: &Path, shape: ImageShape, counts: [usize; 2]) {
    fs::create_dir_all(folder).unwrap();
    for (part, count) in ["train", "test"].into_iter().zip(counts) {
        let images = (0..3 * count).map(|number| (number % 3, number + 100 * count));
        let (labels, x): (Vec<i64>, Vec<Vec<f32>>) = images
            .map(|(class, number)| {
                let pixels = image(shape, class, number).into_iter().map(|byte| f32::from(byte) / 255.0);
                (class as i64, pixels.collect())
            })
            .unzip();
        let mut npz = Writer::new(fs::File::create(folder.join(format!("{part}.npz"))).unwrap());
        npz.array("x", &[3 * count, shape.channels, shape.height, shape.width], &x.concat()).unwrap();
        npz.array("y", &[3 * count], &labels).unwrap();
        npz.finish().unwrap();
    }
}
