// Pictures are compared inside the browser: it can read PNG, and we need no other library for it.

/** Runs in the workbench. Reads a PNG given as base64. */
const READ = `
  async function read(base64) {
    const picture = new Image();
    picture.src = 'data:image/png;base64,' + base64;
    await picture.decode();
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    return context.getImageData(0, 0, picture.width, picture.height);
  }
  function light(r, g, b) {
    const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  }
  function contrast(a, b) {
    const [x, y] = [light(...a), light(...b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  }
`;

/** How many pixels changed from `before` to `after` by a contrast of at least 3:1. */
export async function strongChange(workbench, before, after) {
  const script = `(async () => { ${READ}
    const [a, b] = [await read(${JSON.stringify(before.toString('base64'))}), await read(${JSON.stringify(after.toString('base64'))})];
    let strong = 0;
    for (let i = 0; i < Math.min(a.data.length, b.data.length); i += 4) {
      const [x, y] = [a.data.subarray(i, i + 3), b.data.subarray(i, i + 3)];
      if ((x[0] !== y[0] || x[1] !== y[1] || x[2] !== y[2]) && contrast(x, y) >= 3) strong += 1;
    }
    return strong;
  })()`;
  return workbench.evaluate(script);
}

/**
 * The least contrast of each label with a colour that makes up a fifth or more of what lies beneath it.
 * `labels`: `{x, y, width, height, colour: [r, g, b]}` in pixels of the picture.
 */
export async function contrasts(workbench, picture, labels) {
  const script = `(async () => { ${READ}
    const image = await read(${JSON.stringify(picture.toString('base64'))});
    return ${JSON.stringify(labels)}.map(({ x, y, width, height, colour }) => {
      const beneath = new Map();
      let all = 0;
      for (let row = Math.max(0, Math.round(y)); row < Math.min(image.height, y + height); row += 1) {
        for (let column = Math.max(0, Math.round(x)); column < Math.min(image.width, x + width); column += 1) {
          const i = 4 * (row * image.width + column);
          const key = image.data.subarray(i, i + 3).join();
          beneath.set(key, (beneath.get(key) ?? 0) + 1);
          all += 1;
        }
      }
      const large = [...beneath].filter(([, n]) => n >= all / 5);
      return Math.min(21, ...large.map(([key]) => contrast(colour, key.split(',').map(Number))));
    });
  })()`;
  return workbench.evaluate(script);
}
