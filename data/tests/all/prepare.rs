//! Scans of any size, prepared for a network of characters.

use robust_data::{
    ImageShape, Layout, PIXELS,
    input::{self, Wanted},
    png,
};

#[test]
fn scans_of_any_size_are_prepared_for_networks_of_characters_only() {
    let folder = tempfile::tempdir().unwrap();
    for (name, width, ink) in [("a.png", 40, 0), ("b.png", 70, 255)] {
        let level = |at| if at / width / 20 == 1 && at % width / 10 == 2 { ink } else { 255 - ink };
        let levels: Vec<u8> = (0..60 * width).map(level).collect();
        png::write(&folder.path().join(name), &levels, width).unwrap();
    }
    let scans = Wanted { prepare: Some(Layout::Mnist), ..Wanted::of(ImageShape::GREY) };
    let input = input::read(folder.path(), &scans).unwrap();
    let (first, second) = input.images.pixels().split_at(PIXELS);
    assert_eq!((input.images.len(), first.iter().filter(|&&level| level > 0.99).count()), (2, 20 * 10));
    assert!(first.iter().zip(second).all(|(a, b)| (a - b).abs() < 1e-4));
    let refused = Wanted { shape: ImageShape::CIFAR, ..scans };
    let message = "--prepare makes images of 1x28x28, and the network takes 3x32x32: leave it out";
    assert_eq!(input::read(folder.path(), &refused).unwrap_err().to_string(), message);
    assert_eq!(input::read_stream(&b""[..], &refused).unwrap_err().to_string(), message);
}
