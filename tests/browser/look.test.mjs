// How the pages look and whether everybody can use them: each in light and dark, narrow and wide.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { approved, open, ownState, untilAsked } from '../app/stage.mjs';
import { barriers, launchBrowser, missing, picture, visit } from './visit.mjs';

/** Dark is a matter of colours, narrow one of layout. */
const LOOKS = [
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 720 },
];
const VIEWS = {
  approval: { place: 'panel', who: 'dana', ready: 'the cause of your case' },
  'approval of somebody else': { place: 'panel', who: 'ana', ready: 'Dana Reyes' },
  settings: { place: 'settings', who: 'paula', ready: 'Premier escalation' },
  admin: { place: 'admin', who: 'jonas', ready: 'Salesforce' },
};

describe('the pages', { skip: missing }, () => {
  let platform;
  let browser;
  let asked;

  before(async () => {
    platform = await open(await ownState());
    browser = await launchBrowser();
    asked = await untilAsked(platform.app);
  });
  after(async () => {
    await browser?.close();
    await platform?.stop();
  });

  async function look(name, { place, who, ready }) {
    for (const { theme, width } of LOOKS) {
      const seen = await visit(browser, platform.url, place, { who, theme, width });
      await seen.frame.getByText(ready).first().waitFor();
      await picture(seen, `${name.replaceAll(' ', '-')}-${width}-${theme}`);
      if (width === 1280) assert.deepEqual(await barriers(seen), [], `${name}, ${theme}`);
      assert.deepEqual(seen.complaints, []);
      await seen.page.close();
    }
  }

  for (const [name, view] of Object.entries(VIEWS)) it(name, () => look(name, view));

  it('what was done', async () => {
    await approved(platform.app, asked);
    await look('done', { place: 'panel', who: 'dana', ready: 'Done' });
  });
});
