/**
 * A browser that shows a page from disk, by the protocol of Chromium's developer tools over a pipe: what the page asked for, what it
 * complained of, and what its document says. null where no Chromium is installed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export interface Visit {
  /** Of everything that the page loaded, itself included. */
  urls: string[];
  /** Messages on the console, errors and violations of its policy. */
  complaints: string[];
  /** What the expression gave. */
  value: unknown;
}

interface Event {
  id?: number;
  method?: string;
  result?: Record<string, unknown>;
  error?: { message: string };
  // biome-ignore lint/suspicious/noExplicitAny: events are open objects.
  params?: any;
}

export class Browser {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rpcdump-browser-'));
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (event: Event) => void>();
  private readonly events: Event[] = [];
  private notify = () => {};
  private next = 0;
  private text = '';

  private constructor(command: string) {
    const options = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--no-first-run',
    ];
    this.child = spawn(command, [...options, '--remote-debugging-pipe', `--user-data-dir=${this.folder}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const output = this.child.stdio[4] as Readable;
    output.setEncoding('utf8');
    output.on('data', (chunk: string) => this.read(chunk));
  }

  static find(): string | undefined {
    return NAMES.find((name) => spawnSync(name, ['--version']).status === 0);
  }

  static start(command: string): Browser {
    return new Browser(command);
  }

  /** Opens a file and evaluates an expression in it, which must give plain values. */
  async visit(path: string, expression: string): Promise<Visit> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    for (const domain of ['Network', 'Runtime', 'Log', 'Page']) await this.send(`${domain}.enable`, {}, sessionId);
    this.events.length = 0;
    await this.send('Page.navigate', { url: pathToFileURL(path).href }, sessionId);
    while (!this.events.some(({ method }) => method === 'Page.loadEventFired')) {
      await new Promise<void>((resolve) => {
        this.notify = resolve;
      });
    }
    const { result } = await this.send('Runtime.evaluate', { expression, returnByValue: true }, sessionId);
    const of = (name: string) => this.events.filter(({ method }) => method === name).map(({ params }) => params);
    const complaints = ['Log.entryAdded', 'Runtime.consoleAPICalled', 'Runtime.exceptionThrown'].flatMap(of);
    return {
      urls: of('Network.requestWillBeSent').map(({ request }) => request.url),
      complaints: complaints.map((each) => JSON.stringify(each)),
      value: (result as { value: unknown }).value,
    };
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    await this.send('Browser.close').catch(() => {});
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }

  // biome-ignore lint/suspicious/noExplicitAny: results are open objects.
  private send(method: string, params: object = {}, sessionId?: unknown): Promise<any> {
    const id = ++this.next;
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => (error ? reject(new Error(error.message)) : resolve(result)));
    });
  }

  private read(chunk: string): void {
    const parts = (this.text + chunk).split('\0');
    this.text = parts.pop()!;
    for (const part of parts) {
      const event: Event = JSON.parse(part);
      if (event.id === undefined) this.events.push(event);
      else this.waiting.get(event.id)?.(event);
    }
    this.notify();
  }
}
