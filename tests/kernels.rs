//! The kernels against candle's graph in double precision, on random weights and odd batch sizes.

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::ops::sigmoid;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use robust::kernels::{Engine, Gradients, Isa, Shapes, Workspace};
use robust::network::Layout;

const BATCHES: [usize; 4] = [1, 7, 33, 100];
const PIXELS: usize = 28 * 28;

fn uniform(rng: &mut ChaCha8Rng, len: usize, from: f32, to: f32) -> Vec<f32> {
    (0..len).map(|_| rng.random_range(from..to)).collect()
}

/// Random weights, uniform within the root of three over the fan-in, which keeps activations alive through all layers.
fn random_weights(shapes: Shapes, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let fan_in = |index: usize| match index / 2 {
        0 => 25,
        1 => 800,
        2 => 3136,
        3 | 8 => 256,
        6 => shapes.classes + shapes.styles,
        9 => 400,
        10 => 200,
        _ => 128,
    };
    let mut flat = Vec::new();
    for (index, length) in shapes.lengths().into_iter().enumerate() {
        let bound = (3.0 / fan_in(index) as f32).sqrt();
        flat.extend(uniform(rng, length, -bound, bound));
    }
    flat
}

/// The network of candle's operations, in f64.
struct Reference {
    vars: Vec<Var>,
}

impl Reference {
    fn new(shapes: Shapes, flat: &[f32]) -> Result<Self> {
        let code = shapes.classes + shapes.styles;
        let dims: [&[usize]; 11] = [
            &[32, 1, 5, 5],
            &[64, 32, 5, 5],
            &[256, 3136],
            &[128, 256],
            &[shapes.classes, 128],
            &[shapes.styles, 128],
            &[128, code],
            &[256, 128],
            &[3136, 256],
            &[64, 32, 5, 5],
            &[32, 1, 5, 5],
        ];
        let mut vars = Vec::new();
        for (index, tensor) in shapes.split(flat).into_iter().enumerate() {
            let values: Vec<f64> = tensor.iter().map(|&w| w.into()).collect();
            let tensor = Tensor::new(values, &Device::Cpu)?;
            let tensor = if index % 2 == 0 { tensor.reshape(dims[index / 2])? } else { tensor };
            vars.push(Var::from_tensor(&tensor)?);
        }
        Ok(Self { vars })
    }

    fn linear(&self, x: &Tensor, weight: usize) -> Result<Tensor> {
        x.matmul(&self.vars[weight].t()?)?.broadcast_add(&self.vars[weight + 1])
    }

    fn bias(&self, weight: usize) -> Result<Tensor> {
        self.vars[weight + 1].reshape((1, (), 1, 1))
    }

    fn encode(&self, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let h = x.conv2d(&self.vars[0], 2, 2, 1, 1)?.broadcast_add(&self.bias(0)?)?.relu()?;
        let h = h.conv2d(&self.vars[2], 2, 2, 1, 1)?.broadcast_add(&self.bias(2)?)?.relu()?;
        let h = self.linear(&h.flatten_from(1)?, 4)?.relu()?;
        let h = self.linear(&h, 6)?.relu()?;
        Ok((self.linear(&h, 8)?, sigmoid(&self.linear(&h, 10)?)?))
    }

    fn decode(&self, y: &Tensor, m: &Tensor) -> Result<Tensor> {
        let h = self.linear(&Tensor::cat(&[y, m], 1)?, 12)?.relu()?;
        let h = self.linear(&h, 14)?.relu()?;
        let h = self.linear(&h, 16)?.relu()?.reshape(((), 64, 7, 7))?;
        let h = h.conv_transpose2d(&self.vars[18], 2, 1, 2, 1)?.broadcast_add(&self.bias(18)?)?.relu()?;
        sigmoid(&h.conv_transpose2d(&self.vars[20], 2, 1, 2, 1)?.broadcast_add(&self.bias(20)?)?)?.flatten_from(1)
    }
}

