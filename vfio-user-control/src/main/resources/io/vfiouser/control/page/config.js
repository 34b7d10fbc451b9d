// Decodes a PCI config space: header, capabilities, extended capabilities.
const HEADER = [
  [0x00, 2, 'VENDOR_ID'], [0x02, 2, 'DEVICE_ID'], [0x04, 2, 'COMMAND'], [0x06, 2, 'STATUS'], [0x08, 1, 'REVISION_ID'],
  [0x09, 3, 'CLASS_CODE'], [0x0e, 1, 'HEADER_TYPE'], [0x10, 4, 'BAR0'], [0x14, 4, 'BAR1'], [0x18, 4, 'BAR2'],
  [0x1c, 4, 'BAR3'], [0x20, 4, 'BAR4'], [0x24, 4, 'BAR5'], [0x2c, 2, 'SUBSYSTEM_VENDOR_ID'], [0x2e, 2, 'SUBSYSTEM_ID'],
  [0x30, 4, 'ROM_BASE'], [0x34, 1, 'CAPABILITIES'], [0x3c, 1, 'INTERRUPT_LINE'], [0x3d, 1, 'INTERRUPT_PIN'],
];
const CAPABILITIES = { 1: 'Power Management', 5: 'MSI', 9: 'Vendor specific', 0x10: 'PCI Express', 0x11: 'MSI-X', 0x13: 'Advanced Features' };
const EXTENDED = { 1: 'Advanced Error Reporting', 3: 'Device Serial Number', 0xb: 'Vendor specific', 0xd: 'ACS', 0xe: 'ARI', 0x10: 'SR-IOV' };
const COMMAND = ['I/O', 'memory', 'bus master', , , , 'parity', , 'SERR', , 'INTx off'];
const STATUS = [, , , 'INTx pending', 'capabilities'];
const CLASSES = { 1: 'mass storage', 2: 'network', 3: 'display', 5: 'memory', 7: 'communication', 8: 'system', 0xff: 'unassigned' };

const hex = (value, digits) => '0x' + value.toString(16).padStart(digits, '0');
const flags = (value, names) => names.map((name, bit) => name && value >>> bit & 1 ? name : null).filter(Boolean).join(', ');

export function decode(digits) {
  const at = (offset, width) => {
    let value = 0;
    for (let i = width - 1; i >= 0; i--) value = value * 256 + parseInt(digits.substr((offset + i) * 2, 2), 16);
    return value;
  };
  const rows = HEADER.map(([offset, width, name]) => {
    const value = at(offset, width);
    return { offset: hex(offset, 3), name, value: hex(value, width * 2), meaning: meaning(name, value) };
  }).filter(row => !/^BAR|^ROM/.test(row.name) || Number(row.value));
  const seen = new Set();
  for (let where = at(0x34, 1) & 0xfc; where >= 0x40 && !seen.has(where); where = at(where + 1, 1) & 0xfc) {
    seen.add(where);
    const id = at(where, 1);
    rows.push({ offset: hex(where, 3), name: CAPABILITIES[id] ?? 'capability', value: 'id ' + hex(id, 2), meaning: capability(id, where, at) });
  }
  for (let where = digits.length > 512 ? 0x100 : 0; where >= 0x100 && at(where, 4) && !seen.has(where); where = at(where, 4) >>> 20) {
    seen.add(where);
    const id = at(where, 2);
    rows.push({ offset: hex(where, 3), name: EXTENDED[id] ?? 'extended capability', value: 'id ' + hex(id, 4), meaning: '' });
  }
  return rows;
}

function capability(id, where, at) {
  const control = at(where + 2, 2);
  if (id === 5) return `${control & 1 ? 'on' : 'off'}, ${1 << (control >>> 1 & 7)} vectors`;
  if (id === 0x11) return `${control & 0x8000 ? 'on' : 'off'}${control & 0x4000 ? ', all masked' : ''}, ${(control & 0x7ff) + 1} vectors`;
  if (id === 1) return 'D' + (at(where + 4, 2) & 3);
  return '';
}

function meaning(name, value) {
  if (name === 'COMMAND') return flags(value, COMMAND) || 'all off';
  if (name === 'STATUS') return flags(value, STATUS);
  if (name === 'CLASS_CODE') return CLASSES[value >>> 16] ?? '';
  if (name === 'INTERRUPT_PIN') return value ? 'INT' + ' ABCD'[value] : 'none';
  if (/^BAR/.test(name)) return value & 1 ? 'I/O' : 'memory' + (value & 4 ? ', 64 bits' : '') + (value & 8 ? ', prefetchable' : '');
  return '';
}
