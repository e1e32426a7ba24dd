//! How the learning rate moves over a run.

use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Share of the run spent rising.
const RISE: f64 = 0.3;
/// The peak over the first rate.
const START_DIVISOR: f64 = 25.0;
/// The first rate over the last.
const END_DIVISOR: f64 = 1e4;

/// Learning rate as a function of the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same rate throughout.
    Constant,
    /// Half a cosine up from 1/25 of the peak over the first 30 % of the steps, half a cosine down to 1/250,000 of it
    /// over the rest (Smith and Topin 2017; the constants are PyTorch's `OneCycleLR`).
    OneCycle,
}

impl Schedule {
    /// The rate for step `step` of `steps`, counted from 0.
    #[must_use]
    pub fn rate(self, peak: f64, step: usize, steps: usize) -> f64 {
        match self {
            Self::Constant => peak,
            Self::OneCycle if steps <= 1 => peak,
            Self::OneCycle => {
                let top = RISE * steps as f64 - 1.0;
                let end = steps as f64 - 1.0;
                let (start, step) = (peak / START_DIVISOR, step as f64);
                if step <= top {
                    half_cosine(start, peak, step / top.max(1.0))
                } else {
                    half_cosine(peak, start / END_DIVISOR, (step - top) / (end - top))
                }
            }
        }
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "constant" => Ok(Self::Constant),
            "one-cycle" => Ok(Self::OneCycle),
            _ => Err(format!("unknown schedule '{name}'; there are: constant, one-cycle")),
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::Constant => "constant",
            Self::OneCycle => "one-cycle",
        })
    }
}

/// From `from` to `to` along half a cosine, at `progress` in [0, 1].
fn half_cosine(from: f64, to: f64, progress: f64) -> f64 {
    to + (from - to) / 2.0 * (1.0 + (PI * progress).cos())
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn one_cycle_follows_pytorch() {
        // import torch
        // o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 1.0)
        // s = torch.optim.lr_scheduler.OneCycleLR(o, 1e-3, total_steps=20)
        // for _ in range(20): print(s.get_last_lr()[0]); o.step(); s.step()
        for (step, expected) in ONE_CYCLE.into_iter().enumerate() {
            let rate = Schedule::OneCycle.rate(1e-3, step, 20);
            assert!((rate - expected).abs() < 1e-12, "step {step}: {rate} and {expected}");
        }
        assert_eq!(Schedule::Constant.rate(1e-5, 7, 20), 1e-5);
        assert_eq!(Schedule::OneCycle.rate(1e-3, 0, 1), 1e-3);
    }

    const ONE_CYCLE: [f64; 20] = [
        3.9999999999999996e-05,
        0.0001316718427000252,
        0.0003716718427000253,
        0.0006683281572999747,
        0.0009083281572999747,
        0.001,
        0.0009874640062350875,
        0.0009504846320134736,
        0.0008909161775710499,
        0.000811745653949763,
        0.0007169430017913008,
        0.0006112620219362892,
        0.0005000019999999999,
        0.00038874197806371076,
        0.0002830609982086992,
        0.00018825834605023698,
        0.00010908782242895002,
        4.9519367986526286e-05,
        1.2539993764912554e-05,
        4e-09,
    ];
}
