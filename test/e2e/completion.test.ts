/** Completions in real shells, and the manual page: made of the commands as they are registered. */
import { execFileSync, spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { program } from '../helpers/program.js';
import { ownFolder } from '../helpers/with-folder.js';

const folder = ownFolder();

beforeAll(() => {
  symlinkSync(program.main, join(folder, 'rpcdump'));
  writeFileSync(join(folder, 'a capture.pcap'), '');
});

const output = async (...args: string[]) => (await program.run(args)).stdout;
const isThere = (shell: string) => spawnSync(shell, ['--version'], { stdio: 'ignore' }).status === 0;

/** What bash offers at the end of a line; the words are split as bash's `=` splits them. */
function offered(script: string, line: string): string[] {
  const words = line.split(/ |(?<==)|(?==)/);
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _rpcdump 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  return execFileSync('bash', ['--norc', '-c', ask], { cwd: folder, encoding: 'utf8', env }).split('\n').slice(0, -1);
}

describe('bash', () => {
  let script: string;

  beforeAll(async () => {
    script = await output('completion', 'bash');
  });

  test.each([
    ['verbs, and captures', 'rpcdump ', ['stats', 'services', 'check', 'diff', 'help', 'a capture.pcap']],
    ['a verb that begins so', 'rpcdump serv', ['services']],
    ['options', 'rpcdump --exp', ['--export-objects']],
    ['those of a verb', 'rpcdump stats --sor', ['--sort']],
    ['those of a verb that stands behind an option and its value', 'rpcdump stats -r x --sor', ['--sort']],
    ['a value is no verb', 'rpcdump -r stats --anonymize-', ['--anonymize-key']],
    ['formats', 'rpcdump -T ', ['text', 'json', 'ndjson', 'fields']],
    ['behind an equals sign', 'rpcdump --format=nd', ['ndjson']],
    ['files, with blanks', 'rpcdump -r a', ['a capture.pcap']],
    ['captures of a verb', 'rpcdump check a', ['a capture.pcap']],
    ['fields', 'rpcdump -T fields -e program_n', ['program_number']],
    ["Wireshark's", 'rpcdump -e rpc.xi', ['rpc.xid']],
    ['fields of bodies, a step at a time', 'rpcdump -e args.what.na', ['args.what.name']],
    ['fields in a filter', 'rpcdump stats -Y retransmission.k', ['retransmission.kind']],
    ['shells', 'rpcdump completion ', ['bash', 'zsh', 'fish']],
    ['topics', 'rpcdump help ', ['filter', 'man', 'stats']],
  ])('%s', (_, line, expected) => {
    expect(offered(script, line)).toEqual(expect.arrayContaining(expected));
    if (!/ $/.test(line)) expect(offered(script, line)).toHaveLength(expected.length);
  });

  test('names of files come as they are, never run', () => {
    writeFileSync(join(folder, '$(touch evil)`touch evil`'), '');
    expect(offered(script, 'rpcdump -r $')).toEqual(['$(touch evil)`touch evil`']);
    expect(spawnSync('ls', ['evil'], { cwd: folder }).status).not.toBe(0);
  });
});

test.skipIf(!isThere('zsh'))('zsh takes its script (skipped where zsh is not installed)', async () => {
  const script = join(folder, '_rpcdump');
  writeFileSync(script, await output('completion', 'zsh'));
  expect(spawnSync('zsh', ['-n', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test.skipIf(!isThere('fish'))(
  'fish takes its script and completes by it (skipped where fish is not installed)',
  async () => {
    const script = join(folder, 'rpcdump.fish');
    writeFileSync(script, await output('completion', 'fish'));
    const ask = `source ${script}; complete -C 'rpcdump -T nd'; complete -C 'rpcdump stats --sor'`;
    const { stdout } = spawnSync('fish', ['--no-config', '-c', ask], { encoding: 'utf8' });
    expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(['ndjson', '--sort', '']);
  },
);

describe('all commands and options of the help', () => {
  let verbs: string[];
  let flags: string[];

  beforeAll(async () => {
    const help = await output('--help');
    const commands = help.slice(help.indexOf('Commands:')).split('\n\n')[0];
    verbs = [...commands.matchAll(/^ {2}(\w+) /gm)].map(([, verb]) => verb);
    const helps = await Promise.all(verbs.map((verb) => (verb === 'list' ? help : output(verb, '--help'))));
    flags = helps.flatMap((text) => [...text.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, flag]) => flag));
  });

  test('are found', () => expect([verbs.length > 5, flags.length > 30]).toEqual([true, true]));

  test('are in all scripts', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const script = await output('completion', shell);
      const isThere = (flag: string) => new RegExp(`(--|-l '?)${flag}(?![\\w-])`).test(script);
      const isCommand = (verb: string) => new RegExp(`(?<![\\w-])${verb}(?![\\w-])`).test(script);
      expect([...verbs.filter((verb) => !isCommand(verb)), ...flags.filter((flag) => !isThere(flag))]).toEqual([]);
    }
  });

  test('are in the manual page, which man(1) and mandoc read (those that are installed)', async () => {
    const page = await output('help', 'man');
    const plain = page.replaceAll('\\-', '-');
    for (const word of ['.SH STATS', 'ndjson', '.SH EXIT STATUS']) expect(plain).toContain(word);
    expect(verbs.filter((verb) => !new RegExp(`^\\.SH .*\\b${verb}\\b`, 'im').test(plain))).toEqual([]);
    expect(flags.filter((flag) => !new RegExp(`--${flag}\\b`).test(plain))).toEqual([]);
    const path = join(folder, 'rpcdump.1');
    writeFileSync(path, page);
    if (spawnSync('man', ['--version']).status === 0) {
      const { stderr, stdout } = spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', path], {
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      // Bold letters are struck twice.
      expect(stdout.replace(/.\u0008/g, '')).toContain('rpcdump stats [options]');
    }
    const mandoc = spawnSync('mandoc', ['-T', 'lint', '-W', 'error', path], { encoding: 'utf8' });
    if (mandoc.error === undefined) expect(mandoc.stdout).toBe('');
  });
});

test('a shell that is not known is refused', async () => {
  const { status, stderr } = await program.run(['completion', 'tcsh']);
  expect(status).toBe(2);
  expect(stderr.join('\n')).toContain(
    "'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish, fields.",
  );
});
