// A run that failed: what it hands off is seen and taken along, and it is run once more.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { breakTool, onlyFlow, open, ownState } from '../app/stage.mjs';
import { barriers, launchBrowser, missing, picture, visit } from './visit.mjs';

describe('a run that failed, in a browser', { skip: missing }, () => {
  let platform;
  let browser;

  before(async () => {
    platform = await open(await ownState());
    browser = await launchBrowser();
    const { app } = platform;
    await onlyFlow(app, 'write-on-bug');
    const comment = { tool: 'jira', method: 'POST', path: '/comment' };
    await breakTool(app, { ...comment, effect: 'status', status: 400, body: {} });
    await app.escalate();
    await app.settle();
  });
  after(async () => {
    await browser?.close();
    await platform?.stop();
  });

  it('hands off what somebody needs who goes on from there', async () => {
    for (const theme of ['light', 'dark']) {
      const dana = await visit(browser, platform.url, 'panel', { theme, width: 720 });
      const packet = dana.frame.getByRole('region', { name: 'To go on from here' });
      await packet.getByText('Link the case').waitFor();
      await packet.getByText('Can be undone').waitFor();
      await packet.getByText('Keep who is affected').waitFor();
      await packet.getByRole('button', { name: 'Show all' }).click();
      await packet.getByText('Salesforce case 5008d00000ACME01').first().waitFor();
      assert.deepEqual(await barriers(dana), []);
      await picture(dana, `hand-off-720-${theme}`);
      assert.deepEqual(dana.complaints, []);
      // Chromium complains that the frame may not use the clipboard by itself; it is copied anyway.
      await packet.getByRole('button', { name: 'Copy for a colleague' }).click();
      await packet.getByText('Copied').waitFor();
      await dana.page.close();
    }
  });

  it('is run once more from a step, once it is seen what that writes twice', async () => {
    const paula = await visit(browser, platform.url, 'panel', { who: 'paula', width: 720 });
    const { frame } = paula;
    await frame.getByRole('button', { name: 'Run once more from…' }).click();
    const order = frame.getByRole('form', { name: 'Run this once more?' });
    await order.getByText('Nothing is written twice').waitFor();
    await order.getByRole('radio', { name: 'Link the case' }).check();
    await order.getByText('Will be written once more').waitFor();
    assert.deepEqual(await order.getByRole('listitem').allTextContents(), ['Link the case']);
    assert.deepEqual(await barriers(paula), []);
    await picture(paula, 'rerun-720-light');
    await order.getByRole('radio', { name: 'Comment on the bug' }).check();
    await order.getByText('Nothing is written twice').waitFor();
    await order.getByLabel('Why (optional)').fill('The bug takes comments again');
    await order.getByRole('button', { name: 'Run once more' }).click();
    await frame.getByText('ran it once more from “Comment on the bug” on').first().waitFor();
    await platform.app.settle();
    await frame.getByText('Done', { exact: true }).first().waitFor();
    await picture(paula, 'rerun-done-720-light');
    const { remoteLinks, comments } = (await platform.app.world()).jira.issues['PAY-88'];
    assert.deepEqual([remoteLinks.length, comments.length], [1, 1]);
    assert.deepEqual(paula.complaints, []);
    await paula.page.close();
  });
});
