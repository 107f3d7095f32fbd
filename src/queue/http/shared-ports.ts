import type { HttpAnswer, HttpRequest } from './listener.ts';

/** Who is asked about the requests at a port. */
export interface Hearer {
  /** What can be refused by its head alone; the body is not read then. */
  readonly refuse: (head: Omit<HttpRequest, 'body'>) => HttpAnswer | undefined;
  readonly answer: (request: HttpRequest) => HttpAnswer;
}

export interface Guest extends Hearer {
  /** Nobody listens there any more. */
  readonly onLeft: () => void;
}

/**
 * The ports this program listens at for queue systems. A port can be had once; a link that is tried while another has it
 * hears along there, or its pairing could never be seen to work (docs/pairing.md).
 */
export interface SharedPorts {
  /** From a listener that has the port. */
  open(place: Place): { guests(): readonly Guest[]; close(): void };
  /** @returns how to leave again; undefined where nobody of this program listens, or does so otherwise. */
  join(place: Place, guest: Guest): (() => void) | undefined;
}

/** All that decides who can come in at all: of a port that lets others in, a guest would hear what it was not set to. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly tls?: { readonly keyFile: string; readonly certFile: string } | undefined;
  readonly allowFrom: readonly string[];
}

export function createSharedPorts(): SharedPorts {
  const rooms = new Map<string, Set<Guest>>();
  return {
    open(place) {
      const name = nameOf(place);
      const guests = new Set<Guest>();
      rooms.set(name, guests);
      return {
        guests: () => [...guests],
        close() {
          if (rooms.get(name) === guests) rooms.delete(name);
          const left = [...guests];
          guests.clear();
          for (const guest of left) guest.onLeft();
        },
      };
    },
    join(place, guest) {
      const guests = rooms.get(nameOf(place));
      guests?.add(guest);
      return guests && (() => void guests.delete(guest));
    },
  };
}

/**
 * One request, and all who may know it: each proves it by its own key. The link in service is believed first; who has
 * nothing to say against it answers.
 */
export function askAll(
  hearers: readonly [Hearer, ...Hearer[]],
  head: Omit<HttpRequest, 'body'>,
): { readonly refused: HttpAnswer } | { readonly refused?: undefined; readonly answer: Hearer['answer'] } {
  let refused: HttpAnswer | undefined;
  const [first, ...others] = hearers.filter((hearer) => {
    const refusal = hearer.refuse(head);
    refused ??= refusal;
    return refusal === undefined;
  });
  if (first === undefined) return { refused: refused ?? { status: 403, body: { error: 'refused' } } };
  return {
    answer(request) {
      const answer = first.answer(request);
      const more = others.map((other) => other.answer(request));
      return answer.status < 400 ? answer : (more.find(({ status }) => status < 400) ?? answer);
    },
  };
}

function nameOf({ host, port, tls, allowFrom }: Place): string {
  return JSON.stringify([host, port, tls?.keyFile, tls?.certFile, [...allowFrom].sort()]);
}
