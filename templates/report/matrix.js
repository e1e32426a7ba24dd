// Attacks by epsilon: one figure of every set, the worst first, in a table for each norm; a cell chooses its set.

/** What cells may show: a share, how bad it is, and what it is called elsewhere. `any` tells whether it holds for one image of a set. */
const CELLS = [
  { id: "undetected", name: "fooled, not flagged", of: "of the images attacked", scored: true, share: ({ undetected }) => undetected, any: (set, i, flagged) => set.status[i] === SUCCEEDED && !flagged(set, i) },
  { id: "fooled", name: "fooled", of: "of the images attacked", share: (_, set) => fooledShare(set), any: (set, i) => set.status[i] === SUCCEEDED },
  { id: "detected", name: "flagged", of: "of the images that fool", scored: true, good: true, share: ({ detected }) => detected },
  { id: "robust", name: "safe", of: "of all images", scored: true, good: true, share: ({ robust }) => robust },
];
const badness = (cell, share) => (share === null ? -1 : cell.good ? 1 - share : share);

/** Share of the attacked images of a set that fool. */
function fooledShare(set) {
  const count = (status) => set.status.reduce((sum, found) => sum + (found === status), 0);
  return ratio(count(SUCCEEDED), count(SUCCEEDED) + count(FAILED));
}

/** A share in few digits: what is not quite nothing or everything does not look so. */
function brief(share) {
  if (share === null) return DASH;
  const rounded = Math.round(100 * share);
  if (rounded === 0 && share > 0) return "< 1 %";
  if (rounded === 100 && share < 1) return "> 99 %";
  return `${rounded} %`;
}

/** Sets in groups: those of each norm that a budget bounds, those without one, those that nobody attacked. */
function groups(run) {
  const found = new Map();
  for (const set of run.sets) {
    const title = set.natural ? "Nobody attacked these" : set.epsilon === null ? "The smallest change that fools, without a bound" : (NORMS[set.norm] ?? "Within a bound");
    const symbol = set.natural || set.epsilon === null ? "" : (set.norm ?? "");
    if (!found.has(title)) found.set(title, { title, symbol, bounded: !set.natural && set.epsilon !== null, sets: [] });
    found.get(title).sets.push(set);
  }
  return [...found.values()];
}

/** Redraws the figures in the cells. */
let followMatrix = () => {};

function drawMatrix() {
  const { run, detector } = view;
  const scored = Boolean(run.detection) && run.sets.some((set) => set.scored);
  const cells = CELLS.filter((cell) => scored || !cell.scored);
  element("matrix").hidden = run.sets.length < 2;
  followMatrix = () => {};
  if (run.sets.length < 2) return;
  const before = element("matrix-figure").options.length > 0;
  options(element("matrix-figure"), cells.map(({ id, name }) => [id, name]));
  // Where nothing passes to begin with, what fools is more to look at.
  const passes = (set) => !set.natural && set.scored && verdicts(run, set, detector, view.threshold).undetected > 0;
  if (!before && !run.sets.some(passes)) element("matrix-figure").value = "fooled";
  const cell = cells.find(({ id }) => id === element("matrix-figure").value);
  const figure = (set) => {
    if (!set.scored && cell.scored) return null;
    if (set.natural && cell.id !== "detected") return null;
    return cell.share(set.scored ? verdicts(run, set, detector, view.threshold) : {}, set);
  };
  const tables = groups(run).filter(({ sets }) => sets.some((set) => figure(set) !== null)).map((group) => makeMatrix(group, cell, figure)).sort((a, b) => b.harm - a.harm);
  // Groups stay folded as the person left them.
  const folded = new Set([...element("matrices").querySelectorAll("details:not([open])")].map(({ dataset }) => dataset.title));
  for (const { place } of tables) place.open = !folded.has(place.dataset.title);
  element("matrices").replaceChildren(...tables.map(({ place }) => place));
  followMatrix = () => tables.forEach(({ follow }) => follow());
}