fn tensor(values: &[f32], shape: &[usize]) -> Result<Tensor> {
    Tensor::from_slice(values, shape, &Device::Cpu)?.to_dtype(DType::F64)
}

fn assert_close(name: &str, ours: &[f32], reference: &Tensor, tolerance: f64) -> Result<()> {
    let reference = reference.flatten_all()?.to_vec1::<f64>()?;
    assert_eq!(ours.len(), reference.len(), "{name}");
    let largest = reference.iter().fold(0.0f64, |a, b| a.max(b.abs()));
    assert!(largest > 0.0, "{name}: the reference is all zero, so the comparison says nothing");
    let worst = ours.iter().zip(&reference).fold(0.0f64, |a, (x, y)| a.max((f64::from(*x) - y).abs()));
    assert!(worst <= tolerance * largest, "{name}: off by {worst:e} where the largest value is {largest:e}");
    Ok(())
}

struct Case {
    shapes: Shapes,
    weights: Vec<f32>,
    reference: Reference,
    rng: ChaCha8Rng,
}

impl Case {
    fn new(classes: usize) -> Result<Self> {
        let shapes = Shapes { classes, styles: 16 };
        let mut rng = ChaCha8Rng::seed_from_u64(classes as u64);
        let weights = random_weights(shapes, &mut rng);
        let reference = Reference::new(shapes, &weights)?;
        Ok(Self { shapes, weights, reference, rng })
    }

    fn engine(&self, isa: Isa) -> Engine {
        Engine::with_isa(isa, self.shapes.classes, self.shapes.styles, &self.shapes.split(&self.weights))
    }

    fn uniform(&mut self, len: usize, from: f32, to: f32) -> Vec<f32> {
        uniform(&mut self.rng, len, from, to)
    }
}

/// Both directions of both halves in one workspace, in the order of a training step, with the weights in use and all
/// weight gradients.
#[test]
fn agrees_with_the_graph() -> Result<()> {
    for classes in [10, 26] {
        let (mut case, layout) = (Case::new(classes)?, Layout::new(classes));
        for batch in BATCHES {
            let x = case.uniform(batch * PIXELS, 0.0, 1.0);
            let y = case.uniform(batch * classes, 0.0, 1.0);
            let m = case.uniform(batch * 16, 0.0, 1.0);
            let d_logits = case.uniform(batch * classes, -1.0, 1.0);
            let d_style = case.uniform(batch * 16, -1.0, 1.0);
            let d_reconstruction = case.uniform(batch * PIXELS, -1.0, 1.0);

            let vx = Var::from_tensor(&tensor(&x, &[batch, 1, 28, 28])?)?;
            let vy = Var::from_tensor(&tensor(&y, &[batch, classes])?)?;
            let vm = Var::from_tensor(&tensor(&m, &[batch, 16])?)?;
            let (logits, style) = case.reference.encode(&vx)?;
            let reconstruction = case.reference.decode(&vy, &vm)?;
            let loss = ((logits.mul(&tensor(&d_logits, &[batch, classes])?)?.sum_all()?
                + style.mul(&tensor(&d_style, &[batch, 16])?)?.sum_all()?)?
                + reconstruction.mul(&tensor(&d_reconstruction, &[batch, PIXELS])?)?.sum_all()?)?;
            let reference = loss.backward()?;

            for isa in Isa::available() {
                let engine = case.engine(isa);
                let mut workspace = Workspace::new(&engine, batch + 2);
                let mut gradients = Gradients::new(case.shapes);
                let (mut d_x, mut d_y, mut d_m) = (vec![9.0; x.len()], vec![9.0; y.len()], vec![9.0; m.len()]);
                // A larger batch first, so that what it leaves behind would show.
                engine.encode(&vec![0.5; (batch + 2) * PIXELS], &mut workspace);
                engine.decode(&vec![0.5; (batch + 2) * classes], &vec![0.5; (batch + 2) * 16], &mut workspace);

                engine.encode(&x, &mut workspace);
                engine.decode(&y, &m, &mut workspace);
                let name = |what: &str| format!("{what} of {batch} images, {classes} classes, {isa:?}");
                assert_close(&name("logits"), workspace.logits(), &logits, 1e-5)?;
                assert_close(&name("style"), workspace.style(), &style, 1e-5)?;
                assert_close(&name("reconstruction"), workspace.reconstruction(), &reconstruction, 1e-5)?;
                let (dy, dm) = (Some(&mut d_y[..]), Some(&mut d_m[..]));
                engine.decode_backward(&d_reconstruction, &mut workspace, dy, dm, Some(&mut gradients));
                let (ds, dx) = (Some(&d_style[..]), Some(&mut d_x[..]));
                engine.encode_backward(&d_logits, ds, &mut workspace, dx, Some(&mut gradients));
                for (ours, var, what) in [(&d_x, &vx, "x"), (&d_y, &vy, "y"), (&d_m, &vm, "m")] {
                    let reference = reference.get(var).expect("a gradient");
                    assert_close(&name(&format!("gradient to {what}")), ours, reference, 1e-4)?;
                }
                for (index, var) in case.reference.vars.iter().enumerate() {
                    let reference = reference.get(var).expect("a gradient");
                    assert_close(&name(&layout.tensors()[index].name), gradients.tensor(index), reference, 1e-4)?;
                }

                // Without weight gradients, the same bytes.
                let mut again = vec![9.0; x.len()];
                engine.encode(&x, &mut workspace);
                engine.encode_backward(&d_logits, Some(&d_style), &mut workspace, Some(&mut again), None);
                assert!(d_x == again, "{}", name("gradient to x without weight gradients"));
            }
        }
    }
    Ok(())
}

