// Ships the design tokens as static CSS without the tokens nobody uses.
//
// https://atlassian.design/foundations/tokens/design-tokens

import { createRequire } from 'node:module';

import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);

/** A theme's CSS text, from the package that also feeds Jira itself. */
const theme = (id: string): string =>
  require(`@atlaskit/tokens/dist/cjs/artifacts/themes/atlassian-${id}.js`).default;

/** The declarations between the first pair of braces of a theme. */
const declarations = (css: string): string =>
  css.slice(css.indexOf('{') + 1, css.lastIndexOf('}')).trim();

/**
 * All themes under selectors that need no script: light is the default, so that a page is never
 * without colours while the host answers `theme.enable()`.
 */
function stylesheet(): string {
  const blocks = [
    ...['spacing', 'typography', 'shape', 'light'].map((id) => [':root', theme(id)] as const),
    ['html[data-color-mode="dark"]', theme('dark')] as const,
  ].map(([selector, css]) => `${selector} {\n${declarations(css)}\n}`);
  return [...blocks, theme('light-increased-contrast'), theme('dark-increased-contrast')].join(
    '\n',
  );
}

const names = (css: string, pattern: RegExp): Set<string> =>
  new Set([...css.matchAll(pattern)].map(([, name]) => name!));
const declaredIn = (css: string) => names(css, /^\s*(--ds-[\w-]+):/gm);
const readIn = (code: string) => names(code, /var\((--ds-[\w-]+)/g);

/** Removes declarations of tokens nobody reads, directly or through another token. */
function purge(css: string, readers: string): string {
  const used = readIn(readers);
  for (const [, name, value] of css.matchAll(/^\s*(--ds-[\w-]+):(.*)$/gm)) {
    if (used.has(name!)) readIn(value!).forEach((inner) => used.add(inner));
  }
  return css.replace(/^\s*(--ds-[\w-]+):.*$\n?/gm, (line, name) => (used.has(name) ? line : ''));
}

/** Vite plugin: writes the stylesheet once all readers are known, and links it. */
export function designTokens(): Plugin {
  const all = stylesheet();
  const declared = declaredIn(all);
  return {
    name: 'design-tokens',
    apply: 'build',
    enforce: 'pre',
    // Atlaskit could load whole themes by script; here the stylesheet is all there is.
    load: (id) =>
      id.endsWith('/artifacts/theme-import-map.js')
        ? 'export const themeImportMap = {}; export default themeImportMap;'
        : undefined,
    transform(code, id) {
      if (!/\/src\/.*\.css$/.test(id)) return;
      const unknown = [...readIn(code)].filter((name) => !declared.has(name));
      if (unknown.length > 0) this.error(`no such design token: ${unknown.join(', ')}`);
    },
    generateBundle(_, bundle) {
      const readers = Object.values(bundle)
        .map((file) => (file.type === 'chunk' ? file.code : String(file.source)))
        .join('\n');
      const source = purge(all, readers).replace(/\n\s*/g, '\n');
      this.emitFile({ type: 'asset', fileName: 'assets/tokens.css', source });
    },
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'link',
          attrs: { rel: 'stylesheet', href: './assets/tokens.css' },
          injectTo: 'head',
        },
      ],
    },
  };
}
