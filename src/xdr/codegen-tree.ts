/**
 * Generated trees: a plan becomes a function that makes the same nodes as the interpreter, straight from XDR bytes. Names of a `.x`
 * are string literals, JSON.stringify'd.
 */
import { ObjectCompiler, ObjectFunction } from './codegen-objects.js';
import type { BitmapPlan, EnumPlan, FieldPlan, Plan } from './plan.js';
import type { TreeNode } from './tree-node.js';

export class TreeCompiler extends ObjectCompiler<TreeNode> {
  constructor() {
    super((cells) => new TreeFunction(cells));
  }
}

class TreeFunction extends ObjectFunction {
  protected memberName(name: string): string {
    return JSON.stringify(name);
  }

  protected elementName(index: string): string {
    return `"[" + ${index} + "]"`;
  }

  protected start(at: string): string {
    return this.keep(at);
  }

  protected nothing(): string {
    return 'null';
  }

  protected enumerated(_plan: EnumPlan, value: string): string {
    return value;
  }

  protected text(from: string, to: string): string {
    return this.bytes(from, to);
  }

  protected bytes(from: string, to: string): string {
    return `b.subarray(${from}, ${to})`;
  }

  protected bits(_plan: BitmapPlan, from: string, to: string): string {
    return this.bytes(from, to);
  }

  protected leaf(plan: Plan, name: string, at: string, size: string, value: string): string {
    return this.node(plan, name, at, size, value, '[]');
  }

  protected optional(plan: Plan, name: string, start: string, content: string | null): string {
    if (content === null) return this.node(plan, name, start, '4', 'false', '[]');
    return this.node(plan, name, start, this.since(start), 'true', `[${content}]`);
  }

  protected sequence(plan: Plan, name: string, start: string, elements: string): string {
    return this.node(plan, name, start, this.since(start), `${elements}.length`, elements);
  }

  protected object(plan: Plan, name: string, start: string, members: [field: FieldPlan, made: string][]): string {
    const children = `[${members.map(([, made]) => made).join(', ')}]`;
    return this.node(plan, name, start, this.since(start), 'null', children);
  }

  private since(start: string): string {
    return `${this.here()} - ${start}`;
  }

  private node(plan: Plan, name: string, offset: string, length: string, value: string, children: string): string {
    const known = this.constant(plan);
    return `{ name: ${name}, plan: ${known}, offset: ${offset}, length: ${length}, value: ${value}, children: ${children} }`;
  }
}
