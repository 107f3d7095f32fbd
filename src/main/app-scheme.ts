import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

/**
 * The page's own scheme: files of one folder and nothing else. No file:, no http:, no query, no listing.
 */
export const APP_SCHEME = 'yiping';
export const APP_ORIGIN = `${APP_SCHEME}://app`;
export const CITIZEN_PAGE = `${APP_ORIGIN}/citizen/index.html`;
export const STAFF_PAGE = `${APP_ORIGIN}/staff/index.html`;

/** Everything a screen needs is in its own folder; `data:` is for the small pictures the build inlines. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // Without allow-modals: `disableDialogs` knows nothing of print().
  'sandbox allow-scripts allow-same-origin',
  // The one policy of src/renderer/components/inline-svg.tsx.
  'trusted-types bundled-drawings',
  "require-trusted-types-for 'script'",
].join('; ');

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** @returns the file a page address stands for inside `folder`, or null when it is none of ours. */
export function fileFor(
  address: string,
  folder: string,
): { readonly path: string; readonly mediaType: string } | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== `${APP_SCHEME}:` || url.host !== 'app') return null;
  let name: string;
  try {
    name = decodeURIComponent(url.pathname);
  } catch {
    return null;
  }
  if (name.includes('\0')) return null;
  const mediaType = MEDIA_TYPES[extname(name)];
  const path = normalize(join(folder, name));
  if (!mediaType || !path.startsWith(normalize(folder) + sep)) return null;
  return { path, mediaType };
}

export function createAppScheme(
  folder: string,
): (request: { readonly url: string; readonly method: string }) => Promise<Response> {
  return async (request) => {
    const file = request.method === 'GET' ? fileFor(request.url, folder) : null;
    if (!file) return new Response('not found', { status: 404 });
    try {
      const body = await readFile(file.path);
      return new Response(new Uint8Array(body), {
        headers: {
          'content-type': file.mediaType,
          'content-security-policy': CONTENT_SECURITY_POLICY,
          'x-content-type-options': 'nosniff',
          'cross-origin-opener-policy': 'same-origin',
          'cross-origin-embedder-policy': 'require-corp',
        },
      });
    } catch {
      return new Response('not found', { status: 404 });
    }
  };
}
