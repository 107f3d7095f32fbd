import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import type { Plugin, UserConfig } from 'vite';

const root = dirname(fileURLToPath(import.meta.url));

/**
 * The bundled font is on the same disk as the page: it comes within a frame or two. `block` then shows each
 * text once, in the right letters; `swap` would show it twice, first in whatever the machine has.
 */
const fontDisplayBlock: Plugin = {
  name: 'yiping:font-display-block',
  enforce: 'pre',
  transform(code, id) {
    if (!id.includes('@fontsource-variable') || !id.endsWith('.css')) return null;
    return { code: code.replaceAll('font-display: swap', 'font-display: block'), map: null };
  },
};

/**
 * How every page under src/renderer is built, in the app and in the preview alike.
 * @param pages entry name → path below src/renderer
 */
export function rendererConfig(pages: Readonly<Record<string, string>>, outDir: string): UserConfig {
  const source = join(root, 'src/renderer');
  return {
    root: source,
    base: './',
    plugins: [fontDisplayBlock, preact({ devToolsEnabled: false, prefreshEnabled: false })],
    build: {
      outDir: join(root, outDir),
      emptyOutDir: true,
      target: 'chrome130',
      minify: true,
      /** Nothing becomes a data: address; the content policy allows files of our own scheme and nothing else. */
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(pages).map(([name, path]) => [name, join(source, path)])),
      },
    },
  };
}
