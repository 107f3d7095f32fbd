import { build } from 'vite';
import { rendererConfig } from '../../renderer.vite.config.ts';

/** Where the preview is built; never part of the packed app, which takes out/main, out/preload and out/renderer. */
export const PREVIEW_DIR = 'out/preview';

/** Builds the real pages and the preview pages with the very settings of the app. */
export async function buildPreview(): Promise<void> {
  const pages = {
    citizen: 'citizen/index.html',
    staff: 'staff/index.html',
    frame: 'preview/frame.html',
    preview: 'preview/index.html',
  };
  await build({ ...rendererConfig(pages, PREVIEW_DIR), configFile: false, logLevel: 'warn' });
}
