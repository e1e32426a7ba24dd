// Security curves: how sets that differ in epsilon alone fare.

/** Sets of the run by family, those with two epsilons or more, ascending. */
function families(run) {
  const found = new Map();
  for (const set of run.sets) {
    if (set.epsilon === null) continue;
    if (!found.has(set.family)) found.set(set.family, []);
    found.get(set.family).push(set);
  }
  for (const sets of found.values()) sets.sort((a, b) => a.epsilon - b.epsilon);
  return [...found].filter(([, sets]) => new Set(sets.map(({ epsilon }) => epsilon)).size > 1);
}

/** Redraws the curve that moves with the threshold. */
let followCurves = () => {};

function drawCurves() {
  const { run, detector } = view;
  const all = families(run);
  element("security").hidden = !all.length;
  followCurves = () => {};
  if (!all.length) return;
  const widest = Math.max(...all.map(([, sets]) => sets[sets.length - 1].epsilon));
  const x = { scale: linear(0, widest), ticks: ticks(0, widest, 5), label: "epsilon" };
  const y = { ...share, format: (v) => `${Math.round(100 * v)} %` };
  const draw = (place, name, value, start) => {
    const area = chart(element(place), name, x, y);
    all.forEach(([, sets], colour) => {
      const points = sets.map((set) => [set.epsilon, value(set)]).filter(([, share]) => share !== null);
      line(area, [...start(sets[0]), ...points], "own", colour);
      dots(area, points, colour);
    });
  };
  draw("security-accuracy", "Accuracy under attack by epsilon", (set) => accuracy(set, set.prediction), (set) => [[0, accuracy(set, set.clean_prediction)]]);
  legend(element("security-legend"), all.map(([name], colour) => ({ name, colour })));
  const scored = run.detection && all.every(([, sets]) => sets.every((set) => set.scored));
  element("security-undetected-figure").hidden = !scored;
  if (!scored) return;
  followCurves = () => {
    const undetected = (set) => verdicts(run, set, detector, view.threshold).undetected;
    draw("security-undetected", "Undetected rate by epsilon", undetected, () => [[0, 0]]);
  };
}
