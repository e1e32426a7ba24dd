use robust_networks::kernels::*;
use robust_networks::*;
fn h(v: &[f32]) -> u64 {
    v.iter().fold(14695981039346656037u64, |a, x| (a ^ u64::from(x.to_bits())).wrapping_mul(1099511628211))
}
fn main() {
    let p = Parameters::random(StyleMemorySpec::paper(10), 1);
    for isa in Isa::available() {
        let e = Engine::with_isa(isa, &p).unwrap();
        let n = 32;
        let mut w = Workspace::new(&e, n);
        let mut g = Gradients::new(&e);
        let r = |k: usize, s: usize| -> Vec<f32> { (0..k).map(|i| ((i * 7919 + s) % 1009) as f32 / 1009.0).collect() };
        let x = r(n * 784, 3);
        e.encode(&x, &mut w);
        println!("{isa:?} logits {:x} style {:x}", h(w.logits()), h(w.style()));
        let (y, m) = (r(n * 10, 5), r(n * 16, 9));
        e.decode(&y, &m, &mut w);
        println!("drawn {:x}", h(w.reconstruction()));
        let (mut dy, mut dm, mut dx) = (vec![0.0; n * 10], vec![0.0; n * 16], vec![0.0; n * 784]);
        let d = r(n * 784, 11);
        e.decode_backward(&d, &mut w, Some(&mut dy), Some(&mut dm), Some(&mut g));
        println!("dy {:x} dm {:x}", h(&dy), h(&dm));
        e.encode_backward(&r(n * 10, 2), Some(&r(n * 16, 8)), &mut w, Some(&mut dx), Some(&mut g));
        println!("dx {:x}", h(&dx));
        for s in p.layout().tensors() {
            println!("{} {:x}", s.name, h(&g.flat()[s.range()]));
        }
        let mut er = vec![0.0; n * 10];
        e.class_errors(&x, &m, &mut w, &mut er, None);
        println!("errors {:x}", h(&er));
    }
}
