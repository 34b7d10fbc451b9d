import { $, el, toast, number, bytes, micros } from '/dom.js';
import { call, devicePath, events, setToken, takeTokenFromAddress } from '/api.js';
import { Chart } from '/charts.js';
import { Trace } from '/trace.js';
import { decode } from '/config.js';
import { draw } from '/memory.js';

let selected = '';
let before;
let watching = new AbortController();
let charts;
const lastValues = new Map();
const trace = new Trace(entry => lastValues.set(`${entry.region}.${entry.register}`, entry.value));
const connection = (state, text) => { $('connection').dataset.state = state; $('connection').textContent = text; };
const count = (device, names) => device.stats.commands.filter(c => !names || names.includes(c.name)).reduce((sum, c) => sum + c.count, 0);
const errors = device => device.stats.commands.reduce((sum, c) => sum + c.errors, 0);
const interrupts = device => Object.values(device.stats.interrupts).reduce((a, b) => a + b, 0);

async function act(what, done) {
  try {
    await what();
    if (done) toast(done);
    await details();
  } catch (refused) {
    toast(refused.message);
  }
}

function select(name) {
  if (name === selected) return;
  selected = name;
  before = undefined;
  lastValues.clear();
  trace.clear();
  charts?.forEach(chart => chart.clear());
  watching.abort();
}

async function watch() {
  for (;;) {
    watching = new AbortController();
    try {
      await events(selected, watching.signal, handle, () => {
        $('sign-in').hidden = true;
        $('layout').hidden = false;
        connection('on', 'live');
      });
      connection('off', 'the server has closed the connection');
    } catch (failure) {
      if (failure.status === 401) return askForToken();
      if (failure.name !== 'AbortError') connection('off', 'no connection');
    }
    if (!watching.signal.aborted) await new Promise(resolve => setTimeout(resolve, 1500));
  }
}

function askForToken() {
  $('layout').hidden = true;
  $('sign-in').hidden = false;
  $('token').focus();
  connection('off', 'token needed');
}

function handle(kind, data) {
  if (kind === 'trace' && data.device === selected) trace.add(data);
  if (kind === 'stats') statistics(data);
}

function statistics(data) {
  const names = Object.keys(data.devices);
  if (!data.devices[selected] && names.length) return select(names[0]);
  charts ??= [
    new Chart($('rate'), ['commands', 'interrupts'], { format: number, values: (_, ticks) => ticks.map(number) }),
    new Chart($('latency'), ['p50', 'p99'], { log: true, format: v => micros(v * 1e3), values: (_, ticks) => ticks.map(v => v == null ? '' : v >= 1 ? number(v) : String(v)) }),
  ];
  const seconds = before ? data.time - before.time : 0;
  const rate = (device, what) => seconds && before.devices[device] ? Math.max(0, (what(data.devices[device]) - what(before.devices[device])) / seconds) : 0;
  renderDevices(names, data, rate);
  const device = data.devices[selected];
  $('main').hidden = !device;
  if (device) {
    const latency = data.latency[selected];
    const commands = rate(selected, d => count(d));
    renderTiles(device, commands, latency, rate);
    renderFilters(device.filters);
    if (seconds) {
      charts[0].push(data.time, [commands, rate(selected, interrupts)]);
      charts[1].push(data.time, latency?.count ? [latency.p50 / 1e3, latency.p99 / 1e3] : [null, null]);
    }
  }
  before = data;
}

function renderDevices(names, data, rate) {
  $('device-count').textContent = names.length;
  const focused = document.activeElement?.dataset?.device;
  $('devices').replaceChildren(...names.map(name => el('li', {}, el('button', {
    type: 'button', 'data-device': name, 'aria-current': String(name === selected), onclick: () => select(name),
    'aria-label': `${name}, ${data.devices[name].attached ? 'with a client' : 'no client'}`,
  }, el('span', { class: 'dot' + (data.devices[name].attached ? ' on' : '') }), el('span', {}, name),
  el('span', { class: 'rate' }, number(rate(name, d => count(d))) + '/s')))));
  if (focused) document.querySelector(`[data-device="${CSS.escape(focused)}"]`)?.focus();
}

