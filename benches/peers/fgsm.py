"""FGSM at 0.3 on the 10,000 test images as a whole Python process: `robust attack --method fgsm` in plain PyTorch.

Writes the images into an npz like `robust`, but no table; prints the success rate. Arguments: threads, batch, folder.
"""

import sys

import numpy as np
import torch
import torch.nn.functional as F

from network import images, load

EPSILON = 0.3


def main(threads, batch, out):
    torch.set_num_threads(threads)
    net = load()
    x, label = images("t10k")
    x_adv = x.clone()
    succeeded = attacked = 0
    for start in range(0, len(x), batch):
        clean, truth = x[start:start + batch], label[start:start + batch]
        clean = clean.clone().requires_grad_()
        logits = net(clean)
        # In double precision: where the network is sure, 1 - p in float leaves a gradient of noise, and fewer succeed.
        loss = F.cross_entropy(logits.double(), truth, reduction="sum")
        gradient, = torch.autograd.grad(loss, clean)
        right = logits.argmax(1) == truth
        adversarial = (clean.detach() + EPSILON * gradient.sign()).clamp_(0, 1)[right]
        with torch.no_grad():
            succeeded += (net(adversarial).argmax(1) != truth[right]).sum().item()
        attacked += len(adversarial)
        x_adv[start:start + batch][right] = adversarial
    np.savez(f"{out}/adversarial.npz", x=x.numpy(), x_adv=x_adv.numpy(), label=label.numpy())
    print(succeeded / attacked)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
