import { createHash, randomBytes } from 'node:crypto';
import {
  isOwnMachine,
  lookAtCertificate,
  type PairingAddress,
  type PairingFault,
  type PairingGrant,
  readPairingAddress,
  readPairingOffer,
} from '../queue/pairing.ts';
import type { StaffAnswer } from '../shared/screen/staff-contract.ts';
import type { StaffPairing } from '../shared/screen/staff-pairing.ts';
import { assertNever } from '../shared/words.ts';
import { forgetPairing, keepCandidate } from './paired.ts';
import { askPairing, type Confirmation, confirmPairing, type PairingSelf } from './pairing-asking.ts';
import { lendCamera } from './pairing-camera.ts';
import type { Pairing, PairingParts } from './pairing-parts.ts';
import { createPairingSearch } from './pairing-search.ts';
import { type Stage, stageView } from './pairing-stage.ts';
import { startTrial } from './pairing-trial.ts';
import { mayAccept, type PairingGround, pairedOf } from './pairing-view.ts';

export type { PairingSelf } from './pairing-asking.ts';
export type { Pairing } from './pairing-parts.ts';

const YES: StaffAnswer = { accepted: true };
const NOT_NOW: StaffAnswer = { accepted: false, reason: 'notNow' };
const NOT_OFFERED: StaffAnswer = { accepted: false, reason: 'notOffered' };

/** Another code mends it; the address and the certificate stand. */
const OF_THE_CODE: ReadonlySet<PairingFault> = new Set(['codeWrong', 'codeExpired', 'tooManyTries']);

