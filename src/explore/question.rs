//! [`Question`]: what the page may ask, who answers it, and in which [`Lane`]: what takes long does not stand in the way of what does not.

use super::answer::{Answer, Refusal};
use super::asker::Asker;
use super::attack::AttackWish;
use super::case::CaseWish;
use super::draw::DrawWish;
use super::pick::PickWish;
use super::source::Source;
use super::studio::Studio;

/// What the page may ask.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Question {
    /// What is seen in an image.
    Look(Source),
    /// What is drawn for a label and a style.
    Draw(DrawWish),
    /// What an attack makes of an image.
    Attack(AttackWish),
    /// Images to choose from.
    Pick(PickWish),
    /// All of a case, as JSON.
    CaseJson(CaseWish),
    /// A picture of a case.
    CasePng(CaseWish),
}

/// How long a question may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Milliseconds.
    Quick,
    /// Perhaps minutes.
    Slow,
}

impl Lane {
    /// How many may wait.
    pub(super) const fn room(self) -> usize {
        match self {
            Self::Quick => 256,
            Self::Slow => 128,
        }
    }
}

/// A question out of the body of a request.
pub(super) type Parse = fn(&[u8]) -> serde_json::Result<Question>;

/// Where each is asked.
pub(super) const PLACES: [(&str, Parse); 6] = [
    ("/look", |body| serde_json::from_slice(body).map(Question::Look)),
    ("/draw", |body| serde_json::from_slice(body).map(Question::Draw)),
    ("/attack", |body| serde_json::from_slice(body).map(Question::Attack)),
    ("/pick", |body| serde_json::from_slice(body).map(Question::Pick)),
    ("/case.json", |body| serde_json::from_slice(body).map(Question::CaseJson)),
    ("/case.png", |body| serde_json::from_slice(body).map(Question::CasePng)),
];

impl Question {
    /// Where it waits: attacks may take seconds, and so may a look at the whole split.
    pub(super) fn lane(&self) -> Lane {
        match self {
            Self::Look(_) | Self::Draw(_) => Lane::Quick,
            Self::Pick(wish) if !wish.wrong => Lane::Quick,
            _ => Lane::Slow,
        }
    }
}

