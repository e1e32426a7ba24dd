// What follows from scores and a threshold; the definitions are those of `metrics.csv`.

/** `make(run, set, detector)`, remembered: the figure does not depend on the threshold. */
function remembered(make) {
  const known = new WeakMap();
  return (run, set, detector) => {
    if (!known.has(set)) known.set(set, []);
    const values = known.get(set);
    return (values[detector] ??= make(run, set, detector));
  };
}

/** Ascending scores of the correctly classified clean images and of the successful adversarial ones. */
const sides = remembered((run, set, detector) => {
  const { label, prediction, scores } = run.detection;
  return {
    negatives: scores[detector].filter((_, i) => prediction[i] === label[i]).sort(),
    positives: set.scores[detector].filter((_, i) => set.status[i] === SUCCEEDED).sort(),
  };
});

/** The ROC curve from (0, 0) to (1, 1) with its area; none where one side has no images. */
const roc = remembered((run, set, detector) => {
  const { negatives, positives } = sides(run, set, detector);
  if (!negatives.length || !positives.length) return { points: [], area: null };
  const points = [{ fpr: 0, tpr: 0 }];
  let [i, j, area] = [negatives.length, positives.length, 0];
  while (i > 0 || j > 0) {
    // All images of one score cross the threshold together.
    const score = Math.max(i > 0 ? negatives[i - 1] : -Infinity, j > 0 ? positives[j - 1] : -Infinity);
    while (i > 0 && negatives[i - 1] === score) i--;
    while (j > 0 && positives[j - 1] === score) j--;
    const last = points[points.length - 1];
    const point = { fpr: 1 - i / negatives.length, tpr: 1 - j / positives.length };
    area += ((point.fpr - last.fpr) * (point.tpr + last.tpr)) / 2;
    points.push(point);
  }
  return { points, area };
});

/** Below so many images on a side an area is shown with their number. */
const FEW = 10;

/** The area as text, with the number of images where a side has few: the text of `metrics.csv`'s `auroc` in the table of sets. */
function areaText(run, set, detector) {
  const { area } = roc(run, set, detector);
  if (area === null) return DASH;
  const { negatives, positives } = sides(run, set, detector);
  const clean = negatives.length < FEW ? `, ${negatives.length} clean` : "";
  return `${area.toFixed(4)}${clean || positives.length < FEW ? ` (n ${positives.length}${clean})` : ""}`;
}

/** How many of the ascending `scores` are above `threshold`. */
function above(scores, threshold) {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle] > threshold) high = middle;
    else low = middle + 1;
  }
  return scores.length - low;
}

/** The smallest threshold that flags at most `rate` of the ascending `scores`. */
function thresholdAt(scores, rate) {
  const flagged = Math.min(Math.floor(rate * scores.length + 1e-9), scores.length - 1);
  return scores[scores.length - 1 - flagged];
}

/** Counts of accepted and flagged images, and the rates, of a set under a detector and a threshold. */
function verdicts(run, set, detector, threshold) {
  // The table of sets and the curves ask the same within a frame.
  if (set.last?.detector === detector && set.last.threshold === threshold) return set.last;
  const { label, prediction } = run.detection;
  const { status, prediction: taken } = set;
  const [before, after] = [run.detection.scores[detector], set.scores[detector]];
  const rows = { right: [0, 0], wrong: [0, 0], fooled: [0, 0], failed: [0, 0] };
  const { right, wrong, fooled, failed } = rows;
  let robust = 0;
  for (let i = 0; i < after.length; i++) {
    const refused = before[i] > threshold ? 1 : 0;
    const flagged = after[i] > threshold ? 1 : 0;
    const correct = prediction[i] === label[i];
    (correct ? right : wrong)[refused]++;
    if (status[i] === SUCCEEDED) fooled[flagged]++;
    else if (status[i] === FAILED) failed[flagged]++;
    if (correct && !refused && (flagged || taken[i] === label[i])) robust++;
  }
  const [undetected, detected] = fooled;
  const attacked = undetected + detected + failed[0] + failed[1];
  set.last = {
    detector,
    threshold,
    rows,
    fpr: ratio(right[1], right[0] + right[1]),
    cleanFlagged: ratio(right[1] + wrong[1], after.length),
    detected: ratio(detected, undetected + detected),
    undetected: ratio(undetected, attacked),
    robust: ratio(robust, after.length),
  };
  return set.last;
}

/** Share of all images that `predictions` are right about. */
function accuracy(set, predictions) {
  let right = 0;
  for (let i = 0; i < set.label.length; i++) right += predictions[i] === set.label[i];
  return ratio(right, set.label.length);
}
