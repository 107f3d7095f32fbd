import { SerialPort } from 'serialport';
import type { Saying } from '../../src/device/framing/framing.ts';
import { framingOf } from '../../src/device/framing/framing-of.ts';
import type { DeviceModel } from '../../src/device/models.ts';

/** The *box* at one end of a serial line: presses keys, understands what the host says. */
export interface ButtonBox {
  /** Presses a key by its code. Resolves when the bytes are on the line. */
  press(key: string): Promise<void>;
  /** Any bytes at all: noise, another address, half a frame. */
  send(bytes: Uint8Array): Promise<void>;
  /** What the host has said to this box, oldest first; the last 1,000. */
  received(): readonly Saying[];
  close(): Promise<void>;
}

const REMEMBERED = 1_000;

/** Opens `path`; rejects when it cannot be opened. A box of a serial model. */
export function createButtonBox(parts: {
  readonly path: string;
  readonly model: DeviceModel;
  readonly address?: number;
  readonly onHeard: (saying: Saying) => void;
  /** A box that is asked has answered. */
  readonly onAnswered?: () => void;
}): Promise<ButtonBox> {
  const { path, model, address, onHeard, onAnswered } = parts;
  const end = framingOf(model, { address }).box();
  const heard: Saying[] = [];
  if (model.transport.kind !== 'serial')
    return Promise.reject(new Error(`${model.id} is no box on a serial line`));
  const { baudRate, dataBits, parity, stopBits } = model.transport;
  const line = new SerialPort({ path, baudRate, dataBits, parity, stopBits, autoOpen: false });
  // The cable may be pulled at any moment; that is what it is there for.
  line.on('error', () => {});
  line.on('data', (bytes: Uint8Array) => {
    const { sayings, answers } = end.hear(bytes);
    for (const answer of answers) line.write(Buffer.from(answer), () => onAnswered?.());
    for (const saying of sayings) {
      heard.push(saying);
      if (heard.length > REMEMBERED) heard.shift();
      onHeard(saying);
    }
  });

  const send = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      if (!line.isOpen) reject(new Error(`the box is not on the line ${path}`));
      else line.write(Buffer.from(bytes), (error) => (error ? reject(error) : resolve()));
    });

  const box: ButtonBox = {
    async press(key) {
      for (const piece of end.press(key)) await send(piece);
    },
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
