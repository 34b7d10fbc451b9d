import uPlot from '/uplot/uPlot.esm.js';

const POINTS = 240;
const dark = matchMedia('(prefers-color-scheme: dark)');
const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// A chart over the last two minutes.
export class Chart {
  constructor(host, series, options = {}) {
    this.host = host;
    this.names = series;
    this.options = options;
    this.data = [[], ...series.map(() => [])];
    new ResizeObserver(() => this.plot?.setSize(this.size())).observe(host);
    dark.addEventListener('change', () => this.draw());
    this.draw();
  }

  size() { return { width: Math.max(200, this.host.clientWidth), height: 160 }; }

  draw() {
    this.plot?.destroy();
    const axis = { stroke: css('--dim'), grid: { stroke: css('--line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    this.plot = new uPlot({
      ...this.size(), cursor: { y: false },
      scales: { x: { time: true }, y: this.options.log ? { distr: 3 } : { range: (_, low, high) => [0, Math.max(high * 1.1, 10)] } },
      axes: [{ ...axis, size: 44 }, { ...axis, size: 54, values: this.options.values }],
      series: [{ label: 'time' }, ...this.names.map((label, i) => ({
        label, stroke: css('--s' + (i + 1)), width: 1.8, points: { show: false }, fill: i || this.options.log ? undefined : css('--s1') + '22',
        value: (_, v) => v == null ? '–' : this.options.format(v),
      }))],
    }, this.data, this.host);
  }

  push(time, values) {
    this.data[0].push(time);
    values.forEach((value, i) => this.data[i + 1].push(value));
    if (this.data[0].length > POINTS) this.data.forEach(column => column.shift());
    this.plot.setData(this.data);
    this.host.dataset.points = this.data[0].length;
    this.host.dataset.last = values[0] ?? '';
  }

  clear() {
    this.data = this.data.map(() => []);
    this.plot.setData(this.data);
  }
}