#[test]
fn class_errors_are_those_of_every_one_hot_label() -> Result<()> {
    for classes in [10, 26] {
        let mut case = Case::new(classes)?;
        for (batch, max_images) in [(1, 1), (7, 7), (33, 40), (5, 64)] {
            let x = case.uniform(batch * PIXELS, 0.0, 1.0);
            let m = case.uniform(batch * 16, 0.0, 1.0);
            let mut columns = Vec::new();
            for class in 0..classes {
                let one_hot: Vec<f32> = (0..batch * classes).map(|i| f32::from(i % classes == class)).collect();
                let decoded =
                    case.reference.decode(&tensor(&one_hot, &[batch, classes])?, &tensor(&m, &[batch, 16])?)?;
                columns.push((decoded - tensor(&x, &[batch, PIXELS])?)?.sqr()?.sum_keepdim(1)?);
            }
            let reference = Tensor::cat(&columns, 1)?;
            for isa in Isa::available() {
                let engine = case.engine(isa);
                let mut workspace = Workspace::new(&engine, max_images);
                let mut errors = vec![0.0; batch * classes];
                engine.class_errors(&x, &m, &mut workspace, &mut errors);
                assert_close(&format!("errors of {batch} images, {isa:?}"), &errors, &reference, 1e-5)?;
            }
        }
    }
    Ok(())
}

#[test]
fn a_batchs_gradient_is_the_sum_of_its_parts_and_replaces_the_last() -> Result<()> {
    let mut case = Case::new(10)?;
    let (x, d_logits) = (case.uniform(6 * PIXELS, 0.0, 1.0), case.uniform(60, -1.0, 1.0));
    let engine = case.engine(Isa::detect());
    let mut workspace = Workspace::new(&engine, 6);
    let mut gradients = Gradients::new(case.shapes);
    let mut run = |images: std::ops::Range<usize>| {
        engine.encode(&x[images.start * PIXELS..images.end * PIXELS], &mut workspace);
        let d_logits = &d_logits[images.start * 10..images.end * 10];
        let d_style = vec![0.5; images.len() * 16];
        engine.encode_backward(d_logits, Some(&d_style), &mut workspace, None, Some(&mut gradients));
        gradients.clone()
    };
    let whole = run(0..6);
    let parts = [run(0..2), run(2..3), run(3..6)];
    let layout = Layout::new(10);
    for index in 0..12 {
        let reference = tensor(whole.tensor(index), &[whole.tensor(index).len()])?;
        let mut sum = vec![0.0; whole.tensor(index).len()];
        for part in &parts {
            sum.iter_mut().zip(part.tensor(index)).for_each(|(sum, value)| *sum += value);
        }
        assert_close(&layout.tensors()[index].name, &sum, &reference, 1e-5)?;
    }
    assert!(run(0..6) == whole && run(0..0) == Gradients::new(case.shapes));
    Ok(())
}