function renderTiles(device, commands, latency, rate) {
  const tiles = [
    ['commands / s', number(commands)], ['interrupts / s', number(rate(selected, interrupts))],
    ['p50', latency?.count ? micros(latency.p50) : '–'], ['p99', latency?.count ? micros(latency.p99) : '–'],
    ['DMA / s', bytes(rate(selected, d => d.stats.dma.bytesRead + d.stats.dma.bytesWritten))],
    ['clients so far', number(device.stats.sessions)], ['errors', number(errors(device)), errors(device) > 0],
  ];
  $('tiles').replaceChildren(...tiles.map(([name, value, bad]) => el('div', { class: 'tile' + (bad ? ' bad' : '') }, el('b', {}, value), el('span', {}, name))));
}

function renderFilters(filters) {
  const shape = JSON.stringify(filters);
  if ($('filters').dataset.shape === shape) return;
  $('filters').dataset.shape = shape;
  const path = devicePath(selected) + '/filters/';
  $('filters').replaceChildren(...filters.map(filter => el('li', {},
    el('button', { type: 'button', class: 'small', role: 'switch', 'aria-checked': String(filter.enabled), 'aria-pressed': String(filter.enabled), 'aria-label': filter.text + ' on',
      onclick: () => act(() => call('PUT', path + filter.id, { enabled: !filter.enabled })) }, filter.enabled ? 'on' : 'off'),
    el('span', { class: 'text mono' }, filter.text),
    el('button', { type: 'button', class: 'small danger', 'aria-label': 'Remove ' + filter.text, onclick: () => act(() => call('DELETE', path + filter.id)) }, 'Remove'))));
}

async function details() {
  if (!selected || $('layout').hidden || document.hidden) return;
  const name = selected;
  const device = await call('GET', devicePath(name));
  if (name !== selected) return;
  $('device-name').textContent = name;
  $('device-about').textContent = [hexId(device.vendor) + ':' + hexId(device.device), device.endpoint,
    device.client ? `client ${device.client.session} since ${new Date(device.client.since).toLocaleTimeString()}` : 'no client', device.migration].join(' · ');
  $('config').replaceChildren(...decode(device.config).map(row => el('tr', {}, el('td', { class: 'other' }, row.offset), el('td', { class: 'name' }, row.name), el('td', {}, row.value), el('td', { class: 'meaning' }, row.meaning))));
  $('registers').replaceChildren(...device.regions.filter(region => region.name !== 'config').flatMap(region => region.registers.slice(0, 200).map(register =>
    el('tr', {}, el('td', { class: 'other' }, region.name), el('td', { class: 'name' }, register.name), el('td', {}, lastValues.get(`${region.name}.${register.name}`) ?? '–')))));
  $('irqs').replaceChildren(...device.irqs.slice(0, 64).map(irq => el('tr', {}, el('td', { class: 'name' }, `${irq.index}.${irq.vector}`),
    el('td', { class: 'other' }, [irq.armed ? 'armed' : 'not armed', irq.masked && 'masked', irq.pending && 'pending'].filter(Boolean).join(', ')), el('td', {}, number(irq.count)),
    el('td', {}, el('button', { type: 'button', class: 'small', 'aria-label': `Fire ${irq.index}.${irq.vector}`, onclick: () => act(() => call('POST', devicePath(name) + '/irqs', { index: irq.index, vector: irq.vector }), `${irq.index}.${irq.vector} fired`) }, 'Fire')))));
  draw($('memory'), $('memory-about'), device.memory);
}

const hexId = id => id.toString(16).padStart(4, '0');
$('reset').addEventListener('click', () => act(() => call('POST', devicePath(selected) + '/reset'), 'reset'));
$('disconnect').addEventListener('click', () => act(() => call('POST', devicePath(selected) + '/disconnect'), 'disconnected'));
$('fail').addEventListener('click', () => act(() => call('POST', devicePath(selected) + '/fail', { errno: 'EIO', count: 1 }), 'the next access ends with EIO'));
$('filter-add').addEventListener('submit', event => {
  event.preventDefault();
  act(async () => {
    await call('POST', devicePath(selected) + '/filters', { filter: $('filter-text').value });
    $('filter-text').value = '';
  });
});
$('sign-in').addEventListener('submit', event => {
  event.preventDefault();
  setToken($('token').value);
  start();
});

async function start() {
  try {
    const catalog = await call('GET', '/v1/catalog');
    $('filter-names').replaceChildren(...catalog.filters.map(name => el('option', { value: name })));
  } catch (refused) {
    $('sign-in-error').textContent = $('sign-in').hidden ? '' : refused.message;
    if (refused.status === 401) return askForToken();
  }
  watch();
}

takeTokenFromAddress();
setInterval(() => details().catch(() => {}), 1000);
start();
