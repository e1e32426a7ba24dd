//! What the crate `gemm` reaches on the products of the second convolution, `(rows, 800) x (800, 64)`, at its best.
//!
//! Tried: several numbers of rows, both storage orders, one product on all threads and one product per thread.

#![expect(unsafe_code, reason = "gemm takes raw pointers")]

use std::time::{Duration, Instant};

use gemm::Parallelism;
use serde_json::{Value, json};

const ROWS: [usize; 4] = [392, 784, 1568, 3136];
const DEPTH: usize = 800;
const COLUMNS: usize = 64;
/// How long each way is tried.
const TRIAL: Duration = Duration::from_millis(150);

/// GFLOP/s of the best way, and which it was.
pub(crate) fn measure() -> Value {
    let threads = rayon::current_num_threads();
    let mut best = (0.0, String::new());
    for rows in ROWS {
        for (order, row_major) in [("row-major", true), ("column-major", false)] {
            for (way, products, parallelism) in [
                ("one product", 1, Parallelism::Rayon(threads)),
                ("one product per thread", threads, Parallelism::None),
            ] {
                let mut products: Vec<Product> = (0..products).map(|_| Product::new(rows, row_major)).collect();
                let rate = rate(&mut products, parallelism);
                if rate > best.0 {
                    best = (rate, format!("{rows} rows, {order}, {way}"));
                }
            }
        }
    }
    json!({ "rate": best.0, "remark": best.1 })
}

/// GFLOP/s of all products side by side.
fn rate(products: &mut [Product], parallelism: Parallelism) -> f64 {
    let flops = |product: &mut Product| {
        let (mut flops, start) = (0.0, Instant::now());
        while start.elapsed() < TRIAL {
            product.run(parallelism);
            flops += 2.0 * (product.rows * DEPTH * COLUMNS) as f64;
        }
        flops / start.elapsed().as_secs_f64()
    };
    if let [product] = products {
        product.run(parallelism);
        return flops(product) / 1e9;
    }
    std::thread::scope(|scope| {
        let workers: Vec<_> = products.iter_mut().map(|product| scope.spawn(move || flops(product))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).sum::<f64>() / 1e9
    })
}

struct Product {
    rows: usize,
    row_major: bool,
    left: Vec<f32>,
    right: Vec<f32>,
    output: Vec<f32>,
}

impl Product {
    fn new(rows: usize, row_major: bool) -> Self {
        let [left, right] = [rows * DEPTH, DEPTH * COLUMNS].map(|len| vec![0.5; len]);
        Self { rows, row_major, left, right, output: vec![0.0; rows * COLUMNS] }
    }

    fn run(&mut self, parallelism: Parallelism) {
        // Strides from column to column and from row to row.
        let strides = |rows: usize, columns: usize| match self.row_major {
            true => (1, columns as isize),
            false => (rows as isize, 1),
        };
        let (output, left, right) = (strides(self.rows, COLUMNS), strides(self.rows, DEPTH), strides(DEPTH, COLUMNS));
        // SAFETY: each buffer holds rows * columns floats in the order that its strides say, and the output, borrowed
        // mutably, overlaps neither operand.
        unsafe {
            gemm::gemm(
                self.rows,
                COLUMNS,
                DEPTH,
                self.output.as_mut_ptr(),
                output.0,
                output.1,
                false,
                self.left.as_ptr(),
                left.0,
                left.1,
                self.right.as_ptr(),
                right.0,
                right.1,
                0.0,
                1.0,
                false,
                false,
                false,
                parallelism,
            );
        }
    }
}
