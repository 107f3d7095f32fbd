/**
 * The page demands Trusted Types (src/main/app-scheme.ts): text becomes elements only through this one policy,
 * and only drawings of our own assets/, known at build time, are given to it. In a browser without Trusted Types
 * (the preview) the text is taken as it is.
 */
interface TrustedTypesFactory {
  createPolicy(
    name: string,
    rules: { readonly createHTML: (text: string) => string },
  ): { createHTML(text: string): string };
}
const { trustedTypes } = globalThis as typeof globalThis & { readonly trustedTypes?: TrustedTypesFactory };
const drawings = trustedTypes?.createPolicy('bundled-drawings', { createHTML: (text) => text });

/** Our own drawing, bundled with the page: inline, so that it takes the colour of its place and needs no request. */
export function InlineSvg({ svg, class: className }: { readonly svg: string; readonly class: string }) {
  const html = drawings?.createHTML(svg) ?? svg;
  return <span class={className} aria-hidden="true" dangerouslySetInnerHTML={{ __html: html }} />;
}
