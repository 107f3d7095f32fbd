import type { CitizenBridge, CitizenContract } from '../shared/screen/contract.ts';
import type { Snapshot } from '../shared/screen/snapshot.ts';
import { type BridgeParts, createPortCalls } from './port-calls.ts';

/** What the citizen's page gets of the house. */
export function createCitizenBridge(parts: BridgeParts) {
  const { attach, call, onSnapshot } = createPortCalls<CitizenContract, Snapshot>(parts);
  const bridge = {
    choose: call('choose'),
    confirm: call('confirm'),
    tick: call('tick'),
    finish: call('finish'),
    help: call('help'),
    decline: call('decline'),
    speak: call('speak'),
    corner: call('corner'),
    onSnapshot,
  } satisfies CitizenBridge;

  return { bridge, attach };
}
