//! Some ops against PyTorch: a weighted sum of the results, and one of the slopes.

use candle_core::{Device, Error, Result, Tensor, Var};
use robust_networks::{Fill, Function, Graph, Layout, Op, Reduction, Window};

use super::specs::{UNEVEN, average, convolution, pad, reduce, spec_of};

/// `sin(frequency i + 0.1)` for each element.
fn wave(shape: &[usize], frequency: f64) -> Result<Tensor> {
    let numbers = Tensor::arange(0.0, shape.iter().product::<usize>() as f64, &Device::Cpu)?;
    numbers.affine(frequency, 0.1)?.sin()?.reshape(shape)
}

/// The sum of all elements, each with a weight of its own.
fn weighed(x: &Tensor, weights: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Tensor> {
    let numbers = Tensor::arange(0.0, x.elem_count() as f64, &Device::Cpu)?;
    (x.flatten_all()? * weights(&numbers)?)?.sum_all()
}

/// PyTorch 2, which prints both numbers of each op:
/// ```python
/// import math, torch, torch.nn.functional as F
/// torch.set_default_dtype(torch.float64)
/// def wave(*shape, f=0.37):
///     n = math.prod(shape)
///     return torch.sin(f * torch.arange(n) + 0.1).reshape(shape)
/// def numbers(f, *shape, params=()):
///     x = (2 * wave(2, *shape)).requires_grad_()
///     y = f(x, *[wave(*s, f=0.53) for s in params])
///     loss = (y.flatten() * torch.sin(0.7 * torch.arange(y.numel()))).sum()
///     loss.backward()
///     d = (x.grad.flatten() * torch.cos(0.3 * torch.arange(x.numel()))).sum()
///     return f"({loss.item():.12f}, {d.item():.12f})"
/// uneven = dict(stride=(2, 1), dilation=(1, 3))
/// print(numbers(lambda x, w, b: F.conv2d(F.pad(x, (0, 2, 1, 0)), w, b, **uneven, groups=2), 4, 7, 8, params=[(6, 2, 3, 2), (6,)]))
/// print(numbers(lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1, groups=4), 4, 7, 8, params=[(8, 1, 3, 3), (8,)]))
/// print(numbers(lambda x, w, b: F.linear(x, w, b), 2, 3, 5, params=[(4, 5), (4,)]))
/// print(numbers(lambda x: F.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False), 4, 7, 8))
/// print(numbers(lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=True), 4, 7, 8))
/// print(numbers(lambda x: F.max_pool2d(x, (3, 2), (2, 1), (1, 1), (1, 3)), 4, 7, 8))
/// print(numbers(lambda x: F.local_response_norm(x, 5, 0.5, 0.75, 2.0), 7, 2, 3))
/// print(numbers(lambda x: F.layer_norm(x, (4, 5), eps=1e-3), 3, 4, 5))
/// print(numbers(lambda x: F.softmax(x, 2), 3, 4, 5))
/// print(numbers(lambda x: F.gelu(x), 9))
/// print(numbers(lambda x: F.gelu(x, approximate="tanh"), 9))
/// print(numbers(lambda x: F.hardswish(x), 9))
/// print(numbers(lambda x: F.elu(x, 1.5), 9))
/// print(numbers(lambda x: F.softplus(x), 9))
/// print(numbers(lambda x: F.pad(x, (2, 1, 3, 2), mode="reflect"), 4, 5, 6))
/// print(numbers(lambda x: x.amax((1, 3)), 4, 5, 6))
/// ```
#[test]
fn some_ops_are_those_of_pytorch() -> Result<()> {
    let table: [(Op, &[usize], [f64; 2]); 16] = [
        (convolution(2, UNEVEN), &[4, 7, 8], [0.533_998_643_717, -3.041_254_237_579]),
        (
            Op::Convolution { in_channels: 4, out_channels: 8, groups: 4, window: Window::square(3, 2, 1) },
            &[4, 7, 8],
            [-1.716_418_063_427, -6.465_899_037_178],
        ),
        (Op::Linear { in_features: 5, out_features: 4 }, &[2, 3, 5], [2.772_559_601_502, -0.478_931_933_340]),
        (
            average(Window { padding: [[1, 1], [1, 2]], ..Window::square(3, 2, 1) }, [[0; 2]; 2]),
            &[4, 7, 8],
            [-4.015_385_430_629, -0.516_780_579_367],
        ),
        (average(Window::square(3, 2, 1), [[1; 2]; 2]), &[4, 7, 8], [0.066_356_011_619, 0.222_400_294_265]),
        (
            Op::MaxPool { window: Window { padding: [[1; 2]; 2], ..UNEVEN } },
            &[4, 7, 8],
            [-6.435_493_181_462, 7.693_309_203_409],
        ),
        (
            Op::LocalResponse { size: 5, alpha: 0.5, beta: 0.75, bias: 2.0 },
            &[7, 2, 3],
            [0.896_611_788_057, 1.070_875_561_303],
        ),
        (Op::Normalize { axis: 1, epsilon: 1e-3 }, &[3, 4, 5], [1.122_174_035_247, 1.604_731_839_476]),
        (Op::Softmax { axis: 1 }, &[3, 4, 5], [0.938_624_284_035, -0.836_340_962_683]),
        (Op::Function(Function::Gelu), &[9], [1.503_658_484_717, 3.365_438_261_775]),
        (Op::Function(Function::GeluTanh), &[9], [1.503_768_668_265, 3.367_044_561_328]),
        (Op::Function(Function::HardSwish), &[9], [0.850_654_046_064, 2.874_195_140_567]),
        (Op::Function(Function::Elu { alpha: 1.5 }), &[9], [-0.160_748_164_425, 2.273_520_096_167]),
        (Op::Function(Function::Softplus), &[9], [0.312_215_805_757, 1.900_360_456_763]),
        (pad(&[0, 3, 2], &[0, 2, 1], Fill::Reflect), &[4, 5, 6], [-4.137_369_916_215, -0.515_348_908_818]),
        (reduce(Reduction::Largest, &[0, 2]), &[4, 5, 6], [0.032_359_873_644, 0.886_943_916_217]),
    ];
    for (op, shape, expected) in table {
        let spec = spec_of(&op, &[shape]);
        let layout = Layout::of(&[&spec]);
        let parameters = layout.tensors().iter().map(|slot| wave(&slot.shape, 0.53)).collect::<Result<Vec<_>>>()?;
        let x = Var::from_tensor(&(wave(&[&[2], shape].concat(), 0.37)? * 2.0)?)?;
        let result = Graph::new(&spec, &parameters)?.run(&[&x])?;
        let loss = weighed(&result[0], |numbers| (numbers * 0.7)?.sin())?;
        let gradients = loss.backward()?;
        let slopes = gradients.get(&x).ok_or_else(|| Error::Msg(format!("no gradient of {op:?}")))?;
        let slope = weighed(slopes, |numbers| (numbers * 0.3)?.cos())?;
        for (found, expected) in [loss, slope].into_iter().zip(expected) {
            let found = found.to_scalar::<f64>()?;
            assert!((found - expected).abs() < 1e-7, "{op:?}: {found}, not {expected}");
        }
    }
    Ok(())
}
