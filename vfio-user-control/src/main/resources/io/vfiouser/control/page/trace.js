import { $, el } from '/dom.js';

const MAX_ROWS = 300;

// The rolling trace: a row for each command, completed by its reply.
export class Trace {
  constructor(seen) {
    this.seen = seen;
    this.rows = [];
    this.open = new Map();
    this.missed = 0;
    this.paused = false;
    $('trace-filter').addEventListener('input', () => this.render());
    $('trace-clear').addEventListener('click', () => this.clear());
    $('trace-pause').addEventListener('click', event => {
      this.paused = !this.paused;
      event.target.setAttribute('aria-pressed', this.paused);
      if (!this.paused) this.render();
    });
  }

  clear() {
    this.rows = [];
    this.open.clear();
    this.missed = 0;
    this.render();
  }

  add(batch) {
    this.missed += batch.missed;
    for (const entry of batch.entries) this.addEntry(entry);
    if (this.open.size > 4 * MAX_ROWS) this.open.clear();
    this.rows.splice(0, Math.max(0, this.rows.length - MAX_ROWS));
    if (!this.paused) this.render();
  }

  addEntry(entry) {
    const key = `${entry.session} ${entry.toDevice !== entry.reply} ${entry.id}`;
    if (!entry.reply) {
      this.rows.push(entry);
      this.open.set(key, entry);
      if (entry.value && entry.register) this.seen(entry);
      return;
    }
    const row = this.open.get(key);
    this.open.delete(key);
    const target = row ?? entry;
    if (!row) this.rows.push(target);
    target.took = entry.took;
    target.error = entry.error;
    target.value ??= entry.value;
    if (entry.value && (target.register ?? entry.register)) this.seen({ ...target, value: entry.value });
  }

  render() {
    const wanted = $('trace-filter').value.toLowerCase();
    const shown = this.rows.filter(row => !wanted || text(row).toLowerCase().includes(wanted)).slice(-120).reverse();
    $('trace').replaceChildren(...shown.map(row => el('tr', {},
      el('td', { class: 'other' }, row.t.toFixed(4)),
      el('td', { class: kind(row) }, row.command),
      el('td', {}, where(row)),
      el('td', { class: row.error ? 'error' : 'name' }, row.error ?? row.value ?? ''),
      el('td', { class: 'other' }, row.took === undefined ? '' : row.took.toFixed(0) + ' µs'))));
    $('trace-missed').textContent = this.missed ? `${this.missed.toLocaleString('en')} messages went by too fast to show` : '';
  }
}

const where = row => row.region ? row.region + (row.register ? '.' + row.register : '+' + row.offset) : row.details ?? '';
const kind = row => row.error ? 'error' : row.command === 'REGION_READ' ? 'read' : row.command?.startsWith('REGION_WRITE') ? 'write' : 'other';
const text = row => [row.command, where(row), row.value, row.error].join(' ');
