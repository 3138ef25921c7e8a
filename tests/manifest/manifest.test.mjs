/**
 * Atlassian's own validator and linters judge manifest.yml, the host's sources and what is shipped.
 * They are the ones `forge deploy` asks; here they run without an account and without a network.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const contracts = process.env.TUTTI_CONTRACTS ?? join(root, '../shared/contracts');
const shipped = 'dist/app/index.js';
const sources = 'crates/tutti-forge/js/src';
const host = readdirSync(join(root, sources)).map((name) => `${sources}/${name}`);

/** The API documents the linters look scopes up in; an empty one stands for those not at hand. */
const DOCUMENTS = {
  JIRA: 'jira-v3.json', CONF_V2: 'confluence-v2.json', JSM: '', JSW: '', CONF: '', BB: '',
};

const scratch = mkdtempSync(join(tmpdir(), 'tutti-manifest-'));
const require = createRequire(import.meta.url);
let forge;
let manifest;

before(async () => {
  assert.ok(existsSync(join(root, shipped)), `${shipped} is missing: run scripts/build first`);
  process.chdir(root);
  // Where the linters keep a cache, and what keeps them from asking for documents elsewhere.
  process.env.XDG_CONFIG_HOME = scratch;
  process.env.USE_LOCAL_SWAGGER = 'true';
  const empty = join(scratch, 'empty.json');
  writeFileSync(empty, '{"openapi":"3.0.1","info":{},"paths":{}}');
  for (const [product, name] of Object.entries(DOCUMENTS)) {
    const file = join(contracts, name);
    process.env[`LOCAL_${product}_SWAGGER`] = name && existsSync(file) ? file : empty;
  }
  forge = { ...require('@forge/manifest'), ...require('@forge/lint') };
  manifest = (await forge.validate(false)).manifestObject.typedContent;
});

after(() => rmSync(scratch, { recursive: true, force: true }));

const quiet = new Proxy({}, { get: () => () => {} });
/** Stands for Atlassian's feature flags: all of them off. */
const flags = new Proxy({}, {
  get: (_, name) => async () => (String(name).startsWith('get') ? [] : false),
});

/** What the linters find wrong, as lines of text; all of them, or those named. */
async function lint(checked, files, names) {
  const all = await forge.getClientSideLintersOnly(checked, 'development', quiet, flags);
  const linters = all.filter((linter) => !names || names.includes(linter.constructor.name));
  assert.equal(linters.length, names?.length ?? 16);
  const results = await forge.lint(files, checked, 'development', quiet, flags, { linters });
  return results.flatMap(({ file, errors, warnings, approvals }) => {
    const found = [...errors, ...warnings, ...approvals];
    return found.map(({ line, message }) => `${file}:${line} ${message}`);
  });
}

/** What the validator finds wrong. */
const said = ({ errors = [] }) =>
  errors.map(({ line, message }) => `${line}: ${message}`).join('\n');

/** The manifest with one thing changed, as a file. */
function spoiled(good, bad) {
  const text = readFileSync('manifest.yml', 'utf8');
  assert.ok(text.includes(good));
  const file = join(scratch, 'manifest.yml');
  writeFileSync(file, text.replace(good, bad));
  return file;
}

test('the validator finds no fault', async () => {
  assert.equal(said(await forge.validate(false)), '');
});

test('the linters find no fault', async (t) => {
  if (!existsSync(join(contracts, DOCUMENTS.JIRA))) {
    t.diagnostic(`scopes of endpoints are not linted: no API documents at ${contracts}`);
  }
  assert.deepEqual(await lint(manifest, [shipped, ...host]), []);
});

test('the validator would find a key used twice', async () => {
  const file = spoiled('key: panel-resolver', 'key: panel');
  assert.match(said(await forge.validate(false, file)), /duplicate module key 'panel'/);
});

test('the linters would find a scope that an event needs', async () => {
  const file = spoiled('- read:jira-work', '- read:me');
  const { PRODUCT_TRIGGER } = forge.ValidationTypes;
  const processor = forge.ProcessorBuilder.instance().withValidation(PRODUCT_TRIGGER).build();
  assert.match(said(await processor.process(file)), /read:jira-work/);
});

test('the linters would find a handler nobody wrote', async () => {
  const ghost = structuredClone(manifest);
  ghost.modules.function.push({ key: 'ghost', handler: 'index.ghost' });
  assert.match((await lint(ghost, [shipped], ['HandlerLinter'])).join(), /ghost/);
});
