/**
 * What Yiping wants from the machine: thing → how it is found → which Debian package brings it → who needs it.
 * Data only. Package names are alternatives, the newest name first (Debian 13 and Ubuntu 24.04 renamed
 * several libraries to `…t64`); the first one that the machine's own package lists offer is taken.
 */

/** `run`: starting the kiosk and the hall bench. `test`: the test suite. */
export type Purpose = 'run' | 'test';

export type Detect =
  | { readonly kind: 'library'; readonly soname: string }
  | { readonly kind: 'program'; readonly program: string }
  | { readonly kind: 'python-module'; readonly module: string };

export interface Thing {
  readonly name: string;
  readonly detect: Detect;
  readonly packages: readonly string[];
  readonly purposes: readonly Purpose[];
  readonly why: string;
  /** Wanted for `run` only on a machine that has no screen of its own. */
  readonly onlyWithoutDisplay?: true;
}

export const THINGS: readonly Thing[] = [
  {
    name: 'libgtk-3',
    detect: { kind: 'library', soname: 'libgtk-3.so.0' },
    packages: ['libgtk-3-0t64', 'libgtk-3-0'],
    purposes: ['run', 'test'],
    // Newer Electrons load it at start without being linked to it, so ldd alone would not tell.
    why: 'Electron draws its windows with it',
  },
  {
    name: 'libusb-1.0',
    detect: { kind: 'library', soname: 'libusb-1.0.so.0' },
    packages: ['libusb-1.0-0'],
    purposes: ['run', 'test'],
    why: 'USB button boxes (HID)',
  },
  {
    name: 'udevadm',
    detect: { kind: 'program', program: 'udevadm' },
    packages: ['udev'],
    purposes: ['run', 'test'],
    why: 'listing serial ports; without it the list fails in an unguarded way',
  },
  {
    name: 'setpriv',
    detect: { kind: 'program', program: 'setpriv' },
    packages: ['util-linux'],
    purposes: ['run', 'test'],
    why: 'the kiosk runs as an ordinary user when it is started by root',
  },
  {
    name: 'strace',
    detect: { kind: 'program', program: 'strace' },
    packages: ['strace'],
    purposes: ['test'],
    why: 'the test that sees every thank-you come after its flush',
  },
  {
    name: 'socat',
    detect: { kind: 'program', program: 'socat' },
    packages: ['socat'],
    purposes: ['run', 'test'],
    why: 'the pair of pseudo serial ports behind the simulated button box',
  },
  {
    name: 'Xvfb',
    detect: { kind: 'program', program: 'Xvfb' },
    packages: ['xvfb'],
    purposes: ['run', 'test'],
    why: 'a screen in memory where the machine has none',
    onlyWithoutDisplay: true,
  },
  {
    name: 'xauth',
    detect: { kind: 'program', program: 'xauth' },
    packages: ['xauth'],
    purposes: ['test'],
    why: 'xvfb-run protects its screen with it',
  },
  {
    name: 'strace',
    detect: { kind: 'program', program: 'strace' },
    packages: ['strace'],
    purposes: ['test'],
    why: 'tests watch which writes reach the disk, and make them fail',
  },
  {
    name: 'libfaketime',
    detect: { kind: 'library', soname: 'faketime/libfaketimeMT.so.1' },
    packages: ['libfaketime'],
    purposes: ['test'],
    why: 'tests give the kiosk a wrong clock',
  },
  {
    name: 'python3-serial',
    detect: { kind: 'python-module', module: 'serial' },
    packages: ['python3-serial'],
    purposes: ['test'],
    why: 'a second, independent serial program talks to the button bus',
  },
  {
    name: 'mosquitto',
    detect: { kind: 'program', program: 'mosquitto' },
    packages: ['mosquitto'],
    purposes: ['test'],
    why: 'the MQTT link is tried on a broker of somebody else’s making',
  },
  {
    name: 'postgresql',
    // Its own programs are in no PATH; this one comes with the server and not with a client alone.
    detect: { kind: 'program', program: 'pg_createcluster' },
    packages: ['postgresql'],
    purposes: ['test'],
    why: 'the province and the database link are tried on the real server',
  },
  {
    name: 'mariadbd',
    detect: { kind: 'program', program: 'mariadbd' },
    packages: ['mariadb-server'],
    purposes: ['test'],
    why: 'the database link is tried on the real server',
  },
  {
    name: 'chromium',
    detect: { kind: 'program', program: 'chromium' },
    packages: ['chromium'],
    purposes: ['test'],
    why: 'the browser checks look at each page in every state',
  },
  {
    name: 'xdotool',
    detect: { kind: 'program', program: 'xdotool' },
    packages: ['xdotool'],
    purposes: ['run', 'test'],
    why: 'tests, and the hall bench where it shows the screen itself, tap the real screen',
    onlyWithoutDisplay: true,
  },
];

/** Debian packages of the libraries that Electron's executable is linked to, by soname as `ldd` names them. */
export const ELECTRON_LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'libX11.so.6': ['libx11-6'],
  'libXcomposite.so.1': ['libxcomposite1'],
  'libXdamage.so.1': ['libxdamage1'],
  'libXext.so.6': ['libxext6'],
  'libXfixes.so.3': ['libxfixes3'],
  'libXrandr.so.2': ['libxrandr2'],
  'libXss.so.1': ['libxss1'],
  'libasound.so.2': ['libasound2t64', 'libasound2'],
  'libatk-1.0.so.0': ['libatk1.0-0t64', 'libatk1.0-0'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  'libatspi.so.0': ['libatspi2.0-0t64', 'libatspi2.0-0'],
  'libcairo.so.2': ['libcairo2'],
  'libcups.so.2': ['libcups2t64', 'libcups2'],
  'libdbus-1.so.3': ['libdbus-1-3'],
  'libdrm.so.2': ['libdrm2'],
  'libexpat.so.1': ['libexpat1'],
  'libgbm.so.1': ['libgbm1'],
  'libgdk_pixbuf-2.0.so.0': ['libgdk-pixbuf-2.0-0'],
  'libgio-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libglib-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgobject-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgtk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libnspr4.so': ['libnspr4'],
  'libnss3.so': ['libnss3'],
  'libnssutil3.so': ['libnss3'],
  'libpango-1.0.so.0': ['libpango-1.0-0'],
  'libsmime3.so': ['libnss3'],
  'libudev.so.1': ['libudev1'],
  'libxcb.so.1': ['libxcb1'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
  'libxshmfence.so.1': ['libxshmfence1'],
};
