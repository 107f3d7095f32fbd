/**
 * What is used of node-hid, and the way to it. The backend is the process's, not the device's: `hidraw` shares a
 * device with the kernel, `libusb` takes it from the kernel, which is the only way to have a keyboard alone.
 */
export interface HidLibrary {
  devicesAsync(): Promise<readonly HidDevice[]>;
  readonly HIDAsync: { open(path: string): Promise<HidHandle> };
}

export interface HidDevice {
  readonly path?: string | undefined;
  readonly vendorId: number;
  readonly productId: number;
  readonly serialNumber?: string | undefined;
  readonly interface: number;
  readonly usagePage?: number | undefined;
  readonly usage?: number | undefined;
}

/** One connection. It is dead after its first error, for ever, and has no event that says that it closed. */
export interface HidHandle {
  on(event: 'error', listener: (error: unknown) => void): unknown;
  /** One listener in its life: a second one ends the process. */
  on(event: 'data', listener: (report: Uint8Array) => void): unknown;
  write(report: Buffer): Promise<number>;
  close(): Promise<void>;
}

export type HidBackend = 'hidraw' | 'libusb';

let taken: HidBackend | undefined;

/**
 * Loaded with the first box: native code that does not load is a box that is not there, not a dead kiosk.
 * Throws when the native part does not load; the next call tries again, so that installing what is missing heals.
 */
export async function loadHid(backend: HidBackend): Promise<HidLibrary> {
  if (taken !== undefined && taken !== backend)
    throw new Error(`this process has ${taken} loaded already; a ${backend} box needs a process of its own`);
  const library = await import('node-hid');
  library.setDriverType(backend);
  library.getHidapiVersion();
  taken = backend;
  return library;
}
