/** Our own drawing, bundled with the page: inline, so that it takes the colour of its place and needs no request. */
export function InlineSvg({ svg, class: className }: { readonly svg: string; readonly class: string }) {
  // A file of our own assets/, known at build time
  return <span class={className} aria-hidden="true" dangerouslySetInnerHTML={{ __html: svg }} />;
}
