import { mqttWire } from '../../tools/queue-sim/wires/mqtt.ts';
import { startMosquitto } from '../../tools/queue-sim/wires/mqtt-broker.ts';
import { queueLinkContract } from './queue-link-contract.ts';
import { simHarness } from './queue-sim-peer.ts';

const QUICK = {
  probeEveryMs: 50,
  silenceLimitMs: 400,
  connectLimitMs: 1000,
  retryFirstMs: 50,
  retryCapMs: 100,
};
const probe = await startMosquitto();
await probe.stop();

queueLinkContract(`mqtt through mosquitto ${probe.version}`, { calls: true, results: true }, () =>
  simHarness({ wire: mqttWire() }, { settings: QUICK, isResult: (text) => text.includes('/results ') })(),
);
