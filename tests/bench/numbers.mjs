// Figures in short: what the benchmark says of several measurements of the same thing.
import { cpus, loadavg } from 'node:os';

/** The middle one, or the mean of the two in the middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const round = (number, digits = 0) => Number(number.toFixed(digits));

/** What the figures were taken on. */
export const machine = () => ({
  node: process.version,
  cpu: cpus()[0].model.trim(),
  cores: cpus().length,
  load: loadavg().map((load) => round(load, 1)),
});
