import { describe, expect, it } from 'vitest';
import { localNetworks } from './local-networks.ts';

const four = (address: string, bits: number, internal = false) => ({
  ...{ address, internal, family: 'IPv4' as const, netmask: '', mac: '' },
  cidr: `${address}/${bits}`,
});
const MACHINE = {
  lo: [four('127.0.0.1', 8, true)],
  eth0: [
    four('192.168.1.17', 24),
    {
      ...four('192.168.1.17', 24),
      family: 'IPv6' as const,
      address: 'fe80::1',
      cidr: 'fe80::1/64',
      scopeid: 2,
    },
  ],
  tun0: [four('10.8.0.2', 32)],
  odd: [{ ...four('10.9.0.2', 24), cidr: null }],
};

describe('the networks that may be searched', () => {
  it('are those with neighbours, and never the machine itself unless it is named', () => {
    expect(localNetworks(MACHINE).map(({ address }) => address)).toEqual(['192.168.1.17']);
    expect(localNetworks(MACHINE, '127.0.0.1').map(({ address }) => address)).toEqual(['127.0.0.1']);
    expect(localNetworks(MACHINE, '192.168.9.9')).toEqual([]);
    expect(localNetworks({})).toEqual([]);
  });

  it('know who is beside us without a router between', () => {
    const [network] = localNetworks(MACHINE);
    expect(['192.168.1.20', '192.168.2.20', '8.8.8.8', '::1', 'x'].map((one) => network?.has(one))).toEqual([
      ...[true, false, false, false, false],
    ]);
  });
});
