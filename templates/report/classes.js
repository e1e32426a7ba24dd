// Who becomes what: true classes against predictions, over the successful images of a set.

function drawClasses() {
  const { run, set } = view;
  const count = run.classes.length;
  const counts = Array.from({ length: count }, () => new Array(count).fill(0));
  if (set?.label.length) set.status.forEach((status, i) => status === SUCCEEDED && counts[set.label[i]][set.prediction[i]]++);
  const most = Math.max(...counts.flat(), 0);
  element("classes").hidden = most === 0;
  if (most === 0) return;
  const head = html("tr");
  const corner = html("th", "", "true \\ taken for");
  head.append(corner, ...run.classes.map((name) => header(name, "col")), header("all", "col"));
  const lines = counts.map((row, label) => {
    const line = html("tr");
    line.append(header(run.classes[label], "row"));
    row.forEach((value, prediction) => {
      const cell = html("td", label === prediction ? "same" : "", value ? String(value) : "");
      if (value) cell.style.setProperty("--weight", (0.08 + 0.5 * Math.sqrt(value / most)).toFixed(3));
      line.append(cell);
    });
    line.append(html("td", "sum", String(row.reduce((a, b) => a + b, 0))));
    return line;
  });
  const [top, body] = [html("thead"), html("tbody")];
  top.append(head);
  body.append(...lines);
  element("classes-table").replaceChildren(top, body);
}

function header(text, scope) {
  const cell = html("th", "", text);
  cell.scope = scope;
  return cell;
}
