import type { StaffBridge, StaffContract } from '../shared/screen/staff-contract.ts';
import type { StaffSnapshot } from '../shared/screen/staff-snapshot.ts';
import { type BridgeParts, createPortCalls } from './port-calls.ts';

/** What the staff's page gets of the house. */
export function createStaffBridge(parts: BridgeParts) {
  const { attach, call, onSnapshot } = createPortCalls<StaffContract, StaffSnapshot>(parts);
  const bridge = {
    unlock: call('unlock'),
    setFirstPin: call('setFirstPin'),
    speak: call('speak'),
    leave: call('leave'),
    show: call('show'),
    pause: call('pause'),
    resume: call('resume'),
    tryNow: call('tryNow'),
    recall: call('recall'),
    inviteByHand: call('inviteByHand'),
    pair: call('pair'),
    onSnapshot,
  } satisfies StaffBridge;
  return { bridge, attach };
}
