// Pictures on a canvas, a pixel each. Their levels lie channel by channel, each row by row; a shape is [channels, rows, columns].

/** Bytes out of base64. */
const unpacked = (text) => Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));

/** Picture `i` of those of one shape that lie one after the other. */
function pictureAt(levels, i, [channels, rows, columns]) {
  const size = channels * rows * columns;
  return levels.subarray(i * size, (i + 1) * size);
}

/** Where red, green and blue of a picture begin: three channels are these; of any others the first is seen, as grey. */
const planes = ([channels, rows, columns]) => (channels === 3 ? [0, 1, 2] : [0, 0, 0]).map((channel) => channel * rows * columns);

/** The colours of levels. */
function colours(levels, shape) {
  const from = planes(shape);
  return (p) => from.map((plane) => levels[plane + p]);
}

/**
 * The colours of a change, at full scale the largest. Of a grey picture: orange brighter, blue darker. Of one in colours: how much
 * each changed, around a middle grey.
 */
function difference(before, after, shape) {
  const [, rows, columns] = shape;
  const from = planes(shape);
  const seen = shape[0] === 3 ? from : from.slice(0, 1);
  let most = 1;
  for (const plane of seen) {
    for (let p = plane; p < plane + rows * columns; p++) most = Math.max(most, Math.abs(after[p] - before[p]));
  }
  const change = (p) => (after[p] - before[p]) / most;
  if (seen.length === 3) return (p) => from.map((plane) => 128 + 127 * change(plane + p));
  return (p) => {
    const [r, g, b] = change(p) > 0 ? [255, 160, 40] : [60, 150, 255];
    return [r, g, b].map((level) => level * Math.abs(change(p)));
  };
}

/** Paints a picture with its left border at `left`. */
function paint(context, colour, [, rows, columns], left = 0) {
  const image = context.createImageData(columns, rows);
  for (let p = 0; p < rows * columns; p++) image.data.set([...colour(p), 255], 4 * p);
  context.putImageData(image, left, 0);
}
