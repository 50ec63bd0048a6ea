/** What to say where `-Y` asked for an operation as if it were a procedure, selected nothing, and there were compounds. */
import type { Dissection } from '../dissect/dissection.js';
import type { Filter } from '../filter/filter.js';

export class OperationHint {
  private selected = 0;
  private hasCompounds = false;

  constructor(private readonly filter: Filter) {}

  /** The same as `take`, which it tells of every message. */
  watching(take: (dissection: Dissection) => void): (dissection: Dissection) => void {
    return (dissection) => {
      this.hasCompounds ||= this.filter.isOfCompounds(dissection);
      take(dissection);
    };
  }

  /** The same as `handle`, which it tells of what is selected. */
  counting<Item>(handle: (item: Item) => void): (item: Item) => void {
    return (item) => {
      this.selected++;
      handle(item);
    };
  }

  /** null: nothing is to be said. */
  get text(): string | null {
    const [name] = this.filter.operations;
    if (this.selected > 0 || !this.hasCompounds) return null;
    return `nothing selected: of NFSv4's compounds ${name} is an operation (-Y 'operation == ${name}')`;
  }
}
