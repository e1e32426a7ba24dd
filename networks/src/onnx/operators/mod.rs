//! The operators that are known: one table, one file for each family.

mod activation;
mod blocks;
mod constant;
mod convolution;
mod coordinates;
mod dimensions;
mod einsum;
mod gather;
mod logic;
mod normalization;
mod pad;
mod pairwise;
mod pool;
mod product;
mod reduce;
mod resize;
mod scatter;
mod softmax;
mod transposed;

use super::call::{Call, Value};

/// Turns a node into steps; the values of its outputs, of which it may leave out the last.
pub(super) type Lower = fn(&mut Call) -> Result<Vec<Value>, String>;

/// Every operator of ONNX's own domain that is supported, by name.
const TABLE: [(&str, Lower); 98] = [
    ("Abs", activation::activation),
    ("Add", pairwise::pairwise),
    ("And", logic::of_two),
    ("AveragePool", pool::average),
    ("BatchNormalization", normalization::batch),
    ("Cast", constant::cast),
    ("CastLike", constant::cast),
    ("Ceil", logic::of_one),
    ("Celu", activation::activation),
    ("Clip", activation::clip),
    ("Concat", gather::concat),
    ("Constant", constant::constant),
    ("ConstantOfShape", constant::constant_of_shape),
    ("Conv", convolution::convolution),
    ("ConvTranspose", transposed::convolution),
    ("Cos", logic::of_one),
    ("DepthToSpace", blocks::depth_to_space),
    ("Div", pairwise::pairwise),
    ("Dropout", dimensions::identity),
    ("Einsum", einsum::einsum),
    ("Elu", activation::activation),
    ("Equal", logic::of_two),
    ("Erf", activation::activation),
    ("Exp", activation::activation),
    ("Expand", dimensions::expand),
    ("Flatten", dimensions::flatten),
    ("Floor", logic::of_one),
    ("Gather", gather::gather),
    ("Gelu", activation::gelu),
    ("Gemm", product::gemm),
    ("GlobalAveragePool", reduce::global),
    ("GlobalMaxPool", reduce::global),
    ("Greater", logic::of_two),
    ("GreaterOrEqual", logic::of_two),
    ("GroupNormalization", normalization::group),
    ("HardSigmoid", activation::activation),
    ("HardSwish", activation::activation),
    ("Identity", dimensions::identity),
    ("InstanceNormalization", normalization::instance),
    ("LRN", normalization::local_response),
    ("LayerNormalization", normalization::layer),
    ("LeakyRelu", activation::activation),
    ("Less", logic::of_two),
    ("LessOrEqual", logic::of_two),
    ("Log", activation::activation),
    ("LogSoftmax", softmax::softmax),
    ("MatMul", product::matmul),
    ("Max", pairwise::of_many),
    ("MaxPool", pool::largest),
    ("Mean", pairwise::of_many),
    ("Min", pairwise::of_many),
    ("Mish", activation::mish),
    ("Mod", logic::of_two),
    ("Mul", pairwise::pairwise),
    ("Neg", activation::activation),
    ("Not", logic::of_one),
    ("Or", logic::of_two),
    ("PRelu", activation::prelu),
    ("Pad", pad::pad),
    ("Pow", pairwise::power),
    ("RMSNormalization", normalization::root_mean_square),
    ("Range", constant::range),
    ("Reciprocal", activation::activation),
    ("ReduceL2", reduce::reduce),
    ("ReduceMax", reduce::reduce),
    ("ReduceMean", reduce::reduce),
    ("ReduceMin", reduce::reduce),
    ("ReduceProd", reduce::reduce),
    ("ReduceSum", reduce::reduce),
    ("ReduceSumSquare", reduce::reduce),
    ("Relu", activation::activation),
    ("Reshape", dimensions::reshape),
    ("Resize", resize::resize),
    ("Round", logic::of_one),
    ("ScatterND", scatter::scatter),
    ("Selu", activation::activation),
    ("Shape", constant::shape),
    ("Sigmoid", activation::activation),
    ("Sin", logic::of_one),
    ("Size", constant::size_of),
    ("Slice", gather::slice),
    ("Softmax", softmax::softmax),
    ("Softplus", activation::activation),
    ("Softsign", activation::softsign),
    ("SpaceToDepth", blocks::space_to_depth),
    ("Split", gather::split),
    ("Sqrt", activation::activation),
    ("Squeeze", dimensions::squeeze),
    ("Sub", pairwise::pairwise),
    ("Sum", pairwise::of_many),
    ("Swish", activation::swish),
    ("Tanh", activation::activation),
    ("Tile", dimensions::tile),
    ("Transpose", dimensions::transpose),
    ("Unsqueeze", dimensions::unsqueeze),
    ("Upsample", resize::resize),
    ("Where", logic::choose),
    ("Xor", logic::of_two),
];

/// The operator that has graphs inside, which is no call of one node.
pub(super) const IF: &str = "If";

/// Names of all operators that are supported, in alphabetical order.
#[must_use]
pub fn operators() -> Vec<&'static str> {
    let mut names: Vec<&str> = TABLE.iter().map(|(name, _)| *name).chain([IF]).collect();
    names.sort_unstable();
    names
}

/// How an operator of ONNX's own domain is lowered, if it is known.
pub(super) fn lower(operator: &str) -> Option<Lower> {
    TABLE.iter().find(|(name, _)| *name == operator).map(|(_, lower)| *lower)
}
