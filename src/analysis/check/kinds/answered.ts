/**
 * `answered`: every call has an answer. Only calls that were never answered, or whose
 * connection ended, break it (`rpc/outcome.ts`): replies that the capture lost, or may have
 * missed at its end, are no fault. Nor are calls that need no reply (`dissect/silence.ts`).
 */
import type { FieldSource } from '../../../dissect/field-source.js';
import { maySilenceAnswer } from '../../../dissect/silence.js';
import { CALL } from '../../../rpc/message.js';
import { grouped, plural } from '../../../xdr/plural.js';
import type { RuleKind } from '../rule.js';

export const answered: RuleKind = {
  name: 'answered',
  takes: 'true',
  about: 'every call has a reply',
  scope: 'exchanges',
  make(_, terms) {
    const places = terms.places();
    const counts = { never_answered: 0, connection_ended: 0 };
    let calls = 0;
    return {
      expected: 'an answer to every call',
      take: (source: FieldSource) => {
        const outcome = source.exchange?.outcome;
        const [{ message: call }] = source.messages;
        if (call.type !== CALL) return;
        calls++;
        if (outcome !== 'never_answered' && outcome !== 'connection_ended') return;
        if (maySilenceAnswer(terms.library, call)) return;
        counts[outcome]++;
        places.add(source, () => outcome.replace('_', ' '));
      },
      verdict: () => ({ ok: places.total === 0, found: found(counts, calls), places }),
    };
  },
};

function found(counts: { never_answered: number; connection_ended: number }, calls: number): string {
  const total = counts.never_answered + counts.connection_ended;
  if (total === 0) return `no call without an answer, of ${plural(calls, 'call')}`;
  const parts = [
    [counts.never_answered, 'never answered'],
    [counts.connection_ended, 'whose connection ended'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, text]) => `${grouped(count)} ${text}`);
  return `${plural(total, 'call')} without an answer, of ${plural(calls, 'call')}: ${told.join(', ')}`;
}
