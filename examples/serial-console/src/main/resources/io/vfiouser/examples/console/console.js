'use strict';
// The terminal of one serial port. What is typed goes to the guest as it is, what the guest sends
// is shown; the first message after each connection is what it has sent before.

const element = id => document.getElementById(id);

// --- colours ------------------------------------------------------------------

const LIGHT = {
  background: '#ffffff', foreground: '#17202e', cursor: '#17202e', cursorAccent: '#ffffff', selection: '#2563eb40',
  black: '#17202e', red: '#b91c1c', green: '#15803d', yellow: '#a16207', blue: '#1d4ed8', magenta: '#a21caf',
  cyan: '#0e7490', white: '#5b6779', brightBlack: '#475569', brightRed: '#dc2626', brightGreen: '#16a34a',
  brightYellow: '#b45309', brightBlue: '#2563eb', brightMagenta: '#c026d3', brightCyan: '#0891b2', brightWhite: '#334155',
};
const DARK = {
  background: '#0d1219', foreground: '#e5ebf3', cursor: '#e5ebf3', cursorAccent: '#0d1219', selection: '#6ea8ff50',
  black: '#263140', red: '#ff8080', green: '#4ade80', yellow: '#fbbf24', blue: '#6ea8ff', magenta: '#e879f9',
  cyan: '#45d3c0', white: '#e5ebf3', brightBlack: '#93a1b5', brightRed: '#fca5a5', brightGreen: '#86efac',
  brightYellow: '#fde68a', brightBlue: '#93c5fd', brightMagenta: '#f0abfc', brightCyan: '#99f6e4', brightWhite: '#ffffff',
};
const THEMES = ['Auto', 'Light', 'Dark'];
const darkSystem = matchMedia('(prefers-color-scheme: dark)');
let theme = localStorage.getItem('theme');
if (!THEMES.includes(theme)) theme = 'Auto';

function paint() {
  const dark = theme === 'Dark' || (theme === 'Auto' && darkSystem.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  element('theme').textContent = theme;
  terminal.setOption('theme', dark ? DARK : LIGHT);
}

// --- the terminal -------------------------------------------------------------

const terminal = new Terminal({
  fontFamily: 'ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace',
  fontSize: 14,
  lineHeight: 1.2,
  scrollback: 5000,
  cursorBlink: true,
  minimumContrastRatio: 4.5, // a guest's choice of colours stays readable in both themes
  rendererType: 'dom', // text that the browser can find and read out
  screenReaderMode: true,
});
const fit = new FitAddon.FitAddon();
terminal.loadAddon(fit);
terminal.open(element('terminal'));
terminal.onTitleChange(title => { document.title = title || 'Console'; });
terminal.onResize(({ cols, rows }) => { element('size').textContent = `${cols} × ${rows}`; });
new ResizeObserver(() => fit.fit()).observe(element('terminal'));
paint();
darkSystem.addEventListener('change', paint);

// --- copy and paste -----------------------------------------------------------

async function copy() {
  if (terminal.hasSelection()) await navigator.clipboard.writeText(terminal.getSelection());
  terminal.focus();
}

async function paste() {
  terminal.paste(await navigator.clipboard.readText());
  terminal.focus();
}

// Ctrl+C is the guest's unless something is selected; the browser pastes by itself for the keys left to it.
terminal.attachCustomKeyEventHandler(event => {
  if (event.type !== 'keydown' || !event.ctrlKey || event.altKey) return true;
  const key = event.key.toLowerCase();
  if (key === 'c' && (event.shiftKey || terminal.hasSelection())) {
    event.preventDefault(); // Ctrl+Shift+C would open the browser's inspector
    copy().then(() => terminal.clearSelection(), refused);
    return false;
  }
  return !(key === 'v' && event.shiftKey);
});

function refused(error) {
  element('connection').title = `clipboard: ${error.message}`;
}

// --- the connection -----------------------------------------------------------

const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const STEADY = 5_000; // a connection this old was a good one

let socket;
let replaying = true;
let wait = SHORTEST_WAIT;
let timer;

function state(name, text) {
  element('connection').dataset.state = name;
  element('connection').textContent = text;
  element('now').hidden = name !== 'off';
}

function connect() {
  clearTimeout(timer);
  state('wait', 'connecting');
  const mine = socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/console`);
  let opened = 0;
  mine.binaryType = 'arraybuffer';
  mine.onopen = () => {
    opened = performance.now();
    replaying = true;
    terminal.reset();
    state('on', 'connected');
  };
  mine.onmessage = message => {
    const bytes = new Uint8Array(message.data);
    // Questions of the guest in what it sent earlier have been answered then.
    if (replaying) terminal.write(bytes, () => { replaying = false; });
    else terminal.write(bytes);
  };
  mine.onclose = () => {
    if (mine === socket) again(opened && performance.now() - opened > STEADY);
  };
}

// Waits twice as long each time, and never as long as all other pages.
function again(wasSteady) {
  if (wasSteady) wait = SHORTEST_WAIT;
  const delay = wait * (0.75 + Math.random() / 2);
  wait = Math.min(wait * 2, LONGEST_WAIT);
  const due = performance.now() + delay;
  const tick = () => {
    const left = due - performance.now();
    if (left <= 0) return connect();
    state('off', `no connection, next try in ${Math.ceil(left / 1000)} s`);
    timer = setTimeout(tick, Math.min(left, 1000));
  };
  tick();
}

function connectNow() {
  if (socket.readyState !== WebSocket.CLOSED) return;
  wait = SHORTEST_WAIT;
  connect();
}

// Without the focus it is not this page that answers when the guest asks its terminal something.
terminal.onData(text => {
  if (socket.readyState === WebSocket.OPEN && !replaying && document.hasFocus()) socket.send(text);
});

element('now').addEventListener('click', () => { connectNow(); terminal.focus(); });
addEventListener('online', connectNow);
document.addEventListener('visibilitychange', () => { if (!document.hidden) connectNow(); });

// --- buttons ------------------------------------------------------------------

// Browsers keep the clipboard from pages that came over plain HTTP from elsewhere.
element('copy').disabled = element('paste').disabled = !navigator.clipboard;
element('copy').addEventListener('click', () => copy().catch(refused));
element('paste').addEventListener('click', () => paste().catch(refused));
element('size').addEventListener('click', () => {
  terminal.focus();
  if (socket.readyState === WebSocket.OPEN) socket.send(`stty rows ${terminal.rows} cols ${terminal.cols}\r`);
});
element('theme').addEventListener('click', () => {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  localStorage.setItem('theme', theme);
  paint();
  terminal.focus();
});

connect();
terminal.focus();
