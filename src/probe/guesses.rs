//! [`Guess`]: the preprocessings that people usually train behind.

use robust_data::Split;
use robust_networks::{ChannelOrder, Preprocessing};

use crate::settings::Layout;

/// How a network may take images, and what that is called.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// For a person.
    pub name: String,
    /// What is done to pixels.
    pub preprocessing: Preprocessing,
    /// The layout, where it is not the one that was given.
    pub layout: Option<Layout>,
}

impl Guess {
    /// The same in another layout.
    #[must_use]
    pub(super) fn lying(&self, layout: Layout) -> Self {
        Self { name: format!("{}, {}", self.name, layout.name()), layout: Some(layout), ..self.clone() }
    }

    /// The flags that say it.
    #[must_use]
    pub fn flags(&self) -> String {
        let list = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>().join(",");
        let Preprocessing { scale, mean, std, channels } = &self.preprocessing;
        let said = [
            (*scale != 1.0).then(|| format!("--scale {scale}")),
            (!mean.is_empty()).then(|| format!("--mean {}", list(mean))),
            (!std.is_empty()).then(|| format!("--std {}", list(std))),
            (*channels == ChannelOrder::Bgr).then(|| "--channels bgr".to_owned()),
            self.layout.map(|layout| format!("--layout {}", layout.name())),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        if said.is_empty() { "no flags".to_owned() } else { said.join(" ") }
    }
}

/// Mean and deviation of ImageNet's training images, as torchvision has them.
const IMAGENET: ([f64; 3], [f64; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
/// The means of Caffe's networks, of bytes in the order blue, green, red.
const CAFFE: [f64; 3] = [103.939, 116.779, 123.68];
/// Mean and deviation of CIFAR-10's training images, as most tutorials have them.
const CIFAR: ([f64; 3], [f64; 3]) = ([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]);
/// Mean and deviation of MNIST's training images, as PyTorch's example has them.
const MNIST: (f64, f64) = (0.1307, 0.3081);

/// The usual preprocessings of images such as these.
#[must_use]
pub fn guesses(images: &Split) -> Vec<Guess> {
    let channels = images.shape().channels;
    let plain = Preprocessing::default;
    let normal = |mean: &[f64], std: &[f64]| Preprocessing { mean: mean.to_vec(), std: std.to_vec(), ..plain() };
    let mut guesses = vec![
        ("0 to 1", plain()),
        ("0 to 255", Preprocessing { scale: 255.0, ..plain() }),
        ("-1 to 1", normal(&[0.5], &[0.5])),
    ];
    let (mean, std) = statistics(images);
    if std.iter().all(|&std| std > 0.0) {
        guesses.push(("these images' mean and std", normal(&mean, &std)));
    }
    if channels == 1 {
        guesses.push(("MNIST's mean and std", normal(&[MNIST.0], &[MNIST.1])));
    }
    if channels == 3 {
        guesses.push(("ImageNet's mean and std", normal(&IMAGENET.0, &IMAGENET.1)));
        guesses.push(("CIFAR-10's mean and std", normal(&CIFAR.0, &CIFAR.1)));
        guesses.push(("bytes less Caffe's means", Preprocessing { scale: 255.0, mean: CAFFE.to_vec(), ..plain() }));
        guesses.push(("0 to 1 over ImageNet's std", normal(&[], &IMAGENET.1)));
        guesses.push(("0 to 1 less ImageNet's mean", normal(&IMAGENET.0, &[])));
    }
    let named =
        |(name, preprocessing): (&str, Preprocessing)| Guess { name: name.to_owned(), preprocessing, layout: None };
    let mut all: Vec<Guess> = guesses.into_iter().map(named).collect();
    if channels == 3 {
        let turned = |guess: &Guess| Guess {
            name: format!("{}, bgr", guess.name),
            preprocessing: Preprocessing { channels: ChannelOrder::Bgr, ..guess.preprocessing.clone() },
            layout: None,
        };
        all.extend(all.iter().map(turned).collect::<Vec<_>>());
    }
    all
}

/// Mean and deviation of each channel, of pixels from 0 to 1, to three digits.
fn statistics(images: &Split) -> (Vec<f64>, Vec<f64>) {
    let shape = images.shape();
    let plane = (shape.height * shape.width).max(1);
    let of_channel = |channel: usize| {
        let planes = images.pixels().chunks(plane).skip(channel).step_by(shape.channels);
        let (mut count, mut sum, mut squares) = (0.0_f64, 0.0, 0.0);
        for level in planes.flatten().map(|&byte| f64::from(byte) / 255.0) {
            (count, sum, squares) = (count + 1.0, sum + level, squares + level * level);
        }
        let mean = sum / count.max(1.0);
        let std = (squares / count.max(1.0) - mean * mean).max(0.0).sqrt();
        [mean, std].map(|value| (value * 1000.0).round() / 1000.0)
    };
    (0..shape.channels).map(of_channel).map(|[mean, std]| (mean, std)).unzip()
}
