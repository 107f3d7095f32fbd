import { type PadOptions, padWire } from '../../tools/queue-sim/wires/pad.ts';
import { queueLinkContract } from './queue-link-contract.ts';
import { simHarness } from './queue-sim-peer.ts';

/** The delays of the delivered settings, shortened; their order is the same. */
const QUICK = {
  probeEveryMs: 50,
  silenceLimitMs: 400,
  retryFirstMs: 50,
  retryCapMs: 100,
  loginLimitMs: 400,
};
const PAD = { calls: false, results: false, operates: false };
const harness = (options: PadOptions) => simHarness({ wire: padWire(options) }, { settings: QUICK });

queueLinkContract('pad with notifies as a form', PAD, harness({}));
queueLinkContract('pad without notifies, by pinned addresses', PAD, harness({ notify: false }));