impl Studio<'_> {
    /// Answers a question. What takes long ends as soon as nobody waits for it any more.
    pub(crate) fn answer(&self, question: &Question, asker: Asker) -> Result<Answer, Refusal> {
        match question {
            Question::Look(source) => Answer::json(&self.see(source)?),
            Question::Draw(wish) => Answer::json(&self.draw(wish)?),
            Question::Attack(wish) => Answer::json(&self.attack(wish, asker)?),
            Question::Pick(wish) => Answer::json(&self.pick(wish, asker)?),
            Question::CaseJson(case) => Answer::json(&self.case(case, asker)?),
            Question::CasePng(case) => self.case_png(case, asker),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::OnceLock;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use candle_core::Device;
    use robust_data::{Dataset, SplitName};
    use robust_detectors::{Threshold, detector};
    use robust_networks::{Classifier, Op, Parameters, Spec, StyleMemory, StyleMemorySpec};
    use serde_json::{Value, json};
    use tokio::sync::oneshot::channel;

    use super::*;
    use crate::evaluation::{Gauge, RunInfo, Screen};
    use crate::explore::Framing;
    use crate::explore::page::Page;
    use crate::network::Network;

    #[test]
    fn questions_about_images_of_any_shape_are_answered_and_one_draws_on_written_characters_alone() {
        let split = Dataset::open("mnist", None).unwrap().split(SplitName::Test).unwrap();
        let split = split.slice(0, Some(20)).unwrap();
        let class_names = ["a", "b", "c"].map(str::to_owned);
        let scores = BTreeMap::from([("msp".to_owned(), vec![0.0, 1.0])]);
        for (input, colours, draws) in [
            ([1, 28, 28], 0, true),
            ([3, 32, 32], 2, true),
            ([3, 24, 40], 2, true),
            ([1, 64, 64], 0, true),
            ([3, 20, 10], 2, false),
        ] {
            let parameters = Parameters::random(StyleMemorySpec::new(input, 3), 1);
            let (pixels, styles) = (parameters.spec().pixels(), if draws { parameters.spec().styles } else { 0 });
            let network = match draws {
                true => Network::StyleMemory(StyleMemory::new(&parameters, &Device::Cpu).unwrap()),
                false => Network::Classifier(classifier(input)),
            };
            let screen = Screen::new(&network, &[detector("msp").unwrap()], &BTreeMap::new()).unwrap();
            let chosen = Gauge { position: 0, id: "msp", threshold: Threshold::new(0.5).unwrap() };
            let mut studio = Studio {
                network: &network,
                device: &Device::Cpu,
                screen: &screen,
                gauges: &[chosen],
                chosen,
                scores: &scores,
                split: &split,
                class_names: &class_names,
                run: run(),
                framing: None,
                predictions: OnceLock::new(),
            };
            studio.framing = Framing::for_network(studio.shape(), &split);
            let is_written = input == [1, 28, 28];
            let (reply, _receiver) = channel();
            let ask = |place: &str, question: Value| {
                let (_, parse) = PLACES.iter().find(|(other, _)| *other == place).unwrap();
                studio.answer(&parse(question.to_string().as_bytes()).unwrap(), Asker::of(&reply))
            };
            let told = |answer: Answer| serde_json::from_slice::<Value>(&answer.bytes).unwrap();
            let length = |levels: &Value| BASE64_STANDARD.decode(levels.as_str().unwrap()).unwrap().len();

            let levels: Vec<u8> = (0..pixels).map(|i| i as u8).collect();
            let source = json!({ "pixels": BASE64_STANDARD.encode(&levels) });
            let look = told(ask("/look", source.clone()).unwrap())["look"].clone();
            assert_eq!(BASE64_STANDARD.decode(look["image"].as_str().unwrap()).unwrap(), levels, "{input:?}");
            assert_eq!(length(&look["reconstructions"]), if draws { 3 * pixels } else { 0 });
            assert_eq!(look["style"].as_array().unwrap().len(), styles);
            assert_eq!(
                (look["best_label"].is_null(), look["verdicts"][0]["corrected_label"].is_null()),
                (!draws, !draws)
            );

            let attack = json!({ "method": "bim", "epsilon": 0.1, "steps": 3 });
            let answer = ask("/attack", json!({ "source": source, "attack": attack, "film": true })).unwrap();
            assert_eq!(length(&told(answer)["film"][0]["image"]), pixels);
            let picture = ask("/case.png", json!({ "source": source, "attack": attack })).unwrap().bytes;
            // The type of colours in a PNG's header.
            assert_eq!(picture[25], colours, "{input:?}");
            match ask("/draw", json!({ "label": 2, "style": vec![0.5; styles] })) {
                Ok(drawing) => assert_eq!((draws, length(&told(drawing)["image"])), (true, pixels)),
                Err(refusal) => {
                    assert_eq!((draws, &*refusal.to_string()), (false, "a drawing, of a network that does not draw"))
                }
            }

            let strokes = json!({ "strokes": { "lines": [[[0.1, 0.1], [0.9, 0.9]]], "pen": 2.0 } });
            let refusals = [
                ("/look", strokes, "strokes become grey images of 28x28 pixels, and this network takes "),
                ("/look", json!({ "pixels": "AAAA" }), "an image of 3 pixels, expected "),
                ("/draw", json!({ "label": 0, "style": [0.5] }), "1 style neurons, expected "),
            ];
            let asked = refusals.len() - usize::from(!draws);
            for (place, question, refusal) in refusals.into_iter().take(asked).skip(usize::from(is_written)) {
                let found = ask(place, question).unwrap_err().to_string();
                assert!(found.starts_with(refusal), "{found}");
            }

            let page = Page::of(&studio).unwrap();
            assert!(page.most_bytes > pixels * 4 / 3 + 100);
            for (part, is_there) in [
                (r#"<canvas id="pad""#, is_written),
                ("Draw a digit, fool", is_written),
                (r#"id="no-pad""#, !is_written),
                (r#"<input id="own" type="file""#, !is_written),
                (r#"<div id="picking">"#, !is_written),
                (r#"aria-labelledby="style-title" hidden>"#, !draws),
            ] {
                assert_eq!(page.document.contains(part), is_there, "{part} for {input:?}");
            }
        }
    }

    /// A network of one linear layer.
    fn classifier(input: [usize; 3]) -> Classifier {
        let mut spec = Spec::new(&[("image", &input)]);
        let flat = spec.add("flat", Op::Flatten, &["image"]);
        let in_features = input.iter().product();
        let logits = spec.add("logits", Op::Linear { in_features, out_features: 3 }, &[&flat]);
        spec.outputs.push(logits);
        let weights: Vec<f32> = (0..3 * in_features + 3).map(|at| (at % 13) as f32 / 130.0 - 0.05).collect();
        Classifier::new(&spec, &weights, &Device::Cpu).unwrap()
    }

    fn run() -> RunInfo {
        RunInfo {
            purify: None,
            version: "0".into(),
            model: "network".into(),
            model_sha256: String::new(),
            model_settings: None,
            dataset: "mnist".into(),
            split: "test".into(),
            shape: [1, 28, 28],
            resize: None,
            crop: None,
            classes: Vec::new(),
            data_sha256: BTreeMap::new(),
            validation: None,
            spread: None,
            offset: 0,
            images: 20,
            batch_size: 64,
            threads: 1,
            seed: 0,
            device: "cpu".into(),
            shard: None,
            instruction_sets: Vec::new(),
        }
    }
}