/** One group as a table that folds. `harm` is the worst of its figures. */
function makeMatrix({ title, symbol, bounded, sets }, cell, figure) {
  const place = html("details", "fold");
  place.dataset.title = title;
  const [summary, worstText] = [html("summary", "", title), html("span", "soft")];
  if (symbol) summary.append(" ", html("span", "soft", `(${symbol})`));
  summary.append(" ", worstText);
  const epsilons = bounded ? [...new Set(sets.map(({ epsilon }) => epsilon))].sort((a, b) => a - b) : [null];
  const rows = new Map();
  for (const set of sets) {
    const name = bounded ? set.family.replace(` ${set.norm}`, "") : set.name;
    if (!rows.has(name)) rows.set(name, []);
    rows.get(name).push(set);
  }
  const worstOf = (row) => Math.max(...row.map((set) => badness(cell, figure(set))));
  const order = [...rows].map(([name, row]) => [name, row, worstOf(row)]).sort((a, b) => b[2] - a[2]);
  const table = html("table", `matrix heat${bounded ? " bounded" : ""}`);
  const head = html("tr");
  const corner = header("attack", "col");
  head.append(corner, ...epsilons.map((epsilon) => header(epsilon === null ? "figure" : short(epsilon), "col")));
  if (bounded) corner.replaceChildren("attack \\ ", plain("change", `epsilon${symbol ? `, ${symbol}` : ""}`));
  const top = html("thead");
  top.append(head);
  const body = html("tbody");
  const marks = [];
  const worst = bounded && cell.any && rows.size > 1 ? worstRow(sets, epsilons, cell) : null;
  if (worst) body.append(worst.line);
  for (const [name, row] of order) {
    const line = html("tr");
    const first = header("", "row");
    first.append(plain(name, setText({ ...row[0], epsilon: null })));
    line.append(first, ...epsilons.map((epsilon) => {
      const place = html("td");
      const set = row.find((set) => set.epsilon === epsilon);
      if (set) marks.push(makeCell(place, set));
      return place;
    }));
    body.append(line);
  }
  table.append(top, body);
  const scroll = html("div", "scroll");
  scroll.append(table);
  place.append(summary, scroll);
  return {
    place,
    harm: Math.max(...order.map(([, , harm]) => harm)),
    follow() {
      for (const { place, button, set } of marks) {
        const share = figure(set);
        place.style.setProperty("--weight", share === null ? 0 : (0.55 * badness(cell, share)).toFixed(3));
        button.textContent = brief(share);
        button.setAttribute("aria-label", `${brief(share)}: ${set.name}, ${share === null ? "nothing to count" : percent(share)}`);
        button.title = `${set.name}: ${percent(share)} ${cell.name}, ${cell.of}${set.blind ? `; blind on ${set.blind}` : ""}`;
        button.setAttribute("aria-pressed", String(set === view.set));
        button.classList.toggle("doubt", Boolean(set.blind));
      }
      worst?.follow();
      const most = sets.reduce((most, set) => (badness(cell, figure(set)) > badness(cell, figure(most)) ? set : most));
      worstText.textContent = figure(most) === null ? "" : `at worst ${brief(figure(most))}, ${most.name}`;
    },
  };
}

function makeCell(place, set) {
  const button = html("button", "cell");
  button.type = "button";
  button.addEventListener("click", () => choose({ set }));
  place.append(button);
  return { place, button, set };
}

/** The row of the worst attack on each image. */
function worstRow(sets, epsilons, cell) {
  const { detector } = view;
  const line = html("tr", "worst-row");
  const name = header("", "row");
  name.append(plain("worst of all", "of every image the attack that does most harm"));
  const places = epsilons.map((epsilon) => [html("td"), sets.filter((set) => set.epsilon === epsilon && (set.scored || !cell.scored))]);
  line.append(name, ...places.map(([place]) => place));
  return {
    line,
    follow() {
      const flagged = (set, i) => set.scores[detector][i] > view.threshold;
      for (const [place, rivals] of places) {
        const share = rivals.length && rivals[0].label.length ? anyOf(rivals, (set, i) => set.status[i] !== SKIPPED, (set, i) => cell.any(set, i, flagged)) : null;
        place.textContent = brief(share);
        place.title = percent(share);
        place.style.setProperty("--weight", share === null ? 0 : (0.55 * share).toFixed(3));
      }
    },
  };
}

element("matrix-figure").addEventListener("change", () => {
  drawMatrix();
  followMatrix();
});
element("matrix-figure").form.addEventListener("submit", (event) => event.preventDefault());
