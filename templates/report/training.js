// Training curves of every run that has them.

const CURVES = [
  ["loss", "Loss"],
  ["validation_accuracy", "Validation accuracy"],
  ["validation_reconstruction", "Reconstruction error, validation"],
];

function drawTraining() {
  const trained = runs.flatMap((run, number) => (run.training ? [{ ...run.training, name: run.name, mark: markOf("a", number) }] : []));
  element("training").hidden = !trained.length;
  if (!trained.length) return;
  element("training-charts").replaceChildren();
  // All places come first: a chart is as wide as its place, and that depends on how many there are.
  const draws = [];
  for (const [column, title] of CURVES) {
    const lines = trained.flatMap(({ names, columns, mark }) => {
      const [epochs, values] = [columns[names.indexOf("epoch")], columns[names.indexOf(column)]];
      return values ? [{ mark, points: epochs.map((epoch, i) => [epoch, values[i]]) }] : [];
    });
    const points = lines.flatMap(({ points }) => points);
    if (!points.length) continue;
    const [figure, place] = [html("figure"), html("div", "chart")];
    figure.append(html("figcaption", "", title), place);
    element("training-charts").append(figure);
    const last = Math.max(...points.map(([epoch]) => epoch));
    const values = points.map(([, value]) => value);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const room = (high - low || Math.abs(high) || 1) / 20;
    const y = linear(low - room, high + room);
    const format = column.endsWith("accuracy") ? (v) => `${Number((100 * v).toPrecision(4))} %` : short;
    const across = { scale: last > 1 ? linear(1, last) : linear(0, 2), ticks: ticks(1, last, 5).filter((tick) => tick % 1 === 0), label: "epoch" };
    draws.push(() => {
      const area = chart(place, `${title} by epoch`, across, { scale: y, ticks: ticks(y.low, y.high, 5), format });
      for (const { mark, points } of lines) {
        line(area, points, "own", mark);
        if (points.length < 30) dots(area, points, mark);
      }
    });
  }
  draws.forEach((draw) => draw());
  legend(element("training-legend"), trained.length > 1 ? trained : []);
}
