/** Record paths that are not compared (`--ignore`), followed step by step while a tree is walked. */

/** A step of a path: a name, a name at any depth, or one element of a list. */
export type IgnoredStep = { kind: 'name' | 'anywhere'; name: string } | { kind: 'index'; index: number };

/** The state of a walk along the paths. A path without an index matches every element of a list. */
export class Ignored {
  private constructor(
    private readonly rests: readonly (readonly IgnoredStep[])[],
    /** The walk stands on a field that is ignored, with everything in it. */
    readonly isComplete: boolean,
  ) {}

  /** The state at the root of a record; null where nothing is ignored. */
  static of(paths: readonly (readonly IgnoredStep[])[]): Ignored | null {
    return paths.length === 0 ? null : new Ignored(paths, false);
  }

  /** Steps into a member, or into an element (`[3]`). null: no path goes on. */
  enter(name: string): Ignored | null {
    if (this.isComplete) return this;
    const rests = this.rests.flatMap((rest) => [...follow(rest, name)]);
    const isComplete = rests.some((rest) => rest.length === 0);
    return rests.length === 0 ? null : new Ignored(rests, isComplete);
  }
}

function* follow(rest: readonly IgnoredStep[], name: string): Generator<readonly IgnoredStep[]> {
  const [step] = rest;
  const isElement = name.startsWith('[');
  if (step.kind === 'index') {
    if (name === `[${step.index}]`) yield rest.slice(1);
    return;
  }
  if (isElement || step.kind === 'anywhere') yield rest;
  if (!isElement && step.name === name) yield rest.slice(1);
}
