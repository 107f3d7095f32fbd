/** Where the queue system and the tablet of one counter speak (docs/queue-links/mqtt.md). */
export interface MqttTopics {
  /** The queue system's presence; retained. */
  readonly system: string;
  /** How the counter is now; retained. */
  readonly state: string;
  readonly events: string;
  readonly operate: string;
  /** From the tablet: rated or not. */
  readonly results: string;
  /** From the tablet: its presence; retained. */
  readonly tablet: string;
}

/** Those the queue system speaks on. */
export const HEARD_TOPICS = ['system', 'state', 'events', 'operate'] as const;
export type HeardTopic = (typeof HEARD_TOPICS)[number];

/**
 * Hall and counter are percent-encoded, so that none can hold a `/`, a `+` or a `#`; never cut, so that a queue system
 * that knows their names knows the topics. Settings bound both: a topic stays below 1 kB, of the 64 that MQTT has room for.
 */
export function topicsOf(parts: {
  readonly root?: string | undefined;
  readonly hall: string;
  readonly counter: string;
}): MqttTopics {
  const root = parts.root ?? `yiping/v1/${level(parts.hall)}`;
  const counter = `${root}/${level(parts.counter)}`;
  return {
    system: `${root}/system`,
    state: `${counter}/state`,
    events: `${counter}/events`,
    operate: `${counter}/operate`,
    results: `${counter}/results`,
    tablet: `${counter}/tablet`,
  };
}

/** The same for ever, or the broker would not know which session is ours. */
export function clientIdOf(hall: string, counter: string): string {
  return `yiping-${level(hall)}-${level(counter)}`;
}

function level(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll('~', '%7E');
}
