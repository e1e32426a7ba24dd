use robust_networks::kernels::*;
use robust_networks::*;
use std::time::Instant;
fn best(mut f: impl FnMut()) -> f64 {
    let mut b = f64::INFINITY;
    for _ in 0..300 {
        let t = Instant::now();
        f();
        b = b.min(t.elapsed().as_secs_f64());
    }
    b * 1e6
}
fn main() {
    let p = Parameters::random(StyleMemorySpec::paper(10), 1);
    for isa in Isa::available().into_iter().take(2) {
        let mut e = Engine::with_isa(isa, &p).unwrap();
        let n = 64;
        let mut w = Workspace::new(&e, n);
        let mut g = Gradients::new(&e);
        let r = |k: usize, s: usize| -> Vec<f32> { (0..k).map(|i| ((i * 7919 + s) % 1009) as f32 / 1009.0).collect() };
        let x = r(n * 784, 3);
        let (y, m) = (r(n * 10, 5), r(n * 16, 9));
        let (mut dy, mut dm, mut dx) = (vec![0.0; n * 10], vec![0.0; n * 16], vec![0.0; n * 784]);
        let d = r(n * 784, 11);
        let dl = r(n * 10, 2);
        let mut er = vec![0.0; n * 10];
        if let Some(only) = std::env::args().nth(1) {
            if only == "repack" {
                (0..2000).for_each(|_| e.repack(&p));
            }
            if only == "encode" {
                (0..3000).for_each(|_| e.encode(&x, &mut w));
            }
            if only == "decode" {
                (0..3000).for_each(|_| e.decode(&y, &m, &mut w));
            }
            if only == "back" {
                e.encode(&x, &mut w);
                (0..3000).for_each(|_| e.encode_backward(&dl, None, &mut w, Some(&mut dx), None));
            }
            return;
        }
        let enc = best(|| e.encode(&x, &mut w));
        let encb = best(|| e.encode_backward(&dl, None, &mut w, Some(&mut dx), None));
        let encg = best(|| e.encode_backward(&dl, Some(&m), &mut w, None, Some(&mut g)));
        let dec = best(|| e.decode(&y, &m, &mut w));
        let decb = best(|| e.decode_backward(&d, &mut w, Some(&mut dy), Some(&mut dm), None));
        let decg = best(|| e.decode_backward(&d, &mut w, Some(&mut dy), Some(&mut dm), Some(&mut g)));
        let ce = best(|| e.class_errors(&x[..8 * 784], &m[..8 * 16], &mut w, &mut er[..80], None));
        let rp = best(|| e.repack(&p));
        println!(
            "{isa:?} encode {enc:.0} back {encb:.0} weights {encg:.0} decode {dec:.0} back {decb:.0} weights {decg:.0} errors {ce:.0} repack {rp:.0}"
        );
    }
}
