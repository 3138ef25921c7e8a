// A question answered on the page, and a run undone from it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { onlyFlow, open, ownState } from '../app/stage.mjs';
import { barriers, launchBrowser, missing, picture, visit } from './visit.mjs';

describe('people in a browser', { skip: missing }, () => {
  let platform;
  let browser;

  before(async () => {
    platform = await open(await ownState());
    browser = await launchBrowser();
    await onlyFlow(platform.app, 'ask-first');
    await platform.app.escalate();
    await platform.app.settle();
  });
  after(async () => {
    await browser?.close();
    await platform?.stop();
  });

  const comments = async () => (await platform.app.world()).jira.issues['PAY-88'].comments;

  it('answer a form: what is needed is said, and many options are a list', async () => {
    const dana = await visit(browser, platform.url, 'panel', { width: 720 });
    const { frame } = dana;
    await frame.getByText('Where does case 5008d00000ACME01 fail?').first().waitFor();
    await frame.getByRole('button', { name: 'Send answer' }).click();
    await frame.getByText('This is needed.').waitFor();
    await picture(dana, 'question-720-light');
    await frame.getByRole('button', { name: 'staging' }).click();
    await frame.getByRole('combobox', { name: 'Region' }).fill('Dub');
    await dana.page.keyboard.press('Enter');
    await frame.getByRole('textbox', { name: 'Words' }).fill('Nothing is paid');
    await frame.getByRole('button', { name: 'Send answer' }).click();
    await frame.getByText('Done', { exact: true }).first().waitFor();
    await platform.app.settle();
    const [comment] = await comments();
    assert.match(JSON.stringify(comment.body), /It fails in staging\./);
    const { timeline } = await platform.app.run();
    const { decided, detail } = timeline.find(({ text }) => text === 'Know where it fails');
    assert.match(JSON.stringify([decided, detail]), /staging/);
    assert.deepEqual(dana.complaints, []);
    await dana.page.close();
  });

  it('undo a run, once they have seen what that means', async () => {
    const paula = await visit(browser, platform.url, 'panel', { who: 'paula', theme: 'dark' });
    const { frame } = paula;
    await frame.getByRole('button', { name: 'Undo run…' }).click();
    await frame.getByText('Will be taken back').waitFor();
    await frame.getByLabel('Why (optional)').fill('The wrong bug');
    assert.deepEqual(await barriers(paula), []);
    await picture(paula, 'undo-1280-dark');
    await paula.page.keyboard.press('Enter');
    await platform.app.settle();
    await frame.getByText('Undid 1 of 1 write').first().waitFor();
    await frame.getByText('Undone', { exact: true }).first().waitFor();
    await picture(paula, 'undone-1280-dark');
    // Lines of one event are told apart: each is there once.
    assert.equal(await frame.getByText('Finished', { exact: true }).count(), 1);
    assert.deepEqual(await comments(), []);
    assert.equal(await frame.getByRole('button', { name: 'Undo run…' }).count(), 0);
    assert.deepEqual(paula.complaints, []);
    await paula.page.close();
  });
});
