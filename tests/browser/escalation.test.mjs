// The escalation as the case's owner lives it: on the page, with the keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { HOOKS } from '../../scripts/story/app.mjs';
import { census, deliver, open, ownState } from '../app/stage.mjs';
import { launchBrowser, missing, visit } from './visit.mjs';

const OLDER = {
  eventId: 'e-700',
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

  it('a change is announced once and read once', async () => {
    const { app } = platform;
    const ignored = dana.frame.getByText('Ignored an older event');
    // Hints come in their order: once the page shows this one, it has read all before it.
    const earlier = { ...OLDER, eventId: 'e-769' };
    assert.equal(await deliver(app, earlier, { secret: HOOKS.salesforce }), 202);
    await ignored.first().waitFor();
    await app.settle();
    const reads = [];
    dana.page.on('request', (request) => {
      if (request.url().endsWith('/api/invoke')) reads.push(request.postDataJSON().functionKey);
    });
    assert.equal(await deliver(app, OLDER, { secret: HOOKS.salesforce }), 202);
    await ignored.nth(1).waitFor();
    await app.settle();
    assert.deepEqual(reads, ['panel']);
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
