//! Models that give logits alone: what detectors say of them, and what those say that need more.
#![allow(clippy::unwrap_used, reason = "helpers outside of the tests themselves")]

use candle_core::{Device, Result, Tensor};
use robust_attacks::{Bounds, ClassConditional, Encoding, ImageShape, Model, Signature, Suspicion};
use robust_detectors::{
    Clean, Detector, Examples, Fit, Gradient, Making, Needs, Perception, Population, Subject, detector, detectors,
    train_second,
};

const IMAGES: usize = 40;
const CLASSES: usize = 3;

/// The logits are the first pixels and the style is the last one; a label is drawn as its pixel.
struct Toy {
    shape: &'static [usize],
    bounds: Bounds,
}

/// Shapes and bounds that a model may have.
const TOYS: [Toy; 3] = [
    Toy { shape: &[1, 2, 3], bounds: Bounds::UNIT },
    Toy { shape: &[3, 2, 2], bounds: Bounds { min: -1.0, max: 1.0 } },
    Toy { shape: &[5], bounds: Bounds { min: 0.0, max: 255.0 } },
];

impl Toy {
    fn scale(&self) -> f64 {
        f64::from(self.bounds.max - self.bounds.min)
    }

    /// Image `i` shows label `i % 3`, most of them clearly.
    fn images(&self) -> Tensor {
        let size: usize = self.shape.iter().product();
        let pixel = |i: usize, at: usize| {
            let wave = 0.3 + 0.25 * ((i * size + at) as f64).sin();
            let shown = if at == i % CLASSES { wave + 0.4 } else { wave };
            (shown * self.scale() + f64::from(self.bounds.min)) as f32
        };
        let pixels: Vec<f32> = (0..IMAGES).flat_map(|i| (0..size).map(move |at| pixel(i, at))).collect();
        Tensor::from_vec(pixels, [&[IMAGES], self.shape].concat(), &Device::Cpu).unwrap()
    }
}

impl Model for Toy {
    fn signature(&self) -> Signature {
        let shape = match *self.shape {
            [channels, height, width] => ImageShape::new(channels, height, width),
            _ => ImageShape::new(1, 1, self.shape.iter().product()),
        };
        Signature { shape, classes: CLASSES, bounds: self.bounds }
    }

    fn logits(&self, x: &Tensor) -> Result<Tensor> {
        x.flatten_from(1)?.narrow(1, 0, CLASSES)?.affine(4.0 / self.scale(), 0.0)
    }
}

impl ClassConditional for Toy {
    fn encode(&self, x: &Tensor) -> Result<Encoding> {
        let last = x.flatten_from(1)?.narrow(1, self.shape.iter().product::<usize>() - 1, 1)?;
        let style = last.affine(1.0 / self.scale(), -f64::from(self.bounds.min) / self.scale())?;
        Ok(Encoding { logits: self.logits(x)?, style })
    }

    fn decode(&self, label: &Tensor, style: &Tensor) -> Result<Tensor> {
        let size: usize = self.shape.iter().product();
        let rest = style.broadcast_as((style.dim(0)?, size - CLASSES))?;
        let drawn = Tensor::cat(&[&label.broadcast_mul(style)?, &rest], 1)?;
        let drawn = drawn.affine(self.scale(), self.bounds.min.into())?;
        drawn.reshape([&[style.dim(0)?], self.shape].concat())
    }
}

/// A network that was trained beside, on images that do not matter here.
fn second(clean: &Population) -> Fit {
    let shape = clean.batches()[0].seen.subject().model().signature().shape;
    let labels: Vec<u32> = (0..IMAGES as u32).map(|i| i % CLASSES as u32).collect();
    let read = |image: usize, pixels: &mut Vec<f32>| pixels.extend(vec![image as f32 / IMAGES as f32; shape.pixels()]);
    let examples = Examples { shape, classes: CLASSES, labels: &labels, read: &read };
    train_second(&examples, 0, &mut |_| ()).unwrap()
}

/// Every detector, fitted on what a subject makes of images where it has a fit.
fn fitted(id: &str, clean: &Population) -> std::result::Result<Box<dyn Detector>, robust_detectors::Error> {
    let info = detector(id).unwrap();
    match info.making {
        Making::Plain(_) => info.restore(&Fit::default(), CLASSES),
        Making::Fitted { fit, .. } => fit(clean),
        Making::Trained(restore) => restore(&second(clean), CLASSES),
    }
}

