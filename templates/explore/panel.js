// One image and everything that is seen of it.

const nameOf = (label) => facts.class_names[label];
/** A score; what JSON cannot say is infinite. */
function scoreText(score) {
  if (score === null) return "∞";
  return score !== 0 && Math.abs(score) < 1e-3 ? score.toExponential(2) : short(score);
}

const saidBy = ({ flagged, detector }) => `${flagged ? "flagged" : "accepted"} by ${detector}`;

/** How rare a score is: 0 where all clean images score higher, 1 where none of them does; even steps are powers of ten. */
const rarity = (above) => Math.min(-Math.log10(Math.max(above, 1 / facts.validation)) / Math.log10(facts.validation), 1);

function picture(className, name) {
  const canvas = html("canvas", `pixels ${className}`);
  [, canvas.height, canvas.width] = facts.shape;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", name);
  return canvas;
}

const show = (canvas, colour) => paint(canvas.getContext("2d"), colour, facts.shape);
const seen = (levels) => colours(levels, facts.shape);
const changed = (before, after) => difference(before, after, facts.shape);

/** An empty panel with what fills it. */
function makePanel(className, title) {
  const panel = html("article", `panel ${className}`);
  const heading = html("h3", "", title);
  const views = html("div", "views");
  const image = picture("", "The image as the network sees it");
  const change = picture("", "What the attack changed");
  const figures = [[image, `${image.width}×${image.height}, as seen`], [change, "change"]].map(([canvas, text]) => {
    const figure = html("figure");
    figure.append(canvas, html("figcaption", "", text));
    return figure;
  });
  figures[1].hidden = true;
  const says = html("div", "says");
  const [label, confidence, outcome, more] = [html("p", "label"), html("p", ""), html("p", "outcome"), html("p", "")];
  says.append(label, confidence, outcome, more);
  views.append(...figures, says);
  const meters = html("dl", "meters");
  const neurons = html("ul", "neurons");
  neurons.setAttribute("aria-label", "Style neurons");
  const labels = html("ul", "labels");
  labels.setAttribute("aria-label", "Every label");
  labels.classList.toggle("many", facts.class_names.length > 12);
  panel.append(heading, views, html("h4", "", "Detectors"), meters);
  if (facts.styles > 0) panel.append(html("h4", "", "Style neurons"), neurons);
  panel.append(html("h4", "", facts.styles > 0 ? "Under every label" : "Likely labels"), labels);
  return { panel, heading, seen: image, change, changeFigure: figures[1], label, confidence, outcome, more, meters, neurons, labels };
}

/** Fills a panel with a look. */
function fillPanel(view, look) {
  show(view.seen, seen(look.image));
  view.label.textContent = nameOf(look.prediction);
  view.confidence.textContent = `at ${percent(look.confidence)}`;
  const verdict = look.verdicts.find(({ detector }) => detector === facts.chosen);
  view.outcome.textContent = saidBy(verdict);
  view.more.textContent = verdict.flagged && verdict.corrected_label !== null && verdict.corrected_label !== look.prediction ? `it would say ${nameOf(verdict.corrected_label)} instead` : "";
  view.meters.replaceChildren(...look.verdicts.map(meter));
  view.neurons.replaceChildren(...look.style.map(neuron));
  view.labels.replaceChildren(...labelsOf(look).map((k) => labelTile(look, look.probabilities[k], k)));
}

/** All labels where each has a drawing, else the likeliest. */
function labelsOf(look) {
  const all = look.probabilities.map((_, k) => k);
  return facts.styles > 0 ? all : all.sort((a, b) => look.probabilities[b] - look.probabilities[a]).slice(0, 10);
}

function track(share, over) {
  const [place, fill] = [html("div", "track"), html("span", `fill${over ? " over" : ""}`)];
  fill.style.width = `${(100 * share).toFixed(1)}%`;
  place.append(fill);
  return place;
}

function meter(verdict) {
  const { detector, score, threshold, above, flagged } = verdict;
  const [row, term, value] = [html("div", "meter"), html("dt", detector === facts.chosen ? "chosen" : "", detector), html("dd")];
  term.prepend(keyOf(markOf("c", facts.colours[detector])));
  const line = track(rarity(above), flagged);
  const mark = html("span", "mark");
  mark.style.left = `${(100 * rarity(verdict.threshold_above)).toFixed(1)}%`;
  line.append(mark);
  const numbers = html("div", "numbers-line");
  numbers.append(html("span", "", `${scoreText(score)}, threshold ${exact(threshold)}`), html("span", flagged ? "over" : "", flagged ? "flagged" : "accepted"));
  value.append(line, numbers);
  row.append(term, value);
  return row;
}

function neuron(value, position) {
  const [item, bar] = [html("li"), html("span")];
  bar.style.height = `${(100 * value).toFixed(1)}%`;
  item.title = `neuron ${position + 1}: ${value.toFixed(3)}`;
  item.setAttribute("aria-label", item.title);
  item.append(bar);
  return item;
}

function labelTile(look, probability, k) {
  const classes = [k === look.prediction && "predicted", k === look.best_label && "best"].filter(Boolean).join(" ");
  const item = html("li", classes);
  const name = nameOf(k);
  const [first, second] = [html("span", "line"), html("span", "line soft")];
  first.append(html("span", "name", name), html("span", "", `${Math.round(100 * probability)} %`));
  if (facts.styles === 0) {
    item.append(first, track(probability, false));
    return item;
  }
  const canvas = picture("", `Drawn as ${name}`);
  show(canvas, seen(pictureAt(look.reconstructions, k, facts.shape)));
  second.append(html("span", "word", "distance"), html("span", "", look.errors[k].toFixed(1)));
  second.title = `e, the squared error of the drawing as ${name}`;
  item.append(canvas, first, track(probability, false), second);
  return item;
}

/** A look with its pictures as bytes. */
function unpackLook(look) {
  look.image = unpacked(look.image);
  look.reconstructions = unpacked(look.reconstructions);
  return look;
}
