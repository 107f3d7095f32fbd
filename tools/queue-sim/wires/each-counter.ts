import type { SimWire, StartWire } from '../wire.ts';

/** A wire of its own for each counter, for systems where a tablet is alone on its line. */
export function eachCounter(start: () => StartWire): StartWire {
  return async (world) => {
    const wires = new Map<string, SimWire>();
    for (const counter of world.hall.counters()) wires.set(counter, await start()(world));
    const at = (counter: string): SimWire => {
      const wire = wires.get(counter);
      if (!wire) throw new Error(`the simulated hall has no counter ${counter}`);
      return wire;
    };
    const all = [...wires.values()];
    return {
      url: all.map(({ url }) => url).join(' '),
      line: (counter) => at(counter).url,
      settings: (counter) => at(counter).settings(counter),
      tell: (happening) => at(happening.counter).tell(happening),
      operate: (counter, operation) => at(counter).operate(counter, operation),
      repeat: (counter) => at(counter).repeat(counter),
      tablets: (counter) => at(counter).tablets(counter),
      busy: () => all.some((wire) => wire.busy?.() === true),
      raw: (counter, data) => at(counter).raw(counter, data),
      cut: (how) => {
        for (const wire of all) wire.cut(how);
      },
      restore: () => {
        for (const wire of all) wire.restore();
      },
      restart: async () => void (await Promise.all(all.map((wire) => wire.restart()))),
      stop: async () => void (await Promise.all(all.map((wire) => wire.stop()))),
    };
  };
}
