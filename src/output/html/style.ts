/** The style sheet of a report: light and dark, narrow and wide; always light on paper. */

const LIGHT = `--back: #fff; --fore: #1a1a1a; --soft: #5b5f66; --rule: #d9dce1; --panel: #f6f7f9; --bad: #b3261e;
--s0: #0072b2; --s1: #d98200; --s2: #00855f; --s3: #b0578f; --s4: #3d9bd1; --s5: #b84c00; --s6: #7a7f87;`;

const DARK = `--back: #16181c; --fore: #e8eaed; --soft: #a2a8b1; --rule: #383c44; --panel: #1f2228; --bad: #ff8a80;
--s0: #4aa8e0; --s1: #f0b04a; --s2: #35c79b; --s3: #dc91c0; --s4: #9ad2f2; --s5: #f0874a; --s6: #9298a1;`;

const COLOURS = [0, 1, 2, 3, 4, 5, 6];

export const STYLE = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--fore); font: 16px/1.5 system-ui, sans-serif; }
main, header, footer { max-width: 1200px; margin: 0 auto; padding: 0 20px; }
h1 { font-size: 1.6rem; margin: 24px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 40px 0 8px; }
p { margin: 8px 0; max-width: 80ch; }
.soft, footer, figcaption, .legend { color: var(--soft); }
nav ul, .legend, .figures { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 0; margin: 8px 0; }
a { color: var(--s0); }
a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--s0); outline-offset: 2px; }
.figures { gap: 10px; margin: 16px 0; }
.figures li { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 8px 14px; color: var(--soft); font-size: .875rem; }
.figures b { display: block; color: var(--fore); font-size: 1.25rem; font-variant-numeric: tabular-nums; }
.figures .bad b { color: var(--bad); }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 14px system-ui, sans-serif; }
.axis line { stroke: var(--rule); stroke-width: 1; }
.dots { fill: none; stroke-width: 3; stroke-linecap: round; stroke-opacity: .5; }
.line { fill: none; stroke: var(--fore); stroke-width: 2; stroke-linejoin: round; }
.line.p99 { stroke-dasharray: 7 4; }
.slow { fill: none; stroke-width: 1.5; }
.slow.failed { fill: var(--bad); }
.histogram rect { fill: var(--s0); }
line.p50 { stroke: var(--fore); stroke-width: 1.5; }
line.p99 { stroke: var(--fore); stroke-width: 1.5; stroke-dasharray: 4 3; }
${COLOURS.map((i) => `.dots.s${i}, .slow.s${i} { stroke: var(--s${i}); } .bars.s${i} { fill: var(--s${i}); } .key.s${i} { background: var(--s${i}); }`).join('\n')}
.legend { font-size: .875rem; }
.legend li { display: flex; align-items: center; gap: 6px; }
.key { width: 12px; height: 12px; border-radius: 3px; }
.ring { width: 10px; height: 10px; border: 1.5px solid var(--soft); border-radius: 50%; }
.rule { width: 24px; border-top: 2px solid var(--fore); }
.rule.p99 { border-top-style: dashed; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); gap: 16px; }
figure { margin: 0; padding: 10px 12px; border: 1px solid var(--rule); border-radius: 8px; break-inside: avoid; }
figcaption { font-size: .8125rem; }
figcaption b { display: block; color: var(--fore); font-size: .9375rem; }
figure svg text { font-size: 12px; }
.scroll { overflow-x: auto; margin: 8px 0; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: 4px 0; }
th, td { padding: 3px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
th.text, td.text { text-align: left; }
tbody th { font-weight: 600; }
#files tbody th, #slowest td.text { white-space: normal; overflow-wrap: anywhere; min-width: 16ch; }
#account td.text { white-space: normal; }
tbody tr:hover { background: var(--panel); }
footer { margin: 48px auto 32px; font-size: .875rem; }
@media (max-width: 640px) {
  main, header, footer { padding: 0 12px; }
  main > section > svg text { font-size: 26px; }
  .dots { stroke-width: 5; }
  .line { stroke-width: 4; }
}
@media print {
  :root { color-scheme: light; ${LIGHT} }
  body { font-size: 10pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  .scroll { overflow: visible; }
  table { font-size: 7pt; width: 100%; }
  th, td { padding: 1px 4px; }
  h2, caption { break-after: avoid; }
  tr, svg { break-inside: avoid; }
  thead { display: table-header-group; }
}
`;
