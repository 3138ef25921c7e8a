// Takes a picture of every state, light and dark, narrow and wide.
//
// `npm run screenshots -- [folder] [part of the screen's name]`

import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { launch, missing } from './chromium.mjs';
import { SCREENS } from './screens.mjs';
import { serve } from './server.mjs';

const [folder = join(tmpdir(), 'tutti-screenshots'), filter = ''] = process.argv.slice(2);
const SIZES = [
  [720, 900],
  [1280, 800],
];

if (missing) throw new Error(missing);
await mkdir(folder, { recursive: true });
const { origin, close } = await serve();
const browser = await launch();
for (const screen of SCREENS.filter(({ name }) => name.includes(filter))) {
  for (const [width, height] of SIZES) {
    for (const mode of ['light', 'dark']) {
      const page = await browser.newPage({ viewport: { width, height } });
      await page.goto(`${origin}${screen.framed ? '/host' : '/'}?${screen.query}&mode=${mode}`);
      const content = screen.framed ? page.frameLocator('iframe') : page;
      await content.locator(screen.ready).first().waitFor();
      await screen.act?.(content);
      await page.screenshot({
        path: `${folder}/${screen.name}-${width}-${mode}.png`,
        fullPage: true,
      });
      await page.close();
    }
  }
}
await browser.close();
await close();
