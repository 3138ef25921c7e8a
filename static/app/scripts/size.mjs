// Says what each screen downloads, and fails when the issue panel outgrows its budget.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const ASSETS = fileURLToPath(new URL('../../../dist/ui/assets/', import.meta.url));
const BUDGET_KB = 210;
const SCREENS = ['PanelPage', 'SettingsPage', 'FlowEditor', 'AdminPage'];

const names = readdirSync(ASSETS).filter((name) => name.endsWith('.js'));
const code = new Map(names.map((name) => [name, readFileSync(ASSETS + name, 'utf8')]));
const gzipped = (name) => gzipSync(code.get(name)).length / 1024;
const named = (start) => names.find((name) => name.startsWith(`${start}-`));

/** What a chunk imports before it can run, itself included; `import()` comes later, if ever. */
function needed(name, found = new Set()) {
  if (!name || found.has(name)) return found;
  found.add(name);
  const imports = code.get(name).matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g);
  for (const [, inner] of imports) needed(inner, found);
  return found;
}

let failed = false;
for (const screen of SCREENS) {
  const files = needed(named(screen), needed(named('index')));
  const total = [...files].reduce((sum, name) => sum + gzipped(name), 0);
  const over = screen === 'PanelPage' && total > BUDGET_KB;
  failed ||= over || !named(screen);
  const budget = screen === 'PanelPage' ? ` of ${BUDGET_KB}` : '';
  console.log(
    `${screen}: ${total.toFixed(1)}${budget} KB of JavaScript, gzipped${over ? ': too much' : ''}`,
  );
}
process.exitCode = failed ? 1 : 0;
