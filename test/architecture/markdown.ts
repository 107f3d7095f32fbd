import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, normalize, relative, sep } from 'node:path';

export interface Page {
  /** Relative to the root, with `/`. */
  readonly file: string;
  readonly text: string;
}

const FOLDERS = ['docs', 'src', 'assets', 'test', 'tools'];

/** Every Markdown page of the checkout. */
export function pagesOf(root: string): readonly Page[] {
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/')),
  );
  return [...readdirSync(root), ...below]
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules/'))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

export function codeBlocks(text: string): readonly { readonly language: string; readonly code: string }[] {
  return [...text.matchAll(FENCE)].map((match) => ({ language: match[1] ?? '', code: match[2] ?? '' }));
}

function prose(text: string): string {
  return text.replace(FENCE, '').replace(/`[^`\n]*`/g, '``');
}

/** Link and picture targets, in order. */
export function linksOf(text: string): readonly string[] {
  const found = prose(text).matchAll(/\[[^\]]*\]\(([^)\s]+)\)|\b(?:src|href)="([^"]+)"/g);
  return [...found].flatMap((match) => match[1] ?? match[2] ?? []);
}

export function headingsOf(text: string): readonly { readonly depth: number; readonly title: string }[] {
  return [...text.replace(FENCE, '').matchAll(/^(#{1,6}) (.+)$/gm)].map((match) => ({
    depth: match[1]?.length ?? 0,
    title: match[2] ?? '',
  }));
}

/** The fragment that forges give a heading. */
export function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Links of a page that lead nowhere, each with the reason. Addresses of other places are not looked at. */
export function brokenLinks(root: string, page: Page): readonly string[] {
  return linksOf(page.text).flatMap((link) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = '', fragment] = link.split('#');
    const target = path === '' ? page.file : normalize(join(page.file, '..', path));
    if (!existsSync(join(root, target))) return [`${page.file} links to ${link}, which is not there`];
    if (fragment === undefined || !target.endsWith('.md')) return [];
    const slugs = headingsOf(readFileSync(join(root, target), 'utf8')).map(({ title }) => slugOf(title));
    return slugs.includes(fragment) ? [] : [`${page.file} links to ${link}, a heading that is not there`];
  });
}

/** Files of ours that a page names, also in code, and that do not exist. */
export function missingFiles(root: string, page: Page): readonly string[] {
  const named = page.text.matchAll(
    /(?<![\w/.-])(?:src|test|tools|assets)\/[\w./-]*\.(?:tsx?|m?js|css|html|json|svg|png|service)\b/g,
  );
  return [...new Set([...named].map(([file]) => file))]
    .filter((file) => !existsSync(join(root, file)))
    .map((file) => `${page.file} names ${file}, which is not there`);
}

/** First cells of every table row, without their backquotes. */
export function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| *`([^`|]+)`/gm)].map((match) => match[1] ?? '');
}
