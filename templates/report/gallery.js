// Images of the set: clean, adversarial, their difference, and what the network draws of the adversarial one.

const GAP = 2;
const PAGE = 24;

const STATUSES = [
  ["all", "all", () => true],
  ["undetected", "missed: fooled, not flagged", (item) => item.status === SUCCEEDED && !item.flagged()],
  ["flagged", "fooled, flagged", (item) => item.status === SUCCEEDED && item.flagged()],
  ["fooled", "fooled", (item) => item.status === SUCCEEDED],
  ["failed", "not fooled", (item) => item.status === FAILED],
  ["skipped", "skipped: wrong before any attack", (item) => item.status === SKIPPED],
];
/** What passes unnoticed comes first, then what fools, then the rest. */
const rank = (item) => (item.status === SUCCEEDED ? (item.flagged() ? 1 : 0) : 1 + item.status);
const ORDERS = [
  ["missed", "missed first", (a, b) => rank(a) - rank(b) || a.score - b.score || a.index - b.index],
  ["highest", "highest score first", (a, b) => b.score - a.score],
  ["lowest", "lowest score first", (a, b) => a.score - b.score],
  ["change", "smallest change first", (a, b) => a.l2 - b.l2],
  ["index", "by position", (a, b) => a.index - b.index],
];

let cards = [];
let limit = PAGE;

/** Brings verdicts and filter up to the threshold. */
function followGallery() {
  const wanted = element("gallery-status").value;
  const accepts = STATUSES.find(([id]) => id === wanted)?.[2] ?? (() => true);
  let [matching, shown] = [0, 0];
  for (const { item, card, verdict } of cards) {
    const matches = accepts(item);
    matching += matches;
    card.hidden = !matches || matching > limit;
    shown += !card.hidden;
    const text = item.verdict();
    if (verdict.textContent !== text) {
      verdict.textContent = text;
      const noticed = item.flagged() ? "is-flagged" : "is-undetected";
      card.classList.toggle("missed", item.scored && item.status === SUCCEEDED && !item.flagged());
      verdict.className = `verdict ${item.scored && item.status === SUCCEEDED ? noticed : ""}`;
    }
  }
  element("gallery-count").textContent = `${shown} of ${matching} shown`;
  element("gallery-more").hidden = shown === matching;
}

function drawGallery() {
  const { run, set } = view;
  const gallery = set?.gallery;
  element("gallery").hidden = !gallery;
  cards = [];
  if (!gallery) return;
  const scored = Boolean(run.detection && set.scored);
  options(element("gallery-status"), STATUSES.filter(([id]) => scored || !["undetected", "flagged"].includes(id)));
  options(element("gallery-order"), ORDERS.filter(([id]) => scored || !["highest", "lowest"].includes(id)).map(([id, name]) => [id, id === "missed" && !scored ? "fooled first" : name]));
  const change = gallery.shape[0] === 3 ? "grey where nothing changed" : "orange brighter, blue darker";
  const drawn = gallery.drawn ? ", and what the network draws of the attacked one: as the class that it names, and as the class that fits best of the others" : "";
  const all = gallery.position.length === set.label.length ? "All" : `${gallery.position.length} of the`;
  element("gallery-hint").textContent =
    `${all} ${set.label.length.toLocaleString("en")} images of ${set.name}: clean, attacked, what changed (${change}; the largest change at full scale)${drawn}. Press an image for its numbers.`;
  const compare = ORDERS.find(([id]) => id === element("gallery-order").value)[2];
  const items = Array.from(gallery.position, (_, i) => galleryItem(run, set, i, scored)).sort(compare);
  cards = items.map((item) => makeCard(run, set, item));
  element("cards").replaceChildren(...cards.map(({ card }) => card));
  followGallery();
}

/** Fills a select, keeping its choice where it still exists. */
function options(select, entries) {
  const before = select.value;
  select.replaceChildren(...entries.map(([id, name]) => new Option(name, id)));
  if (entries.some(([id]) => id === before)) select.value = before;
}

