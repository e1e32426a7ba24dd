"""torchattacks' attacks. Each takes the network and the parameters of a line and returns what perturbs a batch."""

import torch
import torchattacks


def pgd(net, norm, epsilon, steps, step):
    attack = {"linf": torchattacks.PGD, "l2": torchattacks.PGDL2}[norm]
    return attack(net, eps=epsilon, alpha=step, steps=steps, random_start=True)


def mi_fgsm(net, norm, epsilon, steps, step, decay):
    assert norm == "linf"
    return torchattacks.MIFGSM(net, eps=epsilon, alpha=step, steps=steps, decay=decay)


def apgd(net, norm, epsilon, steps, loss="ce"):
    return torchattacks.APGD(net, norm=norm.capitalize(), eps=epsilon, steps=steps, loss=loss)


def apgd_dlr(net, norm, epsilon, steps):
    return apgd(net, norm, epsilon, steps, loss="dlr")


def deepfool(net, norm, steps, overshoot):
    assert norm == "l2"
    return torchattacks.DeepFool(net, steps=steps, overshoot=overshoot)


def cw(net, norm, searches, steps, rate, constant, confidence):
    """torchattacks does not search for the constant: the nearest success of as many runs, each with ten times the
    constant of the one before."""
    constants = [constant * 10**search for search in range(searches)]
    attacks = [torchattacks.CW(net, c=constant, kappa=confidence, steps=steps, lr=rate) for constant in constants]

    def perturb(x, label):
        nearest, least = x.clone(), torch.full((len(x),), torch.inf, device=x.device)
        for attack in attacks:
            found = attack(x, label)
            distance = (found - x).flatten(1).norm(dim=1)
            with torch.no_grad():
                better = (net(found).argmax(1) != label) & (distance < least)
            nearest[better], least[better] = found[better], distance[better]
        return nearest
    return perturb
