// The escalation as the case's owner lives it: on the page, with the keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { HOOKS } from '../../scripts/story/app.mjs';
import { census, deliver, open, ownState } from '../app/stage.mjs';
import { launchBrowser, missing, visit } from './visit.mjs';

const OLDER = {
  caseId: '5008d00000ACME01',
  lastModified: '2026-03-10T07:00:00Z',
};

describe('the escalation in a browser', { skip: missing }, () => {
  let platform;
  let browser;
  let dana;

  before(async () => {
    platform = await open(await ownState());
    browser = await launchBrowser();
    dana = await visit(browser, platform.url, 'panel');
  });
  after(async () => {
    await browser?.close();
    await platform?.stop();
  });

  const world = () => dana.page.locator('#world');
  const press = async (selector) => {
    const done = dana.page.waitForResponse(
      (answer) => answer.request().method() === 'POST' && /\/api\/(clock|tools)/.test(answer.url()),
    );
    await world().locator(selector).click();
    await done;
  };

  it('begins in the world drawer and shows on the panel by itself', async () => {
    await dana.page.getByRole('button', { name: 'World' }).click();
    await press('[data-action=escalate]');
    await dana.frame.getByText('Premier escalation to resolution').first().waitFor();
    await dana.frame.getByText('Triage the escalation').first().waitFor();
    await dana.frame
      .getByText(/waiting/i)
      .first()
      .waitFor();
  });

  it('a change is read once', async () => {
    const ignored = dana.frame.getByText('Ignored an older event');
    let reads = 0;
    const count = (request) => {
      if (!request.url().endsWith('/api/invoke')) return;
      if (request.postDataJSON().functionKey === 'panel') reads += 1;
    };
    dana.page.on('request', count);
    const changes = 4;
    for (let change = 0; change < changes; change += 1) {
      const event = { ...OLDER, eventId: `e-70${change}` };
      assert.equal(await deliver(platform.app, event, { secret: HOOKS.salesforce }), 202);
      await ignored.nth(change).waitFor();
    }
    await platform.app.settle();
    dana.page.off('request', count);
    // One may have been wanted by what was announced before the first of them.
    assert.ok(reads <= changes + 1, `${reads} reads for ${changes} changes`);
    assert.ok(reads > 0, 'the page reads');
  });

  it('asks Dana once the clock has reached the fix', async () => {
    const approve = dana.frame.getByRole('button', { name: /approve/i }).first();
    for (let event = 0; event < 20 && !(await approve.isVisible()); event += 1) {
      await press('button:text("To the next event")');
    }
    await approve.waitFor();
    await dana.frame.getByText('the cause of your case 00012077 is fixed').first().waitFor();
  });

  it('is approved with the keyboard, leaves at once when told to, and is done', async () => {
    await dana.page.getByRole('button', { name: 'World' }).click();
    const approve = dana.frame.getByRole('button', { name: /approve/i }).first();
    const focused = () => approve.evaluate((button) => button === document.activeElement);
    for (let key = 0; key < 150 && !(await focused()); key += 1)
      await dana.page.keyboard.press('Tab');
    assert.ok(await focused(), 'the button can be reached with Tab');
    await dana.page.keyboard.press('Enter');
    await platform.app.settle();
    await dana.frame.getByText('leaves in 10 min').waitFor();
    await dana.frame.getByRole('button', { name: 'Send it now' }).click();
    await dana.frame.getByText('Done', { exact: true }).first().waitFor();
    await platform.app.settle();
    const run = await platform.app.run();
    assert.equal(run.state, 'completed');
    assert.equal(census(await platform.app.world()).reply, 1);
    assert.equal(await dana.frame.getByRole('button', { name: /approve/i }).count(), 0);
  });

  it('shows nothing to somebody who may not see the work item', async () => {
    const otto = await visit(browser, platform.url, 'panel', { who: 'otto' });
    await otto.frame
      .getByText(/people who may see this work item/i)
      .first()
      .waitFor();
    assert.equal(await otto.frame.getByText('Premier escalation').count(), 0);
    await otto.page.close();
  });

  it('broke no content policy and logged no error', () => {
    assert.deepEqual(dana.complaints, []);
  });
});
