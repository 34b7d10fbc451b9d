import { svg, el, bytes } from '/dom.js';

const WIDTH = 1000;
const GAP = 14;

// Client memory as one bar in the order of addresses: widths go with the logarithm of sizes, so that
// a ROM beside gigabytes of RAM can still be seen; holes are gaps.
export function draw(host, about, ranges) {
  const sorted = ranges.map(r => ({ ...r, start: BigInt(r.iova), size: BigInt(r.length) }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const total = sorted.reduce((sum, r) => sum + Number(r.size), 0);
  about.textContent = ranges.length ? `${ranges.length} regions, ${bytes(total)}` : '';
  if (!ranges.length) {
    host.replaceChildren(el('p', { class: 'other' }, 'The client has made no memory known.'));
    return;
  }
  const shown = sorted.slice(0, 64);
  const weights = shown.map(r => Math.max(1, Math.log2(Number(r.size)) - 9));
  const holes = shown.map((r, i) => i > 0 && r.start !== shown[i - 1].start + shown[i - 1].size);
  const room = WIDTH - 2 - GAP * holes.filter(Boolean).length;
  const unit = room / weights.reduce((a, b) => a + b, 0);
  const picture = svg('svg', { viewBox: `0 0 ${WIDTH} 78`, role: 'img', 'aria-label': about.textContent });
  picture.append(svg('rect', { class: 'back', x: .5, y: 16.5, width: WIDTH - 1, height: 35, rx: 5 }));
  let x = 1;
  let free = 0;
  shown.forEach((range, i) => {
    if (holes[i]) x += GAP;
    const width = weights[i] * unit;
    const kind = range.readable && range.writable ? 'rw' : range.readable ? 'ro' : 'wo';
    const box = svg('rect', { class: kind + (range.mapped ? '' : ' unmapped'), x, y: 17, width: Math.max(1, width - 1.5), height: 34, rx: 3 });
    box.append(svg('title'));
    box.firstChild.textContent = `${range.iova} + ${bytes(Number(range.size))}, ${kind}, ${range.mapped ? 'mapped' : 'by messages'}`;
    picture.append(box);
    if (x >= free) {
      const size = svg('text', { x, y: 11 }); size.textContent = bytes(Number(range.size));
      const start = svg('text', { x, y: 68 }); start.textContent = range.iova;
      picture.append(size, start);
      free = x + Math.max(size.textContent.length, range.iova.length) * 7 + 8;
    }
    x += width;
  });
  host.replaceChildren(picture, el('p', { class: 'legend' }, 'blue: read and write · teal: read only · orange: write only · pale: by messages'));
}
