import { SerialPort } from 'serialport';
import {
  createFf68Decoder,
  type Ff68HostCommand,
  hostCommand,
  keyPressed,
} from '../../src/device/decode/ff68.ts';

/** The *box* at one end of a serial line: presses keys, understands what the host says. */
export interface ButtonBox {
  /** Presses a key by its grade byte. Resolves when the bytes are on the line. */
  press(grade: number): Promise<void>;
  /** Any bytes at all: noise, another address, half a frame. */
  send(bytes: Uint8Array): Promise<void>;
  /** What the host has said to this box, oldest first; the last 1,000. */
  received(): readonly Ff68HostCommand[];
  close(): Promise<void>;
}

const REMEMBERED = 1_000;

/** Opens `path`; rejects when it cannot be opened. */
export function createButtonBox(parts: {
  readonly path: string;
  readonly address: number;
  readonly onHostFrame: (command: Ff68HostCommand) => void;
}): Promise<ButtonBox> {
  const { path, address, onHostFrame } = parts;
  const decoder = createFf68Decoder();
  const heard: Ff68HostCommand[] = [];
  const line = new SerialPort({ path, baudRate: 9600, autoOpen: false });
  // The cable may be pulled at any moment; that is what it is there for.
  line.on('error', () => {});
  line.on('data', (bytes: Uint8Array) => {
    for (const frame of decoder.push(bytes).frames) {
      const command = frame.address === address ? hostCommand(frame) : undefined;
      if (!command) continue;
      heard.push(command);
      if (heard.length > REMEMBERED) heard.shift();
      onHostFrame(command);
    }
  });

  const send = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      if (!line.isOpen) reject(new Error(`the box is not on the line ${path}`));
      else line.write(Buffer.from(bytes), (error) => (error ? reject(error) : resolve()));
    });

  const box: ButtonBox = {
    press: (grade) => send(keyPressed(address, grade)),
    send,
    received: () => [...heard],
    close: () =>
      new Promise((resolve) => {
        if (line.isOpen) line.close(() => resolve());
        else resolve();
      }),
  };
  return new Promise((resolve, reject) => {
    line.open((error) => (error ? reject(error) : resolve(box)));
  });
}