export function createPairing(parts: PairingParts): Pairing {
  const search = createPairingSearch(parts);
  const { clock, note } = parts;
  let stage: Stage = { name: 'none' };
  /** What is under way belongs to a number; whatever comes of an older one is too late. */
  let current = 0;
  let abort = () => {};
  let latest: StaffPairing | null = null;
  /** Of the pairing that the tablet lives by; it outlives the sitting. */
  let confirmation: Confirmation | undefined;

  function to(next: Stage): void {
    stage = next;
    parts.changed();
  }

  function giveUp(next: Stage): void {
    const before = stage;
    current++;
    abort();
    abort = () => {};
    to(next);
    if (before.name !== 'trial') return;
    void before.trial.stop().then(before.candidate.discard);
  }

  function fail(
    trouble: PairingFault,
    more: { readonly address?: PairingAddress; readonly detail?: string } = {},
  ): void {
    note('warn', 'pairingFailed', { trouble, ...(more.address ? { address: more.address.origin } : {}) });
    giveUp({
      name: 'none',
      trouble,
      ...(more.detail === undefined ? {} : { detail: more.detail }),
      ...(more.address ? { address: more.address.origin } : {}),
    });
  }

  /** @param offer with a code it is asked at once; without one the page asks for it. */
  function begin(
    offer: { readonly address: PairingAddress; readonly code?: string; readonly fingerprint?: string },
    self: PairingSelf,
  ): void {
    const { address, code, fingerprint } = offer;
    search.stop();
    giveUp({ name: 'asking', address });
    if (!address.secure && !self.settings.plainHttp && !isOwnMachine(address.host)) {
      fail('plainHttp', { address });
      return;
    }
    if (code !== undefined && (fingerprint !== undefined || !address.secure)) {
      ask({ address, code, fingerprint }, self);
      return;
    }
    if (!address.secure) {
      to({ name: 'code', address, fingerprint: undefined });
      return;
    }
    const mine = current;
    const look = lookAtCertificate({ address, clock });
    abort = look.abort;
    void look.done.then((seen) => {
      if (mine !== current) return;
      if (seen.ok) to({ name: 'code', address, fingerprint: seen.fingerprint });
      else fail(seen.fault, { address });
    });
  }

  function ask(
    asked: {
      readonly address: PairingAddress;
      readonly code: string;
      readonly fingerprint: string | undefined;
      /** Where the code was typed, another may be typed. */
      readonly wasTyped?: true;
    },
    self: PairingSelf,
  ): void {
    const { address, fingerprint } = asked;
    giveUp({ name: 'asking', address });
    const mine = current;
    const call = askPairing({ ...asked, self, version: parts.version, clock });
    abort = call.abort;
    void call.done.then((answer) => {
      if (mine !== current) return;
      if (answer.ok) return tryOut({ ...answer, address, fingerprint, self });
      const { fault, detail } = answer;
      if (!asked.wasTyped || !OF_THE_CODE.has(fault))
        return fail(fault, { address, ...(detail === undefined ? {} : { detail }) });
      note('warn', 'pairingFailed', { trouble: fault, address: address.origin });
      to({ name: 'code', address, fingerprint, trouble: fault });
    });
  }

  function tryOut(granted: {
    readonly grant: PairingGrant;
    readonly address: PairingAddress;
    readonly fingerprint: string | undefined;
    readonly sinceMonoMs: number;
    readonly reachedMs: number;
    readonly self: PairingSelf;
  }): void {
    const { grant, address, fingerprint, self, reachedMs } = granted;
    const kept = keepCandidate({
      dataFolder: parts.dataFolder,
      id: folderId(),
      queue: grant.queue,
      files: grant.files,
    });
    if (!kept.ok) {
      fail(kept.fault, { address, detail: kept.detail.slice(0, 200) });
      return;
    }
    const trial = startTrial({
      settings: kept.candidate.settings,
      site: { hall: self.hall, counter: self.counter, timezone: self.timezone },
      address,
      fingerprint,
      pairing: grant.pairing,
      makesTestCalls: grant.testCall,
      clock,
      sinceMonoMs: granted.sinceMonoMs,
      random: parts.random ?? Math.random,
      changed: parts.changed,
      note,
      ...(parts.createLink ? { createLink: parts.createLink } : {}),
      ...(parts.ports ? { ports: parts.ports } : {}),
    });
    const ground: PairingGround = {
      grant,
      origin: address.origin,
      kind: kept.candidate.settings.kind,
      counter: self.counter,
      reachedMs,
      // The answer was on its way for half of the time at most.
      offsetMs: grant.nowMs - (clock.nowMs() - reachedMs / 2),
    };
    to({ name: 'trial', ground, candidate: kept.candidate, trial, fingerprint });
  }

  function look(lend: (lent: boolean) => void): void {
    search.stop();
    note('info', 'pairingCamera');
    // Before the page hears of it: it asks for the camera at once.
    abort = lendCamera({ clock, lend, onOver: () => fail('nothingSeen') });
    to({ name: 'camera' });
  }

  function accept(self: PairingSelf): StaffAnswer {
    if (stage.name !== 'trial' || !mayAccept(stage.ground, stage.trial.findings()) || !self.isFree())
      return NOT_NOW;
    const { candidate, trial, ground, fingerprint } = stage;
    const { grant, origin, kind } = ground;
    current++;
    const failed = candidate.adopt({
      origin,
      system: grant.system,
      pairing: grant.pairing,
      nowMs: clock.nowMs(),
    });
    if (failed !== null) {
      fail('notStored', { detail: failed.slice(0, 200) });
      return NOT_NOW;
    }
    note('info', 'linkPaired', { kind, origin, system: grant.system, replaced: self.paired?.origin ?? '' });
    confirmation?.stop();
    confirmation = confirmPairing({
      ...{ origin, fingerprint, clock, pairing: grant.pairing },
      onUnheard: (why) => note('warn', 'pairingNotConfirmed', { origin, why }),
    });
    to({ name: 'none' });
    void trial.stop().then(parts.restart);
    return YES;
  }

  function unpair(self: PairingSelf): StaffAnswer {
    if (!self.paired || !self.isFree()) return NOT_NOW;
    giveUp({ name: 'none' });
    const failed = forgetPairing(parts.dataFolder);
    if (failed !== null) {
      fail('notStored', { detail: failed.slice(0, 200) });
      return NOT_NOW;
    }
    confirmation?.stop();
    note('info', 'linkUnpaired', { origin: self.paired.origin });
    parts.restart();
    return YES;
  }

  /** Never given twice, also when the machine's chance is poor. */
  function folderId(): string {
    return createHash('sha256').update(randomBytes(16)).update(`${clock.nowMs()}`).digest('hex').slice(0, 16);
  }

  return {
    act(request) {
      const self = parts.self();
      if (!self) return NOT_NOW;
      if (!self.settings.offered) return NOT_OFFERED;
      switch (request.act) {
        case 'scan': {
          const offer = readPairingOffer(request.text);
          if (offer) begin(offer, self);
          else fail('notAnOffer');
          return YES;
        }
        case 'camera':
          if (!self.settings.camera || !parts.lendCamera) return NOT_OFFERED;
          if (stage.name !== 'none') return NOT_NOW;
          look(parts.lendCamera);
          return YES;
        case 'cameraFailed':
          if (stage.name !== 'camera') return NOT_NOW;
          fail(request.trouble);
          return YES;
        case 'ask': {
          const address = readPairingAddress(request.address, self.settings.plainHttp ? 'http' : 'https');
          if (address) begin({ address }, self);
          else fail('notAnOffer', { detail: request.address });
          return YES;
        }
        case 'code':
          if (stage.name !== 'code') return NOT_NOW;
          ask({ ...stage, code: request.code, wasTyped: true }, self);
          return YES;
        case 'search':
          if (!self.settings.search) return NOT_OFFERED;
          if (stage.name !== 'none') return NOT_NOW;
          search.begin(self.settings);
          return YES;
        case 'accept':
          return accept(self);
        case 'stop':
          giveUp({ name: 'none' });
          return YES;
        case 'unpair':
          return unpair(self);
        default:
          return assertNever(request);
      }
    },
    view() {
      const self = parts.self();
      // While the kiosk takes up what was paired, the page stays as it was.
      if (!self) return latest;
      latest = self.settings.offered ? viewOf(self) : null;
      return latest;
    },
    opened() {
      const self = parts.self();
      if (!self?.settings.offered || !self.settings.search || self.paired) return;
      if (stage.name === 'none' && search.isUntried()) search.begin(self.settings);
    },
    left() {
      if (stage.name === 'camera') giveUp({ name: 'none' });
    },
    end() {
      search.forget();
      giveUp({ name: 'none' });
    },
    stop: () => confirmation?.stop(),
  };

  function viewOf(self: PairingSelf): StaffPairing {
    return {
      ...(self.paired ? { paired: pairedOf(self.paired, self.timezone) } : {}),
      configured: [...self.configured],
      ...(self.settings.search ? { search: search.view() } : {}),
      ...(self.settings.camera && parts.lendCamera ? { camera: true as const } : {}),
      stage: stageView(stage),
    };
  }
}
