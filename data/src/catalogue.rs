//! The datasets that have names: what they are, and how their files are laid out.

use crate::{ImageShape, SplitName, holdout::Holdout};

/// What there is to know about a named dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatasetInfo {
    /// What `--dataset` calls it.
    pub id: &'static str,
    /// How many classes, `K`.
    pub classes: usize,
    /// The shape of its images.
    pub shape: ImageShape,
    /// Where it comes from.
    pub source: &'static str,
    /// What it shows, in one line.
    pub summary: &'static str,
    pub(crate) files: FileSet,
    /// A folder that is looked at where none is given, as some system's package fills it.
    pub(crate) system_folder: Option<SystemFolder>,
    pub(crate) holdout: Holdout,
    class_names: ClassNames,
}

/// How a set lies on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileSet {
    Idx(Layout),
    Cifar,
}

/// A folder and the package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SystemFolder {
    pub(crate) folder: &'static str,
    pub(crate) package: &'static str,
}

/// The names of a set's four IDX files (without `.gz`) and what is peculiar about their content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) train: Files,
    pub(crate) test: Files,
    /// Rows and columns are swapped in the files.
    pub(crate) transposed: bool,
    /// The label of the first class in the files.
    pub(crate) first_label: u32,
}

/// A file of images and its file of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) images: &'static str,
    pub(crate) labels: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClassNames {
    Numbers,
    Letters,
    Words(&'static [&'static str]),
}

impl Layout {
    /// MNIST's own: its names, upright, labels from 0.
    pub(crate) const MNIST: Self = Self {
        train: Files { images: "train-images-idx3-ubyte", labels: "train-labels-idx1-ubyte" },
        test: Files { images: "t10k-images-idx3-ubyte", labels: "t10k-labels-idx1-ubyte" },
        transposed: false,
        first_label: 0,
    };

    /// The two files that a split is taken from.
    pub(crate) fn files(&self, split: SplitName) -> Files {
        if split == SplitName::Test { self.test } else { self.train }
    }

    /// The letters of EMNIST (Cohen, Afshar, Tapson and van Schaik 2017): transposed, and A is 1.
    const EMNIST_LETTERS: Self = Self {
        train: Files {
            images: "emnist-letters-train-images-idx3-ubyte",
            labels: "emnist-letters-train-labels-idx1-ubyte",
        },
        test: Files {
            images: "emnist-letters-test-images-idx3-ubyte",
            labels: "emnist-letters-test-labels-idx1-ubyte",
        },
        transposed: true,
        first_label: 1,
    };
}

static DATASETS: [DatasetInfo; 4] = [
    DatasetInfo {
        id: "mnist",
        classes: 10,
        shape: ImageShape::GREY,
        source: "embedded; other files with --data-dir; `hub:mnist` from the Hugging Face Hub",
        summary: "handwritten digits, 60,000 + 10,000 (LeCun, Cortes, Burges)",
        files: FileSet::Idx(Layout::MNIST),
        system_folder: None,
        holdout: Holdout::Last,
        class_names: ClassNames::Numbers,
    },
    DatasetInfo {
        id: "emnist-letters",
        classes: 26,
        shape: ImageShape::GREY,
        source: "IDX files with --data-dir, or the Hugging Face Hub",
        summary: "handwritten letters, cases merged, 124,800 + 20,800 (Cohen and others 2017)",
        files: FileSet::Idx(Layout::EMNIST_LETTERS),
        system_folder: None,
        holdout: Holdout::Stratified,
        class_names: ClassNames::Letters,
    },
    DatasetInfo {
        id: "fashion-mnist",
        classes: 10,
        shape: ImageShape::GREY,
        source: "IDX files with --data-dir, Debian's and Ubuntu's package dataset-fashion-mnist, or the Hugging Face Hub",
        summary: "articles of clothing, 60,000 + 10,000 (Xiao, Rasul, Vollgraf 2017)",
        files: FileSet::Idx(Layout::MNIST),
        system_folder: Some(SystemFolder {
            folder: "/usr/share/datasets/fashion-mnist",
            package: "dataset-fashion-mnist",
        }),
        holdout: Holdout::Last,
        class_names: ClassNames::Words(&[
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ]),
    },
    DatasetInfo {
        id: "cifar-10",
        classes: 10,
        shape: ImageShape::CIFAR,
        source: "binary files with --data-dir, or the Hugging Face Hub",
        summary: "small photographs in colour, 50,000 + 10,000 (Krizhevsky 2009)",
        files: FileSet::Cifar,
        system_folder: None,
        holdout: Holdout::Stratified,
        class_names: ClassNames::Words(&[
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck",
        ]),
    },
];

/// The datasets that have names. Any folder in one of the known forms is one more.
#[must_use]
pub fn datasets() -> &'static [DatasetInfo] {
    &DATASETS
}

impl DatasetInfo {
    /// The dataset of that name.
    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        DATASETS.iter().find(|info| info.id == id)
    }

    /// `"0"` to `"9"`, `"A"` to `"Z"`, or words.
    #[must_use]
    pub fn class_names(&self) -> Vec<String> {
        match self.class_names {
            ClassNames::Numbers => (0..self.classes).map(|class| class.to_string()).collect(),
            ClassNames::Words(words) => words.iter().map(ToString::to_string).collect(),
            ClassNames::Letters => ('A'..='Z').take(self.classes).map(String::from).collect(),
        }
    }
}
