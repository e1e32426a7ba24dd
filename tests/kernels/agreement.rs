//! Everything that the kernels compute, on every instruction set, for odd batch sizes.

use candle_core::{Result, Tensor, Var};
use robust_networks::kernels::{ErrorGradients, Gradients, Isa, Workspace};

use super::reference::{Case, PIXELS, assert_close, tensor};

const BATCHES: [usize; 4] = [1, 7, 33, 100];

/// Both directions of both halves in one workspace, in the order of a training step, with the weights in use and all
/// weight gradients.
#[test]
fn agrees_with_the_graph() -> Result<()> {
    for classes in [10, 26] {
        let mut case = Case::new(classes)?;
        for batch in BATCHES {
            let [x, y, m] = case.inputs(batch)?;
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
                let mut gradients = Gradients::new(&engine);
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
                for (slot, var) in case.parameters.layout().tensors().iter().zip(&case.reference.vars) {
                    let reference = reference.get(var).expect("a gradient");
                    assert_close(&name(&slot.name), &gradients.flat()[slot.range()], reference, 1e-4)?;
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
                engine.class_errors(&x, &m, &mut workspace, &mut errors, None);
                assert_close(&format!("errors of {batch} images, {isa:?}"), &errors, &reference, 1e-5)?;
            }
        }
    }
    Ok(())
}

#[test]
fn gradients_of_class_errors_are_those_of_the_graph() -> Result<()> {
    for (classes, batches) in [(3, &[1, 7, 33][..]), (10, &[1, 7])] {
        let mut case = Case::new(classes)?;
        for &batch in batches {
            let pairs = batch * classes;
            let ([x, m], d_errors) = (case.drawn_under_all_labels(batch)?, case.uniform(pairs, -1.0, 1.0));
            let vx = Var::from_tensor(&tensor(&x, &[batch, PIXELS])?)?;
            let vm = Var::from_tensor(&tensor(&m, &[batch, 16])?)?;
            let mut columns = Vec::new();
            for class in 0..classes {
                let one_hot: Vec<f32> = (0..pairs).map(|i| f32::from(i % classes == class)).collect();
                let drawn = case.reference.decode(&tensor(&one_hot, &[batch, classes])?, &vm)?;
                columns.push((drawn - vx.as_tensor())?.sqr()?.sum_keepdim(1)?);
            }
            let reference = Tensor::cat(&columns, 1)?.mul(&tensor(&d_errors, &[batch, classes])?)?.backward()?;
            for isa in Isa::available() {
                let engine = case.engine(isa);
                let (mut errors, mut plain) = (vec![9.0; pairs], vec![9.0; pairs]);
                let (mut d_reconstruction, mut d_m) = (vec![9.0; pairs * PIXELS], vec![9.0; pairs * 16]);
                let mut workspace = Workspace::new(&engine, batch.max(20));
                engine.class_errors(&x, &m, &mut workspace, &mut plain, None);
                let gradients = ErrorGradients { d_reconstruction: &mut d_reconstruction, d_m: &mut d_m };
                engine.class_errors(&x, &m, &mut workspace, &mut errors, Some(gradients));
                assert!(errors == plain, "gradients change no error");
                let sum = |slopes: &[f32], width: usize| -> Vec<f32> {
                    let of = |image: usize, at: usize| {
                        let pairs = image * classes..(image + 1) * classes;
                        pairs.map(|pair| d_errors[pair] * slopes[pair * width + at]).sum()
                    };
                    (0..batch)
                        .flat_map(|image| (0..width).map(move |at| (image, at)))
                        .map(|(i, at)| of(i, at))
                        .collect()
                };
                let d_x: Vec<f32> = sum(&d_reconstruction, PIXELS).into_iter().map(|slope| -slope).collect();
                for (ours, var, what) in [(&d_x, &vx, "x"), (&sum(&d_m, 16), &vm, "m")] {
                    let name = format!("gradient to {what} of {batch} images, {classes} classes, {isa:?}");
                    assert_close(&name, ours, reference.get(var).expect("a gradient"), 1e-4)?;
                }
            }
        }
    }
    Ok(())
}
