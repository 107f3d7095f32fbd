import { z } from 'zod';

/** Limits of a link that keeps a connection open, the same for every make (docs/configuration.md). */
export const lineShape = {
  probeEveryMs: z.int().min(50).max(60_000).default(500),
  /** Nothing heard for so long = lost. */
  silenceLimitMs: z.int().min(100).max(300_000).default(1500),
  connectLimitMs: z.int().min(100).max(60_000).default(2000),
  maxMessagesPerSecond: z.int().min(5).max(1000).default(50),
  /** Longest first wait before a new try, and longest of all: what is so is on the screen within three seconds of the network. */
  retryFirstMs: z.int().min(50).max(2000).default(500),
  retryCapMs: z.int().min(50).max(15_000).default(1500),
};
