import { create } from 'qrcode';

/** What a queue system shows to whoever pairs a tablet: to be scanned, or typed. */
export function pairingPage(offer: {
  readonly address: string;
  readonly code: string;
  readonly text: string;
  readonly fingerprint: string;
}): string {
  const { modules } = create(offer.text, { errorCorrectionLevel: 'M' });
  const { size } = modules;
  let path = '';
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      if (modules.get(row, column)) path += `M${column} ${row}h1v1h-1z`;
  const print = offer.fingerprint === '' ? '' : `<p>证书指纹 <b>${offer.fingerprint}</b></p>`;
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<title>叫号系统 · 配对评价器</title>
<style>body{font:20px/1.6 sans-serif;max-width:40rem;margin:3rem auto;text-align:center}svg{width:16rem}b{font-size:1.4em}</style>
<h1>配对评价器</h1><svg viewBox="-4 -4 ${size + 8} ${size + 8}" role="img" aria-label="二维码"><path d="${path}"/></svg>
<p>地址 <b>${offer.address}</b></p><p>配对码 <b>${offer.code}</b></p>${print}</html>`;
}
