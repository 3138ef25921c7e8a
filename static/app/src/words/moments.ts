// Times and amounts as people say them, in the reader's own language and time zone.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took, in its two largest units: `4 min 18 s`. */
export function elapsed(ms: number): string {
  if (ms > 0 && ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms > 0 && ms < 10 * SECOND && ms % SECOND !== 0) return `${(ms / SECOND).toFixed(1)} s`;
  const whole = Math.max(0, Math.floor(ms / SECOND) * SECOND);
  const units: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ];
  const first = units.findIndex(([size]) => whole >= size);
  if (first < 0) return '0 s';
  return units
    .slice(first, first + 2)
    .map(([size, name], i) => {
      const within = i === 0 ? whole : whole % units[first]![0];
      return [Math.floor(within / size), name] as const;
    })
    .filter(([n], i) => i === 0 || n > 0)
    .map(([n, name]) => `${n} ${name}`)
    .join(' ');
}

/** How long is left, in one unit, rounded up so that it never promises less than there is. */
export function left(ms: number): string {
  if (ms >= 2 * DAY) return `${Math.ceil(ms / DAY)} d`;
  if (ms >= 2 * HOUR) return `${Math.ceil(ms / HOUR)} h`;
  if (ms >= MINUTE) return `${Math.ceil(ms / MINUTE)} min`;
  return `${Math.max(0, Math.ceil(ms / SECOND))} s`;
}

/** Money in millionths of a dollar: cents, or finer when it is less than one. */
export function usd(micros: number, locale: string): string {
  const small = micros < 10_000;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    maximumFractionDigits: small ? 4 : 2,
    minimumFractionDigits: 2,
  }).format(micros / 1_000_000);
}

/** Clock times, dates and distances in one reader's language and time zone. */
export type Moments = {
  locale: string;
  /** `14:05`, with the day in front if it is another one than `now`. */
  clock(at: number, now: number): string;
  /** `4 minutes ago`, `in 2 hours`. */
  distance(at: number, now: number): string;
  /** The full date and time, for hovering and for screen readers. */
  full(at: number): string;
};

export function createMoments(locale: string, timeZone: string): Moments {
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options });
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = format({ day: 'numeric', month: 'short' });
  const full = format({ dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return {
    locale,
    clock: (at, now) =>
      day.format(at) === day.format(now)
        ? time.format(at)
        : `${day.format(at)}, ${time.format(at)}`,
    distance: (at, now) => {
      const ms = at - now;
      const size = Math.abs(ms);
      if (size < MINUTE) return relative.format(Math.trunc(ms / SECOND), 'second');
      if (size < HOUR) return relative.format(Math.trunc(ms / MINUTE), 'minute');
      if (size < DAY) return relative.format(Math.trunc(ms / HOUR), 'hour');
      return relative.format(Math.trunc(ms / DAY), 'day');
    },
    full: (at) => full.format(at),
  };
}
