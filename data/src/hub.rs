//! Named datasets from the Hugging Face Hub, through `candle-datasets`; downloads are cached by `hf-hub`.
//!
//! MNIST, Fashion-MNIST and CIFAR-10 come through candle's loaders; that of CIFAR-10 (candle-datasets 0.11.1) swaps rows and columns of
//! every picture, which is undone here. EMNIST letters come from `tanganke/emnist_letters`, whose parquet
//! files hold a column `image` (a PNG, transposed as in the official files) and a column `label` (0 to 25 there; the
//! official 1 to 26 is understood as well).

use std::{fs::File, panic, path::Path};

use candle_core::Tensor;
use candle_datasets::{
    hub::{FileReader, from_hub},
    vision::{self, cifar, fashion_mnist, mnist},
};
use hf_hub::HFClientSync;
use parquet::{file::reader::SerializedFileReader, record::Field};

use crate::{
    DatasetError, DatasetInfo, Error, ImageShape, MAX_IMAGES, SplitName, kind::Content, labelled::Labelled, picture,
};

/// Where a dataset lies on the Hub, and how it is loaded.
struct Origin {
    id: &'static str,
    repository: &'static str,
    load: fn(&str, SplitName) -> Result<Labelled, Reason>,
}

/// What went wrong, of whatever type.
type Reason = Box<dyn std::error::Error>;

const ORIGINS: [Origin; 4] = [
    Origin {
        id: "mnist",
        repository: "ylecun/mnist",
        load: |_, split| from_tensors(&mnist::load()?, ImageShape::GREY, split),
    },
    Origin {
        id: "fashion-mnist",
        repository: "zalando-datasets/fashion_mnist",
        load: |_, split| from_tensors(&fashion_mnist::load()?, ImageShape::GREY, split),
    },
    Origin {
        id: "cifar-10",
        repository: "cifar10",
        load: |_, split| {
            let mut labelled = from_tensors(&cifar::load()?, ImageShape::CIFAR, split)?;
            labelled.transpose();
            Ok(labelled)
        },
    },
    Origin { id: "emnist-letters", repository: "tanganke/emnist_letters", load: letters },
];

/// The whole file that a split is taken from.
///
/// # Errors
/// The Hub cannot be reached, or what it delivers is not the dataset.
pub(crate) fn load(info: &DatasetInfo, split: SplitName) -> Result<Labelled, Error> {
    let origin = ORIGINS
        .iter()
        .find(|origin| origin.id == info.id)
        .ok_or(DatasetError::NotEmbedded { dataset: info.id, system: String::new() })?;
    // candle's loader unwraps the decoding of pictures: a damaged one is a panic there, and an error here.
    let labelled = panic::catch_unwind(|| (origin.load)(origin.repository, split).map_err(|error| one_line(&*error)))
        .unwrap_or_else(|_| Err("a file is damaged".to_owned()))
        .and_then(|labelled| check(labelled, info.classes));
    let wrong = |reason| DatasetError::Hub { dataset: origin.id, repository: origin.repository, reason };
    labelled.map_err(|reason| wrong(reason).into())
}

/// candle's floats back to the bytes that they were.
fn from_tensors(dataset: &vision::Dataset, shape: ImageShape, split: SplitName) -> Result<Labelled, Reason> {
    let (images, labels): (&Tensor, &Tensor) = match split {
        SplitName::Test => (&dataset.test_images, &dataset.test_labels),
        SplitName::Train | SplitName::Validation => (&dataset.train_images, &dataset.train_labels),
    };
    let pixels = images.flatten_all()?.to_vec1::<f32>()?;
    let pixels = pixels.into_iter().map(|pixel| (pixel * 255.0).round() as u8).collect();
    Ok(Labelled { shape, pixels, labels: labels.to_vec1::<u8>()?.into_iter().map(u32::from).collect() })
}

/// The two parquet files of EMNIST letters; the larger one is for training.
fn letters(repository: &str, split: SplitName) -> Result<Labelled, Reason> {
    let mut files = from_hub(&HFClientSync::new()?, repository.to_owned())?;
    files.sort_by_key(|file| file.metadata().file_metadata().num_rows());
    let Ok([test, train]) = <[_; 2]>::try_from(files) else {
        return Err("expected two parquet files, one to train and one to test on".into());
    };
    let mut labelled = rows(if split == SplitName::Test { test } else { train })?;
    labelled.transpose();
    if !labelled.labels.contains(&0) && labelled.labels.contains(&26) {
        labelled.labels.iter_mut().for_each(|label| *label -= 1);
    }
    Ok(labelled)
}

/// Every row of a parquet file: bytes within a group are a picture, an integer is a label.
fn rows(file: SerializedFileReader<File>) -> Result<Labelled, Reason> {
    let mut labelled = Labelled { shape: ImageShape::GREY, pixels: Vec::new(), labels: Vec::new() };
    for (at, row) in file.into_iter().take(MAX_IMAGES + 1).enumerate() {
        for (_, field) in row?.get_column_iter() {
            match field {
                Field::Long(label) => labelled.labels.push(u32::try_from(*label)?),
                Field::Group(image) => {
                    for (_, field) in image.get_column_iter() {
                        if let Field::Bytes(bytes) = field {
                            let path = format!("picture {at}");
                            let picture = picture::decode(Content::Png, bytes.data(), Path::new(&path))?;
                            if picture.shape != labelled.shape {
                                return Err(format!("{path} is {}, expected {}", picture.shape, labelled.shape).into());
                            }
                            labelled.pixels.extend(picture.pixels);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    Ok(labelled)
}

/// As many pictures as labels, not too many, not none, and labels in `0..classes`.
fn check(labelled: Labelled, classes: usize) -> Result<Labelled, String> {
    let (size, labels) = (labelled.shape.values(), labelled.labels.len());
    let pictures = labelled.pixels.len() / size;
    if pictures != labels || !labelled.pixels.len().is_multiple_of(size) {
        return Err(format!("{pictures} pictures of {} but {labels} labels", labelled.shape));
    }
    if !(1..=MAX_IMAGES).contains(&labels) {
        return Err(format!("{labels} pictures, expected 1 to {MAX_IMAGES}"));
    }
    match labelled.labels.iter().find(|&&label| label as usize >= classes) {
        Some(label) => Err(format!("label {label}, expected 0 to {}", classes - 1)),
        None => Ok(labelled),
    }
}

/// An error and its causes in one line; `hf-hub` and `reqwest` keep the telling part in the cause.
fn one_line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
