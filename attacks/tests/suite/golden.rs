//! Golden values: the images that torchattacks makes of the same batch on the same network.

use robust_attacks::{GradientDescent, Norm};

use crate::models::{assert_close, budget, goals, images, network, pixels, run};

// torchattacks 3.5, torch 2.15. PGD without a random start is BIM.
//
// ```python
// import torch, torchattacks
// grid = lambda rows, cols, a, b, m: ((a * torch.arange(rows)[:, None] + b * torch.arange(cols)) % m) * 2.0 / (m - 1) - 1
// net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))
// net[1].weight.data, net[1].bias.data = 3 * grid(8, 6, 23, 41, 23), grid(1, 8, 0, 19, 11)[0]
// net[3].weight.data, net[3].bias.data = 2 * grid(3, 8, 3, 29, 17), torch.zeros(3)
// x = ((grid(4, 6, 13, 5, 31) + 1) / 2).reshape(4, 1, 2, 3)
// y = net(x).argmax(1)
// for name, arguments in [("FGSM", dict(eps=0.1)), ("BIM", dict(eps=0.1, alpha=0.02, steps=7)),
//                         ("PGD", dict(eps=0.1, alpha=0.03, steps=7, random_start=False)),
//                         ("MIFGSM", dict(eps=0.1, alpha=0.02, steps=7, decay=0.9)),
//                         ("PGDL2", dict(eps=0.3, alpha=0.1, steps=7, random_start=False))]:
//     for labels in (y, (y + 1) % 3):
//         attack = getattr(torchattacks, name)(net, **arguments)
//         if labels is not y: attack.set_mode_targeted_by_label(quiet=True)
//         z = attack(x, labels).detach()
//         print(name, labels is not y)
//         for row in z.flatten(1).tolist():
//             print("               ", ", ".join(f"{pixel:.7f}" for pixel in row) + ",")
// ```
#[test]
fn attacks_agree_with_torchattacks() {
    let (model, x) = (network(), images());
    let [untargeted, targeted] = goals(&model, &x);
    let cases = [
        (
            "FGSM",
            GradientDescent::fgsm(),
            budget(Norm::Linf, 0.1),
            &untargeted,
            [
                0.1, 0.0666667, 0.2333333, 0.6, 0.7666667, 0.7333333, 0.3333333, 0.7, 0.8666667, 0.8333333, 0.0,
                0.3333333, 0.7666667, 0.1, 0.2666667, 0.2333333, 0.4, 0.7666667, 0.1666667, 0.5333334, 0.7, 0.6666666,
                0.8333333, 0.1666667,
            ],
        ),
        (
            "FGSM",
            GradientDescent::fgsm(),
            budget(Norm::Linf, 0.1),
            &targeted,
            [
                0.1, 0.0666667, 0.2333333, 0.6, 0.7666667, 0.7333333, 0.3333333, 0.7, 0.8666667, 0.8333333, 0.0,
                0.3333333, 0.9666667, 0.0, 0.0666667, 0.4333333, 0.6, 0.5666667, 0.3666667, 0.3333333, 0.5, 0.8666667,
                1.0, 0.0,
            ],
        ),
        (
            "BIM",
            GradientDescent::bim(7, 0.02),
            budget(Norm::Linf, 0.1),
            &untargeted,
            [
                0.06, 0.1066667, 0.2733333, 0.5599999, 0.7266666, 0.7733334, 0.4133333, 0.62, 0.7866666, 0.9133334,
                0.0466667, 0.2533334, 0.7666667, 0.1, 0.2666667, 0.2333333, 0.4, 0.7666667, 0.1666667, 0.5333334, 0.7,
                0.6666666, 0.8333333, 0.1666667,
            ],
        ),
        (
            "BIM",
            GradientDescent::bim(7, 0.02),
            budget(Norm::Linf, 0.1),
            &targeted,
            [
                0.06, 0.1066667, 0.2733333, 0.5599999, 0.7266666, 0.7733334, 0.4133333, 0.62, 0.7866666, 0.9133334,
                0.0466667, 0.2533334, 0.9666667, 0.0, 0.0666667, 0.4333333, 0.6, 0.5666667, 0.3666667, 0.3333333, 0.5,
                0.8666667, 1.0, 0.0,
            ],
        ),
        (
            "PGD",
            GradientDescent::bim(7, 0.03),
            budget(Norm::Linf, 0.1),
            &untargeted,
            [
                0.03, 0.1366667, 0.3033333, 0.53, 0.6966667, 0.8033333, 0.4033333, 0.63, 0.7966666, 0.9033334,
                0.0366667, 0.2633334, 0.7666667, 0.1, 0.2666667, 0.2333333, 0.4, 0.7666667, 0.1666667, 0.5333334, 0.7,
                0.6666666, 0.8333333, 0.1666667,
            ],
        ),
        (
            "PGD",
            GradientDescent::bim(7, 0.03),
            budget(Norm::Linf, 0.1),
            &targeted,
            [
                0.09, 0.0766667, 0.2433333, 0.5899999, 0.7566666, 0.7433334, 0.4033333, 0.63, 0.7966666, 0.9033334,
                0.0366667, 0.2633334, 0.9666667, 0.0, 0.0666667, 0.4333333, 0.6, 0.5666667, 0.3666667, 0.3333333, 0.5,
                0.8666667, 1.0, 0.0,
            ],
        ),
        (
            "MIFGSM",
            GradientDescent::mi_fgsm(7, 0.02, 0.9),
            budget(Norm::Linf, 0.1),
            &untargeted,
            [
                0.1, 0.0666667, 0.2333333, 0.6, 0.7666667, 0.7333333, 0.4133333, 0.62, 0.7866666, 0.9133334, 0.0466667,
                0.2533334, 0.7666667, 0.1, 0.2666667, 0.2333333, 0.4, 0.7666667, 0.1666667, 0.5333334, 0.7, 0.6666666,
                0.8333333, 0.1666667,
            ],
        ),
        (
            "MIFGSM",
            GradientDescent::mi_fgsm(7, 0.02, 0.9),
            budget(Norm::Linf, 0.1),
            &targeted,
            [
                0.1, 0.0666667, 0.2333333, 0.6, 0.7666667, 0.7333333, 0.4133333, 0.62, 0.7866666, 0.9133334, 0.0466667,
                0.2533334, 0.9666667, 0.0, 0.0666667, 0.4333333, 0.6, 0.5666667, 0.3666667, 0.3333333, 0.5, 0.8666667,
                1.0, 0.0,
            ],
        ),
        (
            "PGDL2",
            GradientDescent::bim(7, 0.1),
            budget(Norm::L2, 0.3),
            &untargeted,
            [
                0.0590509, 0.1290887, 0.3225967, 0.5161048, 0.7096127, 0.77965, 0.3742823, 0.637578, 0.7774033,
                0.9172286, 0.0237204, 0.2870163, 0.6895134, 0.1127339, 0.1988764, 0.2850188, 0.3711613, 0.8277151,
                0.0895134, 0.5460672, 0.6322098, 0.7183522, 0.8044945, 0.2277151,
            ],
        ),
        (
            "PGDL2",
            GradientDescent::bim(7, 0.1),
            budget(Norm::L2, 0.3),
            &targeted,
            [
                0.0590514, 0.1290891, 0.3225968, 0.5161048, 0.709614, 0.7796514, 0.3742828, 0.6375792, 0.7774031,
                0.9172283, 0.0237205, 0.287016, 1.0, 0.0, 0.1279318, 0.3914357, 0.6549397, 0.4729922, 0.4871148,
                0.2930481, 0.5599185, 0.8267888, 1.0, 0.0,
            ],
        ),
    ];
    for (name, attack, budget, goal, expected) in cases {
        let found = run(&attack, &model, &x, goal, budget);
        assert_close(&pixels(&found.images), &expected, 5e-6, &format!("{name} {goal:?}"));
    }
}
