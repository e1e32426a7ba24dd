//! Channels and sizes: what pictures become, alone and for a network.

use robust_data::{Crop, Dataset, Resize, Sizing, SplitName};

use crate::{
    folders::{firsts, open, shape, write},
    pictures::{GREY, HEIGHT, WIDTH, level, plain},
};

#[test]
fn pictures_are_grey_if_all_are_and_in_colour_if_one_is() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "a/1.jpg", GREY);
    write(dir.path(), "a/2.png", &level([WIDTH, HEIGHT], 9));
    let read = |dataset: Dataset| dataset.split(SplitName::Test).map(|split| (split.shape(), firsts(&split)[1]));
    assert_eq!(read(open(dir.path())).unwrap(), (shape(1, HEIGHT, WIDTH), 9));
    let for_colour = open(dir.path()).for_shape(shape(3, HEIGHT, WIDTH));
    assert_eq!(read(for_colour).unwrap(), (shape(3, HEIGHT, WIDTH), 9));

    write(dir.path(), "a/3.png", &plain([WIDTH, HEIGHT], [200, 100, 50]));
    let mixed = open(dir.path());
    let split = mixed.split(SplitName::Test).unwrap();
    assert_eq!((split.shape(), firsts(&split)[1..].to_vec()), (shape(3, HEIGHT, WIDTH), vec![9, 200]));
    let second = &split.pixels()[split.shape().values()..][..split.shape().values()];
    assert!(second.iter().all(|&level| level == 9));
    let remark = "gave three equal channels to 2 pictures in grey: a/1.jpg, a/2.png";
    assert!(mixed.remarks().iter().any(|found| found.ends_with(remark)), "{:?}", mixed.remarks());
    // 0.299 * 200 + 0.587 * 100 + 0.114 * 50
    let for_grey = open(dir.path()).for_shape(shape(1, HEIGHT, WIDTH)).split(SplitName::Test).unwrap();
    assert_eq!((for_grey.shape(), firsts(&for_grey)[2]), (shape(1, HEIGHT, WIDTH), 124));
}

#[test]
fn sizes_are_those_that_are_asked_for_or_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    for (name, size) in [("1", [8, 4]), ("2", [8, 4]), ("3", [6, 9])] {
        write(dir.path(), &format!("a/{name}.png"), &plain(size, [9, 8, 7]));
    }
    let sizing = |resize: Option<&str>, crop: Option<&str>| Sizing {
        resize: resize.map(|text| text.parse().unwrap()),
        crop: crop.map(|text| text.parse().unwrap()),
    };
    let read =
        |dataset: Dataset| dataset.split(SplitName::Test).map(|split| split.shape()).map_err(|error| error.to_string());
    let message = read(open(dir.path())).unwrap_err();
    let expected =
        "holds pictures of several sizes (2 of 8x4, 1 of 6x9): give --resize WxH, or --resize SHORT with --crop N";
    assert!(message.ends_with(expected), "{message}");
    assert_eq!(read(open(dir.path()).sized(sizing(Some("4"), Some("4")))).unwrap(), shape(3, 4, 4));
    assert_eq!(read(open(dir.path()).sized(sizing(Some("5x7"), None))).unwrap(), shape(3, 7, 5));
    assert_eq!(read(open(dir.path()).sized(sizing(None, Some("3")))).unwrap(), shape(3, 3, 3));
    let message = read(open(dir.path()).sized(sizing(None, Some("5")))).unwrap_err();
    assert!(message.contains("1.png: --crop 5 is larger than its 8x4 pixels"), "{message}");
    let wrong = Sizing { resize: Some(Resize::To { width: 5, height: 5 }), crop: Some(Crop(4)) };
    let message = read(open(dir.path()).sized(wrong).for_shape(shape(3, 5, 5))).unwrap_err();
    assert!(
        message.ends_with("holds images of 4x4 pixels, expected 5x5 pixels: give --resize 5 --crop 5, or --resize 5x5"),
        "{message}"
    );

    // The MNIST that is embedded is resized like any other.
    let mnist = || Dataset::open("mnist", None).unwrap().sized(sizing(Some("14"), None));
    assert_eq!(read(mnist()).unwrap(), shape(1, 14, 14));
    assert_eq!(read(mnist().for_shape(shape(3, 14, 14))).unwrap(), shape(3, 14, 14));
    let message = read(Dataset::open("mnist", None).unwrap().for_shape(shape(3, 32, 32))).unwrap_err();
    assert!(
        message.contains(
            "holds images of 28x28 pixels in 1 channel, expected 32x32 pixels in 3 channels: give --resize 32"
        ),
        "{message}"
    );
}
