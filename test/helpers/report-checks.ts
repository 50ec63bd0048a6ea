/**
 * What JUnit XML and SARIF must look like to those who read them, of what rpcdump writes: elements, attributes and keys that Jenkins's
 * junit-10.xsd and the SARIF 2.1.0 schema (OASIS, §3) know, those that they require, and their types. Anything else is a mistake.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';

// JUnit

interface ElementRule {
  required: readonly string[];
  optional: readonly string[];
  children: readonly string[];
  hasText: boolean;
}

const COUNTS = ['tests', 'failures', 'errors'];
const OUTCOME: ElementRule = { required: [], optional: ['type', 'message'], children: [], hasText: true };
const ELEMENTS: Record<string, ElementRule> = {
  testsuites: { required: [], optional: ['name', 'time', ...COUNTS], children: ['testsuite'], hasText: false },
  testsuite: {
    required: ['name', ...COUNTS],
    optional: ['time', 'timestamp'],
    children: ['testcase', 'system-err'],
    hasText: false,
  },
  'system-err': { required: [], optional: [], children: [], hasText: true },
  testcase: { required: ['name'], optional: ['time', 'classname'], children: ['failure', 'error'], hasText: false },
  failure: OUTCOME,
  error: OUTCOME,
};

export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Reads XML of elements, attributes and text; whatever else is there, or is not well-formed, is an error. */
export function parseXml(xml: string): XmlElement {
  // What XML 1.0 has no characters for (§2.2).
  const wrong = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.exec(xml);
  if (wrong !== null) throw new Error(`no character of XML at ${wrong.index}`);
  const top: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  const token = /<\?xml [^?]*\?>|<(\/?)([\w-]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex;
    const found = token.exec(xml);
    if (found === null) throw new Error(`not well-formed at ${at}: ${xml.slice(at, at + 40)}`);
    const [, closing, name, attributes, isEmpty, text] = found;
    if (text !== undefined) open.at(-1)!.text += unescapeXml(text);
    if (name === undefined) continue;
    if (closing) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes another element`);
      continue;
    }
    const element: XmlElement = { name, attributes: attributesOf(attributes), children: [], text: '' };
    open.at(-1)!.children.push(element);
    if (!isEmpty) open.push(element);
  }
  if (open.length !== 1 || top.children.length !== 1 || top.text.trim() !== '')
    throw new Error('not one whole element');
  return top.children[0];
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(/([\w-]+)="([^"]*)"/g)) {
    if (name in attributes) throw new Error(`the attribute ${name} is there twice`);
    attributes[name] = unescapeXml(value);
  }
  return attributes;
}

function unescapeXml(text: string): string {
  if (text.includes(']]>')) throw new Error("']]>' in text (XML 1.0 §2.4)");
  return text.replaceAll(/&(?:(\w+);)?/g, (whole, name) => {
    if (ENTITIES[name] === undefined) throw new Error(`no entity ${whole}`);
    return ENTITIES[name];
  });
}

/** What is wrong with a JUnit report. */
export function checkJunit(xml: string): string[] {
  const root = parseXml(xml);
  if (root.name !== 'testsuites') return [`the root is ${root.name}`];
  return checkElement(root);
}

function checkElement(element: XmlElement): string[] {
  const { name, attributes, children, text } = element;
  const rule = ELEMENTS[name];
  const known = [...rule.required, ...rule.optional];
  return [
    ...rule.required.filter((each) => attributes[each] === undefined).map((each) => `${name} has no ${each}`),
    ...Object.keys(attributes)
      .filter((each) => !known.includes(each))
      .map((each) => `${name} has a ${each}`),
    ...COUNTS.filter((each) => each in attributes && !/^\d+$/.test(attributes[each])).map(
      (each) => `${each} is no count`,
    ),
    ...children.filter((each) => !rule.children.includes(each.name)).map((each) => `${name} holds a ${each.name}`),
    ...(rule.hasText || text.trim() === '' ? [] : [`${name} holds text`]),
    ...children.filter((each) => rule.children.includes(each.name)).flatMap(checkElement),
  ];
}

// SARIF

const object = (required: string[], properties: Record<string, unknown>) => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
const list = (items: unknown) => ({ type: 'array', items });
const text = { type: 'string', minLength: 1 };
const message = object(['text'], { text });
const level = { enum: ['none', 'note', 'warning', 'error'] };
const whole = (minimum: number) => ({ type: 'integer', minimum });
/** A URI reference (RFC 3986): no blanks, no controls, no backslash; a percent sign only before two hex digits. */
const uri = { type: 'string', pattern: "^(?:[\\w.~!$&'()*+,;=:@/?#\\[\\]-]|%[0-9A-Fa-f]{2})*$" };
const artifactLocation = object([], { uri });
const physicalLocation = object(['artifactLocation'], {
  artifactLocation,
  region: object([], { startLine: whole(1), startColumn: whole(1) }),
});
const location = object([], {
  id: whole(-1),
  message,
  physicalLocation,
  logicalLocations: list(object([], { name: text, kind: text })),
});
const notification = object(['message'], { level, message });
const descriptor = object(['id'], {
  id: text,
  name: text,
  shortDescription: message,
  fullDescription: message,
  defaultConfiguration: object([], { level }),
});
const run = object(['tool'], {
  tool: object(['driver'], {
    driver: object(['name'], {
      name: text,
      version: text,
      semanticVersion: text,
      rules: { ...list(descriptor), uniqueItems: true },
    }),
  }),
  columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
  invocations: list(
    object(['executionSuccessful'], {
      executionSuccessful: { type: 'boolean' },
      toolExecutionNotifications: list(notification),
    }),
  ),
  artifacts: {
    ...list(object([], { location: artifactLocation, roles: list({ enum: ['analysisTarget'] }) })),
    uniqueItems: true,
  },
  results: list(
    object(['message'], {
      ruleId: text,
      ruleIndex: whole(-1),
      level,
      message,
      locations: list(location),
      relatedLocations: { ...list(location), uniqueItems: true },
      properties: { type: 'object' },
    }),
  ),
});
const log = object(['version', 'runs'], { $schema: uri, version: { const: '2.1.0' }, runs: list(run) });
const isLog = new Ajv2020({ strictTypes: false }).compile(log);

/** What is wrong with a SARIF log: with its form, and with what its results refer to. */
export function checkSarif(json: string): string[] {
  const parsed = JSON.parse(json);
  if (!isLog(parsed)) return (isLog.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  // biome-ignore lint/suspicious/noExplicitAny: its form was checked.
  const { tool, results } = (parsed as any).runs[0];
  const ids: string[] = tool.driver.rules.map((rule: { id: string }) => rule.id);
  return [
    ...(new Set(ids).size === ids.length ? [] : ['a rule id is there twice']),
    ...results
      .filter((result: { ruleId: string; ruleIndex: number }) => ids[result.ruleIndex] !== result.ruleId)
      .map((result: { ruleId: string }) => `${result.ruleId} is no rule`),
  ];
}
