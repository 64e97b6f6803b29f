/** `48210` → `48,210`. A minus stays, for differences use `change`. */
export function count(value: number): string {
  const whole = Math.sign(value) * Math.round(Math.abs(value));
  // Not by Intl: making its formatter takes milliseconds of every command.
  return String(whole).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A difference with its sign: `-312`, `+6`, `0`. */
export function change(value: number): string {
  return value > 0 ? `+${count(value)}` : count(value);
}

/** `1 migration`, `2 migrations`, `1,204 rows`; `many` where the plural is not the word and an s. */
export function quantity(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Bytes in binary units: `812 bytes`, `12.8 MiB`, `412 MiB`. */
export function bytes(value: number): string {
  if (Math.abs(value) < 1024) return quantity(value, 'byte');
  let scaled = value / 1024;
  let unit = 0;
  // Rounding must not make "1,024 KiB".
  while (Math.abs(scaled) >= 1023.5 && unit < units.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  const figure = Math.abs(scaled) >= 99.95 ? count(scaled) : scaled.toFixed(1);
  return `${figure} ${units[unit]}`;
}

const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Milliseconds for people: `0.3 ms`, `430 ms`, `6.9 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  const value = Math.max(0, milliseconds);
  if (value < 0.95) return `${value === 0 ? '0' : Math.max(0.1, value).toFixed(1)} ms`;
  if (value < 999.5) return `${value.toFixed(0)} ms`;
  if (value < 59_950) return `${(value / 1000).toFixed(1)} s`;
  const seconds = Math.round(value / 1000);
  if (seconds < 3600) return inTwo([Math.floor(seconds / 60), 'min'], [seconds % 60, 's']);
  const minutes = Math.round(seconds / 60);
  return inTwo([Math.floor(minutes / 60), 'h'], [minutes % 60, 'min']);
}

/** A whole number of the larger unit needs no zero of the smaller one. */
function inTwo(
  [large, largeUnit]: readonly [number, string],
  [small, smallUnit]: readonly [number, string],
): string {
  const whole = `${count(large)} ${largeUnit}`;
  return small === 0 ? whole : `${whole} ${small} ${smallUnit}`;
}
