// What can be turned on an attack.

/** The reach of epsilon under each norm, and its step. */
const REACH = { linf: [0.5, 0.005], l2: [5, 0.05], l1: [30, 0.5], l0: [100, 1] };
const AXES = {
  epsilon: ["Change", "epsilon, the most that the attack may change"],
  confidence: ["Margin", "kappa, the margin of logits by which the attack wants to fool"],
  severity: ["Severity", "from 1 to 5"],
};
/** What epsilon bounds, by norm. */
const BOUNDS = { linf: "of each pixel", l2: "the length of the change", l1: "the sum of the change", l0: "pixels" };

/** Calls `turned` when something was. */
function makeKnobs(turned) {
  const method = () => facts.methods.find(({ name }) => name === element("method").value);
  const strength = element("strength");

  function showStrength() {
    element("strength-value").textContent = short(Number(strength.value));
    strength.setAttribute("aria-valuetext", strength.value);
  }

  /** Sets the knobs to the defaults of the method. */
  function fit() {
    const { axis, norm, epsilon, steps } = method();
    const [most, step] = { epsilon: REACH[norm], confidence: [20, 0.5], severity: [5, 1], minimum: [1, 1] }[axis];
    strength.min = axis === "severity" ? 1 : 0;
    strength.max = most;
    strength.step = step;
    strength.value = { epsilon, confidence: 0, severity: 3, minimum: 0 }[axis];
    element("strength-field").hidden = axis === "minimum";
    const [word, meaning] = AXES[axis] ?? ["", ""];
    element("strength-name").textContent = word;
    element("strength-name").title = axis === "epsilon" ? `${meaning} (${norm}: ${BOUNDS[norm]})` : meaning;
    element("steps-field").hidden = !steps;
    element("steps").value = "";
    element("method-summary").textContent = element("method").selectedOptions[0].dataset.summary;
    showStrength();
  }

  element("threat").addEventListener("submit", (event) => event.preventDefault());
  element("method").addEventListener("change", () => {
    fit();
    turned();
  });
  strength.addEventListener("input", () => {
    showStrength();
    turned();
  });
  for (const id of ["attacking", "steps", "target"]) element(id).addEventListener("change", turned);
  fit();

  return {
    attacking: () => element("attacking").checked,
    /** The attack, as the program wants it described. */
    threat() {
      const { name, axis, steps } = method();
      const threat = { method: name };
      if (axis !== "minimum") threat[axis] = Number(strength.value);
      if (steps && element("steps").value) threat.steps = Number(element("steps").value);
      const target = element("target").value;
      if (target) threat.target = /^\d+$/.test(target) ? { class: Number(target) } : target;
      return threat;
    },
  };
}
