//! Draws the README's picture: digits, what BIM makes of them, and what the network sees in both.
//!
//! `cargo run --release --example picture` writes `docs/attack.png`. From top to bottom: the first test digit of each class
//! that the network gets right, what it draws of each from its prediction and style; the digits after BIM at 0.3, what it draws of those from the (now wrong)
//! prediction, and from the best other label.

use std::fs;
use std::path::Path;

use anyhow::Result;
use candle_core::{DType, Device, Tensor};
use robust::checkpoint::Checkpoint;
use robust::draw::{Band, Cell, Grid, Row};
use robust_attacks::{AttackExt, Budget, ClassConditional, Goal, GradientDescent, Model, Norm, Randomness, Task};
use robust_data::{Dataset, SplitName, pretrained};
use robust_detectors::Perception;
use robust_networks::StyleMemory;

fn main() -> Result<()> {
    let bytes = pretrained::pretrained("mnist").unwrap_or_default();
    let network = StyleMemory::new(&Checkpoint::from_bytes("mnist", bytes)?.parameters, &Device::Cpu)?;
    let test = Dataset::open("mnist", None)?.split(SplitName::Test)?;
    let seen = Perception::new(&network, &test.image_tensor(0..200, &Device::Cpu)?)?;
    let right = |image: &usize| seen.predictions()[*image] == test.labels()[*image];
    let first_of = |class| (0..200).filter(right).find(|&image| test.labels()[image] == class);
    let chosen: Vec<usize> = (0..10).filter_map(first_of).collect();
    let x = test.image_tensor(&chosen[..], &Device::Cpu)?;
    let labels = chosen.iter().map(|&image| test.labels()[image]).collect();
    let goal = Goal::Untargeted { labels };
    let randomness = Randomness { seed: 0, indices: chosen.iter().map(|&image| image as u64).collect() };
    let task = Task { model: &network, x0: &x, goal: &goal, randomness: &randomness };
    let found = GradientDescent::bim(40, 0.01).run(&task, &Budget::new(Norm::Linf, 0.3)?)?;

    let (clean, attacked) = (Perception::new(&network, &x)?, Perception::new(&network, &found.images)?);
    let errors = attacked.errors()?;
    println!("predictions  {:?}\nafter BIM    {:?}", clean.predictions(), attacked.predictions());
    println!("best other   {:?}", errors.alternative_label());
    println!(
        "error under the prediction  {:?}\nunder the best other        {:?}",
        errors.predicted(),
        errors.alternative()
    );
    let rows = [
        ("digit", x.clone()),
        ("drawing", draw(&network, clean.predictions(), clean.style()?)?),
        ("after BIM", found.images.clone()),
        ("as predicted", draw(&network, attacked.predictions(), attacked.style()?)?),
        ("best other", draw(&network, errors.alternative_label(), attacked.style()?)?),
    ];
    save(&rows, &network, Path::new("docs/attack.png"))
}

/// The images that the network draws for labels and styles.
fn draw(network: &StyleMemory, labels: &[u32], style: &Tensor) -> Result<Tensor> {
    let labels = Tensor::new(labels, &Device::Cpu)?;
    let one_hot = Tensor::eye(network.signature().classes, DType::F32, &Device::Cpu)?.index_select(&labels, 0)?;
    Ok(network.decode(&one_hot, style)?)
}

/// Rows of the network's images as one picture.
fn save(rows: &[(&str, Tensor)], network: &StyleMemory, path: &Path) -> Result<()> {
    let shape = network.signature().shape;
    let row = |(title, images): &(&str, Tensor)| -> Result<Row> {
        let pixels = images.flatten_all()?.to_vec1::<f32>()?;
        Ok(Row::new(*title, pixels.chunks(shape.pixels()).map(Cell::of)))
    };
    let rows = rows.iter().map(row).collect::<Result<_>>()?;
    let canvas = Grid { shape, scale: 3, bands: vec![Band { rows, ..Band::default() }] }.canvas();
    Ok(fs::write(path, canvas.png(path)?)?)
}