#[test]
fn repacking_is_packing_anew() -> Result<()> {
    let mut case = Case::new(10)?;
    let mut engine = case.engine(Isa::detect());
    case.weights = random_weights(case.shapes, &mut ChaCha8Rng::seed_from_u64(99));
    engine.repack(&case.shapes.split(&case.weights));
    let fresh = case.engine(Isa::detect());
    let (x, m) = (case.uniform(3 * PIXELS, 0.0, 1.0), case.uniform(3 * 16, 0.0, 1.0));
    let results = [engine, fresh].map(|engine| {
        let mut workspace = Workspace::new(&engine, 3);
        let (mut errors, mut d_x) = (vec![0.0; 30], vec![0.0; x.len()]);
        engine.encode(&x, &mut workspace);
        engine.encode_backward(&[1.0; 30], Some(&[1.0; 48]), &mut workspace, Some(&mut d_x), None);
        engine.class_errors(&x, &m, &mut workspace, &mut errors);
        engine.decode(&[0.1; 30], &m, &mut workspace);
        (workspace.logits().to_vec(), workspace.reconstruction().to_vec(), d_x, errors)
    });
    assert!(results[0] == results[1]);
    Ok(())
}

#[test]
fn wrong_lengths_are_refused() -> Result<()> {
    let case = Case::new(10)?;
    let engine = case.engine(Isa::detect());
    let refused = |f: &dyn Fn(&mut Workspace)| {
        let mut workspace = Workspace::new(&engine, 2);
        engine.encode(&[0.0; 2 * PIXELS], &mut workspace);
        engine.decode(&[0.0; 20], &[0.0; 32], &mut workspace);
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| f(&mut workspace))).is_err()
    };
    assert!(refused(&|w| engine.encode(&[0.0; PIXELS + 1], w)));
    assert!(refused(&|w| engine.encode(&[0.0; 3 * PIXELS], w)));
    assert!(refused(&|w| engine.encode_backward(&[0.0; 19], None, w, None, None)));
    assert!(refused(&|w| engine.encode_backward(&[0.0; 20], Some(&[0.0; 31]), w, None, None)));
    assert!(refused(&|w| engine.encode_backward(&[0.0; 20], None, w, Some(&mut [0.0; PIXELS]), None)));
    assert!(refused(&|w| engine.decode(&[0.0; 20], &[0.0; 31], w)));
    assert!(refused(&|w| engine.decode_backward(&[0.0; PIXELS], w, None, None, None)));
    assert!(refused(&|w| engine.decode_backward(&[0.0; 2 * PIXELS], w, Some(&mut [0.0; 19]), None, None)));
    assert!(refused(&|w| engine.class_errors(&[0.0; PIXELS], &[0.0; 16], w, &mut [0.0; 9])));
    assert!(!refused(&|w| engine.encode_backward(&[0.0; 20], None, w, None, None)), "the control");
    let tensors = case.shapes.split(&case.weights);
    assert!(std::panic::catch_unwind(|| Engine::new(10, 16, &tensors[..21])).is_err());
    assert!(std::panic::catch_unwind(|| Engine::new(11, 16, &tensors)).is_err());
    Ok(())
}

#[test]
fn the_layout_and_the_kernels_speak_of_the_same_tensors() {
    for classes in [2, 10, 26] {
        let layout = Layout::new(classes);
        let shapes = Shapes { classes, styles: 16 };
        let lengths: Vec<usize> = layout.tensors().iter().map(|spec| spec.len()).collect();
        assert_eq!(lengths, shapes.lengths());
        assert_eq!(layout.len(), shapes.total());
    }
}
