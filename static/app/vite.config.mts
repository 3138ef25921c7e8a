// How the pages are built: relative addresses, and design tokens resolved beforehand.

import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { designTokens } from './build/tokens.mts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  base: './',
  plugins: [react(), designTokens()],
  resolve: {
    alias: [
      // Atlassian's own feature gates bring a statistics client along; outside Atlassian every
      // gate is shut anyway.
      { find: /^@atlaskit\/platform-feature-flags(\/.*)?$/, replacement: here('./src/gates.ts') },
    ],
    dedupe: ['react', 'react-dom'],
  },
  build: {
    outDir: here('../../dist/ui'),
    emptyOutDir: true,
    target: 'es2022',
    // The content policy of Custom UI allows no `data:` fonts and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { entryFileNames: 'assets/[name]-[hash].js' } },
  },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
