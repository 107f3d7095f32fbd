import { contextBridge, ipcRenderer } from 'electron';
import { createStaffBridge } from './staff-bridge.ts';

/** Preload of the staff screen: its verbs and nothing else. Main hands the port over with the message `staff-port`. */
const { bridge, attach } = createStaffBridge({
  later(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
});

ipcRenderer.on('staff-port', (event) => {
  const [port] = event.ports;
  if (port !== undefined) attach(port);
});

contextBridge.exposeInMainWorld('yipingStaff', bridge);
