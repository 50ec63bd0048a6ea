import { expect, test } from 'vitest';
import { Hosts } from '../../../src/analysis/diff/hosts.js';
import { MAX_DIFF_HOSTS } from '../../../src/limits/diff.js';
import { startCpuTime } from '../../helpers/cpu-time.js';

test('a host that is in both recordings is itself, others are paired as they appear', () => {
  const hosts = new Hosts();
  for (const host of ['a', 'b', 'c', 'e']) hosts.add('expected', host);
  for (const host of ['x', 'b', 'y']) hosts.add('actual', host);
  expect([hosts.isKnown('expected', 'b'), hosts.isKnown('expected', 'a')]).toEqual([true, false]);
  hosts.pairOthers();
  const roles = (side: 'expected' | 'actual', names: string) => [...names].map((host) => hosts.roleOf(side, host));
  expect(roles('actual', 'xby')).toEqual(roles('expected', 'abc'));
  expect(roles('expected', 'e')).toEqual(['e']);
});

test('very many hosts that wait for the other recording are paired in linear time', () => {
  const hosts = new Hosts();
  const cpuSeconds = startCpuTime();
  for (let i = 0; i < MAX_DIFF_HOSTS; i++) hosts.add('expected', `host ${i}`);
  for (let i = MAX_DIFF_HOSTS - 1; i >= 0; i--) {
    hosts.add('actual', `host ${i}`);
    hosts.pairOthers();
  }
  expect(cpuSeconds()).toBeLessThan(4);
  expect(hosts.count).toBe(MAX_DIFF_HOSTS);
});
