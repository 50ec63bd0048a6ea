/** The page of `stats --html`: what is in it, of hostile and of odd captures; and how a browser sees it, where there is one. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Report } from '../../src/analysis/report.js';
import { sortRows } from '../../src/analysis/sort-rows.js';
import { FileSubjects } from '../../src/dissect/names/file-subjects.js';
import { Inspection } from '../../src/index.js';
import { jsonMarkup } from '../../src/output/html/markup.js';
import { reportPage } from '../../src/output/html/page.js';
import { statsRecord } from '../../src/output/stats-record.js';
import { Browser } from '../helpers/browser.js';
import { bytes, type TestFrame, writePcap } from '../helpers/capture-writer.js';
import { client, server, udp } from '../helpers/packets.js';
import { FIXTURES, library } from '../helpers/render.js';
import { call, opaque, reply, words } from '../helpers/rpc-writer.js';
import { statisticsOf } from '../helpers/statistics.js';
import { ownFolder } from '../helpers/with-folder.js';

const LINUX = join(FIXTURES, 'captures/nfs3/linux-client.pcap');
/** A file's name that would end a script, load a picture, end an attribute, a line, or a terminal's patience. */
const HOSTILE = '</script><img src=x onerror=alert(1)>"\'&\u2028\u0007\u202e<!--';

const folder = ownFolder();

async function pageOf(path: string, filter?: string, file = 'a.pcap'): Promise<string> {
  const inspection: Inspection = await Inspection.open(
    [path],
    { library, wants: 'names', onUnanswered: (exchange, outcome) => report.addUnanswered(exchange, outcome) },
    (dissection) => report.add(dissection),
  );
  const report = new Report(() => inspection.exchanges, new FileSubjects(inspection.dissector.names!));
  const account = await inspection.run();
  return reportPage(report, { account, files: inspection.files.map(() => file), filter });
}

const at = (seconds: number, data: Uint8Array): TestFrame => ({ seconds, data });
const lookup = (xid: number, name: string) =>
  udp(client, server, call({ xid, procedure: 3, args: bytes(opaque('handle'), opaque(name)) }));
const noent = (xid: number) => udp(server, client, reply({ xid, result: words(2, 0) }));

async function pageOfFrames(frames: TestFrame[]): Promise<string> {
  const path = join(folder, 'made.pcap');
  writeFileSync(path, writePcap(frames, { linkType: 101 }));
  return pageOf(path);
}

const hostilePage = () => pageOfFrames([at(1, lookup(1, HOSTILE)), at(2, noent(1))]);

test('a hostile name is text', async () => {
  const page = await hostilePage();
  expect(page.match(/<\/?script[\s>]/g)).toEqual(['<script ', '</script>']);
  expect(page).not.toMatch(/<img|<!--/);
  expect(page).toContain(
    '&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;\\u2028\\u0007\\u202e&lt;!--',
  );
  expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
});

test('a filter and the names of files are text', async () => {
  const page = await pageOf(LINUX, 'summary contains "<b>"', '<i>"a".pcap');
  expect(page).toContain('<code>summary contains &quot;&lt;b&gt;&quot;</code>');
  expect(page).toContain('&lt;i&gt;&quot;a&quot;.pcap');
  expect(page).not.toContain('<i>');
});

test('the slowest exchanges have RPC errors as status', async () => {
  const garbage = udp(server, client, reply({ xid: 1, acceptStat: 4 }));
  const page = await pageOfFrames([at(1, lookup(1, 'a')), at(2, garbage)]);
  expect(page.split('id="slowest"')[1].split('</table>')[0]).toContain('>GARBAGE_ARGS<');
});

describe('a page', () => {
  let page: string;
  beforeAll(async () => {
    page = await pageOf(LINUX);
  });

  test('asks for nothing and runs nothing', () => {
    expect(page).toContain('content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;;');
    expect(page).not.toMatch(/(src|href|srcset|action)="(?!#)|url\(|@import|\son\w+=/);
  });

  test('has a caption and headers in every table, a title and a description in every plot', () => {
    const tables = page.split('<table').slice(1);
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables)
      expect(table).toMatch(/^[\s\S]*?<caption>[^<]+[\s\S]*?<th scope="col"[\s\S]*?<th scope="row"/);
    const plots = page.split('<svg').slice(1);
    expect(plots.length).toBeGreaterThan(10);
    for (const plot of plots) {
      const [, ids] = /aria-labelledby="([^"]+)"/.exec(plot)!;
      for (const id of ids.split(' ')) expect(plot).toMatch(new RegExp(`<(title|desc) id="${id}">[^<]+<`));
    }
  });

  test('has the rows of stats --json', async () => {
    const [, text] = /id="rpcdump-stats">([^<]*)<\/script>/.exec(page)!;
    const rows = sortRows((await statisticsOf(LINUX)).rows, 'calls');
    expect(JSON.parse(text)).toEqual(rows.map((row) => statsRecord(row, { by: [], operations: false })));
  });

  test('names files and clients', () => {
    expect(page).toMatch(/<th scope="row" class="text">\/srv\/x\/e\/w\/a<\/th>/);
    expect(page).toMatch(/<th scope="row" class="text">10\.79\.0\.2<\/th>/);
  });
});

