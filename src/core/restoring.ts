import type { Clock } from '../shared/clock.ts';
import { MAX_RECOVER_REPLY_BYTES } from '../shared/protocol/recover.ts';
import {
  createRestorer,
  openStore,
  type Restored,
  type RestoreResult,
  type Store,
  type StoreParts,
} from '../store/store.ts';
import { createHttpPost } from '../sync/http-post.ts';
import { createRecoverer } from '../sync/recover.ts';
import type { KioskConfig } from './config.ts';

/** The name of the province's cursor in the journal. */
export const PROVINCE_LINK = 'province';

export type Opened =
  | { readonly ok: true; readonly store: Store; readonly restored: Restored | null }
  | {
      readonly ok: false;
      readonly fault: 'store' | 'diskFull';
      readonly lines: readonly string[];
      /** Only somebody else's coming back can change this: asking again soon is of no use. */
      readonly patient: boolean;
    };

/**
 * Opens the journal; a damaged one is set aside and put together again first. One for the life of the process:
 * it keeps what it has put together while the province cannot be asked.
 */
export function createOpener(parts: { readonly clock: Clock }): {
  open(
    store: StoreParts,
    site: { readonly province: KioskConfig['province']; readonly provinceCa?: string },
  ): Promise<Opened>;
} {
  const { clock } = parts;
  let kept: { readonly key: string; readonly restorer: ReturnType<typeof createRestorer> } | undefined;
  let post: ReturnType<typeof createHttpPost> | undefined;

  return {
    async open(store, { province, provinceCa }) {
      const first = openStore(store);
      if (first.ok) return { ...first, restored: null };
      if (!first.damage) return refused(first.problem === 'diskFull', first.message);
      const key = JSON.stringify([store.folder, store.deviceId, province ?? null, provinceCa ?? null]);
      if (kept?.key !== key) {
        kept?.restorer.end();
        await post?.close();
        post = province
          ? createHttpPost({
              baseUrl: province.url,
              timeoutMs: province.timeoutMs,
              maxReplyBytes: MAX_RECOVER_REPLY_BYTES,
              ...(provinceCa ? { ca: provinceCa } : {}),
            })
          : undefined;
        const { signer, deviceId } = store;
        const ask = post && createRecoverer({ post, signer, deviceId, clock });
        kept = { key, restorer: createRestorer({ ...store, link: PROVINCE_LINK, ...(ask ? { ask } : {}) }) };
      }
      const attempt = await kept.restorer.attempt(first.damage);
      if (!attempt.ok) return notRestored(attempt, first.message);
      await post?.close();
      kept = undefined;
      post = undefined;
      const again = openStore(store);
      if (again.ok) return { ...again, restored: attempt.restored };
      return refused(again.problem === 'diskFull', again.message);
    },
  };
}

function notRestored(attempt: Extract<RestoreResult, { ok: false }>, damage: string): Opened {
  const { problem, message } = attempt;
  if (problem !== 'unasked') return refused(problem === 'diskFull', damage, message);
  return {
    ok: false,
    fault: 'store',
    patient: true,
    lines: [
      damage,
      `日志库已损坏，原文件已封存在 set-aside 文件夹，正在恢复。须先向省平台索回本机记录，现无法办到：${message} 请检查网络与省平台；接通后自动继续，请勿删除任何文件。`,
    ],
  };
}

function refused(full: boolean, ...lines: readonly string[]): Opened {
  return { ok: false, fault: full ? 'diskFull' : 'store', lines, patient: false };
}
