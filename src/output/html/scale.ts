/** Scales of plots: the place of a value, and the round values beside an axis. */

export interface Tick {
  value: number;
  label: string;
}

export interface Scale {
  /** Place of a value in units of the drawing. */
  at: (value: number) => number;
  ticks: Tick[];
}

/** Seconds from 0 to `most`, mapped to `start` … `end` of the drawing. */
export function timeScale(most: number, start: number, end: number): Scale {
  const [unit, name] = UNITS.find(([seconds]) => most >= 2 * seconds) ?? UNITS[UNITS.length - 1];
  const step = niceStep(most / unit / 6);
  const ticks: Tick[] = [];
  for (let i = 0; i * step * unit <= most * (1 + 1e-9); i++) {
    ticks.push({ value: i * step * unit, label: `${rounded(i * step)} ${name}` });
  }
  return { at: (value) => start + (Math.min(Math.max(value, 0), most) / most) * (end - start), ticks };
}

const UNITS: readonly [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
  [0.001, 'ms'],
  [0.000_001, 'µs'],
];

/** Counts or rates from 0 to `most`. */
export function countScale(most: number, start: number, end: number): Scale {
  const step = niceStep(most / 4);
  const ticks: Tick[] = [];
  for (let i = 0; i * step <= most * (1 + 1e-9); i++) ticks.push({ value: i * step, label: shortCount(i * step) });
  return { at: (value) => start + (value / most) * (end - start), ticks };
}

/** Nanoseconds from `least` to `most`, both above 0, on a logarithmic scale that begins and ends at a power of ten. */
export function elapsedScale(least: number, most: number, start: number, end: number): Scale {
  const low = Math.floor(Math.log10(least));
  const high = Math.max(low + 1, Math.ceil(Math.log10(most)));
  const ticks: Tick[] = [];
  for (let power = low; power <= high; power++) ticks.push({ value: 10 ** power, label: powerText(power) });
  const at = (value: number) => {
    const power = Math.min(Math.max(Math.log10(value), low), high);
    return start + ((power - low) / (high - low)) * (end - start);
  };
  return { at, ticks };
}

/** `100 µs` for 10^5 ns. */
function powerText(power: number): string {
  const names = ['ns', 'µs', 'ms', 's'];
  const unit = Math.min(3, Math.floor(power / 3));
  return `${(10 ** (power - 3 * unit)).toLocaleString('en-US')} ${names[unit]}`;
}

/** The least round number (1, 2 or 5 times a power of ten) that is at least this. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10) * power;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** `12k`, `1.5M`. */
function shortCount(value: number): string {
  if (value >= 1e6) return `${rounded(value / 1e6)}M`;
  return value >= 1e4 ? `${rounded(value / 1e3)}k` : rounded(value);
}
