import { type HttpPollOptions, httpPollWire } from '../../tools/queue-sim/wires/http-poll.ts';
import { type HttpPushOptions, httpPushWire } from '../../tools/queue-sim/wires/http-push.ts';
import { queueLinkContract } from './queue-link-contract.ts';
import { simHarness } from './queue-sim-peer.ts';

/** The delays of the delivered settings, shortened; their order is the same. */
const RETRY = { retryFirstMs: 50, retryCapMs: 100 };

const push = (options: HttpPushOptions) =>
  simHarness(
    { wire: httpPushWire({ stateEveryMs: 100, restartMs: 1000, ...options }) },
    { settings: { ...RETRY, silenceLimitMs: 600 }, isResult: (text) => text.includes('"rated"') },
  );
const poll = (options: HttpPollOptions) =>
  simHarness(
    { wire: httpPollWire({ restartMs: 400, ...options }) },
    {
      settings: { ...RETRY, pollEveryMs: 30, requestLimitMs: 600 },
      isResult: (text) => text.includes('"rated"'),
    },
  );

queueLinkContract('http-push with a key', { calls: true, results: true }, push({}));
queueLinkContract('http-push with signed requests', { calls: true, results: true }, push({ auth: 'hmac' }));
queueLinkContract('http-poll', { calls: true, results: true }, poll({}));
queueLinkContract(
  'http-poll of FQM’s REST, status Processed when the service is over',
  { calls: true, results: false, operates: false, transfers: false, repeats: false },
  poll({ profile: 'fqm' }),
);
