import { defineConfig } from 'electron-vite';
import { rendererConfig } from './renderer.vite.config.ts';

/**
 * Three builds: main and core (ES modules for Node 20.18 and later), preload (one CommonJS file a bridge, as the
 * sandbox demands), renderer. What package.json names under `dependencies` (better-sqlite3, serialport,
 * node-hid: native) stays outside the bundle, as do electron and node:; everything else is bundled.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node20.18',
      rolldownOptions: {
        input: {
          main: 'src/main/main.ts',
          core: 'src/core/utility.ts',
          driver: 'src/device/process/driver-main.ts',
          verify: 'src/core/verify/utility.ts',
          'staff-pin': 'src/core/staff-pin-utility.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      target: 'node20.18',
      externalizeDeps: false,
      // The sandbox loads one file and no other: what two bridges share stands in each.
      isolatedEntries: true,
      rolldownOptions: {
        input: { citizen: 'src/preload/citizen.ts', staff: 'src/preload/staff.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: rendererConfig({ citizen: 'citizen/index.html', staff: 'staff/index.html' }, 'out/renderer'),
});
