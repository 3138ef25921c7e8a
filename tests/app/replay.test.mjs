// A case file: exported on the panel of a finished escalation, verified and replayed to the same
// state natively and in WebAssembly, with nobody's name or address in it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';

import { create } from '../../crates/tutti-forge/js/gen/glue.js';
import { PEOPLE } from '../../scripts/story/app.mjs';
import { ROOT, codeOf, folder, open, ownState, played } from './stage.mjs';

const run = promisify(execFile);

/** The `tutti` command, built with all the rest so that nothing is compiled twice. */
let command;
function built() {
  const build = ['test', '--workspace', '--no-run', '--quiet'];
  command ??= run('cargo', build, { cwd: ROOT, maxBuffer: 64 << 20 });
  return command.then(() => join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug/tutti'));
}

/** `tutti replay` as people run it. */
async function native(file, ...more) {
  const options = { cwd: ROOT, maxBuffer: 64 << 20 };
  const replay = run(await built(), ['replay', '--json', file, ...more], options);
  const ended = await replay.catch((failed) => failed);
  return { code: ended.code ?? 0, ...JSON.parse(ended.stdout) };
}

function inWasm(text) {
  const module = new WebAssembly.Module(readFileSync(join(ROOT, 'dist/app/tutti_forge.wasm')));
  return JSON.parse(create(module, () => {}).replay(text));
}

describe('the case file of an escalation', () => {
  let platform;
  let app;
  let story;
  let exported;
  let file;

  before(async () => {
    platform = await open(await ownState());
    ({ app } = platform);
    story = await played(app);
    exported = await app.panel('export', { run: story.run.id });
    file = join(folder(), exported.name);
    writeFileSync(file, exported.text);
  });

  after(() => platform?.stop());

  it('comes to the same state natively and in WebAssembly', async () => {
    const { state_hash: hash } = JSON.parse(exported.text);
    const there = await native(file);
    const here = inWasm(exported.text);
    assert.equal(there.code, 0);
    assert.equal(there.state_hash, hash);
    assert.equal(here.state_hash, hash);
    assert.equal(here.events, there.events);
    assert.deepEqual([here.state, here.reason], [story.run.state, story.run.reason]);
    assert.deepEqual(
      there.run.timeline.filter(({ did }) => did).map(({ did }) => did.effect_key),
      story.effects.map(({ effect_key: key }) => key),
    );
  });

  it('names nobody', async () => {
    const shown = JSON.stringify(await app.run());
    // Dana owns the case and says yes; the known bug is Ben's.
    for (const word of ['Dana Reyes', PEOPLE.dana, 'Ben Okafor', '@tutti.example']) {
      assert.ok(!exported.text.includes(word), `${word} is in the case file`);
    }
    assert.ok(shown.includes('Dana Reyes') && exported.text.includes('‹name 1›'));
  });

  it('is refused once anything in it was changed', async () => {
    const changed = exported.text.replace('00012077', '00012078');
    writeFileSync(`${file}.changed`, changed);
    const { code, error } = await native(`${file}.changed`);
    assert.deepEqual([code, error.code], [1, 'chain']);
    assert.deepEqual(inWasm(changed).error, error);
  });

  it('tells what another priority would have meant', async () => {
    const { code, fork } = await native(file, '--with', 'case.priority=Low');
    assert.equal(code, 0);
    assert.match(fork.differences.at(-1).text, /its start condition does not hold/);
  });

  it('is for those who may see the work item, and of its own runs', async () => {
    const call = (payload, who) => app.call('panel', 'export', payload, who, app.issue);
    assert.equal(await codeOf(call({ run: story.run.id }, PEOPLE.otto)), 'forbidden');
    assert.equal(await codeOf(call({ run: story.run.id }, PEOPLE.ana)), 'ok');
    assert.equal(await codeOf(call({ run: 'tt-none' }, PEOPLE.dana)), 'not_found');
  });
});
