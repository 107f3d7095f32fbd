import { fromHex, hex } from '../../src/device/decode/hex.ts';
import { checkBytes } from '../../src/device/framing/check-sum.ts';
import type { Decoded, Signal } from '../../src/device/framing/framing.ts';
import { framingOf } from '../../src/device/framing/framing-of.ts';
import type { DeviceModel } from '../../src/device/models.ts';
import { chanceOf } from './crash-chance.ts';

/** A refusal, an answer of one byte, a request. */
const MODBUS_LENGTHS = [5, 6, 8];
/** No message of any framing is longer. */
const HELD_LIMIT = 300;

export interface FuzzResult {
  /** Good frames sent, and those of them that were heard as the key they are. */
  readonly good: number;
  readonly heard: number;
  /** Good frames directly behind something broken that were lost with it: allowed, one at a time. */
  readonly late: number;
  readonly broken: number;
  readonly noiseBytes: number;
  /** The most that a decoder held at once. */
  readonly held: number;
  readonly wrong: readonly string[];
}

/**
 * A stream of good frames with rubbish between: noise, frames with one bit wrong, frames cut off. What the rubbish is
 * worth is not asked of the decoder: a piece of it in which a whole right frame stands by chance is not sent.
 */
export function fuzzModel(parts: {
  readonly model: DeviceModel;
  readonly frames: number;
  readonly seed: number;
}): FuzzResult {
  const { model, frames } = parts;
  const chance = chanceOf(parts.seed);
  const draw = (limit: number) => chance.below(limit);
  const address = model.vectors.find((vector) => vector.address !== undefined)?.address;
  const framing = framingOf(model, { address });
  const codes = model.keys.map(({ code }) => code);
  /** A HID report is one call, never cut and never joined. */
  const whole = model.transport.kind !== 'serial';
  const goodFrames = model.vectors.flatMap(({ bytes, key }) =>
    key === null ? [] : [{ bytes: fromHex(bytes), key }],
  );
  const wrong: string[] = [];
  const counts = { good: 0, heard: 0, late: 0, broken: 0, noiseBytes: 0, held: 0 };
  const decoder = framing.decoder();

  const keysOf = (signals: readonly Signal[]) =>
    signals
      .flatMap((signal) =>
        signal.kind === 'pressed' ? [signal.key] : signal.kind === 'down' ? signal.keys : [],
      )
      .filter((key) => codes.includes(key));

  const push = (bytes: Uint8Array): readonly string[] => {
    const found: string[] = [];
    for (let at = 0; at < bytes.length; ) {
      const size = whole ? bytes.length : 1 + draw(9);
      let decoded: Decoded;
      try {
        decoded = decoder.push(bytes.subarray(at, at + size));
      } catch (error) {
        wrong.push(`threw ${String(error)} at ${hex(bytes)}`);
        return found;
      }
      counts.held = Math.max(counts.held, decoder.held);
      found.push(...keysOf(decoded.signals));
      at += size;
    }
    return found;
  };

  let afterRubbish = false;
  for (let frame = 0; frame < frames; frame++) {
    const { bytes, key } = goodFrames[draw(goodFrames.length)] ?? { bytes: new Uint8Array(), key: '' };
    if (draw(3) === 0) {
      const piece = rubbish(bytes);
      const pressed = push(piece);
      if (pressed.length > 0) wrong.push(`pressed ${pressed.join()} out of ${hex(piece)}`);
      afterRubbish = piece.length > 0 && !whole;
    }
    counts.good += 1;
    const pressed = push(bytes);
    if (pressed.join() === key) counts.heard += 1;
    else if (afterRubbish && pressed.length === 0) counts.late += 1;
    else wrong.push(`heard ${pressed.join() || 'nothing'} of ${hex(bytes)}, not ${key}`);
    afterRubbish = false;
    if (wrong.length > 20) break;
  }
  if (counts.held > HELD_LIMIT) wrong.push(`held ${counts.held} bytes`);
  return { ...counts, wrong };

  /** Nothing in it is a right frame; `good` is what it may be a broken copy of. */
  function rubbish(good: Uint8Array): Uint8Array {
    for (;;) {
      const kind = draw(3);
      const piece = kind === 0 ? noise() : kind === 1 ? oneBitWrong(good) : cutOff(good);
      // Judged by the model's vectors, not by the decoder that is on trial.
      if (presses(piece) || seamIsRight(piece, good)) continue;
      if (kind === 0) counts.noiseBytes += piece.length;
      else counts.broken += 1;
      return piece;
    }
  }

  function noise(): Uint8Array {
    const like = goodFrames[0]?.bytes ?? new Uint8Array(1);
    // Bytes that occur in frames look most like one.
    return Uint8Array.from({ length: whole ? like.length - 1 : 1 + draw(24) }, () =>
      draw(2) === 0 ? (like[draw(like.length)] ?? 0) : draw(256),
    );
  }

  function oneBitWrong(good: Uint8Array): Uint8Array {
    const broken = good.slice();
    if (whole) return broken.subarray(0, draw(good.length));
    const at = draw(broken.length);
    broken[at] = (broken[at] ?? 0) ^ (1 << draw(8));
    return broken;
  }

  function cutOff(good: Uint8Array): Uint8Array {
    return good.slice(0, 1 + draw(good.length - 1));
  }

  /** A plain look at every stretch: is it a frame that the model's vectors know? FF-68 may lack its leading FF. */
  function presses(piece: Uint8Array): boolean {
    const text = ` ${hex(piece)} `;
    const known = goodFrames.map(({ bytes }) => hex(bytes));
    const bare = model.framing.kind === 'ff68' ? known.map((frame) => frame.replace(/^FF /, '')) : known;
    return bare.some((frame) => text.includes(` ${frame} `)) || isOtherRightFrame(piece);
  }

  /** With a check of 16 bits a million seams of rubbish and a frame hold a few right messages by chance. */
  function seamIsRight(piece: Uint8Array, good: Uint8Array): boolean {
    if (model.framing.kind !== 'modbus-rtu') return false;
    const seam = Uint8Array.from([...piece, ...good]);
    return MODBUS_LENGTHS.some((length) =>
      piece.some((_, at) => {
        const frame = seam.subarray(at, at + length);
        return (
          hex(frame.subarray(-2)) === hex(Uint8Array.from(checkBytes('crc16-modbus', frame.subarray(0, -2))))
        );
      }),
    );
  }

  /** Without a checksum a changed frame may be another right one; nobody could tell. */
  function isOtherRightFrame(piece: Uint8Array): boolean {
    return model.framing.kind === 'line' && keysOf(framing.decoder().push(piece).signals).length > 0;
  }
}
