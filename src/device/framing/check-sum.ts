import crc16modbus from 'crc/calculators/crc16modbus';
import { assertNever } from '../../shared/words.ts';

export const CHECKS = ['none', 'sum8', 'xor8', 'crc16-modbus'] as const;
export type Check = (typeof CHECKS)[number];

/** @returns the check's bytes in the order in which they travel: CRC-16/MODBUS has its low byte first. */
export function checkBytes(check: Check, bytes: Uint8Array): readonly number[] {
  switch (check) {
    case 'none':
      return [];
    case 'sum8':
      return [bytes.reduce((sum, byte) => sum + byte, 0) & 0xff];
    case 'xor8':
      return [bytes.reduce((sum, byte) => sum ^ byte, 0)];
    case 'crc16-modbus': {
      const crc = crc16modbus(bytes);
      return [crc & 0xff, crc >> 8];
    }
    default:
      return assertNever(check);
  }
}

export function checkLength(check: Check): number {
  return check === 'none' ? 0 : check === 'crc16-modbus' ? 2 : 1;
}
