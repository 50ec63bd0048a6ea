/** Operations of a user's compounds, whose names are not those of NFSv4. */
import { expect, test } from 'vitest';
import { argumentFields } from '../../../src/dissect/names/current-handle.js';
import { planOf } from '../../helpers/plans.js';

test.each(['constructor', 'toString', 'MINE'])('%s gives no handle and no name', (name) => {
  expect(argumentFields.of(planOf('struct t { int a; };'), name).paths).toEqual([]);
});
