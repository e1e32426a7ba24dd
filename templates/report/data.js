// The runs as `Run` wrote them. Columns are base64 until they are first asked for.

/** Puts a property on `object` that is computed when first read. */
function lazy(object, name, compute) {
  Object.defineProperty(object, name, {
    configurable: true,
    get() {
      const value = compute();
      Object.defineProperty(object, name, { value });
      return value;
    },
  });
}

/** Replaces the packed columns of `object` by typed arrays, made on demand. */
function unpack(object, type, names) {
  for (const name of names) {
    const text = object[name];
    lazy(object, name, () => new type(unpacked(text).buffer));
  }
}

function unpackScores(object) {
  const texts = object.scores;
  lazy(object, "scores", () => {
    const columns = texts.map(() => null);
    texts.forEach((text, i) => lazy(columns, i, () => new Float32Array(unpacked(text).buffer)));
    return columns;
  });
  object.scored = texts.length > 0;
}

const SUCCEEDED = 0;
const FAILED = 1;
const SKIPPED = 2;

const { runs } = JSON.parse(document.getElementById("data").textContent);
for (const run of runs) {
  if (run.detection) {
    unpack(run.detection, Uint32Array, ["label", "prediction"]);
    unpackScores(run.detection);
    // Scores have 32 bits, and a score equal to the threshold is not flagged.
    for (const detector of run.detection.detectors) {
      detector.threshold = Math.fround(detector.threshold);
      detector.inUse = detector.threshold;
    }
  }
  for (const set of run.sets) {
    unpack(set, Uint32Array, ["index", "label", "clean_prediction", "prediction"]);
    unpack(set, Uint8Array, ["status"]);
    unpackScores(set);
    if (!set.gallery) continue;
    unpack(set.gallery, Uint32Array, ["position"]);
    unpack(set.gallery, Float32Array, ["clean_confidence", "confidence", "linf", "l2", "l0"]);
    unpack(set.gallery, Uint8Array, ["clean", "adversarial"]);
    const { drawn } = set.gallery;
    if (!drawn) continue;
    unpack(drawn, Uint8Array, ["predicted", "alternative"]);
    unpack(drawn, Uint32Array, ["alternative_label"]);
    unpack(drawn, Float32Array, ["error_predicted", "error_alternative"]);
  }
}

/** The set to show first: the attack that most images pass the detector by, then the one that fools most; the first of several. */
function worstSet({ sets, detection }) {
  const passes = (set, i) => set.scored && detection && !(set.scores[detection.chosen][i] > detection.detectors[detection.chosen].inUse);
  const harm = (set) => {
    if (set.natural) return [-1, -1];
    const fooled = Array.from(set.status.keys()).filter((i) => set.status[i] === SUCCEEDED);
    return [fooled.filter((i) => passes(set, i)).length, fooled.length + (set.epsilon === null ? 0 : 0.5)];
  };
  let [worst, most] = [null, []];
  for (const set of sets) {
    const found = harm(set);
    if (worst === null || found[0] > most[0] || (found[0] === most[0] && found[1] > most[1])) [worst, most] = [set, found];
  }
  return worst;
}

/** What is shown. `threshold` belongs to the detector of the run and is kept there. */
const view = {
  run: runs[0],
  set: worstSet(runs[0]),
  detector: runs[0].detection?.chosen ?? 0,
  get threshold() {
    return this.run.detection.detectors[this.detector].threshold;
  },
};