/** Three exchanges a second apart, answered after 1, 10 and 100 ms; the last one fails. */
test('numbers and plots are those of the exchanges', async () => {
  const found = udp(server, client, reply({ xid: 1, result: words(0, 4, 0, 0, 0) }));
  const page = await pageOfFrames([
    at(1, lookup(1, 'a')),
    { ...at(1, found), nanoseconds: 1e6 },
    at(2, lookup(2, 'b')),
    { ...at(2, udp(server, client, reply({ xid: 2, result: words(0, 4, 0, 0, 0) }))), nanoseconds: 1e7 },
    at(3, lookup(3, 'c')),
    { ...at(3, noent(3)), nanoseconds: 1e8 },
  ]);
  const textOf = (part: RegExp) =>
    part
      .exec(page)?.[0]
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ');
  const every = (part: RegExp) => [...page.matchAll(part)].map(([, found]) => found);
  expect({
    figures: textOf(/<p class="soft">.*?<\/ul>/s),
    caption: textOf(/<figcaption>.*?<\/figcaption>/),
    paths: every(/ d="([^"]*)"/g),
    bars: every(/<rect ([^>]*)>/g),
    slowest: every(/<circle ([^>]*)>/g),
    marks: every(/<line class="p\d\d" (.*?)\/>/g),
  }).toEqual({
    figures:
      ' 2.00s of calls from 1970-01-01T00:00:01.000Z, in 6 frames. 3 calls 3 replies 0 resends 0 unanswered 1 errors 10.0ms median 100ms 99th percentile 100ms slowest ',
    caption: ' NFS v3 LOOKUP median 10.0ms, 99th percentile 100ms, greatest 100ms ',
    paths: [
      'M112 356h0M524 188h0M936 20h0',
      'M124.9 356L536.9 188L936 20',
      'M124.9 356L536.9 188L936 20',
      'M112 256V20H137.8V256zM524 256V20H549.8V256zM910.3 256V20H936V256z',
    ],
    bars: [
      'x="8" y="22" width="2.1" height="102"',
      'x="148.4" y="22" width="44.8" height="102"',
      'x="285.7" y="22" width="25.3" height="102"',
    ],
    slowest: ['class="slow s0 failed" cx="936" cy="20" r="4"'],
    marks: ['x1="160.2" x2="160.2" y1="16" y2="124"', 'x1="312" x2="312" y1="16" y2="124"'],
  });
});

test('hostile JSON ends no element, and hides nothing', () => {
  const { text } = jsonMarkup({ program: HOSTILE });
  expect(text).not.toMatch(/[<>&\u0007\u2028\u202e]/);
  expect(JSON.parse(text)).toEqual({ program: HOSTILE });
});

describe('odd captures', () => {
  test.each<[string, TestFrame[], RegExp]>([
    ['nothing', [], /0 frames and no call/],
    ['replies only', [at(1, noent(1))], /1 reply whose call was not captured/],
    ['calls only', [at(1, lookup(1, 'a')), at(2, lookup(2, 'b'))], /2 unanswered: open at the end/],
    ['a clock that runs backwards', [at(9, lookup(1, 'a')), at(5, noent(1))], /1 reply before its call/],
    ['calls far apart', [at(1, lookup(1, 'a')), at(6001, lookup(2, 'b'))], /the highest of 0\.00893 calls a second/],
    ['all at once', [at(1, lookup(1, 'a')), at(1, noent(1))], /The only response time is drawn/],
  ])('%s', async (_, frames, expected) => {
    const page = await pageOfFrames(frames);
    expect(page).toMatch(expected);
    expect(page).not.toMatch(/NaN|Infinity|undefined|null</);
  });

  test('of thousands of files with long names the page stays small', async () => {
    const frames = Array.from({ length: 6000 }, (_, i) => [
      at(i, lookup(i, `${'name'.repeat(40)}${i}`)),
      at(i + 1, noent(i)),
    ]).flat();
    const page = await pageOfFrames(frames);
    expect(page.length).toBeLessThan(400_000);
    expect(page).toMatch(/Of 6,000 response times 4,000 are drawn/);
    expect(page).toMatch(/are added up as \(other\)/);
  });
});

const command = Browser.find();

describe.runIf(command !== undefined)('in a browser', () => {
  let browser: Browser;
  beforeAll(() => {
    browser = Browser.start(command!);
  });
  afterAll(() => browser?.close());

  async function visit(page: string, expression: string) {
    const path = join(folder, 'page.html');
    writeFileSync(path, page);
    return browser.visit(path, expression);
  }

  test('it loads from disk, complains of nothing, and its numbers are those of stats --json', async () => {
    const cells = `[...document.querySelectorAll('#procedures tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))`;
    const { urls, complaints, value } = await visit(await pageOf(LINUX), cells);
    expect(urls).toEqual([expect.stringMatching(/^file:/)]);
    expect(complaints).toEqual([]);
    const rows = sortRows((await statisticsOf(LINUX)).rows, 'calls');
    const shown = (value as string[][]).map(([program, procedure, calls]) => `${program} ${procedure} ${calls}`);
    expect(shown).toEqual(rows.map(({ key, calls }) => `${key.program} v${key.version} ${key.procedure} ${calls}`));
  });

  test('a hostile name makes no element', async () => {
    const { urls, complaints, value } = await visit(
      await hostilePage(),
      `[document.scripts.length, document.images.length, JSON.parse(document.querySelector('#rpcdump-stats').textContent).length, document.querySelector('#files tbody th').textContent]`,
    );
    expect([urls.length, complaints]).toEqual([1, []]);
    expect(value).toEqual([1, 0, 1, expect.stringContaining('</script><img src=x onerror=alert(1)>')]);
  });

  test('only tables scroll sideways', async () => {
    const { value } = await visit(await pageOf(LINUX), `document.documentElement.scrollWidth <= innerWidth`);
    expect(value).toBe(true);
  });
});
