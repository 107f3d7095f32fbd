import { z } from 'zod';

/** Bytes and keys as a model's file writes them. */
export const ByteSchema = z
  .string()
  .regex(/^[0-9A-F]{2}$/, 'must be one byte: two capital hexadecimal digits, such as "0C"');

export const HexSchema = z
  .string()
  .regex(/^[0-9A-F]{2}( [0-9A-F]{2}){0,63}$/, 'must be 1–64 pairs such as "FF 68 03"');

export const KeyCodeSchema = z
  .string()
  .regex(/^[\x21-\x7e]{1,16}$/, 'must be 1–16 characters without spaces, such as "3" or "KEY1"');

export function byteOf(text: string): number {
  return Number.parseInt(text, 16);
}

export function hexByte(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
