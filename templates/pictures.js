// Pictures of 28x28 pixels on a canvas, a pixel each.

const SIDE = 28;
const PIXELS = SIDE * SIDE;

/** Bytes out of base64. */
const unpacked = (text) => Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));

/** The colours of grey levels. */
const grey = (pixels) => (p) => [pixels[p], pixels[p], pixels[p]];

/** The colours of a change: orange brighter, blue darker, at full scale the largest. */
function difference(before, after) {
  let most = 1;
  for (let p = 0; p < PIXELS; p++) most = Math.max(most, Math.abs(after[p] - before[p]));
  return (p) => {
    const change = (after[p] - before[p]) / most;
    const [r, g, b] = change > 0 ? [255, 160, 40] : [60, 150, 255];
    return [r, g, b].map((level) => level * Math.abs(change));
  };
}

/** Paints a picture with its left border at `left`. */
function paint(context, colour, left = 0) {
  const image = context.createImageData(SIDE, SIDE);
  for (let p = 0; p < PIXELS; p++) image.data.set([...colour(p), 255], 4 * p);
  context.putImageData(image, left, 0);
}
