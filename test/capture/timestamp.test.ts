import fc from 'fast-check';
import { expect, test } from 'vitest';
import { timeSplitter } from '../../src/capture/timestamp.js';

const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

function split(resolution: number, timestamp: bigint): { seconds: number; nanoseconds: number } {
  const instant = { seconds: -1, nanoseconds: -1 };
  timeSplitter(resolution)(Number(timestamp >> 32n), Number(timestamp & 0xffffffffn), instant);
  return instant;
}

function exact(perSecond: bigint, timestamp: bigint): { seconds: number; nanoseconds: number } {
  const nanoseconds = ((timestamp % perSecond) * 1_000_000_000n) / perSecond;
  return { seconds: Number(timestamp / perSecond), nanoseconds: Number(nanoseconds) };
}

test('powers of ten are exact', () => {
  const run = (power: number, timestamp: bigint) => {
    expect(split(power, timestamp)).toEqual(exact(10n ** BigInt(power), timestamp));
  };
  fc.assert(fc.property(fc.integer({ min: 0, max: 127 }), u64, run), { numRuns: 2000 });
});

test('powers of two are exact', () => {
  const run = (power: number, timestamp: bigint) => {
    expect(split(0x80 | power, timestamp)).toEqual(exact(2n ** BigInt(power), timestamp));
  };
  fc.assert(fc.property(fc.integer({ min: 0, max: 63 }), u64, run), { numRuns: 2000 });
});

test('powers of two that no clock counts stay within a second', () => {
  const run = (power: number, timestamp: bigint) => {
    const { seconds, nanoseconds } = split(0x80 | power, timestamp);
    expect(seconds).toBe(0);
    expect(Number.isInteger(nanoseconds) && nanoseconds >= 0 && nanoseconds <= 1e9).toBe(true);
  };
  fc.assert(fc.property(fc.integer({ min: 64, max: 127 }), u64, run));
});
