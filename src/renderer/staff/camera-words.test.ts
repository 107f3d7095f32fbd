import { expect, it } from 'vitest';
import { PairingRequestSchema } from '../../shared/screen/staff-pairing.ts';
import { asScanned, cameraTroubleOf, MOST_SCANNED } from './camera-words.ts';

it.each([
  ['NotAllowedError', 'cameraRefused'],
  ['SecurityError', 'cameraRefused'],
  ['NotFoundError', 'noCamera'],
  ['OverconstrainedError', 'noCamera'],
  ['NotReadableError', 'cameraBusy'],
  ['AbortError', 'cameraBusy'],
] as const)('%s is said as %s', (name, trouble) => {
  expect(cameraTroubleOf(new DOMException('', name))).toBe(trouble);
});

it('takes whatever else comes for a camera that does not give pictures', () => {
  expect(cameraTroubleOf('no')).toBe('cameraBusy');
});

it.each(['\u0000\u0007\n\t', 'x'.repeat(7_000), `${'x'.repeat(MOST_SCANNED - 1)}😀`, '\ud800', '‮二维码'])(
  'gives the core a scan that fits the contract, whatever a code holds (%#)',
  (text) => {
    const request = { act: 'scan', text: asScanned(text) };
    expect(PairingRequestSchema.parse(request)).toEqual(request);
  },
);
