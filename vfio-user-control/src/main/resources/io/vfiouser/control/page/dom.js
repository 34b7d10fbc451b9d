// Small helpers; text is always set as text, never as markup.
export const $ = id => document.getElementById(id);

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function toast(text) {
  const node = $('toast');
  node.textContent = text;
  node.classList.add('shown');
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => node.classList.remove('shown'), 4000);
}

export function number(value) {
  if (value >= 1e9) return (value / 1e9).toFixed(1) + ' G';
  if (value >= 1e6) return (value / 1e6).toFixed(1) + ' M';
  if (value >= 1e4) return (value / 1e3).toFixed(1) + ' k';
  return Math.round(value).toLocaleString('en');
}

export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; unit++; }
  return (unit && value < 10 ? value.toFixed(1) : Math.round(value)) + ' ' + units[unit];
}

export function micros(nanos) {
  const value = nanos / 1e3;
  return value >= 1000 ? (value / 1000).toFixed(1) + ' ms' : value >= 10 ? Math.round(value) + ' µs' : value.toFixed(1) + ' µs';
}
