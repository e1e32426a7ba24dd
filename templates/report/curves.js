// Security curves: how sets that differ in epsilon alone fare, and the worst case over all of them.

/** Sets of the run by norm and family, those with two epsilons or more, ascending. */
function families(run) {
  const norms = new Map();
  for (const set of run.sets) {
    if (set.epsilon === null) continue;
    const norm = set.norm ?? "";
    if (!norms.has(norm)) norms.set(norm, new Map());
    const found = norms.get(norm);
    if (!found.has(set.family)) found.set(set.family, []);
    found.get(set.family).push(set);
  }
  const several = ([, sets]) => new Set(sets.map(({ epsilon }) => epsilon)).size > 1;
  for (const found of norms.values()) for (const sets of found.values()) sets.sort((a, b) => a.epsilon - b.epsilon);
  return [...norms].map(([norm, found]) => [norm, [...found].filter(several)]).filter(([, found]) => found.length);
}

/** Share of the images for which `harm(set, i)` holds for any of the sets, of those for which `counts(set, i)` does. */
function anyOf(sets, counts, harm) {
  let [harmed, all] = [0, 0];
  for (let i = 0; i < sets[0].label.length; i++) {
    if (!sets.some((set) => counts(set, i))) continue;
    all++;
    harmed += sets.some((set) => harm(set, i));
  }
  return ratio(harmed, all);
}

/** The sets within each epsilon, those with two attacks or more. */
function rivals(found) {
  const budgets = new Map();
  for (const set of found.flatMap(([, sets]) => sets)) {
    if (!budgets.has(set.epsilon)) budgets.set(set.epsilon, []);
    budgets.get(set.epsilon).push(set);
  }
  return [...budgets].filter(([, sets]) => sets.length > 1).sort(([a], [b]) => a - b);
}

/** Redraws the curves that move with the threshold. */
let followCurves = () => {};

function drawCurves() {
  const norms = families(view.run);
  element("security").hidden = !norms.length;
  element("security-charts").replaceChildren();
  const follows = norms.map(([norm, found]) => drawNorm(norm, found));
  followCurves = () => follows.forEach((follow) => follow());
}

/** The charts of one norm; gives back what redraws those that move with the threshold. */
function drawNorm(norm, found) {
  const { run, detector } = view;
  const scored = run.detection && found.every(([, sets]) => sets.every((set) => set.scored));
  const [place, pair, names] = [html("div", "norm"), html("div", "pair"), html("ul", "legend")];
  const title = html("h3", "", `${NORMS[norm] ?? "Within a bound"} `);
  if (norm) title.append(html("span", "soft", `(${norm})`));
  // An attack has its colour under every norm.
  const methods = [...new Set(run.sets.filter(({ natural }) => !natural).map(({ family, norm }) => family.replace(` ${norm}`, "")))];
  const markOfFamily = (name) => markOf("a", methods.indexOf(name.replace(` ${norm}`, "")));
  const panel = (title) => {
    const [figure, area] = [html("figure"), html("div", "chart")];
    figure.append(html("figcaption", "", title), area);
    pair.append(figure);
    return area;
  };
  place.append(title, pair, names);
  element("security-charts").append(place);
  const widest = Math.max(...found.map(([, sets]) => sets[sets.length - 1].epsilon));
  const x = { scale: linear(0, widest), ticks: ticks(0, widest, 5), label: norm ? `change allowed: epsilon (${norm})` : "change allowed: epsilon" };
  const y = { ...share, format: (v) => `${Math.round(100 * v)} %` };
  const worst = rivals(found);
  const draw = (area, name, value, worstValue, start) => {
    const drawn = chart(area, name, x, y);
    found.forEach(([name, sets]) => {
      const mark = markOfFamily(name);
      const points = sets.map((set) => [set.epsilon, value(set)]).filter(([, share]) => share !== null);
      line(drawn, [...start, ...points], "own", mark);
      dots(drawn, points, mark);
    });
    const points = worst.map(([epsilon, sets]) => [epsilon, worstValue(sets)]).filter(([, share]) => share !== null);
    if (points.length > 1) line(drawn, [...start, ...points], "worst", WORST);
  };

  const first = found[0][1][0];
  const wrong = (set, i) => set.prediction[i] !== set.label[i];
  const right = (sets) => 1 - anyOf(sets, () => true, wrong);
  const rightly = panel("Answered rightly, of all images");
  const area = scored ? panel("Fooled and not flagged at this threshold, of the images attacked") : null;
  draw(rightly, `Accuracy under attack by epsilon, ${norm}`, (set) => accuracy(set, set.prediction), right, [[0, accuracy(first, first.clean_prediction)]]);
  const blind = (sets) => (sets.some((set) => set.blind) ? " (blind)" : "");
  const entries = found.map(([name, sets]) => ({ name: name.replace(` ${norm}`, "") + blind(sets), title: sets[0].meaning, mark: markOfFamily(name) }));
  if (worst.length > 1) entries.push({ name: `worst case${blind(worst.flatMap(([, sets]) => sets))}`, mark: WORST });
  legend(names, entries);
  if (!scored) return () => {};
  area.classList.add("undetected");
  return () => {
    const { threshold } = view;
    const attacked = (set, i) => set.status[i] !== SKIPPED;
    const passes = (set, i) => set.status[i] === SUCCEEDED && set.scores[detector][i] <= threshold;
    const undetected = (set) => verdicts(run, set, detector, threshold).undetected;
    draw(area, `Undetected rate by epsilon, ${norm}`, undetected, (sets) => anyOf(sets, attacked, passes), [[0, 0]]);
  };
}
