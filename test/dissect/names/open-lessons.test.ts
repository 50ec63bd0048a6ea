/** What calls leave for their replies: those that still wait keep it, however many others came and were answered. */
import { expect, test } from 'vitest';
import { OpenLessons } from '../../../src/dissect/names/open-lessons.js';
import type { CallNames } from '../../../src/dissect/names.js';

const lesson = (exchange: number) => ({ exchange }) as unknown as CallNames;

function call(lessons: OpenLessons, exchange: number): void {
  lessons.open(exchange);
  lessons.keep(exchange, lesson(exchange));
}

test('a call that waits is not pushed out by calls that were answered', () => {
  const lessons = new OpenLessons(4);
  call(lessons, 0);
  for (let exchange = 1; exchange < 100; exchange++) {
    call(lessons, exchange);
    lessons.take(exchange);
  }
  expect([lessons.take(0), lessons.dropped]).toEqual([lesson(0), 0]);
});

test('of more that wait the oldest are dropped, and counted', () => {
  const lessons = new OpenLessons(4);
  for (let exchange = 0; exchange < 6; exchange++) call(lessons, exchange);
  expect([0, 1, 2, 3, 4, 5].map((exchange) => lessons.has(exchange))).toEqual([false, false, true, true, true, true]);
  expect(lessons.dropped).toBe(2);
});

test('a slot that another exchange takes frees its place', () => {
  const lessons = new OpenLessons(4);
  for (let turn = 0; turn < 3; turn++) for (let exchange = 0; exchange < 4; exchange++) call(lessons, exchange);
  expect(lessons.dropped).toBe(0);
});

test('a call that is sent again counts once', () => {
  const lessons = new OpenLessons(2);
  call(lessons, 0);
  for (let i = 0; i < 5; i++) lessons.keep(0, lesson(0));
  call(lessons, 1);
  expect([lessons.has(0), lessons.dropped]).toEqual([true, 0]);
});

test('behind a turn of the slots the oldest is found in front of the newest', () => {
  const lessons = new OpenLessons(2);
  for (const exchange of [0, 1, 2, 3, 4, 5]) call(lessons, exchange);
  for (const exchange of [0, 1]) call(lessons, exchange);
  expect([0, 1, 2, 3, 4, 5].filter((exchange) => lessons.has(exchange))).toEqual([0, 1]);
});
