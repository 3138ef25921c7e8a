// A real browser for looking at the page: Debian's Chromium, driven by playwright-core.

import { existsSync } from 'node:fs';

import { chromium } from 'playwright-core';

const PATH = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const missing = existsSync(PATH) ? false : `no Chromium at ${PATH}`;

/** Quiet: no sandbox for root, and no calls home. */
export const launch = () =>
  chromium.launch({
    executablePath: PATH,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