function galleryItem(run, set, i, scored) {
  const at = set.gallery.position[i];
  const score = scored ? set.scores[view.detector][at] : 0;
  const item = { i, at, scored, score, index: set.index[at], status: set.status[at], l2: set.gallery.l2[i] };
  // Files name the reason of one detector.
  const reason = scored && view.detector === run.detection.chosen ? set.gallery.reason[i] : "";
  item.flagged = () => scored && score > view.threshold;
  item.verdict = () => {
    const outcome = ["fooled", "not fooled", "skipped"][item.status];
    if (scored && item.status === SUCCEEDED && !item.flagged()) return "fooled, missed";
    return scored ? `${outcome}, ${item.flagged() ? flaggedText(reason) : "accepted"}` : outcome;
  };
  return item;
}

function makeCard(run, set, item) {
  const { i, at, index, score } = item;
  const { gallery } = set;
  const name = (label) => run.classes[label] ?? String(label);
  const [label, from, to] = [set.label[at], set.clean_prediction[at], set.prediction[at]].map(name);
  const card = html("li");
  const button = html("button", "card");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const numbers = html("span", "details");
  const other = gallery.drawn && name(gallery.drawn.alternative_label[i]);
  const captions = ["clean", "attacked", "change", ...(gallery.drawn ? [`as ${to}`, `as ${other}`] : [])];
  const strip = html("span", "captions");
  strip.append(...captions.map((text) => html("span", "", text)));
  const title = html("span", "title");
  const verdict = html("span", "verdict");
  title.append(html("span", "becomes", from === to ? `${from}` : `${from} → ${to}`), verdict, html("span", "value", item.scored ? short(score) : ""));
  const rows = [
    ["image", `number ${index}, in truth ${label}`],
    ["clean", `${from} at ${(100 * gallery.clean_confidence[i]).toFixed(1)} %`],
    ["attacked", `${to} at ${(100 * gallery.confidence[i]).toFixed(1)} %`],
    ["largest change of a pixel", short(gallery.linf[i]), "linf"],
    ["length of the change", short(gallery.l2[i]), "l2"],
    ["pixels changed", String(gallery.l0[i]), "l0"],
  ];
  if (gallery.drawn) {
    rows.push(["distance to the drawing", `${short(gallery.drawn.error_predicted[i])} as ${to}, ${short(gallery.drawn.error_alternative[i])} as ${other}`, "squared error"]);
  }
  if (item.scored) run.detection.detectors.forEach((one, d) => rows.push([`score of ${one.id}`, short(set.scores[d][at]), detectorText(one)]));
  for (const [key, value, symbol] of rows) {
    const [row, name] = [html("span", "row"), html("span", "name", key)];
    if (symbol) name.title = symbol;
    row.append(name, html("span", "", value));
    numbers.append(row);
  }
  button.append(drawStrip(gallery, i, captions.length), strip, title, numbers);
  button.addEventListener("click", () => button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true")));
  card.append(button);
  return { item, card, verdict };
}

/** The pictures of image `i` side by side, a pixel each. */
function drawStrip(gallery, i, count) {
  const canvas = html("canvas");
  const { shape } = gallery;
  const [, rows, columns] = shape;
  canvas.width = count * columns + (count - 1) * GAP;
  canvas.height = rows;
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  const of = (levels) => pictureAt(levels, i, shape);
  const seen = (levels) => colours(of(levels), shape);
  const [clean, adversarial] = [of(gallery.clean), of(gallery.adversarial)];
  const pictures = [seen(gallery.clean), seen(gallery.adversarial), difference(clean, adversarial, shape)];
  if (gallery.drawn) pictures.push(seen(gallery.drawn.predicted), seen(gallery.drawn.alternative));
  pictures.forEach((colour, position) => paint(context, colour, shape, position * (columns + GAP)));
  return canvas;
}
