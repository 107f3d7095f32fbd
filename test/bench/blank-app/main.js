// A window with one dark square and nothing else: the floor that the kiosk is measured against.
import { app, BrowserWindow } from 'electron';

app.enableSandbox();
app.whenReady().then(() => {
  const window = new BrowserWindow({ width: 1280, height: 800, x: 0, y: 0, frame: false, show: false });
  window.once('ready-to-show', () => window.show());
  return window.loadFile('index.html');
});
