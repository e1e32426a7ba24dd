// Who becomes what: true classes against predictions, over the successful images of a set.

const MOST_CLASSES = 50;

function drawClasses() {
  const { run, set } = view;
  const fooled = set?.label.length ? Array.from(set.status.keys()).filter((i) => set.status[i] === SUCCEEDED) : [];
  const shown = shownClasses(run.classes.length, fooled.flatMap((i) => [set.label[i], set.prediction[i]]));
  const place = new Map(shown.map((label, at) => [label, at]));
  const counts = shown.map(() => new Array(shown.length).fill(0));
  for (const i of fooled) counts[place.get(set.label[i])][place.get(set.prediction[i])]++;
  const most = counts.flat().reduce((most, value) => Math.max(most, value), 0);
  element("classes").hidden = most === 0;
  if (most === 0) return;
  const head = html("tr");
  const corner = html("th", "", "true class");
  corner.scope = "col";
  head.append(corner, ...shown.map((label) => header(run.classes[label], "col")), header("all", "col"));
  const lines = counts.map((row, at) => {
    const line = html("tr");
    line.append(header(run.classes[shown[at]], "row"));
    row.forEach((value, other) => {
      const cell = html("td", at === other ? "same" : "", value ? String(value) : "");
      if (value) cell.style.setProperty("--weight", (0.08 + 0.4 * Math.sqrt(value / most)).toFixed(3));
      line.append(cell);
    });
    line.append(html("td", "sum", String(row.reduce((a, b) => a + b, 0))));
    return line;
  });
  const [top, body] = [html("thead"), html("tbody")];
  top.append(head);
  body.append(...lines);
  element("classes-table").replaceChildren(top, body);
  const pairs = counts.flatMap((row, at) => row.map((count, other) => ({ count, names: [at, other].map((k) => run.classes[shown[k]]) })));
  const occurring = pairs.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  element("classes-list").replaceChildren(...occurring.map(({ count, names: [from, to] }) => html("li", "", `${from} → ${to}: ${count}`)));
}

/** Shows the table, or where it finds no room the pairs of classes, the most frequent first. */
function fitClasses() {
  const [table, list] = [element("classes-table"), element("classes-list")];
  const place = table.parentElement;
  [place.hidden, list.hidden] = [false, true];
  if (place.scrollWidth > place.clientWidth) [place.hidden, list.hidden] = [true, false];
}

/** All classes; of more than a table shows at a glance those that occur. */
function shownClasses(count, occurring) {
  if (count <= MOST_CLASSES) return Array.from({ length: count }, (_, label) => label);
  return [...new Set(occurring)].sort((a, b) => a - b);
}

function header(text, scope) {
  const cell = html("th", "", text);
  cell.scope = scope;
  return cell;
}
