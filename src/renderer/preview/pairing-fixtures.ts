import type { StaffPairing } from '../../shared/screen/staff-pairing.ts';

const address = 'https://192.168.1.20:7348';
const none: StaffPairing = { configured: [], stage: { name: 'none' } };
const trial = {
  name: 'trial',
  system: '云溪市政务服务中心叫号系统',
  kind: 'mqtt',
  address,
} as const;
const reached = [
  { name: 'reached', state: 'good', ms: 240, text: address },
  { name: 'counter', state: 'good', ms: 240, text: '3 号窗口' },
] as const;

/** The pairing page in the states worth looking at. */
export const pairingStages: readonly { readonly name: string; readonly pairing: StaffPairing }[] = [
  { name: 'staff-pairing', pairing: none },
  { name: 'staff-pairing-may-look', pairing: { ...none, camera: true } },
  {
    name: 'staff-pairing-camera',
    pairing: { ...none, camera: true, stage: { name: 'camera' } },
  },
  {
    name: 'staff-pairing-no-camera',
    pairing: { ...none, camera: true, stage: { name: 'none', trouble: 'noCamera' } },
  },
  {
    name: 'staff-pairing-nothing-seen',
    pairing: {
      ...none,
      camera: true,
      search: { state: 'done', found: [], more: false },
      stage: { name: 'none', trouble: 'nothingSeen' },
    },
  },
  {
    name: 'staff-pairing-failed',
    pairing: { ...none, stage: { name: 'none', trouble: 'counterTaken', detail: 'tablet-0017', address } },
  },
  {
    name: 'staff-pairing-searching',
    pairing: { ...none, search: { state: 'searching', found: [], more: false } },
  },
  {
    name: 'staff-pairing-found',
    pairing: {
      ...none,
      search: {
        state: 'done',
        found: [
          { name: '云溪市政务服务中心叫号系统', address },
          { name: '不动产登记大厅叫号', address: 'https://192.168.1.21:7348' },
          { name: '', address: 'https://192.168.1.107:65535' },
        ],
        more: true,
      },
    },
  },
  {
    name: 'staff-pairing-not-found',
    pairing: { ...none, search: { state: 'done', found: [], more: false } },
  },
  {
    name: 'staff-pairing-code',
    pairing: { ...none, stage: { name: 'code', address, fingerprint: 'A1B2 C3D4 E5F6 0718' } },
  },
  {
    name: 'staff-pairing-code-wrong',
    pairing: {
      ...none,
      stage: { name: 'code', address, fingerprint: 'A1B2 C3D4 E5F6 0718', trouble: 'codeWrong' },
    },
  },
  {
    name: 'staff-pairing-code-plain',
    pairing: { ...none, stage: { name: 'code', address: 'http://192.168.1.20:7348' } },
  },
  {
    name: 'staff-pairing-trial',
    pairing: {
      ...none,
      stage: {
        ...trial,
        checks: [
          ...reached,
          { name: 'clock', state: 'good', ms: 240, offsetMs: 310 },
          { name: 'loggedIn', state: 'good', ms: 520, text: 'mqtt' },
          { name: 'lastTicket', state: 'good', ms: 540, text: 'A038' },
          { name: 'testCall', state: 'good', ms: 910, text: 'YPTEST4821' },
        ],
        mayAccept: true,
      },
    },
  },
  {
    name: 'staff-pairing-trial-bad',
    pairing: {
      ...none,
      stage: {
        ...trial,
        checks: [
          ...reached,
          { name: 'clock', state: 'off', ms: 240, offsetMs: -94_000 },
          {
            name: 'loggedIn',
            state: 'bad',
            reason:
              '叫号系统（192.168.1.20:8883）的证书不受信任，未建立连接：请把签发该证书的 CA 文件装到本机，并在“CA 证书文件”中指明。',
          },
          { name: 'lastTicket', state: 'waiting' },
          { name: 'testCall', state: 'waiting' },
        ],
        mayAccept: false,
      },
    },
  },
  {
    name: 'staff-paired',
    pairing: {
      ...none,
      configured: ['rate-service'],
      paired: { system: '云溪市政务服务中心叫号系统', kind: 'mqtt', address, at: '2026-05-06 09:30' },
    },
  },
];
