import type { Signer, Suite } from '../journal/suite.ts';

/**
 * One fixed profile of HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530), so that anybody's
 * implementation can check it and ours has nothing to negotiate:
 *
 *     Signature-Input: yiping=("@method" "@path" "content-digest");created=<unix s>;keyid="<device>";alg="ed25519"
 *     Content-Digest:  sha-256=:<base64 of the body as sent, after gzip>:
 *     Signature:       yiping=:<base64>:
 *
 * A device of the suite `sm2-sm3` writes `alg="sm2-sm3"` and `sm3=:…:`: labels of our own, because neither
 * registry has any for these algorithms. The suite is the one the device is registered with; another is refused.
 */
const COMPONENTS = '("@method" "@path" "content-digest")';
const INPUT_PATTERN =
  /^yiping=(\("@method" "@path" "content-digest"\);created=(\d{1,12});keyid="([A-Za-z0-9-]{1,64})";alg="([a-z0-9-]{1,20})")$/;
const SIGNATURE_PATTERN = /^yiping=:([A-Za-z0-9+/]{1,200}={0,2}):$/;

export interface SignedHeaders {
  readonly 'content-digest': string;
  readonly 'signature-input': string;
  readonly signature: string;
}

export function contentDigest(suite: Suite, body: Uint8Array): string {
  return `${suite.request.digest}=:${suite.hash(body).toString('base64')}:`;
}

function signatureBase(method: string, path: string, digest: string, parameters: string): Buffer {
  return Buffer.from(
    `"@method": ${method}\n"@path": ${path}\n"content-digest": ${digest}\n"@signature-params": ${parameters}`,
  );
}

export function signRequest(
  signer: Signer,
  request: {
    readonly method: string;
    readonly path: string;
    readonly body: Uint8Array;
    readonly keyId: string;
    readonly nowMs: number;
  },
): SignedHeaders {
  const digest = contentDigest(signer.suite, request.body);
  const created = Math.max(0, Math.floor(request.nowMs / 1000));
  const parameters = `${COMPONENTS};created=${created};keyid="${request.keyId}";alg="${signer.suite.request.alg}"`;
  const signature = signer.sign(signatureBase(request.method, request.path, digest, parameters));
  return {
    'content-digest': digest,
    'signature-input': `yiping=${parameters}`,
    signature: `yiping=:${signature.toString('base64')}:`,
  };
}

export type RequestCheck =
  | { readonly ok: true; readonly keyId: string; readonly createdMs: number }
  | { readonly ok: false; readonly reason: string };

/**
 * Checks headers against the body as received. `publicKeyOf` is asked only for a well-formed key id.
 * Freshness is the caller's: a kiosk's clock may be wrong, and a replayed batch is idempotent.
 */
export function verifyRequest(
  suite: Suite,
  request: {
    readonly method: string;
    readonly path: string;
    readonly body: Uint8Array;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly publicKeyOf: (keyId: string) => Uint8Array | undefined;
  },
): RequestCheck {
  const digest = request.headers['content-digest'];
  const input = INPUT_PATTERN.exec(String(request.headers['signature-input'] ?? ''));
  const signature = SIGNATURE_PATTERN.exec(String(request.headers['signature'] ?? ''));
  const [, parameters, created, keyId, alg] = input ?? [];
  const encoded = signature?.[1];
  if (!parameters || !created || !keyId)
    return { ok: false, reason: 'Signature-Input is absent or not the yiping profile' };
  if (alg !== suite.request.alg)
    return { ok: false, reason: `the algorithm is ${alg}, and this device is registered for ${suite.name}` };
  if (!encoded) return { ok: false, reason: 'Signature is absent or malformed' };
  if (digest !== contentDigest(suite, request.body))
    return { ok: false, reason: 'Content-Digest does not match the body' };
  const publicKey = request.publicKeyOf(keyId);
  if (!publicKey) return { ok: false, reason: `no key is known for ${keyId}` };
  const base = signatureBase(request.method, request.path, digest, parameters);
  return suite.verify(publicKey, base, Buffer.from(encoded, 'base64'))
    ? { ok: true, keyId, createdMs: Number(created) * 1000 }
    : { ok: false, reason: 'the signature does not verify' };
}
