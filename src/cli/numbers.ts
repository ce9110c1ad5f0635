/** Numbers as people read them. The JSON output has them as they are. */

/** 38400000 → "38,400,000". */
export function grouped(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

const STEPS: readonly [number, string][] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** (1234567, "words/s") → "1.23 M words/s". */
export function short(value: number, unit: string): string {
  const step = STEPS.find(([size]) => value >= size * 0.9995);
  const shown = step ? `${(value / step[0]).toPrecision(3)} ${step[1]}` : `${Number(value.toPrecision(3))}`;
  return unit.startsWith("B") && step ? shown + unit : `${shown} ${unit}`;
}

/** 153600000 → "153.6 MB". Decimal: 1 MB is 10⁶ bytes. */
export function byteCount(bytes: number): string {
  const step = STEPS.find(([size]) => bytes >= size);
  return step ? `${fixed(bytes / step[0], 1)} ${step[1]}B` : `${grouped(bytes)} bytes`;
}

/** 153600000 → "146.5 MiB". Binary: 1 MiB is 1024² bytes. */
export function binaryByteCount(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return power === 0 ? `${grouped(bytes)} bytes` : `${fixed(bytes / 1024 ** power, 1)} ${" KMGT"[power]}iB`;
}

/** 75 → "1 min 15 s"; below a minute with as many digits as mean something. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${fixed(seconds, seconds < 0.1 ? 3 : 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** With `digits` decimals and thousands grouped: 1234.5 → "1,234.50". */
export function fixed(value: number, digits: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** 0.0732 → "7.3 %". */
export function percent(share: number, digits = 1): string {
  return `${fixed(share * 100, digits)} %`;
}

/** "1 word", "2 words". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
