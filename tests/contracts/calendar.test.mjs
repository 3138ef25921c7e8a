// A library that thousands of maps tell opening hours with judges our calendars, wherever it means
// the same: all year round, but for hours that the clocks skip or repeat.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import OpeningHours from 'opening_hours';

import { ask } from '../app/calendars.mjs';

const HOUR = 3_600_000;
// The same hours twice: as a flow says them, and as OpenStreetMap does.
const CALENDARS = [
  [{ hours: { 'mon-fri': '09:00-17:00' } }, 'Mo-Fr 09:00-17:00'],
  [
    {
      hours: { 'mon-thu': ['08:00-12:00', '13:00-17:30'], fri: '8:00-14:00', sat: '10:00-13:00' },
      holidays: ['12-25', '12-26', '2026-05-01'],
    },
    'Mo-Th 08:00-12:00,13:00-17:30; Fr 08:00-14:00; Sa 10:00-13:00; ' +
      'Dec 25-26 off; 2026 May 01 off',
  ],
  [
    { hours: { 'sat-mon': '06:00-22:00', '12-24': '06:00-12:00', '2026-03-29': [] } },
    'Sa-Mo 06:00-22:00; Dec 24 06:00-12:00; 2026 Mar 29 off',
  ],
  [{ hours: { 'mon-sun': '00:00-24:00' } }, '24/7'],
];
const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC'];
const SPANS = ['90s', '30m', '4h', '40h'];
const MS = { '90s': 90_000, '30m': HOUR / 2, '4h': 4 * HOUR, '40h': 40 * HOUR };

for (const zone of ZONES) {
  it(`working time in ${zone} is what opening_hours counts`, async (t) => {
    const own = process.env.TZ;
    t.after(() => (own === undefined ? delete process.env.TZ : (process.env.TZ = own)));
    process.env.TZ = zone;
    let compared = 0;
    for (const [calendar, hours] of CALENDARS) {
      const judge = new OpeningHours(hours);
      // Steps of no round length, so that moments fall on all hours of all days.
      for (let at = Date.parse('2026-01-01T00:07:00Z'); at < Date.parse('2027-01-05'); ) {
        const from = new Date(at);
        const span = SPANS[compared % SPANS.length];
        const input = { calendar: { zone, ...calendar }, from: from.toISOString(), span };
        const { ok } = await ask('tutti.calendar.after', input);
        const due = new Date(ok.at);
        const why = `${hours}, ${span} from ${input.from}: ${ok.at}`;
        assert.equal(judge.getOpenDuration(from, due)[0], MS[span], why);
        assert.ok(judge.getState(new Date(due - 1_000)), `${why} ends in working time`);
        const look = { calendar: input.calendar, at: input.from };
        const { ok: now } = await ask('tutti.calendar.is_open', look);
        const next = judge.getNextChange(from);
        assert.deepEqual(
          [now.open, now.until],
          [judge.getState(from), next ? next.toISOString().replace('.000Z', 'Z') : null],
          why,
        );
        compared += 1;
        at += 223 * HOUR + 1_000 * (compared % 60);
      }
    }
    assert.ok(compared > 150, `${compared} compared`);
  });
}
