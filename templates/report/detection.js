// ROC curves, histograms, and what the threshold makes of them.

const LEAST_FPR = 1e-3;
const BINS = 48;
const share = { scale: linear(0, 1), ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] };

/** What of the detection charts moves with the threshold; set when they are drawn. */
let follow = () => {};

/** The axis of the scores: logarithmic where they are positive and span decades. */
const scoreAxis = remembered((run, set, detector) => {
  const { negatives, positives } = sides(run, set, detector);
  const all = Float32Array.of(...[negatives, positives].flatMap((side) => quantiles(side))).sort();
  let [low, high] = [all[0] ?? 0, all[all.length - 1] ?? 1];
  const inUse = run.detection.detectors[detector].inUse;
  const positive = quantiles(negatives).every((score) => score > 0) && low > 0 && inUse > 0;
  low = Math.min(low, inUse);
  high = Math.max(high, inUse);
  if (!(high > low)) high = low + 1;
  if (positive && high / low > 20) return logarithmic(low, high);
  // However far the others lie, clean images keep about a third of the axis.
  const [from, to] = quantiles(negatives);
  if (to > from) high = Math.min(high, Math.max(to, inUse) + 2 * (to - from));
  return linear(low, high);
});

/** The middle 99.8 % of ascending scores, by their ends. */
function quantiles(scores) {
  if (!scores.length) return [];
  const at = (share) => scores[Math.round(share * (scores.length - 1))];
  return [at(0.001), at(0.999)];
}

function scoreTicks(axis) {
  const powers = axis.low > 0 ? decades(axis.low, axis.high) : [];
  const isLog = Math.abs(axis.back(0.5) - (axis.low + axis.high) / 2) > 1e-6 * (axis.high - axis.low);
  return isLog && powers.length > 1 ? powers : ticks(axis.low, axis.high, 6);
}

function drawDetection(moveTo) {
  const { run, set, detector } = view;
  const shown = Boolean(run.detection && set?.scored);
  element("detection").hidden = !shown;
  follow = () => {};
  if (!shown) return;
  const marks = [drawRoc(moveTo), drawHistogram(moveTo)];
  drawRisk();
  drawAcross();
  fillMeanings(run.detection.detectors);
  follow = () => {
    const found = verdicts(run, set, detector, view.threshold);
    marks.forEach((mark) => mark(found));
    fillConfusion(found);
  };
}

function drawRoc(moveTo) {
  const { run, set, detector } = view;
  const name = `ROC curves of ${set.name}; ${run.detection.detectors[detector].id} has an area of ${areaText(run, set, detector)}`;
  const x = { scale: logarithmic(LEAST_FPR, 1), ticks: [0.001, 0.01, 0.1, 1], label: "false alarms", format: (v) => `${100 * v} %` };
  const area = chart(element("roc"), name, x, { ...share, format: (v) => `${Math.round(100 * v)} %` });
  const order = run.detection.detectors.map((_, i) => i).sort((a, b) => (a === detector) - (b === detector));
  for (const i of order) {
    const points = roc(run, set, i).points.map(({ fpr, tpr }) => [fpr, tpr]);
    // What lies left of the axis enters at its edge.
    const entry = points.findLastIndex(([fpr]) => fpr <= LEAST_FPR);
    if (points.length) line(area, [[LEAST_FPR, points[Math.max(entry, 0)][1]], ...points.slice(entry + 1)], i === detector ? "own" : "other", markOf("c", run.detection.detectors[i].number));
  }
  legend(
    element("roc-legend"),
    run.detection.detectors.map((one, i) => ({
      name: one.id,
      title: detectorText(one),
      mark: markOf("c", one.number),
      value: areaText(run, set, i),
      pressed: i === detector,
      choose: () => choose({ detector: i }, "roc-legend"),
    })),
  );
  const { negatives } = sides(run, set, detector);
  if (negatives.length) draggable(area, (fpr) => moveTo(thresholdAt(negatives, fpr)));
  const rule = svg(area.root, "line", { class: "threshold", y1: MARGIN.top, y2: area.bottom });
  const dot = svg(area.root, "circle", { class: "threshold", r: 5 });
  return ({ fpr, detected }) => {
    const at = area.left(fpr ?? LEAST_FPR);
    rule.setAttribute("x1", at);
    rule.setAttribute("x2", at);
    dot.setAttribute("cx", at);
    dot.setAttribute("cy", area.top(detected ?? 0));
  };
}

