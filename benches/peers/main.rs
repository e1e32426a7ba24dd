//! What the scripts beside this file need of our side and the command line does not do: one work per process. Those of
//! `speed.py` print one line of JSON; `steps` is for `strength.py`.
//!
//! `cargo bench --bench peers --features gemm/x86-v4 -- scoring`; without the name of a work it does nothing. The
//! feature lets `gemm`, and so candle's graph, use AVX-512. The number of threads is `RAYON_NUM_THREADS`, which rayon,
//! candle and `gemm` all read.

mod onnx;
mod products;
mod resnet;
mod scoring;
mod steps;
mod timed;
mod training;

use anyhow::{Context, Result, bail};
use robust::checkpoint::Checkpoint;
use robust::data::pretrained::pretrained;
use robust_networks::Parameters;
use robust_networks::kernels::Isa;
use serde_json::json;

fn main() -> Result<()> {
    // cargo adds a flag of its own.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let found = match arguments.first().map(String::as_str) {
        Some("machine") => json!({ "isa": format!("{:?}", Isa::detect()) }),
        Some("scoring") => scoring::measure(&parameters()?)?,
        Some("training") => match &arguments[1..] {
            [start, images] => training::kernels(Checkpoint::read(start.as_ref())?.parameters, images)?,
            _ => training::kernels(parameters()?, "mnist")?,
        },
        Some("training-graph") => training::graph(parameters()?)?,
        Some("gemm") => products::measure(),
        Some("resnet") => timed::measure(&resnet::network()?, resnet::IMAGES, false),
        Some("resnet-gradient") => timed::measure(&resnet::network()?, resnet::IMAGES, true),
        Some("resnet-layers") => {
            timed::layers(&resnet::network()?);
            return Ok(());
        }
        Some("onnx") => {
            let [_, path, images] = &arguments[..] else { bail!("onnx takes FILE.onnx IMAGES") };
            timed::measure(&onnx::network(path)?, images.parse()?, true)
        }
        Some("onnx-layers") => {
            let [_, path] = &arguments[..] else { bail!("onnx-layers takes FILE.onnx") };
            timed::layers(&onnx::network(path)?);
            return Ok(());
        }
        Some("steps") => return steps::step(&parameters()?, &arguments[1..]),
        _ => {
            eprintln!(
                "peers: name a work (machine, scoring, training, training-graph, gemm, resnet, resnet-gradient, resnet-layers, onnx, onnx-layers or steps), or run speed.py"
            );
            return Ok(());
        }
    };
    println!("{found}");
    Ok(())
}

/// The embedded network, which both sides start from.
fn parameters() -> Result<Parameters> {
    Ok(Checkpoint::from_bytes("mnist", pretrained("mnist").context("no embedded network")?)?.parameters)
}
