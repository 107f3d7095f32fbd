import { contextBridge, ipcRenderer } from 'electron';
import { createCitizenBridge } from './citizen-bridge.ts';

/**
 * Preload of the citizen screen: the least trusted page of the house. It gets verbs and nothing else, no `send`,
 * no `on`, no environment. Main hands the port to the core over with the message `citizen-port`, at the start and
 * again whenever the core was restarted.
 */
const { bridge, attach } = createCitizenBridge({
  later(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});

ipcRenderer.on('citizen-port', (event) => {
  const [port] = event.ports;
  if (port !== undefined) attach(port);
});

contextBridge.exposeInMainWorld('yiping', bridge);
