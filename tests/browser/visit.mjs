// Visits to the page around the app in a real Chromium: what a page complains about is collected,
// and what programs can find wrong for people who see or hear differently.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { PEOPLE } from '../../scripts/story/app.mjs';
import { ROOT } from '../app/stage.mjs';

const require = createRequire(join(ROOT, 'static/app/package.json'));
const { TUTTI_CHROMIUM = '/usr/bin/chromium' } = process.env;
const AXE_RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
const SCREENSHOTS = join(ROOT, 'dist/screenshots');

/** Why there can be no visit, or `false`. */
export const missing = existsSync(TUTTI_CHROMIUM) ? false : `no Chromium at ${TUTTI_CHROMIUM}`;
if (missing) console.log(`skipped: browser tests, ${missing}`);

/** Chromium, without a sandbox for root and without calls home. */
export const launchBrowser = () =>
  require('playwright-core').chromium.launch({
    executablePath: TUTTI_CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });

export const PLACES = {
  panel: '/browse/PAY-88',
  settings: '/projects/PAY/settings/settings',
  admin: '/admin/admin',
};

/** Opens a place of Jira as somebody; `complaints` is to stay empty. */
export async function visit(
  browser,
  base,
  place,
  { who = 'dana', theme = 'light', width = 1280 } = {},
) {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
  });
  page.setDefaultTimeout(30_000);
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`content policy: ${violatedDirective} ${blockedURI}`),
    );
  });
  await page.goto(`${base}${PLACES[place]}?as=${PEOPLE[who]}&theme=${theme}`);
  const element = page.locator(`iframe[data-module="${place}"]`);
  await element.waitFor();
  return { page, complaints, frame: element.contentFrame(), element };
}

/** What breaks WCAG 2.2 AA inside the app's frame, as far as a program can tell. */
export async function barriers({ element }) {
  const frame = await (await element.elementHandle()).contentFrame();
  await frame.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
  return frame.evaluate(async (values) => {
    const { violations } = await globalThis.axe.run({ runOnly: { type: 'tag', values } });
    return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  }, AXE_RULES);
}

/** Keeps a picture of the page in `dist/screenshots`. */
export async function picture({ page }, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}