#[test]
fn logits_are_enough_for_some_detectors_and_the_others_say_who_they_are() {
    let labels: Vec<u32> = (0..IMAGES as u32).map(|i| i % CLASSES as u32).collect();
    for toy in &TOYS {
        let x = toy.images();
        let (drawing, classifier) = (Subject::from(toy), Subject::Classifier(toy));
        let [seen, alone] = [drawing, classifier].map(|subject| Perception::new(subject, &x).unwrap());
        assert_eq!((alone.logits(), alone.classes()), (seen.logits(), CLASSES));
        let population = |seen| Population::new(vec![Clean { seen, labels: &labels }]);
        let (all, all_alone) = (population(&seen), population(&alone));
        for info in detectors() {
            let detector = fitted(info.id, &all).unwrap();
            let evaluate = |subject| Gradient::new(subject, &*detector).evaluate(&x);
            let pixels = |x: Tensor| x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let expected = evaluate(drawing).unwrap();
            if info.needs == Needs::Logits {
                let found = evaluate(classifier).unwrap();
                assert_eq!(detector.scores(&alone).unwrap(), detector.scores(&seen).unwrap(), "{}", info.id);
                assert_eq!(pixels(found.scores), pixels(expected.scores), "{}", info.id);
                assert_eq!(pixels(found.gradient), pixels(expected.gradient), "{}", info.id);
                assert_eq!(fitted(info.id, &all_alone).unwrap().fit(), detector.fit(), "{}", info.id);
                continue;
            }
            if info.needs == Needs::LogitsOrMore {
                // With a fit of its own it does without drawings; one that asks for them is told.
                let own = fitted(info.id, &all_alone).unwrap();
                let found = Gradient::new(classifier, &*own).evaluate(&x).unwrap();
                assert_eq!(pixels(found.scores), own.scores(&alone).unwrap(), "{}", info.id);
                assert_eq!(own.scores(&alone).unwrap(), own.scores(&seen).unwrap(), "{}", info.id);
                let told =
                    [detector.scores(&alone).unwrap_err().to_string(), evaluate(classifier).unwrap_err().to_string()];
                assert!(told.iter().all(|told| told.contains("needs a model that draws")), "{told:?}");
                continue;
            }
            let mut told = vec![
                detector.scores(&alone).unwrap_err().to_string(),
                detector.judge(&alone).unwrap_err().to_string(),
                evaluate(classifier).unwrap_err().to_string(),
            ];
            told.extend(info.is_fitted().then(|| fitted(info.id, &all_alone).err().unwrap().to_string()));
            for message in told {
                let expected =
                    format!("detector `{}` needs a model that draws, and this one gives logits alone", info.id);
                assert!(message.contains(&expected), "{message}");
            }
        }
    }
}

#[test]
fn what_only_a_decoder_knows_is_an_error_without_one() {
    let x = TOYS[0].images();
    let seen = Perception::new(Subject::Classifier(&TOYS[0]), &x).unwrap();
    for (message, asker) in [
        (seen.style().err().unwrap(), "the style"),
        (seen.errors().err().unwrap(), "the reconstruction error"),
        (seen.cycle_logits().err().unwrap(), "the reconstruction"),
    ] {
        assert!(message.to_string().starts_with(&format!("{asker} needs a model that draws")), "{message}");
    }
}

#[test]
fn the_autoencoders_are_those_of_all_images_whoever_is_asked_first() {
    let (toy, labels) = (&TOYS[0], (0..IMAGES as u32).map(|i| i % CLASSES as u32).collect::<Vec<_>>());
    let x = toy.images();
    let halves = [0, IMAGES / 2].map(|start| x.narrow(0, start, IMAGES / 2).unwrap());
    let [first, second] = halves.each_ref().map(|x| Perception::new(toy, x).unwrap());
    let (own, others) = labels.split_at(IMAGES / 2);
    let all = || Population::new(vec![Clean { seen: &first, labels: own }, Clean { seen: &second, labels: others }]);
    let of_part_first = fitted("magnet", &all().part(|batch| batch == 1)).unwrap().fit();
    assert_eq!(of_part_first, fitted("magnet", &all()).unwrap().fit());
}

// import numpy as np
// z = np.array([[3, 1, 0], [2.5, 2, 0], [0, 3, 1], [1, 2, 2.5], [0, .5, 4], [2, 0, 1.5]]); y = np.array([0, 1, 1, 1, 2, 2])
// q = np.exp(z) / np.exp(z).sum(1, keepdims=True); wrong = q.argmax(1) != y
// mean = lambda q: np.einsum("ni,nj->ij", q, q) / len(q)
// d = np.maximum(0, mean(q[wrong]) / 2 - mean(q[~wrong]) / 2); np.fill_diagonal(d, 0); d *= np.sqrt(3 / (d**2).sum())
// print(d[np.triu_indices(3, 1)], np.log(np.einsum("ni,ij,nj->n", q, d, q)))
#[test]
fn golden_values_of_rel_u() {
    let toy = &TOYS[2];
    let logits = [[3.0, 1.0, 0.0], [2.5, 2.0, 0.0], [0.0, 3.0, 1.0], [1.0, 2.0, 2.5], [0.0, 0.5, 4.0], [2.0, 0.0, 1.5]];
    let pixels = logits.concat().iter().map(|logit| logit * 255.0 / 4.0).collect::<Vec<f32>>();
    let rest = Tensor::zeros((6, 2), candle_core::DType::F32, &Device::Cpu).unwrap();
    let x = Tensor::cat(&[Tensor::from_vec(pixels, (6, 3), &Device::Cpu).unwrap(), rest], 1).unwrap();
    let seen = Perception::new(Subject::Classifier(toy), &x).unwrap();
    let rel_u = fitted("rel-u", &Population::new(vec![Clean { seen: &seen, labels: &[0, 1, 1, 1, 2, 2] }])).unwrap();
    let (fit, scores) = (rel_u.fit(), rel_u.scores(&seen).unwrap());
    let matrix = fit.values("matrix", &[3, 3]).unwrap();
    for (found, expected) in [
        (&[matrix[1], matrix[2], matrix[5]][..], &[0.662_109_6, 0.954_291_4, 0.388_508_35][..]),
        (&scores, &[-1.614_545_8, -1.049_288_2, -2.032_801_3, -1.134_675_8, -2.922_370_7, -0.773_006_7]),
    ] {
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{found:?}, not {expected:?}");
    }
}
