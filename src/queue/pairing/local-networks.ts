import { BlockList, isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** One of this machine's own networks: an address of ours, and who is beside it without a router between. */
export interface LocalNetwork {
  readonly address: string;
  has(other: string): boolean;
}

const MOST_NETWORKS = 8;

/** @param only an address of this machine: that network and no other; also the machine's own, 127.0.0.1. */
export function localNetworks(
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
  only?: string,
): LocalNetwork[] {
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal, address }) =>
      only === undefined ? family === 'IPv4' && !internal : address === only && family === 'IPv4',
    )
    .flatMap(({ address, cidr }) => {
      const bits = Number(cidr?.split('/')[1]);
      // One without neighbours, or one that would be the whole world.
      if (!(bits >= 8 && bits <= 30)) return [];
      const beside = new BlockList();
      beside.addSubnet(address, bits, 'ipv4');
      return [{ address, has: (other: string) => isIPv4(other) && beside.check(other, 'ipv4') }];
    })
    .slice(0, MOST_NETWORKS);
}
