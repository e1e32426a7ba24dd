//! How the engine is used: gradients of parts, new weights, buffers of the wrong length.

use candle_core::Result;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use robust_networks::kernels::{ErrorGradients, Gradients, Isa, Workspace};
use robust_networks::{Parameters, StyleMemorySpec};

use super::reference::{Case, PIXELS, assert_close, random_weights, tensor};

#[test]
fn a_batchs_gradient_is_the_sum_of_its_parts_and_replaces_the_last() -> Result<()> {
    let mut case = Case::new(10)?;
    let (x, d_logits) = (case.uniform(6 * PIXELS, 0.0, 1.0), case.uniform(60, -1.0, 1.0));
    let (y, m) = (case.uniform(60, 0.0, 1.0), case.uniform(6 * 16, 0.0, 1.0));
    let engine = case.engine(Isa::detect());
    let mut workspace = Workspace::new(&engine, 6);
    let mut gradients = Gradients::new(&engine);
    let mut run = |images: std::ops::Range<usize>| {
        let x = &x[images.start * PIXELS..images.end * PIXELS];
        engine.encode(x, &mut workspace);
        let d_logits = &d_logits[images.start * 10..images.end * 10];
        let d_style = vec![0.5; images.len() * 16];
        engine.encode_backward(d_logits, Some(&d_style), &mut workspace, None, Some(&mut gradients));
        let (y, m) = (&y[images.start * 10..images.end * 10], &m[images.start * 16..images.end * 16]);
        engine.decode(y, m, &mut workspace);
        engine.decode_backward(x, &mut workspace, None, None, Some(&mut gradients));
        gradients.clone()
    };
    let whole = run(0..6);
    let parts = [run(0..2), run(2..3), run(3..6)];
    for slot in case.parameters.layout().tensors() {
        let reference = tensor(&whole.flat()[slot.range()], &[slot.len()])?;
        let mut sum = vec![0.0; slot.len()];
        for part in &parts {
            sum.iter_mut().zip(&part.flat()[slot.range()]).for_each(|(sum, value)| *sum += value);
        }
        assert_close(&slot.name, &sum, &reference, 1e-5)?;
    }
    assert!(run(0..6) == whole && run(0..0) == Gradients::new(&engine));
    Ok(())
}

#[test]
fn repacking_is_packing_anew() -> Result<()> {
    for isa in Isa::available() {
        let mut case = Case::new(10)?;
        let mut engine = case.engine(isa);
        case.parameters = random_weights(case.parameters.spec().clone(), &mut ChaCha8Rng::seed_from_u64(99));
        engine.repack(&case.parameters);
        let fresh = case.engine(isa);
        let (x, m) = (case.uniform(3 * PIXELS, 0.0, 1.0), case.uniform(3 * 16, 0.0, 1.0));
        // Everything that an engine does, so that a memory checker sees all of it in a test without candle.
        let results = [engine, fresh].map(|engine| {
            let (mut workspace, mut gradients) = (Workspace::new(&engine, 3), Gradients::new(&engine));
            let (mut errors, mut d_x, mut d_y) = (vec![0.0; 30], vec![0.0; x.len()], vec![0.0; 30]);
            engine.encode(&x, &mut workspace);
            let (mut d_drawn, mut d_m) = (vec![0.0; 30 * PIXELS], vec![0.0; 30 * 16]);
            let slopes = ErrorGradients { d_reconstruction: &mut d_drawn, d_m: &mut d_m };
            engine.class_errors(&x, &m, &mut workspace, &mut errors, Some(slopes));
            engine.decode(&[0.1; 30], &m, &mut workspace);
            engine.decode_backward(&x, &mut workspace, Some(&mut d_y), None, Some(&mut gradients));
            let d_x = &mut d_x;
            engine.encode_backward(&[1.0; 30], Some(&m), &mut workspace, Some(d_x), Some(&mut gradients));
            let (logits, drawn) = (workspace.logits().to_vec(), workspace.reconstruction().to_vec());
            (logits, drawn, d_x.clone(), d_y, errors, d_m, gradients)
        });
        assert!(results[0] == results[1], "{isa:?}");
        assert!(
            results[0]
                .2
                .iter()
                .chain(&results[0].3)
                .chain(&results[0].5)
                .all(|slope| slope.is_finite() && *slope != 0.0),
            "{isa:?}"
        );
    }
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
    assert!(refused(&|w| engine.class_errors(&[0.0; PIXELS], &[0.0; 16], w, &mut [0.0; 9], None)));
    let short = &|w: &mut Workspace| {
        let slopes = ErrorGradients { d_reconstruction: &mut [0.0; 10 * PIXELS], d_m: &mut [0.0; 159] };
        engine.class_errors(&[0.0; PIXELS], &[0.0; 16], w, &mut [0.0; 10], Some(slopes));
    };
    assert!(refused(short));
    assert!(!refused(&|w| engine.encode_backward(&[0.0; 20], None, w, None, None)), "the control");
    let repacked = || case.engine(Isa::detect()).repack(&Parameters::zeros(StyleMemorySpec::paper(11)));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(repacked)).is_err());
    Ok(())
}
