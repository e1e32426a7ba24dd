//! What `speed.py` beside this file measures on our side and the command line does not: one work per process, one line
//! of JSON.
//!
//! `cargo bench --bench peers --features gemm/x86-v4 -- scoring`; without the name of a work it does nothing. The
//! feature lets `gemm`, and so candle's graph, use AVX-512. The number of threads is `RAYON_NUM_THREADS`, which rayon,
//! candle and `gemm` all read.

mod products;
mod scoring;
mod training;

use anyhow::{Context, Result};
use robust::data::pretrained::pretrained;
use robust::kernels::Isa;
use robust::network::{Checkpoint, Parameters};
use serde_json::json;

fn main() -> Result<()> {
    let work = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let found = match work.as_deref() {
        Some("machine") => json!({ "isa": format!("{:?}", Isa::detect()) }),
        Some("scoring") => scoring::measure(&parameters()?)?,
        Some("training") => training::kernels(parameters()?)?,
        Some("training-graph") => training::graph(parameters()?)?,
        Some("gemm") => products::measure(),
        _ => {
            eprintln!("peers: name a work (machine, scoring, training, training-graph or gemm), or run speed.py");
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
