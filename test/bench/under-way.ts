/**
 * Sends what is to arrive in order, `most` at a time, as a tablet does (src/sync/ahead.ts). What overtook the one before
 * it, which `send` says by false, is sent again when that one is through.
 */
export async function inOrder<Sent>(
  all: readonly Sent[],
  most: number,
  send: (one: Sent) => Promise<boolean>,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  const once = async (one: Sent, before: Promise<void> | undefined) => {
    if (await send(one)) return;
    await before;
    if (!(await send(one))) throw new Error('refused as early, with nothing before it under way');
  };
  for (const one of all) {
    if (underWay.length === most) await underWay.shift();
    underWay.push(once(one, underWay.at(-1)));
  }
  await Promise.all(underWay);
}
