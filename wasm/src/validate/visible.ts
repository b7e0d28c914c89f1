import {carriedBy, partsOf, type ResourceType, type ValueType} from '../types.ts';
import type {Item, Type} from './known.ts';

type Named = ValueType | ResourceType;

/** The kinds of value type that have to have a name before an import or export may mention them. */
const nominal: readonly string[] = ['record', 'variant', 'enum', 'flags'];

/** Which types of one component, or component type, have a name outside: those that were imported, and those that were imported or exported. */
export class Visible {
	readonly #names = {import: new Set<Named>(), export: new Set<Named>()};
	readonly #step: () => void;

	/** Calls `step` for each type that is looked at. */
	constructor(step: () => void) {
		this.#step = step;
	}

	/** Whether all that an import or export mentions has a name; where it is a type, or holds some, these have one from then on. */
	add(as: 'import' | 'export', item: Item): boolean {
		if (item.sort === 'func') return this.#all(as, carriedBy(item.value));
		if (item.sort === 'instance') return [...item.value.values()].every(inner => this.add(as, inner));
		if (item.sort !== 'type') return true;
		if (!this.#mentions(as, item.value)) return false;
		const {value: type} = item;
		const named = type.kind === 'value' ? type.type : type.kind === 'resource' ? type.resource : undefined;
		if (named === undefined) return true;
		this.#names.export.add(named);
		if (as === 'import') this.#names.import.add(named);
		return true;
	}

	/** Whether all that a type mentions has a name, itself left out. */
	#mentions(as: 'import' | 'export', type: Type): boolean {
		if (type.kind === 'value') return this.#all(as, nominal.includes(type.type.kind) ? partsOf(type.type) : [type.type]);
		if (type.kind === 'func') return this.#all(as, carriedBy(type.type));
		if (type.kind !== 'instance') return true;
		return [...type.exports.values()].every(item => {
			if (item.sort === 'func') return this.#all(as, carriedBy(item.value));
			if (item.sort === 'type') return this.#mentions(as, item.value);
			return item.sort !== 'instance' || this.#mentions(as, {kind: 'instance', exports: item.value, made: []});
		});
	}

	#all(as: 'import' | 'export', types: readonly (ValueType | undefined)[]): boolean {
		const names = this.#names[as];
		const seen = new Set<ValueType>();
		const left = [...types];
		// A list and a set, since types share their parts.
		for (let type = left.pop(); type !== undefined || left.length > 0; type = left.pop()) {
			if (type === undefined || seen.has(type)) continue;
			seen.add(type);
			this.#step();
			if (type.kind === 'own' || type.kind === 'borrow') {
				if (!names.has(type.resource)) return false;
			} else if (nominal.includes(type.kind)) {
				if (!names.has(type)) return false;
			} else left.push(...partsOf(type));
		}
		return true;
	}
}