function drawHistogram(moveTo) {
  const { run, set, detector } = view;
  const scale = scoreAxis(run, set, detector);
  const both = Object.values(sides(run, set, detector)).map((scores) => {
    const bins = new Array(BINS).fill(0);
    for (const score of scores) bins[Math.min(Math.max(Math.floor(scale.at(score) * BINS), 0), BINS - 1)] += 1 / scores.length;
    return bins;
  });
  const most = Math.max(...both.flat(), 1e-9);
  const step = ticks(0, most, 2)[1] ?? most;
  const y = { scale: linear(-most, most), ticks: [-step, 0, step], format: (v) => `${Number((100 * Math.abs(v)).toPrecision(3))} %` };
  const { id } = run.detection.detectors[detector];
  const label = `score of ${id}`;
  const area = chart(element("histogram"), `Scores of ${id} on clean images and on ${set.name}`, { scale, ticks: scoreTicks(scale), label, format: short }, y);
  const shade = svg(area.root, "rect", { class: "shade", y: MARGIN.top, height: area.bottom - MARGIN.top });
  both.forEach((bins, side) => {
    const sign = side ? -1 : 1;
    let path = "";
    bins.forEach((share, bin) => {
      if (!share) return;
      const [from, to] = [area.left(scale.back(bin / BINS)), area.left(scale.back((bin + 1) / BINS))];
      path += `M${(from + 0.5).toFixed(1)} ${area.top(0)}V${area.top(sign * share).toFixed(1)}H${(to - 0.5).toFixed(1)}V${area.top(0)}Z`;
    });
    svg(area.root, "path", { d: path, class: side ? "adversarial" : "clean" });
  });
  svg(area.root, "line", { class: "zero", x1: MARGIN.left, x2: area.right, y1: area.top(0), y2: area.top(0) });
  draggable(area, moveTo);
  const rule = svg(area.root, "line", { class: "threshold", y1: MARGIN.top, y2: area.bottom });
  return () => {
    const at = Math.min(Math.max(area.left(view.threshold), MARGIN.left), area.right);
    rule.setAttribute("x1", at);
    rule.setAttribute("x2", at);
    shade.setAttribute("x", at);
    shade.setAttribute("width", area.right - at);
  };
}

/** How many of the images that each detector accepts are wrong, of the clean ones. */
function drawRisk() {
  const { run, set, detector } = view;
  element("risk").hidden = set.name !== "misclassified";
  if (element("risk").hidden) return;
  const curves = run.detection.detectors.map((_, i) => {
    const { negatives, positives } = sides(run, set, i);
    const corners = roc(run, set, i).points.map(({ fpr, tpr }) => [(1 - fpr) * negatives.length, (1 - tpr) * positives.length]);
    const all = negatives.length + positives.length;
    // Straight in counts between the corners, and so not in their ratio.
    const steps = Array.from({ length: 21 }, (_, step) => step / 20);
    const between = ([a, b], [c, d]) => steps.map((share) => [a + share * (c - a), b + share * (d - b)]);
    const counts = corners.slice(1).flatMap((to, i) => between(corners[i], to));
    return counts.filter(([right, wrong]) => right + wrong > 0).map(([right, wrong]) => [(right + wrong) / all, wrong / (right + wrong)]).reverse();
  });
  // Of the first few images everything can be wrong.
  const { negatives, positives } = sides(run, set, detector);
  const highest = (1.5 * positives.length) / (negatives.length + positives.length) || 1;
  const x = { ...share, label: "accepted, of all images", format: (v) => `${Math.round(100 * v)} %` };
  const y = { scale: linear(0, highest), ticks: ticks(0, highest, 5), format: (v) => `${Number((100 * v).toPrecision(3))} %` };
  const area = chart(element("risk-chart"), `Share of wrong answers among the images accepted by each detector`, x, y);
  const order = curves.map((_, i) => i).sort((a, b) => (a === detector) - (b === detector));
  for (const i of order) {
    const points = curves[i].map(([coverage, risk]) => [coverage, Math.min(risk, highest)]);
    if (points.length) line(area, points, i === detector ? "own" : "other", markOf("c", run.detection.detectors[i].number));
  }
}

