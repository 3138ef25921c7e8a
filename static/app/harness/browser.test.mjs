// The built page in a real Chromium, under Forge's own content policy, answered from fixtures.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { launch, missing } from './chromium.mjs';
import { SCREENS } from './screens.mjs';
import { serve } from './server.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

if (missing) console.log(`# skipped: ${missing}`);

describe('the page in Chromium', { skip: missing }, () => {
  let server;
  let browser;
  before(async () => {
    server = await serve();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const fresh = ([width, height]) =>
    browser.newPage({ viewport: { width, height }, reducedMotion: 'reduce' });
  /** Pages that did well, by size, for the next visit: a new one costs more than most visits. */
  const spare = new Map();

  /** Opens a page, runs `check`, and then no policy may have been broken and nothing thrown. */
  async function visit(query, check, { path = '/', size = [720, 900], clock = false } = {}) {
    const page = (!clock && spare.get(String(size))) || (await fresh(size));
    spare.delete(String(size));
    const thrown = [];
    const onError = (error) => thrown.push(String(error));
    page.on('pageerror', onError);
    page.setDefaultTimeout(10_000);
    try {
      if (clock) await page.clock.install();
      await page.goto(`${server.origin}${path}?${query}`);
      await check(page);
      assert.deepEqual(thrown, []);
      if (path === '/')
        assert.deepEqual(await page.evaluate(() => globalThis.harness.violations), []);
    } catch (error) {
      await page.close();
      throw error;
    }
    await page.unrouteAll();
    page.off('pageerror', onError);
    if (clock) await page.close();
    else spare.set(String(size), page);
  }

  const calls = (page, name) =>
    page.evaluate(
      (wanted) => globalThis.harness.calls.filter((call) => call.name === wanted),
      name,
    );
  const panel = (state, check, more) => visit(`place=jira:issuePanel&state=${state}`, check, more);
  const settings = (path, check, more) =>
    visit(`place=jira:projectSettingsPage&state=flows&path=${path}`, check, more);
  const admin = (check) => visit('place=jira:adminPage&state=admin', check);
  const button = (page, name) => page.getByRole('button', { name, exact: true });

  /** The rules of WCAG 2.2 AA that can be checked by a program, in the colours now shown. */
  const broken = (page) =>
    page.evaluate(async (values) => {
      const { violations } = await globalThis.axe.run({ runOnly: { type: 'tag', values } });
      return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    }, TAGS);

  /** Switches to dark. */
  const darken = (page) =>
    page.evaluate(() => {
      document.documentElement.dataset.colorMode = 'dark';
    });

  describe('is accessible in light and dark, keeps the policy, and scrolls only down', () => {
    for (const screen of SCREENS) {
      test(screen.name, () =>
        visit(screen.query, async (page) => {
          await page.locator(screen.ready).first().waitFor();
          await screen.act?.(page);
          await page.evaluate(AXE);
          assert.deepEqual(await broken(page), []);
          await darken(page);
          assert.deepEqual(await broken(page), []);
          assert.equal(await page.locator('style').count(), 0);
          const [content, frame] = await page.evaluate(() => [
            document.documentElement.scrollWidth,
            innerWidth,
          ]);
          assert.ok(content <= frame, `${content} px in ${frame}`);
        }),
      );
    }
  });

  describe('the issue panel', () => {
    test('is approved by keyboard with one call that names the payload seen', () =>
      panel('approval', async (page) => {
        const approve = button(page, 'Approve and send');
        await approve.waitFor();
        for (
          let i = 0;
          i < 40 && !(await approve.evaluate((el) => el === document.activeElement));
          i++
        ) {
          await page.keyboard.press('Tab');
        }
        await page.keyboard.press('Enter');
        await page.getByText('Dana Reyes approved the reply').first().waitFor();
        assert.equal(await page.getByText('Needs your approval').count(), 0);
        const [{ payload }, ...more] = await calls(page, 'answer');
        assert.deepEqual(more, []);
        assert.equal(payload.answer, 'approve');
        assert.match(payload.payload_hash, /^[0-9a-f]{64}$/);
        assert.equal(payload.effect, `${payload.run}/reply/1`);
      }));

    test('shows an answer at once and takes it back when it is refused', () =>
      panel('approval&refuse=answer', async (page) => {
        let answer;
        await page.route('**/invoke?*', async (route) => {
          if (!route.request().postData().includes('"answer"')) return route.continue();
          await new Promise((go) => {
            answer = go;
          });
          return route.continue();
        });
        await button(page, 'Approve and send').click();
        await page.getByText('You approved: Reply to the customer').first().waitFor();
        await page.evaluate(() => globalThis.harness.hint());
        assert.equal(await page.getByText('Needs your approval').count(), 0);
        answer();
        await page
          .getByRole('alert')
          .getByText('The reply changed while you were reading it.')
          .waitFor();
        assert.equal(await page.getByText('Needs your approval').count(), 1);
        assert.equal(await page.getByText('You approved: Reply to the customer').count(), 0);
      }));

    test('sends only what was changed', () =>
      panel('approval', async (page) => {
        await button(page, 'Change').click();
        const send = button(page, 'Send my version');
        assert.equal(await send.isDisabled(), true);
        await page.getByLabel('Comment').fill('Hello Jordan, it is fixed.');
        await send.click();
        await page.getByText('Dana Reyes approved a changed reply').first().waitFor();
        const [{ payload }] = await calls(page, 'answer');
        assert.equal(payload.answer, 'modify');
        assert.deepEqual(payload.changes, { comment: 'Hello Jordan, it is fixed.' });
      }));

    test('takes no rejection without a reason', () =>
      panel('approval', async (page) => {
        await button(page, 'Reject').click();
        const reject = button(page, 'Reject with this reason');
        assert.equal(await reject.isDisabled(), true);
        await page.getByLabel('Why should this not happen?').fill('Wrong customer');
        await reject.click();
        await page.getByText('Dana Reyes rejected the reply').first().waitFor();
        assert.equal((await calls(page, 'answer'))[0].payload.reason, 'Wrong customer');
      }));

    test('has no buttons for those who are not asked', () =>
      panel('approval-other', async (page) => {
        await page.getByText('Only Dana Reyes can answer.').waitFor();
        assert.equal(await button(page, 'Approve and send').count(), 0);
      }));

    test('sends a form’s answer only once it fits, in the types it was asked for', () =>
      panel('question', async (page) => {
        await button(page, 'Send answer').click();
        await page.getByText('This is needed.').first().waitFor();
        await button(page, 'staging').focus();
        await page.keyboard.press('Space');
        await page.getByRole('combobox', { name: 'Region' }).fill('Ore');
        await page.keyboard.press('Enter');
        await button(page, 'No').click();
        await button(page, 'cards').click();
        await button(page, 'refunds').click();
        const customers = page.getByRole('textbox', { name: 'Customers' });
        await customers.fill('many');
        await button(page, 'Send answer').click();
        await page.getByText('Enter a number.').waitFor();
        assert.ok(await customers.evaluate((field) => field === document.activeElement));
        assert.deepEqual(await calls(page, 'reply'), []);
        await customers.fill('12');
        await page.keyboard.press('Enter');
        await page.getByText('Dana Reyes answered').first().waitFor();
        const [{ payload }] = await calls(page, 'reply');
        assert.deepEqual(payload.answer, {
          environment: 'staging',
          region: 'Oregon',
          still_failing: false,
          affected: ['cards', 'refunds'],
          customers: 12,
        });
      }));

    test('offers the ways on, with a reason', () =>
      panel('stuck', async (page) => {
        await page.getByText('Needs your decision').waitFor();
        await page.getByLabel('Why (optional)').fill('I looked');
        await button(page, 'It happened').click();
        await page.getByText('Dana Reyes chose happened').first().waitFor();
        const [{ payload }] = await calls(page, 'resolve');
        assert.deepEqual([payload.way, payload.reason], ['happened', 'I looked']);
      }));

    test('counts down to when a write leaves', () =>
      panel(
        'recall',
        async (page) => {
          await page.getByText('leaves in 10 min').waitFor();
          await page.clock.runFor(20_000);
          await page.getByText('leaves in 9 min').waitFor();
          await button(page, 'Recall it').click();
          await page.getByText('Dana Reyes chose recall').first().waitFor();
        },
        { clock: true },
      ));

    test('keeps what was entered when an answer is refused', () =>
      panel('stuck&refuse=resolve', async (page) => {
        await page.getByLabel('Why (optional)').fill('I looked');
        await button(page, 'End the run').click();
        await page.getByRole('alert').waitFor();
        assert.equal(await page.getByLabel('Why (optional)').inputValue(), 'I looked');
      }));

    test('pauses a run with a reason, and resumes it', () =>
      panel('running', async (page) => {
        await button(page, 'Pause').click();
        await page.getByLabel('Why (optional)').fill('lunch');
        await page.keyboard.press('Enter');
        await page.getByText('Paused by Dana Reyes: lunch').waitFor();
        await button(page, 'Resume').click();
        await page.getByText('Dana Reyes let it go on').first().waitFor();
      }));

    test('runs once more from a step, once it is said what that writes twice', () =>
      panel('completed', async (page) => {
        await button(page, 'Run once more from…').click();
        await page.getByText('Will be written once more').waitFor();
        assert.equal(await page.getByRole('radio', { name: 'Reply' }).isChecked(), true);
        await page.getByRole('radio', { name: 'Tell team' }).check();
        await page.getByText('Tell team, 2 times').waitFor();
        const order = page.getByRole('form', { name: 'Run this once more?' });
        const listed = await order.getByRole('listitem').allTextContents();
        assert.deepEqual(listed, ['Tell team, 2 times', 'Mark case', 'Reply']);
        await page.getByLabel('Why (optional)').fill('The channel is back');
        assert.deepEqual(await calls(page, 'rerun'), []);
        await page.keyboard.press('Enter');
        await page.getByText('Dana Reyes ran it once more from tell on').first().waitFor();
        const [{ payload }] = await calls(page, 'rerun');
        assert.deepEqual([payload.step, payload.reason], ['tell', 'The channel is back']);
        assert.equal(await button(page, 'Run once more from…').count(), 0, 'it is at work');
      }));

    test('says where nothing is written twice, and keeps the choice when it is refused', () =>
      panel('failed&refuse=rerun', async (page) => {
        await button(page, 'Run once more from…').click();
        await page.getByText('Nothing is written twice').waitFor();
        await page.getByRole('radio', { name: 'Account log' }).check();
        await button(page, 'Run once more').click();
        await page.getByRole('alert').getByText('Read the new version').waitFor();
        assert.equal(await page.getByRole('radio', { name: 'Account log' }).isChecked(), true);
      }));

    test('hands off what was known and done, on the page and as text', () =>
      panel('failed', async (page) => {
        const packet = page.getByRole('region', { name: 'To go on from here' });
        await packet.getByText('Connect the tool anew').waitFor();
        assert.equal(await packet.getByText('Tell the team').count(), 0, 'five at a glance');
        await packet.getByRole('button', { name: 'Show all 6' }).click();
        await packet.getByText('Tell the team').waitFor();
        await packet.getByRole('button', { name: 'Show all 5' }).click();
        await packet.getByText('Tier Enterprise').waitFor();
        await page.evaluate(() => {
          navigator.clipboard.writeText = async (text) => {
            globalThis.copied = text;
          };
        });
        await packet.getByRole('button', { name: 'Copy for a colleague' }).click();
        await packet.getByText('Copied').waitFor();
        const copied = await page.evaluate(() => globalThis.copied);
        for (const told of ['Failed', 'PAY-88', '- Wait for the pipeline', 'Can be undone'])
          assert.ok(copied.includes(told), copied);
      }));

    test('undoes one write, or says why not', () =>
      panel('undone', async (page) => {
        await page.getByRole('button', { name: 'Details of: Salesforce sent the reply' }).click();
        await page.getByText('Cannot be undone: it cannot be taken back').waitFor();
        await page.getByRole('button', { name: 'Details of: Jira raised the priority' }).click();
        await page.getByText('somebody changed').waitFor();
        await button(page, 'Try to undo again').click();
        await page.getByText('Dana Reyes undid 1').first().waitFor();
        const [{ payload }] = await calls(page, 'undo');
        assert.match(payload.effects[0], /priority/);
        assert.equal(await button(page, 'Try to undo again').count(), 0, 'it is under way');
      }));

    test('stops a run only after asking, and says so until the run has stopped', () =>
      panel('running', async (page) => {
        await button(page, 'Stop').click();
        assert.deepEqual(await calls(page, 'cancel'), []);
        await page.getByLabel('Why').fill('By phone');
        await button(page, 'Stop run').click();
        await page.getByText('Nothing new is started.').waitFor();
        assert.equal((await calls(page, 'cancel'))[0].payload.reason, 'By phone');
      }));

    test('reads once more for a burst of hints', () =>
      panel('running', async (page) => {
        await page.getByText('Live').waitFor();
        const earlier = (await calls(page, 'panel')).length;
        await page.evaluate(() => {
          for (let i = 0; i < 20; i++) globalThis.harness.hint();
        });
        await page.waitForFunction(
          (n) => globalThis.harness.calls.filter(({ name }) => name === 'panel').length > n,
          earlier,
        );
        await page.waitForLoadState('networkidle');
        assert.ok((await calls(page, 'panel')).length - earlier <= 2);
      }));

    test('asks every five seconds where there is no realtime', () =>
      panel(
        'running&no-realtime',
        async (page) => {
          await page.getByText('Updates every few seconds').waitFor();
          const earlier = (await calls(page, 'panel')).length;
          await page.clock.runFor(5_000);
          await page.waitForFunction(
            (n) => globalThis.harness.calls.filter(({ name }) => name === 'panel').length === n + 1,
            earlier,
          );
        },
        { clock: true },
      ));

    test('counts the time of an open run', () =>
      panel(
        'running',
        async (page) => {
          await page.getByText('18 s', { exact: true }).waitFor();
          await page.clock.runFor(3_000);
          await page.getByText('21 s', { exact: true }).waitFor();
        },
        { clock: true },
      ));

    test('recovers when the backend does', () =>
      panel('approval', async (page) => {
        await page.getByText('Needs your approval').waitFor();
        let down = true;
        await page.route('**/invoke?*', (route) => (down ? route.abort() : route.continue()));
        await page.evaluate(() => globalThis.harness.hint());
        await page.getByText('Tutti did not answer.').waitFor();
        assert.equal(await page.getByText('Needs your approval').count(), 1);
        down = false;
        await button(page, 'Try again').click();
        await page.getByText('Tutti did not answer.').waitFor({ state: 'detached' });
      }));

    test('shows fifty entries and then more', () =>
      panel('long', async (page) => {
        const entries = page.getByText(/^GitLab commit|commit .* was read/);
        await button(page, 'Show 50 earlier entries').click();
        await button(page, 'Show 20 earlier entries').click();
        await page.getByText('commit 9f3c00 was read').waitFor();
        assert.ok((await entries.count()) >= 120);
      }));

    test('filters, and opens one entry at a time', () =>
      panel('approval', async (page) => {
        await button(page, 'Decisions').click();
        await page.getByRole('button', { name: /^Details of: Triage/ }).click();
        await page.getByText('94% agent’s estimate').waitFor();
        await page.getByText('every payment from our EU storefront fails').waitFor();
        assert.equal(
          await page.locator('[aria-label^="Details of"][aria-expanded=true]').count(),
          1,
        );
      }));

    test('switches between runs', () =>
      panel('several', async (page) => {
        await page
          .getByRole('navigation')
          .getByRole('button', { name: /Bug intake/ })
          .click();
        await page.getByText('The runbook page was not found').waitFor();
      }));

    test('follows the theme', () =>
      panel('approval', async (page) => {
        await page.getByText('Needs your approval').waitFor();
        const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const light = await ground();
        await darken(page);
        assert.notEqual(await ground(), light);
      }));

    test('has a height that settles', () =>
      panel(
        'approval',
        async (page) => {
          const frame = page.frameLocator('iframe');
          await frame.getByText('Every step is recorded.').waitFor();
          await page.waitForFunction(() => {
            const { clientHeight, contentDocument } = document.querySelector('iframe');
            return clientHeight === contentDocument.getElementById('root').offsetHeight;
          });
        },
        { path: '/host' },
      ));
  });

  describe('the settings page', () => {
    test('takes a toggle back when the flow does not validate', () =>
      settings('/flows', async (page) => {
        const toggle = page.getByRole('checkbox', { name: 'Stale review nudge is on' });
        await toggle.waitFor({ state: 'attached' });
        await toggle.focus();
        await page.keyboard.press('Space');
        await page.getByRole('alert').getByText('cannot be turned on yet').waitFor();
        assert.equal(await toggle.isChecked(), false);
      }));

    test('stops a flow, says who did, and lets it go on', () =>
      settings('/flows', async (page) => {
        await button(page, 'Stop Premier escalation to resolution').click();
        await page.getByText(/Stopped by Paula Weber 1 minute ago/).waitFor();
        await button(page, 'Let Premier escalation to resolution go on').click();
        await button(page, 'Stop Premier escalation to resolution').waitFor();
        const asked = await calls(page, 'stop_flow');
        assert.deepEqual(
          asked.map(({ payload }) => payload.stopped),
          [true, false],
        );
      }));

    test('leads from a problem to its line', () =>
      settings('/flows/premier-escalation', async (page) => {
        await page.getByRole('button', { name: /gitlab.note.make/ }).click();
        const active = page.locator('.cm-activeLine');
        await active.waitFor();
        assert.equal(await active.textContent(), '    call: gitlab.note.make');
      }));

    test('checks once after a pause, and saves what was typed', () =>
      settings('/flows/premier-escalation', async (page) => {
        await page.getByRole('button', { name: /gitlab.note.make/ }).waitFor();
        const earlier = (await calls(page, 'check')).length;
        await page.locator('.cm-line').nth(2).click();
        await page.keyboard.press('End');
        await page.keyboard.type(' and back', { delay: 20 });
        await page.getByText('Unsaved changes').waitFor();
        await page.waitForFunction(
          (n) => globalThis.harness.calls.filter(({ name }) => name === 'check').length > n,
          earlier,
        );
        assert.equal((await calls(page, 'check')).length, earlier + 1);
        await button(page, 'Save').click();
        await page.getByText('Version 4').waitFor();
        const [{ payload }] = await calls(page, 'save_flow');
        assert.equal(payload.document.name, 'Premier escalation to resolution and back');
        assert.match(payload.source, /^# Salesforce case/);
      }));

    test('loses no letter where fingers are faster than the page', () =>
      settings('/flows/premier-escalation', async (page) => {
        const line = page.locator('.cm-line').nth(2);
        await line.click();
        await page.keyboard.press('End');
        const before = await line.textContent();
        const typed = ' and back again'.repeat(10);
        await page.evaluate(async (letters) => {
          for (const letter of letters) {
            document.execCommand('insertText', false, letter);
            await new Promise((next) => setTimeout(next));
          }
        }, typed);
        await page.getByText('Unsaved changes').waitFor();
        assert.equal(await line.textContent(), before + typed);
      }));

    test('shows a word that YAML takes for an alias as a problem, and lets it be mended', () =>
      settings('/flows/premier-escalation', async (page) => {
        await page.locator('.cm-line').nth(2).click();
        await page.keyboard.press('End');
        await page.keyboard.press('Enter');
        await page.keyboard.type('about: *urgent');
        await page.getByText('nothing before this is named by').first().waitFor();
        for (let n = 0; n < '*urgent'.length; n++) await page.keyboard.press('Backspace');
        await page.keyboard.type('urgent');
        await page.getByRole('button', { name: /gitlab.note.make/ }).waitFor();
      }));

    test('says so when the page itself meets a fault, and can be shown anew', () =>
      settings('/flows', async (page) => {
        await page.route('**/invoke?*', (route) =>
          route.fulfill({ json: { ok: { flows: 7, runs: [], now: 0, stopped: null } } }),
        );
        await page.reload();
        await page.getByRole('alert').getByText('This page met a fault').waitFor();
        await page.unrouteAll();
        await button(page, 'Show it anew').click();
        await page.getByRole('table').first().waitFor();
      }));

    test('asks before changes are lost', () =>
      settings('/flows/premier-escalation', async (page) => {
        await page.locator('.cm-line').nth(2).click();
        await page.keyboard.type('x');
        await button(page, 'Back to all flows').click();
        await page.getByText('Leave without saving?').waitFor();
        await button(page, 'Discard changes').click();
        await page.getByRole('table').waitFor();
      }));

    test('moves between tabs by arrow keys', () =>
      settings('/flows', async (page) => {
        await page.getByRole('tab', { name: 'Flows' }).focus();
        await page.keyboard.press('ArrowRight');
        await page.getByRole('table', { name: 'Runs of this project' }).waitFor();
      }));
  });

  describe('the admin page', () => {
    test('keeps a stored secret when it is left empty', () =>
      admin(async (page) => {
        await button(page, 'Edit: Salesforce').click();
        const secret = page.getByLabel('Consumer secret');
        assert.equal(await secret.inputValue(), '');
        assert.equal(await secret.getAttribute('type'), 'password');
        await button(page, 'Save').click();
        await page
          .getByRole('article', { name: 'Salesforce', exact: true })
          .getByText('Not tested')
          .waitFor();
        const [{ payload }] = await calls(page, 'save_connection');
        assert.equal(payload.values.client_secret, '');
        assert.equal(payload.values.instance, 'https://acme.my.salesforce.com');
      }));

    test('wants what is required before it saves', () =>
      admin(async (page) => {
        await button(page, 'Connect: Model').click();
        assert.equal(await button(page, 'Save').isDisabled(), true);
        await page.getByLabel('Address').first().fill('https://models.example.com/v1');
        await page.getByRole('textbox', { name: 'Model' }).fill('small-1');
        assert.equal(await button(page, 'Save').isDisabled(), false);
      }));

    test('stops everything, and says so', () =>
      admin(async (page) => {
        await button(page, 'Stop all flows on this site').click();
        await page.getByText('Tutti has stopped for this site').waitFor();
        await page.getByText(/^Stopped by Jonas Falk/).waitFor();
        await button(page, 'Let all flows on this site go on').click();
        await page.getByText('Tutti has stopped for this site').waitFor({ state: 'detached' });
      }));

    test('tests a connection', () =>
      admin(async (page) => {
        const slack = page.getByRole('article', { name: 'Slack', exact: true });
        await slack.getByRole('button', { name: 'Test connection' }).click();
        await slack.getByText('Answered in 210 ms').waitFor();
      }));

    test('forgets a webhook secret as soon as it is stored', () =>
      admin(async (page) => {
        const hook = page.getByRole('article', { name: 'GitLab pipeline' });
        await hook.getByLabel('Signing secret').fill('s3cret-value');
        await hook.getByRole('button', { name: 'Save secret' }).click();
        await hook.getByText('Secret stored').waitFor();
        assert.equal(await hook.getByLabel('Signing secret').inputValue(), '');
        assert.equal((await page.content()).includes('s3cret-value'), false);
      }));
  });
});