/** What each detector looks for, in words and as a formula. */
function fillMeanings(detectors) {
  element("meanings").replaceChildren(...detectors.filter(({ meaning }) => meaning).flatMap(({ id, number, meaning, score }) => {
    const term = html("dt", "", id);
    term.prepend(keyOf(markOf("c", number)));
    return [term, html("dd", "", `${meaning} `), html("dd", "soft", `score: ${score}`)];
  }));
}

/** The curve of the chosen set and detector in every run that has them. */
function drawAcross() {
  const { set, run, detector } = view;
  const { id } = run.detection.detectors[detector];
  const found = runs.flatMap((other, number) => {
    const [same, position] = [other.sets.find(({ name }) => name === set.name), other.detection?.detectors.findIndex((d) => d.id === id) ?? -1];
    return same?.scored && position >= 0 ? [{ name: other.name, mark: markOf("a", number), curve: roc(other, same, position), value: areaText(other, same, position) }] : [];
  });
  element("across").hidden = found.length < 2;
  if (found.length < 2) return;
  const x = { scale: logarithmic(LEAST_FPR, 1), ticks: [0.001, 0.01, 0.1, 1], label: "false alarms", format: (v) => `${100 * v} %` };
  const area = chart(element("across-chart"), `ROC curves of ${id} on ${set.name} in every run`, x, { ...share, format: (v) => `${Math.round(100 * v)} %` });
  for (const { mark, curve } of found) {
    const points = curve.points.map(({ fpr, tpr }) => [Math.max(fpr, LEAST_FPR), tpr]);
    line(area, points, "own", mark);
  }
  legend(element("across-legend"), found.map(({ name, mark, value }) => ({ name, mark, value })));
}

function fillConfusion({ rows, fpr, detected, undetected, robust, cleanFlagged }) {
  const { natural, name } = view.set;
  const names = { right: "Clean, answered rightly", wrong: "Clean, answered wrongly", fooled: "Attacked, fool the network", failed: "Attacked, do not fool it" };
  if (natural) {
    names.fooled = `All that are ${name}`;
    delete names.failed;
    if (name === "misclassified") delete names.wrong;
  }
  const lines = Object.entries(names).map(([key, name]) => {
    const [accepted, flagged] = rows[key];
    const line = html("tr");
    line.dataset.row = key;
    const head = html("th", "", name);
    head.scope = "row";
    const values = [accepted.toLocaleString("en"), flagged.toLocaleString("en"), percent(ratio(flagged, accepted + flagged))];
    const cells = values.map((value) => html("td", "", value));
    cells.forEach((cell, i) => (cell.dataset.label = ["Accepted", "Flagged", "Flagged share"][i]));
    line.append(head, ...cells);
    return line;
  });
  element("confusion").tBodies[0].replaceChildren(...lines);
  const figures = [
    ["False alarms", fpr, "flagged, of the clean images answered rightly", "fpr: false positive rate"],
    ["Flagged, all clean", cleanFlagged, "flagged, of all clean images: thresholds are made by it", "fpr of the set clean"],
    ["Flagged", detected, natural ? "flagged, of the images of the set" : "flagged, of the images that fool the network", "tpr: true positive rate"],
  ];
  if (!natural) {
    figures.push(["Fooled, not flagged", undetected, "of the images attacked", "undetected_rate"]);
    figures.push(["Safe", robust, "of all images: the clean one right and accepted, the attacked one right or flagged", "robust_accuracy"]);
  }
  element("figures").replaceChildren(
    ...figures.map(([name, value, meaning, symbol]) => {
      const [pair, term] = [html("div"), html("dt")];
      term.append(plain(name, symbol));
      pair.append(term, html("dd", "", percent(value)), html("dd", "meaning", meaning));
      return pair;
    }),
  );
}
